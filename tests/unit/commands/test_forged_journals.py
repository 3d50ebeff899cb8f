"""Whoever can write a journal can put anything into it: no command obeys what it shows of one."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from payconform.cli import main
from payconform.journal.seal import Chain
from payconform.model.finding import Finding, Outcome
from payconform.model.run import Footer, Header, Plan, Record

Write = Callable[..., Path]
Records = tuple[Record, ...]
EVIL = "\x1b[31mred\x1b]0;title\x07\x9b2J\u202e\r"
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.fixture
def forged(records: Records, write: Write) -> str:
    """A journal whose seal holds, with escapes wherever a text of it can stand."""
    return str(write("forged.ndjson", *_forged(records)))


def _forged(records: Records) -> Iterator[Record]:
    for record in records:
        match record:
            case Header():
                target = replace(record.target, name=f"name{EVIL}", environment=EVIL, base_url=EVIL)
                command = f"pytest suites --profile 'a{EVIL}.toml'"
                yield replace(record, target=target, suite_version=EVIL, started_at=EVIL, plan=EVIL, command=command, run_by=EVIL)
            case Plan():
                yield replace(record, cases=tuple(replace(case, clauses=(EVIL, *case.clauses)) for case in record.cases))
            case Finding(outcome=Outcome.PASSED):
                yield replace(record, outcome=Outcome.FAILED, blocking=True, clause=record.clause + EVIL, observed=EVIL)
            case Footer():
                yield replace(record, reason=EVIL, ended_at=EVIL, judged_with=EVIL, made_of=(EVIL,))
            case _:
                yield record


@pytest.mark.parametrize(
    "command",
    [
        "report {forged} --reports {out}",
        "judge {forged} --reports {out}",
        "gate {forged} --reports {out}",
        "gate {sound} --baseline {forged}",
        "diff {sound} {forged}",
        "diff {sound} {forged} --json",
        "verify {forged}",
        "report {forged} {sound} --reports {out}",
    ],
)
def test_no_command_obeys_a_forged_journal(
    command: str, forged: str, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(command.format(forged=forged, sound=recorded, out=tmp_path / "out").split())
    told = capsys.readouterr()
    assert told.out + told.err
    assert not ACTS.search(told.out + told.err)
    shown = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.name != "journal.ndjson"]
    assert [path.name for path in shown if ACTS.search(path.read_text("utf-8"))] == []


def test_neither_does_a_mistake_that_cites_it(records: Records, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chain, journal = Chain(), tmp_path / "odd.ndjson"
    lines = (msgspec.json.encode(records[0]), json.dumps({"type": EVIL}, ensure_ascii=False).encode())
    journal.write_bytes(b"".join(chain.sealed(line) + b"\n" for line in lines))
    for command in ("sign --key none", "verify", f"report --reports {tmp_path}"):
        name, *options = command.split()
        main([name, str(journal), *options])
        told = capsys.readouterr()
        assert not ACTS.search(told.out + told.err)
