"""Clauses across orders: distinct ids, one outcome an order, nothing crossed, nothing heard of what was refused."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from payconform.engine.evidence import Evidence
from payconform.engine.invariants.rules import Says, is_text, on_notifications, on_run
from payconform.model.clause import Mode
from payconform.model.evidence import Journey, OrderRecord
from payconform.model.notification import AMOUNT, Notification
from payconform.model.profile import Role
from payconform.model.reply import Reply

FAILED_STATE = 3
OUTCOME = ("order_status", "target_amount", "pay_order_id", "request_id")
PLAIN_ADDRESS = re.compile(r"https?://[\w.:/?=&-]+", re.ASCII)
"""An address that no system has a reason to write in another way."""

AS_IN_THE_EXAMPLES = re.compile(r"[0-9a-f]{64}")
"""The form of payOrderDetailIdEncode in every example of the guide."""

PATIENCE = 2
"""How many times longer than the slowest callback one may take before it counts as never sent."""

Judged = Iterator[tuple[Says, Mode, str, tuple[str, ...]]]


@on_run("RS-09")
def encoded_detail_id_is_its_own(evidence: Evidence) -> Judged:
    """Present, not the plain id, and another one for every order; advisory: 64 lower-case hex digits as in the examples."""
    earlier: dict[str, str] = {}
    for reply in _accepted(evidence):
        value, request_id = reply.order_data.get("payOrderDetailIdEncode"), evidence.request_id(reply.exchange.order)
        plain = value in (reply.order_data.get("payOrderDetailId"), reply.pay_order_id)
        other = is_text(value) and earlier.setdefault(str(value), request_id) != request_id
        observed = f"{value!r}" + (", the plain id" if plain else "") + (", given to another order too" if other else "")
        holds = is_text(value) and not plain and not other
        yield Says(holds, "a non-empty payOrderDetailIdEncode of its own", observed), *_where(reply)
        as_usual = AS_IN_THE_EXAMPLES.fullmatch(str(value)) is not None
        yield Says(as_usual, "64 lower-case hex digits", f"{value!r}", advisory=True), *_where(reply)


@on_run("RS-17")
def every_order_has_its_own_ids(evidence: Evidence) -> Judged:
    """pay_order_id, payOrderDetailId and payData are never given to two orders."""
    yield from _ids_of_replies(evidence)
    yield from _ids_of_callbacks(evidence)


def _ids_of_replies(evidence: Evidence) -> Judged:
    earlier: dict[tuple[str, str], tuple[str, str]] = {}
    for reply in _accepted(evidence):
        request_id = evidence.request_id(reply.exchange.order)
        values = {
            "pay_order_id": reply.pay_order_id,
            "payOrderDetailId": reply.order_data.get("payOrderDetailId"),
            "payData": reply.pay_data,
        }
        clashes = {
            name: first[1]
            for name, value in values.items()
            if is_text(value)
            and (first := earlier.setdefault((name, str(value)), (request_id, reply.exchange.id)))[0] != request_id
        }
        observed = "; ".join(f"{name} {values[name]!r} is that of {exchange} too" for name, exchange in clashes.items())
        mode, case, ids = _where(reply)
        yield Says(not clashes, "ids and payData of its own", observed or "its own"), mode, case, (*ids, *clashes.values())


def _ids_of_callbacks(evidence: Evidence) -> Judged:
    """Where nobody gave the orders, callbacks alone tell which request_id a pay_order_id belongs to."""
    alike: dict[str, list[Notification]] = defaultdict(list)
    for heard in evidence.notifications:
        value = heard.document.get("pay_order_id")
        if is_text(value) and is_text(heard.document.get("request_id")) and heard.callback.order not in evidence.orders:
            alike[str(value)].append(heard)
    for value, notifications in alike.items():
        owners = list(dict.fromkeys(str(heard.document["request_id"]) for heard in notifications))
        observed = f"{value!r} with request_id {' and '.join(map(repr, owners))}" if len(owners) > 1 else "its own"
        first = notifications[0].callback
        ids = tuple(heard.callback.id for heard in notifications)
        yield Says(len(owners) == 1, "a pay_order_id of its own", observed), first.mode, first.case, ids


def _silent(evidence: Evidence) -> Judged:
    """No callback for an order that was refused: none at all, and silence is believed as long as the harness listened."""
    yield from _charged_all_the_same(evidence)
    for silence in evidence.silences:
        order = evidence.orders.get(silence.order)
        refused = [reply for reply in evidence.replies if reply.exchange.order == silence.order and reply.refused]
        if order is None or not refused or silence.order in evidence.accepted:
            continue
        heard = evidence.heard.get(silence.order, [])
        observed = heard[0].describe() if heard else "silence"
        ids = tuple(notification.callback.id for notification in heard)
        says = Says(not heard, f"no callback within {silence.until - silence.since:.1f} s of a refusal", observed)
        yield says, order.mode, silence.case, (*(reply.exchange.id for reply in refused), *ids)


def _charged_all_the_same(evidence: Evidence) -> Judged:
    """Payments that were heard of refused orders, for which nobody listened; that such an order failed is no surprise."""
    listened_for = {silence.order for silence in evidence.silences} | evidence.accepted.keys()
    refused = {reply.exchange.order: reply for reply in evidence.replies if reply.refused}
    for name in refused.keys() - listened_for:
        paid = [heard for heard in evidence.heard.get(name, ()) if heard.paid]
        if name in evidence.orders and paid:
            mode, case, ids = _where(refused[name])
            says = Says(holds=False, expected="no callback after a refusal", observed=paid[0].describe())
            yield says, mode, case, (*ids, *(heard.callback.id for heard in paid))


on_run("RS-20")(_silent)
on_run("CB-20")(_silent)


@on_run("CB-21")
def one_terminal_outcome(evidence: Evidence) -> Judged:
    """There is a terminal callback, and all of an order agree in status, amount and ids; advisory: none is pending after them."""
    for notifications in _terminal(evidence):
        yield _agreement(notifications, "one terminal outcome for the order")
    yield from _unheard(evidence)
    for notifications in evidence.heard.values():
        yield from _reopened([heard for heard in notifications if heard.is_object and not heard.is_event])


def _unheard(evidence: Evidence) -> Judged:
    """Orders that ended and were never told of, up to the end of the run.

    What comes later than that is late and no more, so nothing is said where the target is slow enough that it might.
    """
    slowest = _slowest(evidence)
    end = max((*(wait.until for wait in evidence.awaited), *(wait.until for wait in evidence.silences)), default=0.0)
    for awaited in evidence.awaited:
        order, seconds = evidence.orders.get(awaited.order), end - awaited.since
        told = any(heard.terminal for heard in evidence.heard.get(awaited.order, ()))
        if order is None or told or seconds < PATIENCE * slowest or not _must_have_ended(order, evidence):
            continue
        replies = tuple(reply.exchange.id for reply in evidence.accepted[order.id])
        observed = f"none in {seconds:.1f} s, while no other order had to wait longer than {slowest:.1f} s"
        yield (
            Says(holds=False, expected="one terminal outcome for the order", observed=observed),
            order.mode,
            awaited.case,
            replies,
        )


def _slowest(evidence: Evidence) -> float:
    """How long the target took for a callback at most, in seconds, from when the order was answered or its payer acted last.

    By when it arrived, not by when the harness, which may have been busy, noticed it.
    """
    arrived = {callback.id: callback.at for callback in evidence.callbacks}
    counted = {exchange for journey in evidence.journeys if not journey.again for exchange in journey.exchanges}
    counted |= {replies[0].exchange.id for replies in evidence.accepted.values() if replies}
    moments: dict[str, list[float]] = defaultdict(list)
    for exchange in evidence.exchanges:
        if exchange.id in counted:
            moments[exchange.order].append(exchange.at + exchange.seconds)
    took: list[float] = []
    for awaited in (wait for wait in evidence.awaited if wait.callback):
        at = arrived.get(awaited.callback) or awaited.until
        took.append(at - max((moment for moment in moments[awaited.order] if moment <= at), default=at))
    return max(took, default=math.inf)


def _must_have_ended(order: OrderRecord, evidence: Evidence) -> bool:
    """Whether an order was taken as it is documented, and its payer was led back as was meant or was not asked for."""
    accepted = evidence.accepted.get(order.id)
    if not accepted or evidence.odd_member(order.id) or not PLAIN_ADDRESS.fullmatch(str(order.document.get("notify_url"))):
        return False
    asked = any(reply.pay_url for reply in accepted)
    ended = any(_has_ended(journey) for journey in evidence.journeys if journey.order == order.id and not journey.again)
    failed = any(reply.order_data.get("orderState") == FAILED_STATE for reply in accepted)  # told in the reply
    return ended if asked else order.mode is not Mode.CASHIER and not failed


def _has_ended(journey: Journey) -> bool:
    """Whoever comes to fail_url by a card that pays may have given up; a card that is declined fails, and is notified (CB-04)."""
    failing = journey.rejected or journey.role in (Role.DECLINED.value, Role.CHALLENGE_DECLINED.value)
    return journey.landed == "success" or (journey.landed == "fail" and failing)


def _reopened(notifications: list[Notification]) -> Judged:
    settled = next((heard for heard in notifications if heard.terminal), None)
    for heard in notifications if settled else ():
        if settled and heard.pending and 0 < settled.callback.at < heard.callback.at:
            later = f"{heard.callback.at - settled.callback.at:.1f} s later {heard.describe()}"
            expected, observed = "nothing pending after the outcome", f"{settled.describe()}, {later}"
            says = Says(holds=False, expected=expected, observed=observed, advisory=True)
            yield says, heard.callback.mode, heard.callback.case, (settled.callback.id, heard.callback.id)


@on_run("CB-27")
def redeliveries_agree(evidence: Evidence) -> Judged:
    """A callback delivered again carries the same status, amount and ids."""
    for notifications in _terminal(evidence):
        if len(notifications) > 1:
            yield _agreement(notifications, "the same ids, status and amount at every delivery")


def _agreement(notifications: list[Notification], expected: str) -> tuple[Says, Mode, str, tuple[str, ...]]:
    """Advisory where they only tell of a failure in other words, as of one that a job closes later (X-38)."""
    told = {name: dict.fromkeys(_value(notification, name) for notification in notifications) for name in OUTCOME}
    differing = {name: values for name, values in told.items() if len(values) > 1}
    observed = "; ".join(f"{name} {' then '.join(map(repr, values))}" for name, values in differing.items())
    in_words = differing.keys() == {"order_status"} and not any(heard.paid for heard in notifications)
    says = Says(not differing, expected, f"{len(notifications)} terminal: {observed or 'they agree'}", advisory=in_words)
    first = notifications[0].callback
    return says, first.mode, first.case, tuple(notification.callback.id for notification in notifications)


def _value(notification: Notification, member: str) -> object:
    """What a callback says in a member, amounts by their value: 4600 and 4600.00 are one (X-26)."""
    value = notification.document.get(member)
    if member == "target_amount" and AMOUNT.fullmatch(str(value)):
        return Decimal(str(value)).normalize()
    return value if isinstance(value, str | int | float | None) else repr(value)


@on_notifications("CB-22")
def orders_do_not_cross(heard: Notification, order: OrderRecord, evidence: Evidence) -> Says:
    """At an order's URL, no id of another order of the run, and no token of another card."""
    values = {"pay_order_id": heard.document.get("pay_order_id"), "request_id": heard.document.get("request_id")}
    crossed = [
        f"{name} {value!r}"
        for name, value in values.items()
        if any(orders and order.id not in orders for orders in evidence.named_by(value))
    ]
    if len(evidence.cards_of(heard.card_token)) > 1:
        crossed.append("a card_token that was also given for another card, that")
    return Says(
        not crossed,
        "only this order's ids and card at its notify_url",
        f"{' and '.join(crossed)} of another order" if crossed else "its own",
    )


