"""How much of the contract a run exercised, and why not the rest."""

from collections.abc import Iterable

from msgspec import Struct

from payconform.model.clause import Clause, Mode
from payconform.model.finding import Outcome
from payconform.report.account import Account, Row

_JUDGED = (Outcome.PASSED, Outcome.FAILED, Outcome.WARNED)
_TRIED = (Outcome.INCONCLUSIVE, Outcome.ERROR)

STATES = {
    "judged": "judged",
    "tried": "tried without result",
    "not_observed": "not observed",
    "not_applicable": "not applicable",
    "left_out": "not part of this run",
    "no_case": "cannot be judged from outside",
}
"""What a run made of a clause, in its best mode; from most to least."""


class Unjudged(Struct, frozen=True):
    """A clause without a finding, or one that nothing showed, and why."""

    clause: Clause
    modes: tuple[Mode, ...]
    outcome: Outcome | None
    reason: str


class ChapterCoverage(Struct, frozen=True):
    """A chapter: how many clauses it has in each state, and how often any of them was looked at."""

    name: str
    states: dict[str, int]
    looks: int

    @property
    def clauses(self) -> int:
        return sum(self.states.values())


class Reason(Struct, frozen=True):
    """Why clauses were not judged, and which; of some, only certain modes."""

    text: str
    outcome: Outcome | None
    clauses: tuple[str, ...]


class Coverage(Struct, frozen=True):
    chapters: tuple[ChapterCoverage, ...]
    total: ChapterCoverage
    unjudged: tuple[Unjudged, ...]
    reasons: tuple[Reason, ...]


def coverage(account: Account) -> Coverage:
    """What the run exercised, chapter by chapter, in the register's order."""
    chapters = tuple(_covered(chapter.name, chapter.rows) for chapter in account.chapters)
    every_row = [row for chapter in account.chapters for row in chapter.rows]
    unjudged = tuple(entry for row in every_row for entry in _unjudged_of(row))
    return Coverage(chapters, _covered("All chapters", every_row), unjudged, _reasons(unjudged))


def looks(row: Row) -> int:
    """How often a clause was looked at in all modes."""
    return sum(finding.frequency.seen for finding in row.findings.values())


def _covered(name: str, rows: Iterable[Row]) -> ChapterCoverage:
    rows = list(rows)
    states = dict.fromkeys(STATES, 0)
    for row in rows:
        states[_state(row)] += 1
    return ChapterCoverage(name, states, sum(map(looks, rows)))


def _state(row: Row) -> str:
    outcomes = {finding.outcome for finding in row.findings.values()}
    if outcomes.intersection(_JUDGED):
        return "judged"
    if outcomes.intersection(_TRIED):
        return "tried"
    if outcomes:
        return "not_observed" if Outcome.NOT_OBSERVED in outcomes else "not_applicable"
    return "no_case" if row.clause.reason else "left_out"


def _unjudged_of(row: Row) -> list[Unjudged]:
    reasons: dict[tuple[Outcome | None, str], list[Mode]] = {}
    for mode in row.clause.modes:
        finding = row.findings.get(mode)
        if finding is None:
            why = row.clause.reason or "No case of this run covers it."
            reasons.setdefault((None, why), []).append(mode)
        elif finding.outcome in (Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE):
            reasons.setdefault((finding.outcome, finding.reason), []).append(mode)
    return [Unjudged(row.clause, tuple(modes), outcome, reason) for (outcome, reason), modes in reasons.items()]


def _reasons(unjudged: Iterable[Unjudged]) -> tuple[Reason, ...]:
    """The reasons with their clauses, the one that took most away first."""
    grouped: dict[tuple[Outcome | None, str], list[str]] = {}
    for entry in unjudged:
        whole = entry.modes == entry.clause.modes
        name = entry.clause.id if whole else f"{entry.clause.id} ({', '.join(mode.value for mode in entry.modes)})"
        grouped.setdefault((entry.outcome, entry.reason), []).append(name)
    reasons = [Reason(text, outcome, tuple(names)) for (outcome, text), names in grouped.items()]
    return tuple(sorted(reasons, key=lambda reason: -len(reason.clauses)))
