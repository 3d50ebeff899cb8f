"""A run is judged again, and reported, from its journal alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from payconform.cli import main
from payconform.journal.reading import read
from payconform.model.evidence import Exchange
from payconform.model.finding import Finding
from payconform.model.run import Footer, Header, Plan, Record

Write = Callable[..., Path]
Records = tuple[Record, ...]
REPORTS = ("verdict.json", "compliance.html", "junit.xml", "summary.md", "results.sarif", "badge.json", "badge.svg")


def verdict(directory: Path) -> Any:
    return json.loads((directory / "verdict.json").read_text())


@pytest.mark.parametrize("command", ["judge", "report"])
def test_a_journal_gives_the_same_reports_every_time(command: str, recorded: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert main([command, str(recorded), "--reports", str(tmp_path / name)]) == 0
    for name in REPORTS:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert {path.name for path in (tmp_path / "one").iterdir()} == {*REPORTS, "allure-results"}


def test_judging_again_finds_what_the_run_found(
    recorded: Path, records: Records, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["judge", str(recorded), "--reports", str(tmp_path)]) == 0
    assert "CONFORMANT (exit code 0)" in capsys.readouterr().out
    told = verdict(tmp_path)
    recorded_findings = [json.loads(msgspec.json.encode(record)) for record in records if isinstance(record, Finding)]
    by_place = {(finding["clause"], finding["mode"]): finding for finding in told["findings"]}
    assert len(recorded_findings) == len(told["findings"]) > 100
    for finding in recorded_findings:
        del finding["type"]
        assert by_place[finding["clause"], finding["mode"]] == finding


def test_judging_works_the_invariants_out_anew(records: Records, write: Write, tmp_path: Path) -> None:
    def http_error(record: Record) -> Record:
        return msgspec.structs.replace(record, status=500) if isinstance(record, Exchange) and record.kind == "create" else record

    changed = write("changed", *map(http_error, records))
    assert main(["report", str(changed), "--reports", str(tmp_path / "recorded")]) == 0
    assert main(["judge", str(changed), "--reports", str(tmp_path / "judged")]) == 1
    assert verdict(tmp_path / "judged")["verdict"] == "non-conformant"


def test_a_cut_off_journal_is_judged_as_far_as_it_goes_and_certifies_nothing(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.ndjson"
    cut.write_bytes(recorded.read_bytes()[:-20])
    for command in ("judge", "report"):
        assert main([command, str(cut), "--reports", str(tmp_path)]) == 2
        assert "is cut off" in " ".join(capsys.readouterr().out.split())
        told = verdict(tmp_path)
        assert (told["verdict"], told["complete"]) == ("inconclusive", False)
        assert [finding for finding in told["findings"] if finding["outcome"] == "passed"]


def test_a_changed_journal_names_its_line_and_certifies_nothing(recorded: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.ndjson"
    lines = recorded.read_bytes().splitlines(keepends=True)
    changed.write_bytes(b"".join([*lines[:5], lines[5].replace(b'"', b"'", 1), *lines[6:]]))
    assert main(["judge", str(changed), "--reports", str(tmp_path)]) == 6
    told = verdict(tmp_path)
    assert f"{changed}: line 6 is not what was sealed" in told["reason"]
    assert (told["verdict"], told["complete"]) == ("inconclusive", False)


def test_a_journal_whose_first_line_is_changed_tells_so(recorded: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.ndjson"
    changed.write_bytes(recorded.read_bytes().replace(b'"seed":1', b'"seed":2', 1))
    assert main(["judge", str(changed), "--reports", str(tmp_path)]) == 6
    assert "line 1 is not what was sealed" in verdict(tmp_path)["reason"]


def halves(records: Records) -> list[list[Record]]:
    """The journal as its two shards would have written it."""
    plan = next(record for record in records if isinstance(record, Plan))
    header = next(record for record in records if isinstance(record, Header))
    footer = next(record for record in records if isinstance(record, Footer))
    parts: list[list[Record]] = []
    for number, cases in enumerate((plan.cases[:1], plan.cases[1:]), start=1):
        names = {case.id for case in cases}
        evidence = [record for record in records if getattr(record, "case", None) in names]
        part = msgspec.structs.replace(header, shard=f"{number}/2")
        parts.append([part, Plan(cases=cases, invariants=plan.invariants), *evidence, footer])
    return parts


def test_shards_are_one_run(records: Records, write: Write, tmp_path: Path) -> None:
    one, two = (write(f"{number}.ndjson", *part) for number, part in enumerate(halves(records)))
    directory = tmp_path / "whole"
    assert main(["report", str(one), str(two), "--reports", str(directory)]) == 0
    told = verdict(directory)
    assert (told["verdict"], told["complete"], told["shard"]) == ("conformant", True, "")
    merged = read(directory / "journal.ndjson")
    assert merged.complete
    footer = merged.records[-1]
    assert isinstance(footer, Footer)
    assert footer.made_of == (read(one).seal, read(two).seal)
    assert main(["judge", str(directory / "journal.ndjson"), "--reports", str(tmp_path / "again")]) == 0
    for name in REPORTS:
        assert (tmp_path / "again" / name).read_bytes() == (directory / name).read_bytes()


def test_one_shard_is_not_the_plan(records: Records, write: Write, tmp_path: Path) -> None:
    shard = write("1.ndjson", *halves(records)[0])
    assert main(["judge", str(shard), "--reports", str(tmp_path)]) == 6
    told = verdict(tmp_path)
    assert "shard 1/2" in told["reason"]
    assert not told["complete"]


def test_a_mistake_is_one_line(
    recorded: Path, records: Records, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.write_text("hello")
    one, two = (write(f"{number}.ndjson", *part) for number, part in enumerate(halves(records)))
    (tmp_path / "journal.ndjson").write_bytes(one.read_bytes())
    mistakes = {
        "cannot be read: No such file": [str(tmp_path / "absent")],
        "is not a journal": [str(other)],
        "is given twice": [str(recorded), str(recorded)],
        "a run is given twice": [str(recorded), str(write("copy", *records))],
        "the following arguments are required: JOURNAL": [],
        "unrecognized arguments: --report": [str(recorded), "--report", "x"],
        "would be overwritten": [str(tmp_path / "journal.ndjson"), str(two), "--reports", str(tmp_path)],
        "cannot be written": [str(recorded), "--reports", str(other)],
    }
    for word, arguments in mistakes.items():
        assert main(["judge", *arguments]) == 4, word
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert word in said
