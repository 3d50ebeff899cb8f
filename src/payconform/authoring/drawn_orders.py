"""Scripts of drawn orders: each is sent, brought to its end, and judged by the invariants."""

from collections.abc import Sequence

from payconform.authoring.checks import check
from payconform.authoring.choices import Draft, describe, simplest, size, smaller
from payconform.authoring.drafts import drafted, nth_card
from payconform.authoring.endings import called_back_as_asked, declined_as_the_card
from payconform.authoring.flows import Script, can_settle, settle
from payconform.authoring.make import Make
from payconform.authoring.steps import Create, Settled
from payconform.authoring.trials import Sort, Trial, concluded, smallest
from payconform.model.notification import Notification
from payconform.model.reply import Reply

ROUNDS = 5
TEXTS = frozenset({"product_name", "description", "request_id"})
"""Members that hold any text within the profile's limits."""


def drawn_orders(make: Make, token: str = "") -> Sort[Draft]:
    """Orders as a sort of trial; `token` is needed in token mode."""

    def attempt(draft: Draft) -> Script[Trial[Draft]]:
        order = drafted(make, draft, token)
        reply: Reply = yield Create(order)
        if reply.accepted and can_settle(make, reply):
            settled = yield from settle(order, reply, nth=nth_card(draft), late=True)
            if settled.callback:
                yield called_back_as_asked(settled.order, settled.callback, reply)
                yield from _paid_as_usual(draft, settled)
            yield from declined_as_the_card(settled.order, settled.callback)
        return (yield from concluded(draft, (order,), reply))

    return Sort("drawn orders", attempt, simplest, smaller, size, describe, ROUNDS)


def _paid_as_usual(draft: Draft, settled: Settled) -> Script[None]:
    """An order with nothing but ordinary choices is paid by its card as the plain order is, wherever its payer lands (CB-03)."""
    landed = settled.journey is None or settled.journey.landed != ""
    if all(choice.ordinary for choice in draft) and settled.callback and landed:
        heard = Notification(settled.callback)
        expected = f"a callback that says SUCCEED: {describe(draft)}"
        yield check("CB-03", settled.reply, settled.callback, holds=heard.paid, expected=expected, observed=heard.describe())


def ordinary_ones_are_accepted(sort: Sort[Draft], trials: Sequence[Trial[Draft]], clause: str) -> Script[None]:
    """A draft that is ordinary in everything is accepted like the plain order; what else is lawful may be refused."""
    ordinary = [trial for trial in trials if all(choice.ordinary for choice in trial.drawn)]
    refused = [trial for trial in ordinary if _refusal(trial)]
    accepted = [trial.reply for trial in ordinary if trial.reply and trial.reply.accepted]
    if accepted:
        yield check(clause, *accepted[:3], holds=True, expected="accepted", observed=f"{len(accepted)} drawn orders accepted")
    if not refused:
        return
    first = min(refused, key=lambda trial: size(trial.drawn))
    found = yield from smallest(sort, first, _refusal)
    if found and not found.drawn:
        return  # the plain order is refused by now too, so what was drawn is not why
    trial = found or first
    least = describe(trial.drawn) + ("" if found else ", and accepted when it was sent again")
    observed = f"{_refusal(trial)}; {len(refused)} of {len(ordinary)} ordinary orders refused, the smallest: {least}"
    yield check(clause, trial.reply, holds=False, expected="accepted", observed=observed, advisory=found is None)


def texts_are_accepted(sort: Sort[Draft], trials: Sequence[Trial[Draft]], clause: str) -> Script[None]:
    """Advisory: a text within the profile's limits is accepted whatever its characters."""
    refused = [
        trial for trial in trials if _refusal(trial) and {choice.what for choice in trial.drawn if not choice.ordinary} & TEXTS
    ]
    in_text_alone = [trial for trial in refused if all(choice.ordinary or choice.what in TEXTS for choice in trial.drawn)]
    if not in_text_alone:
        return
    least = yield from smallest(sort, min(in_text_alone, key=lambda trial: size(trial.drawn)), _refusal)
    if least and any(choice.what in TEXTS for choice in least.drawn):
        observed = f"{_refusal(least)}; {len(in_text_alone)} refused, the smallest: {describe(least.drawn)}"
        yield check(clause, least.reply, holds=False, expected="any text is accepted", observed=observed, advisory=True)


def _refusal(trial: Trial[Draft]) -> str:
    """The refusal of a trial in words, "" where it was not refused."""
    return trial.reply.describe() if trial.reply and trial.reply.refused else ""
