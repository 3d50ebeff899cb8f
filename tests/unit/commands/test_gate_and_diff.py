"""Releases pass or stop at the command line, and in pytest's own exit code, by the same policy."""

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from payconform.cli import main
from payconform.contract.schemas import violations
from payconform.model.finding import Finding, Outcome, Verdict
from payconform.model.run import Ended, Footer, Header, Plan, Record

Write = Callable[..., Path]
Records = tuple[Record, ...]
PLACE = ("RS-05", "card")


@pytest.fixture
def broken(records: Records, write: Write) -> Path:
    """The journal of a run that broke one clause in one mode."""
    return write("broken.ndjson", *_breaking(records))


def _breaking(records: Records) -> Iterator[Record]:
    for record in records:
        if isinstance(record, Finding) and (record.clause, record.mode) == PLACE:
            yield msgspec.structs.replace(
                record, outcome=Outcome.FAILED, blocking=True, expected="the same id", observed='two "ids"'
            )
        elif isinstance(record, Footer):
            yield msgspec.structs.replace(record, verdict=Verdict.NON_CONFORMANT, exit_code=1, reason="RS-05 failed.")
        else:
            yield record


def pasted(told: str) -> str:
    """What the gate printed for the waivers file."""
    return "\n".join(re.findall(r"\[\[waivers\]\]\n(?:\w+ += .+\n)+", told))


