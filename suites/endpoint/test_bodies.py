"""Chapter A: bodies that few clients send: large, deep, marked, or with a member named twice (X-58, X-59)."""

import json
from typing import Any

from payconform.authoring import (
    CARD,
    CASHIER,
    TOKEN,
    Make,
    Notification,
    Order,
    Probe,
    Reply,
    Script,
    Silence,
    can_settle,
    case,
    check,
    fresh_request_id,
    made,
    other_amount,
    same_amount,
    settle,
)

LEVELS = 10_000
MEGABYTE = 1_000_000
GATEWAY_TROUBLE = (502, 503, 504)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@case("EP-04", modes=(CASHIER, CARD, TOKEN), quick=False, once=True)
def a_body_beyond_all_measure_is_survived(make: Make) -> Script[None]:
    """An order of a megabyte that never ends makes no order; one with a mark or a null character may. It survives all."""
    endless = yield from made(make)
    yield from _survived(make, "EP-04", endless, "a megabyte without an end", _json(endless.document)[:-1] + b" " * MEGABYTE)
    marked, null = (yield from made(make)), (yield from made(make))
    null = make.altered(null, "", product_name="\0" + null.document["product_name"][1:])
    yield from _survived(make, "EP-04", marked, "a byte-order mark", BYTE_ORDER_MARK + _json(marked.document), may_accept=True)
    yield from _survived(make, "EP-04", null, "a null character in a text", _json(null.document), may_accept=True)


@case("EP-05", modes=(CASHIER, CARD, TOKEN), quick=False, once=True)
def a_deep_body_is_survived(make: Make) -> Script[None]:
    """Ten thousand arrays in each other make no order, and do not break the endpoint."""
    order = yield from made(make)
    yield from _survived(make, "EP-05", order, f"arrays {LEVELS} deep", b"[" * LEVELS + b"]" * LEVELS)


def _survived(make: Make, clause: str, order: Order, what: str, body: bytes, *, may_accept: bool = False) -> Script[None]:
    """The body makes no order that it must not make, and the endpoint answers, or turns it away, without breaking down."""
    reply: Reply = yield Probe(order, body=body, fault=f"an unusual body: {what}", may_close=True)
    status, made_order = reply.status or 0, reply.accepted and not may_accept
    broke = status >= 500 and status not in GATEWAY_TROUBLE
    hung = reply.exchange.error.startswith("timed out")
    tolerated = hung or make.profile.readings.get("server_error_refusal") == "warn"
    yield check(
        clause,
        reply,
        holds=not (made_order or broke or hung),
        expected=f"no order and no breakdown: the body has {what}",
        observed=reply.describe(),
        advisory=tolerated and not made_order,
    )
    if not reply.accepted:
        yield Silence((order,))


@case("EP-06", modes=(CARD, CASHIER, TOKEN), once=True)
def an_amount_named_twice_has_one_value(make: Make) -> Script[None]:
    """An order with two amounts, one of them empty, is refused, or has the other one."""
    for values, where in (((True, False), "second"), ((False, True), "first")):
        order = yield from made(make)
        amount = order.document["target_amount"]
        first, second = (amount if given else "" for given in values)
        body = _named_twice(order, "target_amount", first, second)
        yield from _has_amount(make, order, amount, Probe(order, body=body, fault=f"target_amount twice, the {where} empty"))


@case("EP-06", modes=(CARD, CASHIER, TOKEN), quick=False, signs=True, once=True)
def the_signed_amount_is_the_one_charged(make: Make) -> Script[None]:
    """Of two amounts in an order, none but the one that was signed is charged."""
    for place in (0, 1):
        order = yield from made(make)
        other = other_amount(make, order).get("target_amount")
        if other is None:
            return
        amounts = (order.document["target_amount"], other)
        body = _named_twice(order, "target_amount", *amounts)
        signed = _json({**order.document, "target_amount": amounts[place]})
        probe = Probe(order, body=body, signed=signed, fault="target_amount twice, one of them signed")
        yield from _has_amount(make, order, amounts[place], probe)


@case("EP-06", modes=(CARD, CASHIER, TOKEN), quick=False, once=True)
def an_id_named_twice_has_one_value(make: Make) -> Script[None]:
    """An order with two request_ids is refused, or goes by the same one in its reply and in its callback."""
    order = yield from made(make)
    ids = (order.request_id, fresh_request_id(make.profile.limits.request_id_max))
    reply: Reply = yield Probe(order, body=_named_twice(order, "request_id", *ids), fault="request_id twice")
    expected, observed = "refused, or one request_id throughout", reply.describe()
    if not reply.accepted:
        yield check("EP-06", reply, holds=reply.refused, expected=expected, observed=observed)
        yield Silence((order,))
        return
    told = {"the reply": reply.order_data.get("mchOrderNo")}
    if can_settle(make, reply):
        settled = yield from settle(order, reply)
        told |= {"the callback": Notification(settled.callback).document.get("request_id")} if settled.callback else {}
    values = {value for value in told.values() if value is not None}
    observed = ", ".join(f"{value!r} in {where}" for where, value in told.items())
    yield check("EP-06", reply, holds=len(values) == 1 and values <= set(ids), expected=expected, observed=observed)


def _has_amount(make: Make, order: Order, amount: str, probe: Probe) -> Script[None]:
    """The probe is refused, or makes an order of that amount."""
    reply: Reply = yield probe
    expected = f"refused, or {amount} in the callback: {probe.fault}"
    if not reply.accepted:
        yield check("EP-06", reply, holds=reply.refused, expected=expected, observed=reply.describe())
        yield Silence((order,))
    elif can_settle(make, reply):
        settled = yield from settle(order, reply)
        if settled.callback:
            told = Notification(settled.callback).document.get("target_amount")
            observed = f"a callback with target_amount {told!r}"
            holds = same_amount(amount, told)
            yield check("EP-06", reply, settled.callback, holds=holds, expected=expected, observed=observed)


def _named_twice(order: Order, member: str, first: Any, second: Any) -> bytes:
    """The order with a member at its beginning and once more at its end."""
    rest = {name: value for name, value in order.document.items() if name != member}
    return _json({member: first, **rest})[:-1] + b"," + _json({member: second})[1:]


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()
