"""A journal whose lines were changed, dropped, added or moved is told from the one that was written, and the line is named."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from payconform.journal.recorder import Recorder, write_journal
from payconform.journal.redaction import Redactor
from payconform.journal.seal import Chain
from payconform.model.run import Ended

PATIENT = settings(deadline=None)  # a busy machine is no failure
BODIES = st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=2, max_size=8)


def sealed(bodies: list[str]) -> list[bytes]:
    chain = Chain()
    return [chain.sealed(b'{"body":"' + body.encode().replace(b'"', b"'") + b'"}') for body in bodies]


def fault(lines: list[bytes]) -> str:
    chain = Chain()
    return next(filter(None, map(chain.fault, lines)), "")


def named(fault: str) -> int:
    found = re.match(r"line (\d+) ", fault)
    assert found, fault
    return int(found[1])


@PATIENT
@given(BODIES)
def test_lines_as_they_were_sealed_have_no_fault(bodies: list[str]) -> None:
    assert fault(sealed(bodies)) == ""


@PATIENT
@given(BODIES, st.data())
def test_any_edited_byte_is_named(bodies: list[str], data: st.DataObject) -> None:
    lines = sealed(bodies)
    place = data.draw(st.integers(0, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[place]) - 1))
    byte = data.draw(st.integers(0, 255))
    assume(lines[place][at] != byte)
    lines[place] = lines[place][:at] + bytes([byte]) + lines[place][at + 1 :]
    assert named(fault(lines)) == place + 1


@PATIENT
@given(BODIES, st.data())
def test_a_dropped_line_is_named_by_the_one_that_took_its_place(bodies: list[str], data: st.DataObject) -> None:
    lines = sealed(bodies)
    place = data.draw(st.integers(0, len(lines) - 2))
    del lines[place]
    assert fault(lines).startswith(f"line {place + 1} was line {place + 2} when it was sealed: a line before it was dropped")


@PATIENT
@given(BODIES, st.data())
def test_swapped_lines_are_named(bodies: list[str], data: st.DataObject) -> None:
    lines = sealed(bodies)
    one = data.draw(st.integers(0, len(lines) - 2))
    other = data.draw(st.integers(one + 1, len(lines) - 1))
    lines[one], lines[other] = lines[other], lines[one]
    assert fault(lines).startswith(f"line {one + 1} was line {other + 1} when it was sealed")


@PATIENT
@given(BODIES, st.data())
def test_an_added_line_is_named(bodies: list[str], data: st.DataObject) -> None:
    lines = sealed(bodies)
    place = data.draw(st.integers(0, len(lines)))
    lines.insert(place, data.draw(st.sampled_from([b'{"body":"new"}', b"", *lines])))
    assume(lines[place : place + 1] != lines[place + 1 : place + 2])  # which of two equal lines was added, nobody can tell
    assert named(fault(lines)) == place + 1


@PATIENT
@given(BODIES)
def test_a_line_of_another_journal_is_named(bodies: list[str]) -> None:
    lines, others = sealed(bodies), sealed(["another", *bodies[1:]])
    assume(lines != others)
    assert named(fault([lines[0], *others[1:]])) == 2


def test_a_line_without_a_seal_is_told_as_such() -> None:
    assert fault([b'{"type":"header"}']).startswith("line 1 carries no seal")


@pytest.mark.parametrize("ats", [[1.0], [1.0, 2.5]])
def test_a_journal_written_at_once_is_that_of_a_run(tmp_path: Path, ats: list[float]) -> None:
    records = [Ended(case="c", at=at) for at in ats]
    with Recorder(tmp_path / "run", Redactor()) as recorder:
        for record in records:
            recorder.write(record)
    write_journal(tmp_path / "once", records)
    assert (tmp_path / "once").read_bytes() == (tmp_path / "run").read_bytes()
