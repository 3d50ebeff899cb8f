"""How an invariant is written: a pure function that says whether one piece of evidence keeps a clause."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from payconform.engine.evidence import Evidence
from payconform.model.clause import Mode
from payconform.model.evidence import OrderRecord
from payconform.model.finding import Observation, Outcome
from payconform.model.notification import Notification
from payconform.model.reply import Reply

Rule = Callable[[Evidence], Iterator[Observation]]
RULES: dict[str, Rule] = {}


class Says(NamedTuple):
    """What one look says. An advisory look warns where it does not hold."""

    holds: bool
    expected: str
    observed: str
    advisory: bool = False


OfReply = Callable[[Reply, Evidence], Says | None]
OfNotification = Callable[[Notification, OrderRecord, Evidence], Says | None]
OfCallback = Callable[[Notification, OrderRecord | None, Evidence], Says | None]
OfRun = Callable[[Evidence], Iterator[tuple[Says, Mode, str, tuple[str, ...]]]]


def on_replies(
    clause: str, *modes: Mode, wanted: Callable[[Reply], bool] = lambda reply: reply.accepted
) -> Callable[[OfReply], OfReply]:
    """Judge a clause on every wanted reply (by default every accepted one) in the named modes (by default all)."""

    def register(look: OfReply) -> OfReply:
        def rule(evidence: Evidence) -> Iterator[Observation]:
            for reply in evidence.replies:
                exchange = reply.exchange
                if (not modes or exchange.mode in modes) and wanted(reply) and (says := look(reply, evidence)):
                    yield _observation(clause, says, exchange.mode, exchange.case, (exchange.id,))

        RULES[clause] = rule
        return look

    return register


def on_notifications(
    clause: str, *modes: Mode, wanted: Callable[[Notification], bool] = lambda heard: heard.is_object
) -> Callable[[OfNotification], OfNotification]:
    """Judge a clause on every wanted callback (by default every JSON object) of a known order, in the named modes (or all)."""

    def register(look: OfNotification) -> OfNotification:
        def of_known_order(heard: Notification, order: OrderRecord | None, evidence: Evidence) -> Says | None:
            return look(heard, order, evidence) if order else None

        on_callbacks(clause, *modes, wanted=wanted)(of_known_order)
        return look

    return register


def on_callbacks(
    clause: str, *modes: Mode, wanted: Callable[[Notification], bool] = lambda heard: heard.is_object
) -> Callable[[OfCallback], OfCallback]:
    """Judge a clause on every wanted callback, also where nobody gave its order: what it says by itself is then judged."""

    def register(look: OfCallback) -> OfCallback:
        def rule(evidence: Evidence) -> Iterator[Observation]:
            for heard in evidence.notifications:
                callback, order = heard.callback, evidence.orders.get(heard.callback.order)
                if (not modes or callback.mode in modes) and wanted(heard) and (says := look(heard, order, evidence)):
                    yield _observation(clause, says, callback.mode, callback.case, (callback.id,))

        RULES[clause] = rule
        return look

    return register


def on_run(clause: str) -> Callable[[OfRun], OfRun]:
    """Judge a clause across records: the function yields what it says, the mode, the case and the evidence."""

    def register(look: OfRun) -> OfRun:
        def rule(evidence: Evidence) -> Iterator[Observation]:
            for says, mode, case, ids in look(evidence):
                yield _observation(clause, says, mode, case, ids)

        RULES[clause] = rule
        return look

    return register


def is_integer(value: object) -> bool:
    """Whether a JSON value was written as an integer: true and 1.0 are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_text(value: object) -> bool:
    """Whether a JSON value is a non-empty string."""
    return isinstance(value, str) and bool(value)


def plain(sent: object) -> bool:
    """Whether a text has nothing but letters, digits and blanks between them."""
    return isinstance(sent, str) and sent.isascii() and sent == sent.strip() and sent.replace(" ", "").isalnum()


def _observation(clause: str, says: Says, mode: Mode, case: str, evidence: tuple[str, ...]) -> Observation:
    broken = Outcome.WARNED if says.advisory else Outcome.FAILED
    return Observation(
        clause=clause,
        mode=mode,
        outcome=Outcome.PASSED if says.holds else broken,
        expected=says.expected,
        observed=says.observed,
        evidence=evidence,
        case=case,
    )
