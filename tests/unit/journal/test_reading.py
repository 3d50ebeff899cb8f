"""A journal is read as far as it is whole, and only a closed one is complete."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.journal.reading import Journal, JournalError, read
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.journal.seal import Chain
from payconform.model.clause import Level, Mode
from payconform.model.evidence import Callback, Exchange, Journey, Silence
from payconform.model.finding import Finding, Observation, Outcome, Verdict
from payconform.model.run import Counts, Ended, Footer, Record
from tests.journals import header

PATIENT = settings(deadline=None)  # a busy machine is no failure

HEADER = header(roles=("approved",))
FOOTER = Footer(
    verdict=Verdict.CONFORMANT,
    exit_code=0,
    reason="",
    counts=Counts(requests=1, callbacks=1, seconds=1.0),
    ended_at="2026-01-01T00:00:01Z",
)
FINDING = Finding(clause="A-1", level=Level.DOCUMENTED, mode=Mode.CARD, outcome=Outcome.PASSED, blocking=False)

TEXT = st.text(st.characters(codec="utf-8"), max_size=10)
EVIDENCE = st.one_of(
    st.builds(
        Exchange,
        id=TEXT,
        kind=st.sampled_from(["create", "page"]),
        order=TEXT,
        case=TEXT,
        mode=st.sampled_from(Mode),
        method=TEXT,
        url=TEXT,
        response_headers=st.tuples(st.tuples(TEXT, TEXT)),
        at=st.floats(0, 1e6),
    ),
    st.builds(Callback, id=TEXT, order=TEXT, case=TEXT, mode=st.sampled_from(Mode), method=TEXT, path=TEXT, at=st.floats(0, 1e6)),
    st.builds(Silence, order=TEXT, case=TEXT, since=st.floats(0, 1), until=st.floats(1, 1e6)),
    st.builds(Ended, case=TEXT, at=st.floats(0, 1e6), trouble=TEXT),
    st.builds(Journey, id=TEXT, order=TEXT, case=TEXT, mode=st.sampled_from(Mode), pages=st.tuples(TEXT)),
    st.builds(
        Observation, clause=TEXT, mode=st.sampled_from(Mode), outcome=st.sampled_from(Outcome), expected=TEXT, observed=TEXT
    ),
)


def written(records: Sequence[Record]) -> bytes:
    return sealed(msgspec.json.encode(record) for record in records)


def sealed(lines: Iterable[bytes]) -> bytes:
    chain = Chain()
    return b"".join(chain.sealed(line) + b"\n" for line in lines)


def read_raw(raw: bytes) -> Journal:
    with TemporaryDirectory() as directory:
        path = Path(directory, "journal.ndjson")
        path.write_bytes(raw)
        return read(path)


@PATIENT
@given(st.lists(EVIDENCE, max_size=5))
def test_what_is_written_is_read(evidence: list[Record]) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory, "journal.ndjson")
        with Recorder(path, Redactor()) as recorder:
            for record in (HEADER, *evidence, FINDING, FOOTER):
                recorder.write(record)
        journal = read(path)
        assert (journal.records, journal.complete, journal.damage, journal.cut_off) == (recorder.records, True, "", False)
        assert len(journal.seal) == 64
        assert recorder.records == (HEADER, *evidence, FINDING, FOOTER)


@PATIENT
@given(st.lists(EVIDENCE, max_size=3), st.data())
def test_a_journal_cut_anywhere_is_readable_and_never_complete(evidence: list[Record], data: st.DataObject) -> None:
    records = (HEADER, *evidence, FOOTER)
    raw = written(records)
    journal = read_raw(raw[: data.draw(st.integers(0, len(raw) - 1))])
    assert not journal.complete
    assert journal.cut_off
    assert journal.records == records[: len(journal.records)]


def test_a_cut_line_is_named_and_a_run_without_footer_is_not_damaged() -> None:
    whole = written([HEADER, Ended(case="c", at=1)])
    assert read_raw(whole) == Journal((HEADER, Ended(case="c", at=1)), complete=False, damage="", cut_off=True)
    assert read_raw(whole[:-3]) == Journal((HEADER,), complete=False, damage="line 2 is cut off", cut_off=True)
    assert read_raw(b"") == Journal((), complete=False, damage="", cut_off=True)


def test_reading_stops_at_the_first_bad_line() -> None:
    journal = read_raw(sealed([msgspec.json.encode(HEADER), b'{"type":"ended"}', msgspec.json.encode(FOOTER)]))
    assert journal.records == (HEADER,)
    assert not journal.cut_off
    assert journal.damage.startswith("line 2 is not a record: Object missing required field")


def test_nothing_follows_a_footer() -> None:
    assert read_raw(written([HEADER, FOOTER, FINDING])) == Journal(
        (HEADER, FOOTER), complete=False, damage="line 3 follows the footer"
    )


@pytest.mark.parametrize("raw", [b"hello\n", b'{"type":"ended","case":"c","at":1}\n', b"\x00", b"\n"])
def test_another_file_is_no_journal(raw: bytes) -> None:
    with pytest.raises(JournalError, match="is not a journal"):
        read_raw(raw)


def test_a_journal_of_another_version_is_refused() -> None:
    other = msgspec.structs.replace(HEADER, format="payconform-journal/9")
    with pytest.raises(JournalError, match="written as 'payconform-journal/9'; this version reads 'payconform-journal/1'"):
        read_raw(written([other]))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(JournalError, match="cannot be read"):
            read(path)