@on_run("CB-28")
def events_leave_the_status_alone(evidence: Evidence) -> Judged:
    """A callback about an event (dispute, decline notice) says the status the order already has."""
    for notifications in evidence.heard.values():
        settled = [notification.status for notification in notifications if notification.terminal]
        for event in (notification for notification in notifications if notification.is_event):
            if settled:
                callback = event.callback
                yield (
                    Says(event.status in settled, f"order_status {settled[0]!r}", event.describe()),
                    callback.mode,
                    callback.case,
                    (callback.id,),
                )


@on_run("CB-30")
def callbacks_come_in_time(evidence: Evidence) -> Judged:
    """A terminal callback arrives before the profile's deadline."""
    for awaited in evidence.awaited:
        order = evidence.orders.get(awaited.order)
        if order is not None:
            seconds = awaited.until - awaited.since
            observed = f"after {seconds:.1f} s" if awaited.callback else f"none within {seconds:.1f} s"
            says = Says(bool(awaited.callback), "a terminal callback before the deadline", observed)
            yield says, order.mode, awaited.case, (awaited.callback,) if awaited.callback else ()


@on_notifications("TK-11", Mode.TOKEN)
def token_callback_is_of_the_token_order(heard: Notification, order: OrderRecord, evidence: Evidence) -> Says:
    """The callback of a token payment speaks of that payment, not of the one that stored the card."""
    values = [heard.document.get("pay_order_id"), heard.document.get("request_id")]
    crossed = [
        value
        for value in values
        if any(evidence.orders[other].flag is True for other in set().union(*evidence.named_by(value)) - {order.id})
    ]
    return Says(
        not crossed, "the token order's own ids", f"{crossed[0]!r} of the order that stored the card" if crossed else "its own"
    )


def _accepted(evidence: Evidence) -> list[Reply]:
    """The accepted replies of orders that are known apart by their request_id."""
    accepted = [reply for reply in evidence.replies if reply.accepted]
    return [reply for reply in accepted if evidence.odd_member(reply.exchange.order) != "request_id"]


def _where(reply: Reply) -> tuple[Mode, str, tuple[str, ...]]:
    return reply.exchange.mode, reply.exchange.case, (reply.exchange.id,)


def _terminal(evidence: Evidence) -> Iterator[list[Notification]]:
    for notifications in evidence.heard.values():
        terminal = [notification for notification in notifications if notification.is_object and notification.terminal]
        if terminal:
            yield terminal
