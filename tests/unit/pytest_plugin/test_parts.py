"""A plan cut into shards is run whole, and comes to the verdict of one run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import payconform.sandbox.mutants  # noqa: F401 -- it enters them in the catalogue
from payconform.cli import main
from payconform.journal.reading import read
from payconform.model.finding import Finding
from payconform.model.run import Header, Plan, Record
from payconform.pytest_plugin.parts import Part
from payconform.sandbox.catalogue import MUTANTS
from payconform.sandbox.server import Sandbox

Run = Callable[..., Any]


@given(st.integers(1, 9), st.lists(st.integers()))
def test_every_thing_is_in_one_part(count: int, everything: list[int]) -> None:
    parts = [Part(number, count).split(everything) for number in range(1, count + 1)]
    assert sorted(one for own, _ in parts for one in own) == sorted(everything)
    for own, others in parts:
        assert sorted(own + others) == sorted(everything)
        assert abs(len(own) - len(everything) / count) < 1


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "-1/2", " 1/2"])
def test_what_is_no_part(text: str) -> None:
    assert Part.named(text) is None


def test_a_part_is_named_and_tells_its_records_apart() -> None:
    assert Part.named("2/3") == Part(2, 3)
    assert (str(Part(2, 3)), Part(2, 3).prefix) == ("2/3", "s2-")
    assert (str(Part()), Part().prefix) == ("", "")


def outcomes(records: tuple[Record, ...]) -> set[tuple[str, str, str]]:
    return {(record.clause, record.mode, record.outcome) for record in records if isinstance(record, Finding)}


def cases(records: tuple[Record, ...]) -> set[str]:
    return {case.id for record in records if isinstance(record, Plan) for case in record.cases}


def test_shards_and_workers_and_judging_again_come_to_the_verdict_of_one_run(
    run_suites: Run, default_run: Any, tmp_path: Path
) -> None:
    shards = [run_suites("suites", "--shard", "1/2", "-n", "2"), run_suites("suites", "--shard", "2/2", "--run-by", "Ada")]
    assert [shard.code for shard in shards] == [0, 0], shards[0].output
    assert all("shard" in shard.footer.reason for shard in shards)
    assert not cases(shards[0].records) & cases(shards[1].records)
    journals = [str(shard.reports / "journal.ndjson") for shard in shards]
    assert main(["report", *journals, "--reports", str(tmp_path / "report")]) == 0
    assert main(["judge", *journals, "--reports", str(tmp_path / "judge")]) == 0
    assert main(["judge", str(default_run.reports / "journal.ndjson"), "--reports", str(tmp_path / "again")]) == 0
    merged = read(tmp_path / "report" / "journal.ndjson").records
    assert merged == read(tmp_path / "judge" / "journal.ndjson").records
    assert cases(merged) == cases(default_run.records)
    assert outcomes(merged) == outcomes(default_run.records)
    told = [json.loads((tmp_path / name / "verdict.json").read_text()) for name in ("report", "judge", "again")]
    assert {one["verdict"] for one in told} == {"conformant"}
    assert (tmp_path / "again" / "verdict.json").read_bytes() == (default_run.reports / "verdict.json").read_bytes()
    header = next(record for record in shards[1].records if isinstance(record, Header))
    assert (header.shard, header.run_by) == ("2/2", "Ada")


def test_so_do_those_of_a_target_that_breaks_clauses(run_suites: Run, tmp_path: Path) -> None:
    """The same findings and exit code at once, by workers, in shards, and judged or gated again from the journals."""
    mutants = [mutant for mutant in MUTANTS.values() if mutant.clauses[0] in ("CA-06", "RS-05")]
    with Sandbox(type("Breaking", tuple(mutant.provider for mutant in mutants[:2]), {})) as sandbox:
        text = (Path(__file__).parents[3] / "profiles" / "sandbox.toml").read_text()
        profile = tmp_path / "mine.toml"
        profile.write_text(text.replace("http://127.0.0.1:8642", sandbox.url))
        common = ("suites", "--plan", "quick", "-k", "CA-06 or RS-05 or RQ-01 or CB-02", "--profile", str(profile))
        once, workers = run_suites(*common), run_suites(*common, "-n", "2")
        shards = [run_suites(*common, "--shard", f"{number}/2") for number in (1, 2)]
    expected = outcomes(once.records)
    assert (once.code, workers.code) == (1, 1), once.output
    assert {outcome for _, _, outcome in expected} >= {"passed", "failed"}
    assert outcomes(workers.records) == expected
    for number, journals in enumerate(([once], [workers], shards, reversed(shards))):
        paths = [str(told.reports / "journal.ndjson") for told in journals]
        for command in ("judge", "report", "gate"):
            folder = tmp_path / f"{command}-{number}"
            assert main([command, *paths, "--reports", str(folder)]) == 1
            verdict = json.loads((folder / "verdict.json").read_text())
            assert (verdict["verdict"], verdict["complete"]) == ("non-conformant", True)
            assert {(one["clause"], one["mode"], one["outcome"]) for one in verdict["findings"]} == expected


def test_an_invariant_s_evidence_is_shared_out(run_suites: Run) -> None:
    whole, part = run_suites("suites", "-k", "RS-05"), run_suites("suites", "-k", "RS-05", "--shard", "1/3")
    assert part.code == 0, part.output
    assert 0 < len(cases(part.records)) <= len(cases(whole.records)) / 3 + 1


def test_a_mistaken_shard_is_one_line(run_suites: Run) -> None:
    told = run_suites("suites", "--shard", "3/2")
    assert told.code == 4
    assert "--shard: '3/2' is not a part of a plan" in told.output