def test_a_journal_and_its_verdict_pass_alike(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(recorded), "--reports", str(tmp_path)]) == 0
    capsys.readouterr()
    told = []
    for evidence in (recorded, tmp_path / "verdict.json"):
        assert main(["gate", str(evidence)]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert told[0].startswith("✓ PASSED THE GATE: conformant (exit code 0)\n")


def test_a_new_deviation_stops_until_its_waiver_is_pasted(
    broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gate", str(broken)]) == 1
    waivers = tmp_path / "waivers.toml"
    waivers.write_text(pasted(capsys.readouterr().out))
    assert main(["gate", str(broken), "--waivers", str(waivers)]) == 0
    told = capsys.readouterr().out
    assert "✓ PASSED THE GATE: conformant with warnings" in told
    assert "RS-05 (card) until " in told
    assert not pasted(told)


@pytest.fixture
def waivers(broken: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    main(["gate", str(broken)])
    path = tmp_path / "waivers.toml"
    path.write_text(pasted(capsys.readouterr().out))
    return path


def test_a_stale_waiver_stops(recorded: Path, waivers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", str(recorded), "--waivers", str(waivers)]) == 1
    assert "is stale" in " ".join(capsys.readouterr().out.split())


def test_an_expired_waiver_stops(broken: Path, waivers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    waivers.write_text(re.sub(r"expiry = .*", f"expiry = {yesterday}", waivers.read_text()))
    assert main(["gate", str(broken), "--waivers", str(waivers)]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert f"expired on {yesterday}" in told
    assert not pasted(told), "the waiver that is there wants a new date, not a double"


def test_a_waiver_of_an_unknown_clause_is_a_misconfiguration(
    broken: Path, waivers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waivers.write_text(waivers.read_text().replace("RS-05", "ZZ-99"))
    assert main(["gate", str(broken), "--waivers", str(waivers)]) == 4
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{waivers}: waivers[0].clause: is 'ZZ-99', which is no clause of the contract" in said


def test_waived_findings_stay_visible_in_every_report(broken: Path, waivers: Path, tmp_path: Path) -> None:
    waivers.write_text(waivers.read_text().replace("to be named", "Ada <b>"))
    assert main(["gate", str(broken), "--waivers", str(waivers), "--reports", str(tmp_path / "out")]) == 0
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_text())
    assert (verdict["verdict"], verdict["exit_code"]) == ("conformant with warnings", 0)
    assert verdict["gate"] == {"passes": True, "objections": []}
    assert [(waiver["clause"], waiver["mode"], waiver["owner"]) for waiver in verdict["waived"]] == [(*PLACE, "Ada <b>")]
    assert [one["outcome"] for one in verdict["findings"] if (one["clause"], one["mode"]) == PLACE] == ["failed"]
    assert violations("formats/verdict", verdict) == ()
    assert "## Waived" in (tmp_path / "out" / "summary.md").read_text()
    assert "Ada &lt;b&gt;" in (tmp_path / "out" / "compliance.html").read_text()
    assert '<skipped type="waived"' in (tmp_path / "out" / "junit.xml").read_text()


def test_a_policy_asks_for_what_a_run_did_not_show(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[evidence]\nmax_age_days = 1\nplan = "default"\nobserved = ["RS-05", "CB-02/card", "DC-20"]\n')
    assert main(["gate", str(recorded), "--policy", str(policy)]) == 6
    told = " ".join(capsys.readouterr().out.split())
    assert "The run left out the cases of" in told  # it ran the plain orders alone
    assert "DC-20 was not observed, and the policy wants it to be." in told
    assert "RS-05 was not" not in told


def test_evidence_that_is_not_whole_passes_no_gate(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = tmp_path / "changed.ndjson"
    lines = recorded.read_bytes().splitlines(keepends=True)
    for content, code, word in (
        (b"".join(lines[:-1]), 2, "was cut off"),
        (b"".join([*lines[:9], *lines[10:]]), 6, "line 10 was line 11 when it was sealed"),
        (lines[0].replace(b"1", b"2", 1) + b"".join(lines[1:]), 6, "line 1 is not what was sealed"),
    ):
        changed.write_bytes(content)
        assert main(["gate", str(changed)]) == code
        assert word in " ".join(capsys.readouterr().out.split())
    assert main(["gate", str(recorded), "--baseline", str(changed)]) == 4
    assert "is no baseline" in capsys.readouterr().err


def test_what_got_worse_since_the_baseline_stops(
    recorded: Path, records: Records, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warned = write(
        "warned.ndjson",
        *(
            msgspec.structs.replace(record, outcome=Outcome.WARNED)
            if isinstance(record, Finding) and (record.clause, record.mode) == PLACE
            else record
            for record in records
        ),
    )
    assert main(["gate", str(warned)]) == 0
    assert main(["gate", str(warned), "--baseline", str(recorded)]) == 1
    assert "1 regression since the baseline: RS-05 (card)." in capsys.readouterr().out
    assert main(["gate", str(recorded), "--baseline", str(warned)]) == 0
    policy = tmp_path / "policy.toml"
    policy.write_text("[block]\nregressions = false\n")
    assert main(["gate", str(warned), "--baseline", str(recorded), "--policy", str(policy)]) == 0


def _without_a_case(records: Records) -> Iterator[Record]:
    plan = next(record for record in records if isinstance(record, Plan))
    gone = plan.cases[0].id
    for record in records:
        if isinstance(record, Plan):
            yield msgspec.structs.replace(record, cases=plan.cases[1:])
        elif not (isinstance(record, Ended) and record.case == gone):
            yield record


def test_a_case_that_vanished_is_shown_and_can_stop(
    recorded: Path, records: Records, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    smaller = write("smaller.ndjson", *_without_a_case(records))
    assert main(["gate", str(smaller), "--baseline", str(recorded)]) == 0
    told = capsys.readouterr().out
    assert re.search(r"Since the last certified run \(20\S+\):\nVanished cases:\n  the_plain_order\[-\w+\]\n", told)
    assert main(["gate", str(recorded), "--baseline", str(recorded)]) == 0
    assert re.search(r"Since the last certified run \(20\S+\):\n  Nothing changed\.\n", capsys.readouterr().out)
    policy = tmp_path / "policy.toml"
    policy.write_text("[block]\nvanished_cases = true\n")
    assert main(["gate", str(smaller), "--baseline", str(recorded), "--policy", str(policy)]) == 1
    capsys.readouterr()
    assert main(["diff", str(recorded), str(smaller)]) == 0
    assert re.search(r"Vanished cases:\n  the_plain_order\[-\w+\]\n", capsys.readouterr().out)
    assert main(["diff", "--json", str(smaller), str(recorded)]) == 0
    changed: Any = json.loads(capsys.readouterr().out)
    assert (len(changed["new_cases"]), changed["vanished_cases"], changed["regressions"]) == (1, [], [])


def test_differences_are_told_as_json(recorded: Path, broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(recorded), str(broken), "--json"]) == 0
    changed: Any = json.loads(capsys.readouterr().out)
    assert changed["regressions"] == [{"clause": "RS-05", "mode": "card", "before": "passed", "after": "failed"}]
    assert changed["mended"] == changed["lost"] == changed["new"] == []


def test_a_mistake_is_one_line(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = tmp_path / "verdict.json"
    verdict.write_text('{"verdict": "fine"}')
    (tmp_path / "list.json").write_text("[]")
    mistakes = {
        "there is no such file; give the path of a policy": ["gate", str(recorded), "--policy", str(tmp_path / "absent")],
        "there is no such file; give the path of a waivers file": ["gate", str(recorded), "--waivers", str(tmp_path / "absent")],
        "absent: cannot be read": ["gate", str(recorded), "--baseline", str(tmp_path / "absent")],
        "is no verdict: /counts": ["gate", str(verdict)],
        "is not a journal": ["gate", str(tmp_path / "list.json")],
        "verdict.json: is not a journal": ["gate", str(recorded), str(verdict)],
        "the following arguments are required: JOURNAL": ["gate"],
        "the following arguments are required: NEW": ["diff", str(recorded)],
    }
    for word, arguments in mistakes.items():
        assert main(arguments) == 4, word
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert word in said


def test_a_verdict_alone_makes_no_reports(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(recorded), "--reports", str(tmp_path)]) == 0
    assert main(["gate", str(tmp_path / "verdict.json"), "--reports", str(tmp_path / "out")]) == 4
    assert "--reports needs a journal" in capsys.readouterr().err


def test_a_baseline_of_another_target_is_none(
    recorded: Path, records: Records, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    header = next(record for record in records if isinstance(record, Header))
    other = msgspec.structs.replace(header, target=msgspec.structs.replace(header.target, name="Another"))
    baseline = write("other.ndjson", other, *records[1:])
    assert main(["gate", str(recorded), "--baseline", str(baseline)]) == 4
    assert "is no baseline: it is of 'Another', the evidence of 'Embedded sandbox'" in capsys.readouterr().err


def test_a_reader_who_leaves_early_does_not_let_a_release_pass(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Closed())
    assert main(["gate", str(broken)]) == 1
