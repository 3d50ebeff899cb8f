"""Reads a journal back, as far as it is whole and its seal holds."""

from collections.abc import Iterable, Sequence
from heapq import merge as merge_sorted
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import msgspec

from payconform.journal.seal import Chain
from payconform.model.evidence import OrderRecord
from payconform.model.finding import Finding
from payconform.model.run import JOURNAL_FORMAT, Footer, Header, Plan, PlannedCase, Record

_OPENING = b'{"type":"header"'
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


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


def merge(journals: Sequence[Journal]) -> tuple[Record, ...]:
    """The records of one run that was written in shards: one header, one plan, then the evidence by time.

    Findings and footers are left out, because a shard judged and ended only itself. The times of all shards count from
    the same beginning.
    """
    headers = [record for journal in journals for record in journal.records if isinstance(record, Header)]
    plans = [record for journal in journals for record in journal.records if isinstance(record, Plan)]
    evidence = [[record for record in journal.records if _is_evidence(record)] for journal in journals]
    _check_ids(chain.from_iterable(evidence))
    timed = merge_sorted(*map(_timed, evidence), key=itemgetter(0))
    return (*headers[:1], *_united(plans), *(record for _, record in timed))


def _whole(lines: Iterable[bytes], chain: Chain) -> tuple[tuple[Record, ...], str]:
    records: list[Record] = []
    for number, line in enumerate(lines, start=1):
        if records and isinstance(records[-1], Footer):
            return tuple(records), f"line {number} follows the footer"
        if fault := chain.fault(line):
            return tuple(records), fault
        try:
            records.append(_decoder.decode(line))
        except ValueError as error:
            return tuple(records), f"line {number} is not a record: {error}"
    return tuple(records), ""


def _check_format(path: Path, records: Sequence[Record]) -> None:
    if records and isinstance(records[0], Header) and records[0].format != JOURNAL_FORMAT:
        raise JournalError(f"{path}: is written as {records[0].format!r}; this version reads {JOURNAL_FORMAT!r}")


def _is_evidence(record: Record) -> bool:
    return not isinstance(record, Header | Plan | Finding | Footer)


def _timed(records: Iterable[Record]) -> Iterable[tuple[float, Record]]:
    """Each record with its time, never before that of the record it follows: what has no time of its own stays in place."""
    latest = 0.0
    for record in records:
        latest = max(latest, getattr(record, "at", latest), getattr(record, "until", latest))
        yield latest, record


def _united(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    if not plans:
        return ()
    cases: dict[str, PlannedCase] = {case.id: case for plan in plans for case in plan.cases}
    invariants = dict.fromkeys(clause for plan in plans for clause in plan.invariants)
    return (Plan(cases=tuple(cases.values()), invariants=tuple(invariants)),)


def _check_ids(records: Iterable[Record]) -> None:
    seen: set[str] = set()
    for record in records:
        name = "" if isinstance(record, OrderRecord) else getattr(record, "id", "")  # a repeated order has one id
        if name in seen:
            raise JournalError(f"the shards do not belong together: {name!r} names two records")
        if name:
            seen.add(name)
