"""What pipelines read: JUnit XML, the Markdown summary, Allure results, and the files of a run together."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.evidence import Exchange
from payconform.model.finding import ExitCode, Finding, Observation, Outcome, Verdict
from payconform.model.ruling import Ruling, Waiver
from payconform.model.run import Ended, PlannedCase, Record
from payconform.report.account import Account
from payconform.report.allure import MOST_STEP_FILES, write_allure
from payconform.report.allure_items import EVIDENCE_PER_ITEM
from payconform.report.junit import junit_xml
from payconform.report.register import Register
from payconform.report.summary import summary_markdown
from payconform.report.write import write_reports

Build = Callable[..., list[Record]]
Found = Callable[..., Finding]
Exchanged = Callable[..., Exchange]
Accounted = Callable[[Sequence[Record]], Account]
CASE = PlannedCase(id="case[RS-05-card]", title="Ids agree.", mode=Mode.CARD, clauses=("RS-05",))


@pytest.fixture
def every_outcome(journal: Build, found: Found) -> list[Record]:
    clauses = {Outcome.FAILED: "RS-05", Outcome.WARNED: "RS-08", Outcome.INCONCLUSIVE: "CB-02", Outcome.PASSED: "EP-01"}
    findings = [found(outcome, clause) for outcome, clause in clauses.items()]
    return journal([*findings, found(Outcome.NOT_OBSERVED, mode=Mode.TOKEN), found(Outcome.NOT_APPLICABLE, "CB-02", Mode.TOKEN)])


def test_outcomes_become_what_pipelines_understand(every_outcome: list[Record], account: Accounted) -> None:
    root = etree.fromstring(junit_xml(account(every_outcome)))
    children = {case.get("name"): {child.tag for child in case} - {"properties"} for case in root.iter("testcase")}
    assert children == {
        "EP-01 in card mode": set(),
        "RS-05 in card mode": {"failure"},
        "RS-05 in token mode": {"skipped"},
        "RS-08 in card mode": {"system-out"},
        "CB-02 in card mode": {"error"},
        "CB-02 in token mode": {"skipped"},
        "the run reaches a verdict": {"system-out"},
    }
    assert dict(root.attrib) | {"name": "", "time": ""} == {
        "name": "", "time": "", "tests": "7", "failures": "1", "errors": "1", "skipped": "2",
    }  # fmt: skip


def test_junit_names_the_suite_and_the_seconds_of_the_cases_of_a_clause(
    journal: Build, found: Found, exchange: Exchanged, account: Accounted
) -> None:
    cases = [
        PlannedCase(id="a", title="", mode=Mode.CARD, clauses=("RS-05",), node="suites/responses/test_ids.py::a"),
        PlannedCase(id="b", title="", mode=Mode.CARD, clauses=("EP-01", "RS-05"), node="suites/endpoint/test_b.py::b"),
        PlannedCase(id="c", title="", mode=Mode.CARD, clauses=("EP-01",)),
    ]
    evidence = [exchange("x1", case="a", at=1.0), exchange("x2", case="a", at=1.5), exchange("x3", case="b", at=2.0)]
    ended = [Ended(case="a", at=1.75), Ended(case="b", at=5.25), Ended(case="c", at=9.0)]
    findings = [found(Outcome.PASSED), found(Outcome.PASSED, "EP-01"), found(Outcome.PASSED, "CB-02")]
    root = etree.fromstring(junit_xml(account(journal(findings, evidence=evidence, cases=cases, ended=ended))))
    told = {case.get("name"): (case.get("file"), case.get("time")) for case in root.iter("testcase")}
    assert told == {
        "RS-05 in card mode": ("suites/responses/test_ids.py", "3.250"),
        "EP-01 in card mode": ("suites/endpoint/test_b.py", "3.250"),
        "CB-02 in card mode": (None, None),
        "the run reaches a verdict": (None, None),
    }


def test_junit_is_well_formed_whatever_the_provider_says(hostile: list[Record], account: Accounted) -> None:
    document = junit_xml(account(hostile))
    assert len(document) < 100_000
    assert "\\x1b[31mred" in etree.fromstring(document).xpath("string(//failure/@message)")


def test_a_run_cut_off_is_an_error_in_junit(journal: Build, found: Found, account: Accounted) -> None:
    root = etree.fromstring(junit_xml(account(journal([found(Outcome.PASSED)], complete=False))))
    assert root.get("errors") == "1"


def test_the_summary_names_verdict_failures_and_warnings(every_outcome: list[Record], account: Accounted) -> None:
    text = summary_markdown(account(every_outcome))
    assert text.startswith("# ✗ Non-conformant: Example provider\n")
    assert "| ✗ failed | 0 | 1 | 0 | 1 |" in text
    assert text.index("## Failed") < text.index("## Not decided") < text.index("## Warnings")
    assert "`pytest suites -k RS-05 --profile profiles/example.toml --seed 7`" in text


def test_the_summary_keeps_its_tables_whatever_the_provider_says(hostile: list[Record], account: Accounted) -> None:
    text = summary_markdown(account(hostile))
    assert "<script" not in text.replace("\\<", "")
    assert "\\`" in text
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    assert [line.replace("\\|", "").count("|") for line in rows] == [6] * len(rows)
    assert len(rows) == 3


@pytest.fixture
def write(account: Accounted, tmp_path: Path) -> Callable[[Sequence[Record]], Path]:
    return lambda records: write_allure(account(records), tmp_path)


def _results(directory: Path) -> dict[str, dict[str, Any]]:
    results = [json.loads(path.read_text(encoding="utf-8")) for path in directory.glob("*-result.json")]
    return {result["fullName"]: result for result in results}


def _labels(result: dict[str, Any]) -> dict[str, str]:
    return {label["name"]: label["value"] for label in result["labels"]}


def test_a_case_becomes_a_result_with_its_exchanges(
    journal: Build, found: Found, exchange: Exchanged, account: Accounted, tmp_path: Path
) -> None:
    said = Observation(
        clause="RS-05", mode=Mode.CARD, outcome=Outcome.FAILED, expected="a", observed="b", evidence=("x99",), case=CASE.id
    )
    evidence = [*(exchange(f"x{number}", at=number / 10) for number in range(100)), said]
    records = journal([found(Outcome.FAILED)], evidence=evidence, cases=[CASE], ended=[Ended(case=CASE.id, at=12.0)])
    write_allure(account(records), tmp_path)
    (result,) = _results(tmp_path).values()
    assert (result["status"], result["name"]) == ("failed", "Ids agree.")
    assert result["statusDetails"]["message"] == "failed: RS-05: expected a; observed b"
    labels = _labels(result)
    assert (labels["epic"], labels["feature"], labels["severity"]) == ("D. Envelope", "Card mode", "normal")
    assert labels["story"] == "RS-05 The statement of RS-05."
    assert [link["url"] for link in result["links"]] == ["../compliance.html#clause-RS-05"]
    assert len(result["steps"]) == EVIDENCE_PER_ITEM + 1
    assert result["steps"][-2]["name"].startswith("x99 ")
    assert result["steps"][-1]["name"] == "80 more pieces of evidence in the journal"
    source = tmp_path / result["steps"][0]["attachments"][0]["source"]
    assert '"target_amount": 100.00' in source.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("skip", "ended", "said"),
    [
        ("no card", Ended(case=CASE.id, at=1.0), ("skipped", "not applicable: no card")),
        ("", Ended(case=CASE.id, at=1.0, trouble="refused"), ("broken", "inconclusive: refused")),
        ("", Ended(case=CASE.id, at=1.0, error="KeyError"), ("broken", "error: KeyError")),
        ("", Ended(case="another", at=1.0), ("broken", "inconclusive: the run ended before the case did")),
        ("", Ended(case=CASE.id, at=1.0), ("skipped", "not observed: nothing was said of it")),
    ],
)
def test_a_case_that_judged_nothing_says_why(
    write: Callable[[Sequence[Record]], Path], journal: Build, skip: str, ended: Ended, said: tuple[str, str]
) -> None:
    case = PlannedCase(id=CASE.id, title=CASE.title, mode=CASE.mode, clauses=CASE.clauses, skip=skip)
    (result,) = _results(write(journal([], cases=[case], ended=[ended]))).values()
    assert (result["status"], result["statusDetails"]["message"]) == said


def test_an_advisory_clause_that_is_broken_passes_with_a_warning(journal: Build, account: Accounted, tmp_path: Path) -> None:
    said = Observation(clause="RS-08", mode=Mode.CARD, outcome=Outcome.FAILED, expected="a", observed="b", case=CASE.id)
    write_allure(account(journal([], evidence=[said], cases=[CASE], ended=[Ended(case=CASE.id, at=1.0)])), tmp_path)
    (result,) = _results(tmp_path).values()
    assert result["status"] == "passed"
    assert result["statusDetails"]["message"].startswith("warned: RS-08")


def test_a_waived_finding_fails_as_known_and_says_who_bears_it(
    journal: Build, found: Found, exchange: Exchanged, register: Register, tmp_path: Path
) -> None:
    records = journal([found(Outcome.FAILED, exchanges=("x1", "x2"))], evidence=[exchange("x1", at=2.0), exchange("x2", at=3.5)])
    waiver = Waiver(
        clause="RS-05", mode=Mode.CARD, target="t", reason="known", owner="Ada", ticket="T-1", expiry=date(2026, 12, 31)
    )
    ruling = Ruling(verdict=Verdict.WITH_WARNINGS, exit_code=ExitCode.CONFORMANT, reason="", waived=(waiver,))
    write_allure(Account(records, register, ruling), tmp_path)
    (result,) = _results(tmp_path).values()
    assert result["statusDetails"]["known"] is True
    assert result["statusDetails"]["message"] == "failed: expected one id; observed another"
    assert {"name": "tag", "value": "waived"} in result["labels"]
    assert "Waived until 2026-12-31 by Ada (T-1): known" in result["description"]
    assert result["stop"] - result["start"] == 1500


def test_results_say_what_was_drawn_from_and_who_ran_it(conformant: list[Record], account: Accounted, tmp_path: Path) -> None:
    write_allure(account(conformant), tmp_path)
    for result in _results(tmp_path).values():
        told = {parameter["name"]: (parameter["value"], parameter.get("excluded", False)) for parameter in result["parameters"]}
        assert told == {"mode": ("card", False), "plan": ("default", True), "seed": ("7", True)}
    executor = json.loads((tmp_path / "executor.json").read_bytes())
    assert executor["name"] == "payconform"
    assert executor["buildName"] == "2026-03-04T09:12:44+00:00, plan default, seed 7"
    assert executor["buildOrder"] == 1772615564


def test_an_invariant_becomes_a_result_per_mode(journal: Build, found: Found, account: Accounted, tmp_path: Path) -> None:
    write_allure(account(journal([found(Outcome.PASSED, mode=mode) for mode in PAYING_MODES])), tmp_path)
    assert set(_results(tmp_path)) == {"payconform.RS-05-cashier", "payconform.RS-05-card", "payconform.RS-05-token"}


def test_what_needs_attention_has_its_messages_at_their_steps_and_what_passed_in_one_text(
    tmp_path: Path, journal: Build, found: Found, exchange: Exchanged, account: Accounted
) -> None:
    evidence = [exchange(f"x{number}") for number in range(1, 5)]
    for outcome, files in ((Outcome.PASSED, 1), (Outcome.FAILED, 4)):
        directory = tmp_path / outcome.value
        findings = [found(outcome, exchanges=("x1", "x2", "x3", "x4"))]
        write_allure(account(journal(findings, evidence=evidence)), directory)
        (result,) = [json.loads(path.read_bytes()) for path in directory.glob("*-result.json")]
        attached = [step["attachments"] for step in result["steps"] if "attachments" in step] or [result["attachments"]]
        assert len(result["steps"]) == 4
        assert len(attached) == files
        texts = [(directory / one["source"]).read_text(encoding="utf-8") for (one,) in attached]
        assert sum(text.count('"target_amount": 100.00') for text in texts) == 4


def test_step_files_are_limited_for_the_whole_run(
    tmp_path: Path, journal: Build, found: Found, exchange: Exchanged, account: Accounted
) -> None:
    evidence = [exchange(f"x{number}") for number in range(EVIDENCE_PER_ITEM)]
    names = tuple(one.id for one in evidence)
    findings = [found(Outcome.FAILED, f"ZZ-{number}", exchanges=names) for number in range(100)]
    write_allure(account(journal(findings, evidence=evidence)), tmp_path)
    assert len(list(tmp_path.glob("*-attachment.txt"))) == MOST_STEP_FILES + 100 - MOST_STEP_FILES // EVIDENCE_PER_ITEM


def test_allure_results_are_the_same_for_the_same_journal_and_replace_the_earlier(
    hostile: list[Record], conformant: list[Record], account: Accounted, tmp_path: Path
) -> None:
    write_allure(account(hostile), tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_allure(account(hostile), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    foreign = tmp_path / "11111111-2222-3333-4444-555555555555-container.json"
    foreign.write_text("{}", encoding="utf-8")
    write_allure(account(conformant), tmp_path)
    assert foreign.exists()
    assert len(_results(tmp_path)) == 2


def test_results_that_somebody_else_put_there_stay(conformant: list[Record], account: Accounted, tmp_path: Path) -> None:
    foreign = tmp_path / "11111111-2222-3333-4444-555555555555-result.json"
    foreign.write_text('{"fullName": "foreign"}', encoding="utf-8")
    write_allure(account(conformant), tmp_path)
    assert foreign.exists()


def test_links_lead_to_where_a_clause_stands_in_the_compliance_report(
    conformant: list[Record], register: Register, tmp_path: Path
) -> None:
    write_reports(conformant, tmp_path, register=register)
    ids = {element.get("id") for element in html.parse(str(tmp_path / "compliance.html")).iter() if isinstance(element.tag, str)}
    urls = {link["url"] for result in _results(tmp_path / "allure-results").values() for link in result["links"]}
    assert len(urls) == 2
    assert {url.partition("#")[2] for url in urls} <= ids


def test_environment_properties_stay_one_fact_a_line(hostile: list[Record], account: Accounted, tmp_path: Path) -> None:
    write_allure(account(hostile), tmp_path)
    lines = (tmp_path / "environment.properties").read_text(encoding="ascii").splitlines()
    assert [line.partition("=")[0] for line in lines][:3] == ["payconform.suite_version", "contract_version", "target"]
    assert len(lines) == 9


@pytest.mark.parametrize("kind", ["conformant", "hostile"])
def test_a_run_leaves_every_report_and_nothing_else(
    request: pytest.FixtureRequest, register: Register, tmp_path: Path, kind: str
) -> None:
    written = write_reports(request.getfixturevalue(kind), tmp_path / "reports", register=register)
    names = [
        "compliance.html",
        "verdict.json",
        "junit.xml",
        "summary.md",
        "results.sarif",
        "badge.json",
        "badge.svg",
        "allure-results",
    ]
    assert [path.name for path in written] == names
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == sorted(names)
    for path in (tmp_path / "reports").rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))


def test_reports_of_a_large_run_take_seconds(
    journal: Build, found: Found, exchange: Exchanged, register: Register, tmp_path: Path
) -> None:
    cases = [PlannedCase(id=f"c{number}", title="", mode=Mode.CARD, clauses=("RS-05",)) for number in range(100)]
    evidence = [exchange(f"x{number}", case=f"c{number % 100}") for number in range(2_000)]
    records = journal(
        [found(Outcome.PASSED)], evidence=evidence, cases=cases, ended=[Ended(case=case.id, at=1.0) for case in cases]
    )
    began = time.monotonic()
    write_reports(records, tmp_path, register=register)
    assert time.monotonic() - began < 8


def test_ten_thousand_exchanges_are_reported_in_time(
    tmp_path: Path, journal: Build, found: Found, exchange: Exchanged, register: Register
) -> None:
    names = [f"case[ZZ-{number:03}-card]" for number in range(400)]
    evidence = [exchange(f"x{number}", case=names[number % 400], at=number / 100) for number in range(10_000)]
    cases = [PlannedCase(id=name, title=name, mode=Mode.CARD, clauses=(name[5:11],)) for name in names]
    ended = [Ended(case=name, at=100.0) for name in names]
    for outcome in (Outcome.PASSED, Outcome.FAILED):
        findings = [found(outcome, name[5:11], exchanges=(f"x{place}",), cases=(name,)) for place, name in enumerate(names)]
        records = journal(findings, evidence=evidence, cases=cases, ended=ended)
        began = time.process_time()
        write_reports(records, tmp_path / outcome.value, register=register)
        assert time.process_time() - began < 10
        assert (tmp_path / outcome.value / "compliance.html").stat().st_size < 5_000_000
        assert len(list((tmp_path / outcome.value / "allure-results").iterdir())) < 2_000
