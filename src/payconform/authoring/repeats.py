"""What a repeated request_id may lead to (RQ-26 to RQ-29): a refusal, or the first order once more (X-35)."""

from collections.abc import Iterator, Sequence
from typing import Any

from payconform.authoring.checks import Check, check
from payconform.authoring.flows import Script
from payconform.authoring.make import Make, altered_url, card_data, decimals
from payconform.authoring.steps import Create, CreateTogether
from payconform.model.clause import Mode
from payconform.model.order import Order
from payconform.model.reply import Reply

Slip = tuple[str, dict[str, Any]]
"""The name of a fault, and the members that have it."""

AT_ONCE = 4
OTHER_ADDRESS = "changed=1"


def repeated(make: Make, order: Order, first: Reply) -> Script[None]:
    """Send the identical order again (RQ-26)."""
    again: Reply = yield Create(make.repeat(order))
    choice = make.profile.readings.get("duplicate_request_id", "refuse-or-replay")
    replayed = again.accepted and again.pay_order_id == first.pay_order_id
    holds = {"refuse": again.refused, "replay": replayed}.get(choice, again.refused or replayed)
    yield check(
        "RQ-26", first, again, holds=holds, expected=f"refused, or {first.pay_order_id!r} again", observed=_told(first, again)
    )


def changed(first: Reply, other: Order) -> Script[None]:
    """Send another order under a used request_id (RQ-27)."""
    again: Reply = yield Create(other)
    harmless = again.refused or (again.accepted and again.pay_order_id == first.pay_order_id)
    expected = f"refused, or {first.pay_order_id!r} unchanged"
    yield check("RQ-27", first, again, holds=harmless, expected=expected, observed=_told(first, again))


def other_amount(make: Make, order: Order) -> dict[str, str]:
    """An amount twice as high, or another from the profile's safe list; where there is none, another currency, or nothing."""
    amount, currency, limits = order.document["target_amount"], order.document["target_currency"], make.profile.limits
    if not limits.amounts:
        whole, point, cents = amount.partition(".")
        return {"target_amount": f"{int(whole) * 2}{point}{cents}"}
    others = [{"target_amount": other} for other in limits.amounts if other != amount]
    others += [{"target_currency": other} for other in limits.currencies if other != currency]
    return others[0] if others else {}


def other_currency(make: Make, order: Order) -> dict[str, str]:
    """Another currency of the profile in which the amount is written alike, or nothing."""
    currency = order.document["target_currency"]
    others = [other for other in make.profile.limits.currencies if other != currency and decimals(other) == decimals(currency)]
    return {"target_currency": others[0]} if others else {}


def other_terms(order: Order) -> dict[str, Any]:
    """Other texts, other addresses at the same paths, and for a card the wish to store it: what no repeat must change either."""
    addresses = ("notify_url", "success_url", "fail_url")
    others: dict[str, Any] = {name: altered_url(order.document[name], f"?{OTHER_ADDRESS}") for name in addresses}
    others |= {name: str(order.document[name])[::-1] for name in ("product_name", "description")}
    if order.mode is Mode.CARD:
        extra = order.document["channel_extra"]
        others["channel_extra"] = {**extra, "card_data": {**extra["card_data"], "store_for_future_use": True}}
    return others


def other_card(make: Make, order: Order) -> dict[str, Any]:
    """A card that pays, in the place of a direct order's own."""
    return {"channel_extra": {**order.document["channel_extra"], "card_data": card_data(make.profile_card(make.usual_role()))}}


def simultaneous(make: Make, order: Order) -> Script[tuple[Reply, ...]]:
    """Send the identical order several times at the same moment: one order comes of it (RQ-28)."""
    replies: tuple[Reply, ...] = yield CreateTogether((order, *(make.repeat(order) for _ in range(AT_ONCE - 1))))
    ids = sorted({reply.pay_order_id for reply in replies if reply.accepted})
    observed = f"{sum(reply.accepted for reply in replies)} of {AT_ONCE} accepted, orders {', '.join(ids) or 'none'}"
    yield check("RQ-28", *replies, holds=len(ids) == 1, expected="one order", observed=observed)
    return replies


def corrected(make: Make, order: Order, *faults: Slip) -> Script[Reply | None]:
    """Send an order with a fault, then without: a refusal leaves its request_id free (RQ-29). Answers the last reply.

    The fault is one of `slips` where none is named; of several each is sent.
    """
    for name, altered in faults or (make.random.choice(slips(order)),):
        refused: Reply = yield Create(make.altered(order, name, **altered))
        if not refused.refused:
            return None
    again: Reply = yield Create(order)
    yield free_again(refused, again)
    return again


def slips(order: Order) -> tuple[Slip, ...]:
    """A fault that a target notices at once, and one that it may notice when it is about to keep the order."""
    early = ("transaction_type-PAYIN", {"transaction_type": "PAYIN"})
    if order.mode is not Mode.CARD:
        return (early, ("success_url-no-url", {"success_url": "not a url"}))
    extra = order.document["channel_extra"]
    late = {"channel_extra": {**extra, "card_data": {**extra["card_data"], "expiry_month": 13}}}
    return (early, ("channel_extra.card_data.expiry_month-13", late))


def free_again(refused: Reply, again: Reply) -> Check:
    return check(
        "RQ-29", refused, again, holds=again.accepted, expected="the corrected order is accepted", observed=again.describe()
    )


def pages_apart(replies: Sequence[Reply]) -> Iterator[Check]:
    """Orders that were accepted, however alike they are, have pages of their own (RS-17). One page cannot be told from others."""
    shown = [reply for reply in replies if reply.accepted and reply.pay_url]
    pages = {str(reply.pay_data) for reply in shown}
    if len(shown) > 1:
        observed = f"{len(pages)} pages for {len(shown)} orders"
        yield check("RS-17", *shown, holds=len(pages) == len(shown), expected="a page for each order", observed=observed)


def _told(first: Reply, again: Reply) -> str:
    same = "the same" if again.pay_order_id == first.pay_order_id else "another"
    return again.describe() + (f", {same} pay_order_id {again.pay_order_id!r}" if again.accepted else "")
