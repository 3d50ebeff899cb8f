"""Scripts that try drafts, and on a failure look for the smallest draft that still fails."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from payconform.authoring.checks import Check, check
from payconform.authoring.drafts import Draft, describe, drafted, size, smaller
from payconform.authoring.flows import Script, settle
from payconform.authoring.make import Make
from payconform.authoring.steps import Against, Create, Together
from payconform.model.finding import Observation
from payconform.model.order import Order
from payconform.model.reply import Reply

ROUNDS = 4
MOST_NARROWED = 2


class Trial(Struct, frozen=True):
    """A draft that was sent: its order, the reply, and what the invariants have against them at the order's end."""

    draft: Draft
    order: Order
    reply: Reply
    against: tuple[Observation, ...]


Wrong = Callable[[Trial], str]


def tried(make: Make, draft: Draft, token: str = "") -> Script[Trial]:
    """Send a draft, and bring its order to its end where the profile can."""
    order = drafted(make, draft, token)
    reply: Reply = yield Create(order)
    can_pay = not reply.pay_url or make.profile.payer.kind != "none"
    if reply.accepted and can_pay and make.profile.callbacks.inbox != "none":
        yield from settle(order, reply)
    against: tuple[Observation, ...] = yield Against(order)
    return Trial(draft, order, reply, against)


def tried_together(make: Make, drafts: Iterable[Draft], token: str = "") -> Script[list[Trial]]:
    """Try drafts at the same time. Those that met trouble are left out; where all did, it is raised."""
    trials: tuple[Trial | None, ...] = yield Together(tuple(tried(make, draft, token) for draft in drafts))
    return [trial for trial in trials if trial is not None]


def narrowed(make: Make, trials: Sequence[Trial], token: str = "") -> Script[None]:
    """Say of what some of the trials broke how often they did, and what is the smallest order that still does.

    What most of them broke has nothing to do with what was drawn, and the invariants say all there is to say of it.
    """
    clauses = dict.fromkeys(observation.clause for trial in trials for observation in trial.against)
    failing = {clause: [trial for trial in trials if breaks(clause)(trial)] for clause in clauses}
    rare = sorted((clause for clause in clauses if 2 * len(failing[clause]) <= len(trials)), key=lambda name: -len(failing[name]))
    for clause in rare[:MOST_NARROWED]:
        first = min(failing[clause], key=lambda trial: size(trial.draft))
        found = yield from smallest(make, first, breaks(clause), token)
        yield _told(clause, found or first, f"{len(failing[clause])} of {len(trials)} drawn orders", again=found is not None)


def smallest(make: Make, first: Trial, wrong: Wrong, token: str = "") -> Script[Trial | None]:
    """The smallest draft that still goes wrong, None when it did not go wrong a second time."""
    best: Trial | None = None
    drafts: tuple[Draft, ...] = (first.draft, *smaller(first.draft))
    for _ in range(ROUNDS):
        trials = yield from tried_together(make, dict.fromkeys(drafts), token)
        failing = [trial for trial in trials if wrong(trial)]
        if not failing:
            break
        best = min(failing, key=lambda trial: size(trial.draft))
        drafts = smaller(best.draft)
        if not drafts:
            break
    return best


def breaks(clause: str) -> Wrong:
    """What was observed where a trial broke a clause, "" where it did not."""

    def wrong(trial: Trial) -> str:
        return next((observation.observed for observation in trial.against if observation.clause == clause), "")

    return wrong


def _told(clause: str, trial: Trial, often: str, *, again: bool) -> Check:
    said = next(observation for observation in trial.against if observation.clause == clause)
    least = f"the smallest that does: {describe(trial.draft)}" if again else "but not when they were sent again"
    return Check(
        clause=clause,
        outcome=said.outcome,
        expected=said.expected,
        observed=f"{said.observed}; {often} break it, {least}",
        evidence=said.evidence,
    )


def ordinary_ones_are_accepted(make: Make, trials: Sequence[Trial], clause: str, token: str = "") -> Script[None]:
    """A draft that is ordinary in everything is accepted like the plain order; what else is lawful may be refused."""
    ordinary = [trial for trial in trials if all(choice.ordinary for choice in trial.draft)]
    refused = [trial for trial in ordinary if refusal(trial)]
    accepted = [trial.reply for trial in ordinary if trial.reply.accepted]
    if accepted:
        yield check(clause, *accepted[:3], holds=True, expected="accepted", observed=f"{len(accepted)} drawn orders accepted")
    if not refused:
        return
    first = min(refused, key=lambda trial: size(trial.draft))
    found = yield from smallest(make, first, refusal, token)
    if found and not found.draft:
        return  # the plain order is refused by now too, so what was drawn is not why
    trial = found or first
    least = describe(trial.draft) + ("" if found else ", and accepted when it was sent again")
    observed = f"{refusal(trial)}; {len(refused)} of {len(ordinary)} ordinary orders refused, the smallest: {least}"
    yield check(clause, trial.reply, holds=False, expected="accepted", observed=observed, advisory=found is None)


def refusal(trial: Trial) -> str:
    """The refusal of a trial in words, "" where it was not refused."""
    return trial.reply.describe() if trial.reply.refused else ""
