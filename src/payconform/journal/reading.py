"""Reads a journal back, as far as it is whole and its seal holds."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from payconform.journal.seal import Chain, seal_in
from payconform.model.run import JOURNAL_FORMAT, Footer, Header, Record
from payconform.model.wire import decoder

_LONGEST_SEAL = 128
_OPENING = b'{"type":"header"'
_decode: Callable[[bytes], Record] = decoder(Record)


class JournalError(Exception):
    """A file is not a journal this version reads, or journals do not belong together. One line."""


class Journal(NamedTuple):
    """What could be read. `complete` says that the run closed its journal; `damage` names the first bad line, "" if none.

    `cut_off` says that all there is could be read, and that only the end is missing. `seal` is that of the footer.
    """

    records: tuple[Record, ...]
    complete: bool
    damage: str
    cut_off: bool = False
    seal: str = ""


def read(path: Path) -> Journal:
    """The records of a journal up to its first damaged line; a run that crashed leaves its last line cut off.

    Raises `JournalError` for a file that is no journal.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise JournalError(f"{path}: cannot be read: {error.strerror}") from None
    if not (raw.startswith(_OPENING) or _OPENING.startswith(raw)):
        raise JournalError(f"{path}: is not a journal: its first line is not a header record")
    *lines, rest = raw.split(b"\n")
    chain = Chain()
    records, damage = _whole(lines, chain)
    complete = not damage and not rest and records[-1:] != () and isinstance(records[-1], Footer)
    cut_off = not damage and not complete
    if rest and not damage:
        damage = f"line {len(lines) + 1} is cut off"
    _check_format(path, records)
    return Journal(records, complete, damage, cut_off, chain.digest if complete else "")


def last_seal(path: Path) -> str:
    """The seal of the last line of a journal, as a report cites it, unchecked; "" where there is none. Raises `OSError`."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST_SEAL))
        return seal_in(file.read().rstrip(b"\n"))


def _whole(lines: Iterable[bytes], chain: Chain) -> tuple[tuple[Record, ...], str]:
    records: list[Record] = []
    for number, line in enumerate(lines, start=1):
        if records and isinstance(records[-1], Footer):
            return tuple(records), f"line {number} follows the footer"
        if fault := chain.fault(line):
            return tuple(records), fault
        try:
            records.append(_decode(line))
        except ValueError as error:
            return tuple(records), f"line {number} is not a record: {error}"
    return tuple(records), ""


def _check_format(path: Path, records: Sequence[Record]) -> None:
    if records and isinstance(records[0], Header) and records[0].format != JOURNAL_FORMAT:
        raise JournalError(f"{path}: is written as {records[0].format!r}; this version reads {JOURNAL_FORMAT!r}")
