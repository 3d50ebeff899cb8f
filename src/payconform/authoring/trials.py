"""Scripts that try what was drawn, and on a failure look for the smallest that still fails.

A sort of trial is anything that was drawn as a tuple: the choices of an order, the moves of a life.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from payconform.authoring.checks import Check
from payconform.authoring.flows import Script
from payconform.authoring.steps import Against, Control, Placed, Together
from payconform.contract.register import clauses as register
from payconform.model.clause import Severity
from payconform.model.finding import Observation
from payconform.model.order import Order
from payconform.model.reply import Reply

Drawn = TypeVar("Drawn", bound=tuple[Any, ...])


class Trial(NamedTuple, Generic[Drawn]):
    """What was drawn and tried: its orders, the first reply, and what the invariants have against them at their end."""

    drawn: Drawn
    orders: tuple[Order, ...]
    reply: Reply | None
    against: tuple[Observation, ...]


class Sort(NamedTuple, Generic[Drawn]):
    """How a sort of trial is tried, made smaller, and told of in reports (`noun` in the plural).

    `simplest` are the least there is of what was drawn, which are tried first; `smaller` are a little less than it, and tried
    for as many `rounds` as they are worth.
    """

    noun: str
    attempt: Callable[[Drawn], Script[Trial[Drawn]]]
    simplest: Callable[[Drawn], Iterable[Drawn]]
    smaller: Callable[[Drawn], Iterable[Drawn]]
    size: Callable[[Drawn], tuple[int, int]]
    describe: Callable[[Drawn], str]
    rounds: int


Wrong = Callable[[Trial[Drawn]], str]


def concluded(drawn: Drawn, orders: tuple[Order, ...], reply: Reply | None) -> Script[Trial[Drawn]]:
    """The trial of what was drawn, at its end."""
    against: tuple[Observation, ...] = yield Against(orders)
    return Trial(drawn, orders, reply, against)


def tried_together(sort: Sort[Drawn], many: Iterable[Drawn]) -> Script[list[Trial[Drawn]]]:
    """Try many at the same time. Those that met trouble are left out; where all did, it is raised."""
    trials: tuple[Trial[Drawn] | None, ...] = yield Together(tuple(sort.attempt(drawn) for drawn in many))
    return [trial for trial in trials if trial is not None]


def narrowed(sort: Sort[Drawn], trials: Sequence[Trial[Drawn]], *, most: int = 2, most_advisory: int = 1) -> Script[None]:
    """Say of what some of the trials broke how often they did, and what is the smallest that still does.

    No more than `most` clauses are worth the requests, and of advisory ones no more than `most_advisory`.

    What most of them broke has nothing to do with what was drawn, nor has what the plain order broke, and the invariants say
    all there is to say of it.
    """
    plain: Placed = yield Control()
    of_plain = {observation.clause for observation in (yield Against((plain.order,)))}
    broken = dict.fromkeys(observation.clause for trial in trials for observation in trial.against)
    clauses = [clause for clause in broken if clause not in of_plain]
    failing = {clause: [trial for trial in trials if _breaks(clause)(trial)] for clause in clauses}
    rare = sorted((clause for clause in clauses if 2 * len(failing[clause]) <= len(trials)), key=lambda name: -len(failing[name]))
    strict = [clause for clause in rare if register()[clause].severity is Severity.STRICT]
    advisory = [clause for clause in rare if clause not in strict]
    wanted = _one_of_a_cause(strict + advisory[:most_advisory], failing)[:most]
    if wanted:
        yield Together(tuple(_narrowed_to(sort, clause, failing[clause], len(trials)) for clause in wanted))


def _one_of_a_cause(clauses: Sequence[str], failing: Mapping[str, Sequence[Trial[Any]]]) -> list[str]:
    """The first clause of those that the same trials broke: one fault is behind them, as far as anybody can tell."""
    firsts: dict[tuple[int, ...], str] = {}
    for clause in clauses:
        firsts.setdefault(tuple(map(id, failing[clause])), clause)
    return list(firsts.values())


def _narrowed_to(sort: Sort[Drawn], clause: str, failing: Sequence[Trial[Drawn]], tried: int) -> Script[None]:
    first = min(failing, key=lambda trial: sort.size(trial.drawn))
    found = yield from smallest(sort, first, _breaks(clause))
    least = f"the smallest that does: {sort.describe(found.drawn)}" if found else "but not when they were tried again"
    yield _told(clause, found or first, f"{len(failing)} of {tried} {sort.noun} break it, {least}")


def smallest(sort: Sort[Drawn], first: Trial[Drawn], wrong: Wrong[Drawn]) -> Script[Trial[Drawn] | None]:
    """The smallest that still goes wrong, None when it did not go wrong a second time."""
    best: Trial[Drawn] | None = None
    many = (first.drawn, *sort.simplest(first.drawn))
    for _ in range(sort.rounds):
        trials = yield from tried_together(sort, dict.fromkeys(many))
        failing = [trial for trial in trials if wrong(trial)]
        if not failing:
            break
        best = min(failing, key=lambda trial: sort.size(trial.drawn))
        many = tuple(sort.smaller(best.drawn))
        if not many:
            break
    return best


def _breaks(clause: str) -> Wrong[Any]:
    """What was observed where a trial broke a clause, "" where it did not."""

    def wrong(trial: Trial[Any]) -> str:
        return next((observation.observed for observation in trial.against if observation.clause == clause), "")

    return wrong


def _told(clause: str, trial: Trial[Drawn], often: str) -> Check:
    said = next(observation for observation in trial.against if observation.clause == clause)
    return Check(
        clause=clause,
        outcome=said.outcome,
        expected=said.expected,
        observed=f"{said.observed}; {often}",
        evidence=said.evidence,
    )
