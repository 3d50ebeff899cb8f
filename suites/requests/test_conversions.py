"""Chapter C: values that a target may refuse, or take for what they say, and never for something else (RQ-16, RQ-31)."""

import json
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
    Probe,
    Reply,
    Script,
    Settled,
    Silence,
    can_settle,
    case,
    check,
    decimals,
    each_to_its_end,
    faulty,
    in_turn,
    made,
    require,
    same_amount,
    settle,
    single_faults,
)

TOLD_AT_THE_END = ("product_name", "description")
NEVER_A_NUMBER = ("target_currency",)
"""No currency is called as any number or boolean is written, so whoever accepts one has put another in its place."""


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
    kept = (told is None or _text(told) == _text(sent)) and member not in NEVER_A_NUMBER
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


@case("EP-01", "RQ-25", modes=(CARD, CASHIER, TOKEN), once=True)
def escaped_json_is_the_same_json(make: Make) -> Script[None]:
    """An order in lines of its own, its text in escapes (RFC 8259, 2 and 7), is the order whose text they stand for."""
    plain, worldly = (yield from made(make)), (yield from made(make))
    worldly = make.altered(worldly, "", product_name="Café 中"[: make.profile.limits.product_name_max])
    for order, ordinary in ((plain, True), (worldly, False)):
        reply: Reply = yield Probe(order, body=_escaped(order.document))
        holds = reply.accepted or (reply.refused and not ordinary)
        yield check("EP-01", reply, holds=holds, expected="accepted as it is in one line", observed=reply.describe())
        if reply.accepted and can_settle(make, reply):
            yield from settle(order, reply)


def _escaped(document: dict[str, Any]) -> bytes:
    """JSON in ASCII alone, in many lines and with blank ones around, every letter of the product's name escaped."""
    name = "".join(f"\\u{unit:04x}" for unit in memoryview(document["product_name"].encode("utf-16-le")).cast("H"))
    plain = json.dumps(document["product_name"])
    text = json.dumps(document, indent=2).replace(f'"product_name": {plain}', f'"product_name": "{name}"')
    return f"\r\n {text}\n".encode()


@case("RQ-13", modes=(CARD, CASHIER, TOKEN), once=True)
def an_amount_that_is_a_number_keeps_its_value(make: Make) -> Script[None]:
    """A whole amount sent as a number is refused, or is that many major units all the same."""
    limits = make.profile.limits
    if limits.amounts:
        return  # the profile names the amounts that may be sent
    currency = max(limits.currencies, key=decimals)  # where there are no minor units, none can be taken for others
    order = make.altered((yield from made(make)), "target_amount-as-whole-number", target_amount=25, target_currency=currency)
    reply: Reply = yield Create(order)
    if not reply.accepted:
        yield Silence((order,))
    elif can_settle(make, reply):
        yield from _amount_kept(order, reply, "25", "RQ-13")


@case("RQ-16", modes=EVERY_MODE)
def a_decimal_too_many_is_not_rounded(make: Make) -> Script[None]:
    """An amount finer than its currency is refused, or stays what it is, whatever number of decimals the currency has."""
    orders = []
    for currency in _currencies(make):
        orders.append(_too_fine(make.priced((yield from made(make)), currency), make))  # noqa: PERF401 -- a comprehension cannot yield
    yield from each_to_its_end(_refused_or_exact(make, order) for order in orders)


def _currencies(make: Make) -> list[str]:
    """The usual currency, and of those with another number of decimals the modes each in turn."""
    usual, *more = make.profile.limits.currencies
    others = list({decimals(currency): currency for currency in more if decimals(currency) != decimals(usual)}.values())
    return [usual, *in_turn(others, make.profile, make.mode)]


def _refused_or_exact(make: Make, order: Order) -> Script[None]:
    amount = order.document["target_amount"]
    reply: Reply = yield Create(order)
    expected, observed = f"{amount} refused, or kept as it is", reply.describe()
    if not reply.accepted:
        yield check("RQ-16", reply, holds=reply.refused, expected=expected, observed=observed)
        yield Silence((order,))
    else:
        require(can_settle(make, reply), "it was accepted, and nobody can say for what amount")
        yield from _amount_kept(order, reply, amount, "RQ-16")


def _amount_kept(order: Order, reply: Reply, amount: str, clause: str) -> Script[None]:
    """The callback of an order has the amount that was sent."""
    settled: Settled = yield from settle(order, reply)
    if settled.callback:
        told = Notification(settled.callback).document.get("target_amount")
        holds, observed = same_amount(amount, told), f"a callback with target_amount {told!r}"
        yield check(clause, reply, settled.callback, holds=holds, expected=f"target_amount {amount}", observed=observed)


def _too_fine(order: Order, make: Make) -> Order:
    whole, _, cents = order.document["target_amount"].partition(".")
    most = decimals(order.document["target_currency"])
    return make.altered(order, "target_amount-too-fine", target_amount=f"{whole}.{cents[:most].ljust(most, '0')}5")
