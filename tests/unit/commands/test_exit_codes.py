"""Every exit code is documented, and what leads to it leads to it at the command line."""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from payconform.cli import main
from payconform.model.evidence import Exchange
from payconform.model.finding import ExitCode, Finding
from payconform.model.run import Ended, Footer, Header, Plan, Record

ROOT = Path(__file__).parents[3]
Write = Callable[..., Path]


@pytest.mark.parametrize("page", ["README.md", "docs/gate.md"])
def test_every_exit_code_is_documented(page: str) -> None:
    told = re.findall(r"^\| ([0-9]) \| ([\w -]+)", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    assert [int(code) for code, _ in told] == sorted(ExitCode)
    if page == "docs/gate.md":
        assert [name.strip().replace("-", " ").replace(" ", "_").upper() for _, name in told] == [code.name for code in ExitCode]


def evidence(records: tuple[Record, ...]) -> list[Record]:
    return [record for record in records if not isinstance(record, Finding | Footer)]


def with_footer(records: tuple[Record, ...], *others: Record) -> list[Record]:
    """The evidence with other records, and with the footer that it has."""
    footer = next(record for record in records if isinstance(record, Footer))
    return [*evidence(records), *others, footer]


def judged(path: Path, folder: Path) -> tuple[int, int]:
    """How judging a journal ends, and how gating what it was judged to be does."""
    code = main(["judge", str(path), "--reports", str(folder)])
    return code, main(["gate", str(folder / "verdict.json")])


def test_conformant_is_0(recorded: Path, tmp_path: Path) -> None:
    assert judged(recorded, tmp_path) == (0, 0)


def test_a_broken_clause_is_1(records: tuple[Record, ...], write: Write, tmp_path: Path) -> None:
    broken = [
        msgspec.structs.replace(record, status=500) if isinstance(record, Exchange) and record.kind == "create" else record
        for record in records
    ]
    assert judged(write("broken", *broken), tmp_path) == (1, 1)


def test_an_interrupted_run_is_2(records: tuple[Record, ...], write: Write, tmp_path: Path) -> None:
    assert judged(write("cut", *evidence(records)), tmp_path) == (2, 2)


def test_a_fault_of_the_harness_is_3(records: tuple[Record, ...], write: Write, tmp_path: Path) -> None:
    plan = next(record for record in records if isinstance(record, Plan))
    lost = Ended(case=plan.cases[0].id, at=1.0, error="KeyError")
    assert judged(write("lost", *with_footer(records, lost)), tmp_path) == (3, 3)


def test_a_mistake_of_the_user_is_4(recorded: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[blok]\n")
    for command in ("judge", "report", "gate", "verify"):
        assert main([command, str(tmp_path / "absent")]) == 4
    assert main(["gate", str(recorded), "--policy", str(tmp_path / "policy.toml")]) == 4
    assert main(["gaet"]) == 4


def test_nothing_observed_is_5(records: tuple[Record, ...], write: Write, tmp_path: Path) -> None:
    header = next(record for record in records if isinstance(record, Header))
    footer = next(record for record in records if isinstance(record, Footer))
    assert judged(write("nothing", header, Plan(cases=()), footer), tmp_path) == (5, 5)


def test_inconclusive_is_6(records: tuple[Record, ...], write: Write, tmp_path: Path) -> None:
    part = [msgspec.structs.replace(record, shard="1/2") if isinstance(record, Header) else record for record in records]
    assert judged(write("part", *part), tmp_path) == (6, 6)
