"""Makes one journal of several: the shards of a run, or a run and its reruns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from heapq import merge as merge_sorted
from operator import itemgetter
from typing import Any, TypeVar

import msgspec

from payconform.journal.reading import Journal, JournalError
from payconform.model.evidence import Awaited, Callback, Exchange, Journey, OrderRecord, Silence
from payconform.model.finding import Finding, Observation, Outcome
from payconform.model.run import Ended, Footer, Header, Plan, PlannedCase, Record

_UNDECIDED = (Outcome.INCONCLUSIVE, Outcome.ERROR)
_TIMES = ("at", "since", "until")
_SHARD = re.compile(r"[1-9][0-9]{0,3}(,[1-9][0-9]{0,3})*/[1-9][0-9]{0,3}")
_T = TypeVar("_T")


def merge(journals: Sequence[Journal]) -> tuple[Record, ...]:
    """The records of several journals as those of one: one header, one plan, then the evidence by time.

    Findings and footers are left out, because a part judged and ended only itself. Where a case ran more than once, all that
    it saw counts, but for what a run left undecided that another decided. Raises `JournalError` when the journals are not of
    one target, plan and version, or when one is given twice.
    """
    headers = [header for journal in journals for header in _of(journal.records, Header)]
    _check_together(headers)
    plans = [plan for journal in journals for plan in _of(journal.records, Plan)]
    evidence = _without_superseded(_on_one_clock(journals, _told_apart([_evidence(journal) for journal in journals])))
    timed = merge_sorted(*map(_timed, evidence), key=itemgetter(0))
    return (*_one_header(headers), *_united(plans), *(record for _, record in timed))


def _one_header(headers: Sequence[Header]) -> tuple[Header, ...]:
    if not headers:
        return ()
    first = min(headers, key=_began)
    return (msgspec.structs.replace(first, shard=joined_shards([header.shard for header in headers])),)


def joined_shards(shards: Sequence[str]) -> str:
    """What several parts of a plan are together: "" as soon as they are all of it. Raises `JournalError`."""
    if not all(shards):
        return ""
    if wrong := next((shard for shard in shards if not _SHARD.fullmatch(shard)), ""):
        raise JournalError(f"a header says that its journal is shard {wrong!r}, which is none")
    counts = {shard.partition("/")[2] for shard in shards}
    if len(counts) > 1:
        raise JournalError(f"the journals do not belong together: they are shards {', '.join(dict.fromkeys(shards))}")
    (count,) = counts
    parts = sorted({int(part) for shard in shards for part in shard.partition("/")[0].split(",")})
    return "" if parts == list(range(1, int(count) + 1)) else f"{','.join(map(str, parts))}/{count}"


def _check_together(headers: Sequence[Header]) -> None:
    for header in headers[1:]:
        for name, value in _identity(header).items():
            if value != (other := _identity(headers[0])[name]):
                raise JournalError(f"the journals do not belong together: one is of {name} {other!r}, another of {value!r}")


def _identity(header: Header) -> Mapping[str, object]:
    """What all parts of a run share. The address is not among it: every shard has an embedded sandbox of its own."""
    return {
        "target": header.target.name,
        "environment": header.target.environment,
        "dialect": header.target.dialect,
        "profile": header.profile_sha256,
        "plan": header.plan,
        "payconform": header.suite_version,
        "contract": header.contract_version,
        "readings": header.readings,
    }


def _began(header: Header) -> float:
    try:
        return datetime.fromisoformat(header.started_at).timestamp()
    except ValueError:
        return 0.0


def _evidence(journal: Journal) -> list[Record]:
    return [record for record in journal.records if not isinstance(record, Header | Plan | Finding | Footer)]


def _told_apart(journals: Sequence[Sequence[Record]]) -> list[Sequence[Record]]:
    """The records with ids that are unique: those of a rerun, which begin at 1 again, get a prefix."""
    orders: set[str] = set()
    names: set[str] = set()
    apart: list[Sequence[Record]] = []
    for number, records in enumerate(journals, start=1):
        own_orders = {record.id for record in _of(records, OrderRecord)}
        if twice := own_orders & orders:
            raise JournalError(f"a run is given twice: two journals hold the order {min(twice)!r}")
        own = _names(records)
        renamed = [_renamed(record, f"r{number}-") for record in records] if own & names else records
        orders |= own_orders
        names |= _names(renamed)
        apart.append(renamed)
    return apart


def _names(records: Iterable[Record]) -> set[str]:
    return {record.id for record in records if isinstance(record, Exchange | Callback | Journey)}


def _renamed(record: Record, prefix: str) -> Record:
    """The record with a prefix before its id and before every id it points to."""
    match record:
        case Exchange() | Callback():
            return msgspec.structs.replace(record, id=prefix + record.id)
        case Journey():
            exchanges = tuple(prefix + name for name in record.exchanges)
            return msgspec.structs.replace(record, id=prefix + record.id, exchanges=exchanges)
        case Awaited(callback=name) if name:
            return msgspec.structs.replace(record, callback=prefix + name)
        case Observation():
            return msgspec.structs.replace(record, evidence=tuple(prefix + name for name in record.evidence))
        case _:
            return record


def _decided(records: Sequence[Record]) -> set[str]:
    """The cases that reached their end and could tell."""
    undecided = {record.case for record in _of(records, Observation) if record.outcome in _UNDECIDED}
    return {record.case for record in _of(records, Ended) if not record.trouble and not record.error} - undecided


def _without_superseded(journals: Sequence[Sequence[Record]]) -> list[list[Record]]:
    """Without what only says that a case could not tell, where another journal has it told. What a case saw always counts."""
    decided = [_decided(records) for records in journals]
    elsewhere = [set[str]().union(*decided) - own for own in decided]
    return [
        [record for record in records if not (_is_undecided(record) and getattr(record, "case", "") in superseded)]
        for records, superseded in zip(journals, elsewhere, strict=True)
    ]


def _is_undecided(record: Record) -> bool:
    return isinstance(record, Ended) or (isinstance(record, Observation) and record.outcome in _UNDECIDED)


def _on_one_clock(journals: Sequence[Journal], evidence: Sequence[Sequence[Record]]) -> list[list[Record]]:
    """The evidence of each journal with its times counted from the beginning of the first."""
    begins = [max((_began(header) for header in _of(journal.records, Header)), default=None) for journal in journals]
    first = min((began for began in begins if began is not None), default=0.0)
    return [
        [_later(record, began - first if began is not None else 0.0) for record in records]
        for began, records in zip(begins, evidence, strict=True)
    ]


def _later(record: Record, seconds: float) -> Record:
    if not seconds or not isinstance(record, Exchange | Callback | Silence | Awaited | Ended):
        return record
    times: dict[str, Any] = {name: getattr(record, name) + seconds for name in _TIMES if hasattr(record, name)}
    return msgspec.structs.replace(record, **times)


def _timed(records: Iterable[Record]) -> Iterable[tuple[float, Record]]:
    """Each record with its time, never before that of the record it follows: what has no time of its own stays in place."""
    latest = 0.0
    for record in records:
        latest = max(latest, getattr(record, "at", latest), getattr(record, "until", latest))
        yield latest, record


def _united(plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """One plan with every case. One that a run was asked for is not a background case, whatever another run made of it."""
    if not plans:
        return ()
    cases: dict[str, PlannedCase] = {}
    for case in (case for plan in plans for case in plan.cases):
        if case.id not in cases or cases[case.id].background:
            cases[case.id] = case
    invariants = dict.fromkeys(clause for plan in plans for clause in plan.invariants)
    return (Plan(cases=tuple(cases.values()), invariants=tuple(invariants)),)


def _of(records: Iterable[Record], kind: type[_T]) -> Iterable[_T]:
    return (record for record in records if isinstance(record, kind))
