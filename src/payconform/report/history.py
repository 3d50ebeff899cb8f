"""Runs over time: what became of each clause from run to run, and when each deviation was first and last seen."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from payconform.model.clause import Mode
from payconform.model.finding import Finding, Outcome, Verdict
from payconform.model.run import TargetSummary
from payconform.report.register import Register

RUNS_SHOWN = 24
_DEVIATING = (Outcome.FAILED, Outcome.WARNED)
_JUDGING = (*_DEVIATING, Outcome.PASSED)
_WORST_FIRST = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.INCONCLUSIVE,
    Outcome.WARNED,
    Outcome.PASSED,
    Outcome.NOT_OBSERVED,
    Outcome.NOT_APPLICABLE,
)


class PastRun(Struct, frozen=True, kw_only=True):
    """One run of a folder. `address` is that of its compliance report beside the index, "" where there is none."""

    target: TargetSummary
    verdict: Verdict
    complete: bool
    plan: str
    started_at: str
    suite_version: str
    run_by: str
    findings: tuple[Finding, ...]
    address: str = ""

    def count(self, outcome: Outcome) -> int:
        return sum(finding.outcome is outcome for finding in self.findings)


class Deviation(Struct, frozen=True, kw_only=True):
    """A clause that was broken in a mode: by which runs first and last, by how many of those that judged it, and where it stands.

    `state` is `open`, `mended`, or `not judged since`, as the latest runs have it.
    """

    clause: str
    mode: Mode
    statement: str
    outcome: Outcome
    first: PastRun
    last: PastRun
    times: int
    judged: int
    state: str


class ClauseHistory(Struct, frozen=True):
    """What a clause came to in each of the runs shown, in its worst mode; None where a run has no finding of it."""

    clause: str
    statement: str
    outcomes: tuple[Outcome | None, ...]

    @property
    def is_steady(self) -> bool:
        """Whether it was never seen broken, and came to the same in every run that judged it."""
        return not {Outcome.FAILED, Outcome.WARNED, Outcome.INCONCLUSIVE, Outcome.ERROR}.intersection(self.outcomes)


class TargetHistory(Struct, frozen=True):
    """The runs against one target, the earliest first. `shown` are the latest of them, which have a column of their own."""

    name: str
    runs: tuple[PastRun, ...]
    shown: tuple[PastRun, ...]
    deviations: tuple[Deviation, ...]
    clauses: tuple[ClauseHistory, ...]


def histories(runs: Iterable[PastRun], register: Register) -> tuple[TargetHistory, ...]:
    """The history of each target, by name."""
    by_target: dict[str, list[PastRun]] = {}
    for run in runs:
        by_target.setdefault(run.target.name, []).append(run)
    return tuple(_of_target(name, sorted(by_target[name], key=_when), register) for name in sorted(by_target))


def _of_target(name: str, runs: Sequence[PastRun], register: Register) -> TargetHistory:
    shown = runs[-RUNS_SHOWN:]
    return TargetHistory(name, tuple(runs), tuple(shown), _deviations(runs, register), _clauses(shown, register))


def _when(run: PastRun) -> datetime:
    try:
        moment = datetime.fromisoformat(run.started_at)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _deviations(runs: Sequence[PastRun], register: Register) -> tuple[Deviation, ...]:
    """What is open comes first, and of that what was seen last."""
    seen: dict[tuple[str, Mode], list[tuple[PastRun, Finding]]] = {}
    for run in runs:
        for finding in run.findings:
            if finding.outcome in _JUDGING:
                seen.setdefault((finding.clause, finding.mode), []).append((run, finding))
    deviations = [_deviation(judged, runs[-1], register) for judged in seen.values() if any(map(_deviates, judged))]
    states = ("open", "not judged since", "mended")
    return tuple(sorted(deviations, key=lambda one: (states.index(one.state), -_when(one.last).timestamp(), one.clause)))


def _deviation(judged: Sequence[tuple[PastRun, Finding]], latest: PastRun, register: Register) -> Deviation:
    broken = [(run, finding) for run, finding in judged if finding.outcome in _DEVIATING]
    (first, _), (last, finding) = broken[0], broken[-1]
    mended = judged[-1][1].outcome is Outcome.PASSED
    return Deviation(
        clause=finding.clause,
        mode=finding.mode,
        statement=register.clause_of(finding).statement,
        outcome=finding.outcome,
        first=first,
        last=last,
        times=len(broken),
        judged=len(judged),
        state="mended" if mended else "open" if judged[-1][0] is latest else "not judged since",
    )


def _deviates(judged: tuple[PastRun, Finding]) -> bool:
    return judged[1].outcome in _DEVIATING


def _clauses(runs: Sequence[PastRun], register: Register) -> tuple[ClauseHistory, ...]:
    """The clauses of the register that any of the runs has a finding of, and those that only a journal knows."""
    found: list[dict[str, Outcome]] = []
    known: dict[str, str] = {name: clause.statement for name, clause in register.clauses.items()}
    for run in runs:
        worst: dict[str, Outcome] = {}
        for finding in run.findings:
            known.setdefault(finding.clause, register.clause_of(finding).statement)
            worst[finding.clause] = min(worst.get(finding.clause, finding.outcome), finding.outcome, key=_WORST_FIRST.index)
        found.append(worst)
    named = [(name, statement) for name, statement in known.items() if any(name in worst for worst in found)]
    return tuple(ClauseHistory(name, statement, tuple(worst.get(name) for worst in found)) for name, statement in named)
