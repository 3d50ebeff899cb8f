"""Chapter C: values that a target may refuse, or take for what they say, and never for something else (RQ-16, RQ-31)."""

from typing import Any

from payconform.authoring import (
    CARD,
    CASHIER,
    EVERY_MODE,
    TOKEN,
    Create,
    Fault,
    Make,
    Notification,
    Order,
    Reply,
    Script,
    Settled,
    Silence,
    can_settle,
    case,
    check,
    decimals,
    faulty,
    made,
    same_amount,
    settle,
    single_faults,
)

TOLD_AT_THE_END = ("product_name", "description")


def _refused_or_kept(make: Make, fault: Fault) -> Script[None]:
    """Send a text as another type. A number or a boolean may be taken for the text it is written as (X-60)."""
    order = yield from faulty(make, fault)
    reply: Reply = yield Create(order)
    expected, observed = f"refused, or taken as it is written: {fault.name}", reply.describe()
    if not reply.accepted:
        yield check("RQ-31", reply, holds=reply.refused, expected=expected, observed=observed)
        yield Silence((order,))
        return
    member, sent = fault.path[-1], order.document[fault.path[-1]]
    told: Any = reply.order_data.get("mchOrderNo") if member == "request_id" else None
    if member in TOLD_AT_THE_END and can_settle(make, reply):
        settled: Settled = yield from settle(order, reply)
        told = Notification(settled.callback).document.get(member) if settled.callback else None
    kept = told is None or _text(told) == _text(sent)
    observed += "" if told is None else f", and says {member} {told!r}"
    yield check("RQ-31", reply, holds=kept and not isinstance(sent, dict | list), expected=expected, observed=observed)


def _text(value: Any) -> str:
    """A value as text, booleans as JSON and every language but Python spell them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


text_of_another_type = single_faults(
    "text_of_another_type",
    "RQ-31",
    modes=EVERY_MODE,
    script=_refused_or_kept,
    title="A text sent as another type is refused, or taken as it is written",
    once=True,
)


@case("RQ-16", modes=(CARD, CASHIER, TOKEN), once=True)
def a_decimal_too_many_is_not_rounded(make: Make) -> Script[None]:
    """An amount finer than its currency is refused, or stays what it is."""
    order = _too_fine(make, (yield from made(make)))
    amount = order.document["target_amount"]
    reply: Reply = yield Create(order)
    expected, observed = f"{amount} refused, or kept as it is", reply.describe()
    if not reply.accepted:
        yield check("RQ-16", reply, holds=reply.refused, expected=expected, observed=observed)
        yield Silence((order,))
    elif can_settle(make, reply):
        settled = yield from settle(order, reply)
        if settled.callback:
            told = Notification(settled.callback).document.get("target_amount")
            holds, observed = same_amount(amount, told), f"a callback with target_amount {told!r}"
            yield check("RQ-16", reply, settled.callback, holds=holds, expected=expected, observed=observed)


def _too_fine(make: Make, order: Order) -> Order:
    whole, _, cents = order.document["target_amount"].partition(".")
    most = decimals(order.document["target_currency"])
    return make.altered(order, "target_amount-too-fine", target_amount=f"{whole}.{cents[:most].ljust(most, '0')}5")
