"""An account of a run: its records by kind and by id, beside the clauses they are about."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from msgspec import Struct

from payconform.model.clause import PAYING_MODES, Clause, Mode
from payconform.model.evidence import Awaited, Callback, Exchange, Journey, OrderRecord, Silence
from payconform.model.finding import Finding, Observation, Outcome
from payconform.model.ruling import Ruling, Since, Waiver
from payconform.model.run import JOURNAL_FORMAT, Counts, Ended, Footer, Header, Plan, PlannedCase, Record, TargetSummary
from payconform.report.register import Register, published

_MODE_ORDER = {mode: place for place, mode in enumerate(Mode)}
_R = TypeVar("_R")
_C = TypeVar("_C", Observation, Exchange, Callback, Journey)


class Row(Struct, frozen=True):
    """A clause and what was found of it in each mode that has a finding."""

    clause: Clause
    findings: dict[Mode, Finding]


class Chapter(Struct, frozen=True):
    """A chapter of the contract with its clauses, in the register's order."""

    name: str
    rows: tuple[Row, ...]


class Account:
    """What every report needs to know of a run. It holds the records it was given and derives the rest.

    `ruling` is what a gate says of the run, where one was asked; `since` what changed since an earlier one, where one was given.
    `seal` is that of the journal behind the report, "" where it is not known.
    """

    def __init__(
        self,
        records: Sequence[Record],
        register: Register | None = None,
        ruling: Ruling | None = None,
        since: Since | None = None,
        seal: str = "",
    ) -> None:
        self.register = register or published()
        self.ruling = ruling
        self.since = since
        self.seal = seal
        self._waivers = {waiver.place: waiver for waiver in ruling.waived} if ruling else {}
        self.header = _first(records, Header) or _UNKNOWN_HEADER
        self.footer = _first(records, Footer)
        self.exchanges = {record.id: record for record in _of(records, Exchange)}
        self.callbacks = {record.id: record for record in _of(records, Callback)}
        self.journeys = {record.id: record for record in _of(records, Journey)}
        self.waits = [record for record in records if isinstance(record, Silence | Awaited)]
        self.orders = {record.id: record for record in _of(records, OrderRecord)}
        self.observations = by_case(_of(records, Observation))
        self.ended = {record.case: record for record in _of(records, Ended)}
        self.cases: Mapping[str, PlannedCase] = {case.id: case for plan in _of(records, Plan) for case in plan.cases}
        self.findings = sorted(_of(records, Finding), key=self._place)

    @cached_property
    def unfinished(self) -> tuple[str, ...]:
        """The planned cases that did not end, as of a run that ended early."""
        return tuple(case.id for case in self.cases.values() if not case.skip and case.id not in self.ended)

    @property
    def is_whole(self) -> bool:
        """Whether it is the account of all that the run, and no less than a whole run, set out to do."""
        return self.footer is not None and not self.footer.flaw and not self.header.shard and not self.unfinished

    @cached_property
    def modes(self) -> tuple[Mode, ...]:
        """The modes that reports have a column for: those of orders, and unknown where callbacks were judged without theirs."""
        found = {*self.header.modes, *(finding.mode for finding in self.findings)}
        return tuple(found_mode for found_mode in Mode if found_mode in found) if Mode.UNKNOWN in found else PAYING_MODES

    def clause(self, finding: Finding) -> Clause:
        return self.register.clause_of(finding)

    def waiver(self, finding: Finding) -> Waiver | None:
        """The waiver that the gate let a finding pass by, None where it needed none or has none."""
        return self._waivers.get((finding.clause, finding.mode))

    def is_strict(self, clause: str) -> bool:
        """Whether breaking a clause blocks under the target's dialect."""
        return self.register.is_strict(clause, self.header.target.dialect)

    def with_outcome(self, *outcomes: Outcome) -> list[Finding]:
        """The findings with one of these outcomes, grouped by outcome in the order asked for."""
        return [finding for outcome in outcomes for finding in self.findings if finding.outcome is outcome]

    def alike(self, *outcomes: Outcome) -> list[list[Finding]]:
        """The findings with one of these outcomes; modes in which a clause says the same share a group."""
        groups: dict[tuple[str, ...], list[Finding]] = {}
        for finding in self.with_outcome(*outcomes):
            waived = "waived" if self.waiver(finding) else ""
            said = (finding.clause, finding.outcome, finding.expected, finding.observed, finding.reason, waived)
            groups.setdefault(said, []).append(finding)
        return list(groups.values())

    @property
    def counts(self) -> Counts:
        """The footer's counts; of a journal without one, what it holds."""
        if self.footer is not None:
            return self.footer.counts
        times = [*(exchange.at for exchange in self.exchanges.values()), *(callback.at for callback in self.callbacks.values())]
        return Counts(
            requests=len(self.exchanges),
            callbacks=len(self.callbacks),
            seconds=max(times, default=0.0),
            orders=len(self.orders),
            cases=len(self.ended),
        )

    @cached_property
    def spans(self) -> dict[str, tuple[float, float]]:
        """When each case that ended had begun, by its first message, and when it ended, in seconds of the run."""
        begun: dict[str, float] = {}
        messages: tuple[Exchange | Callback, ...] = (*self.exchanges.values(), *self.callbacks.values())
        for record in messages:
            begun[record.case] = min(record.at, begun.get(record.case, record.at))
        return {case: (begun[case], max(begun[case], ended.at)) for case, ended in self.ended.items() if case in begun}

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """All clauses of the register, and those only the journal knows, with their findings."""
        found: dict[str, dict[Mode, Finding]] = {}
        clauses = dict(self.register.clauses)
        for finding in self.findings:
            found.setdefault(finding.clause, {})[finding.mode] = finding
            clauses.setdefault(finding.clause, self.clause(finding))
        chapters: dict[str, list[Row]] = {}
        for identifier, clause in clauses.items():
            chapters.setdefault(clause.chapter, []).append(Row(clause, found.get(identifier, {})))
        return tuple(Chapter(name, tuple(rows)) for name, rows in chapters.items())

    def _place(self, finding: Finding) -> tuple[int, str, int]:
        chapter = self._chapter_order.get(self.clause(finding).chapter, len(self._chapter_order))
        return chapter, finding.clause, _MODE_ORDER[finding.mode]

    @cached_property
    def _chapter_order(self) -> dict[str, int]:
        names = dict.fromkeys(clause.chapter for clause in self.register.clauses.values())
        return {name: place for place, name in enumerate(names)}


def by_case(records: Iterable[_C]) -> dict[str, list[_C]]:
    """Records grouped by the case they belong to, in their order."""
    grouped: dict[str, list[_C]] = {}
    for record in records:
        grouped.setdefault(record.case, []).append(record)
    return grouped


_UNKNOWN_HEADER = Header(
    format=JOURNAL_FORMAT,
    suite_version="unknown",
    contract_version="unknown",
    started_at="unknown",
    seed=0,
    plan="unknown",
    target=TargetSummary(name="unknown target", environment="unknown", base_url="unknown", dialect="guide"),
    modes=(),
    roles=(),
    payer="unknown",
    inbox="unknown",
    quiet_window_s=0.0,
    deadline_s=0.0,
    readings={},
)
"""What is known of a run whose journal was cut off before its first record."""


def _of(records: Iterable[Record], kind: type[_R]) -> Iterable[_R]:
    return (record for record in records if isinstance(record, kind))


def _first(records: Iterable[Record], kind: type[_R]) -> _R | None:
    return next(iter(_of(records, kind)), None)
