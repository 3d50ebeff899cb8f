"""Chapter A: the endpoint, and what is no order at all."""

import json
from typing import Any
from urllib.parse import urlencode

from payconform.authoring import (
    CARD,
    CARDS_FIRST,
    CASHIER,
    EVERY_MODE,
    TOKEN,
    Callback,
    Control,
    Create,
    Kind,
    Make,
    Notification,
    Order,
    Placed,
    Probe,
    Reply,
    Script,
    Silence,
    case,
    check,
    each_to_its_end,
    made,
    require,
    stays_refused,
)

UNKNOWN_MEMBERS = {"x_conformance": 1, "x_text": "é", "x_flag": True, "x_list": [{"a": None}], "x_object": {"a": {"b": []}}}
NO_CREDENTIALS = (401, 403, 407)


def _accepted(placed: Placed, *clauses: str) -> Script[None]:
    """Say of each clause that the plain valid order was accepted; a refused credential is no answer."""
    reply = placed.reply
    require(reply.status not in NO_CREDENTIALS, f"the target refused the credentials: {reply.describe()}")
    for clause in clauses:
        yield check(clause, reply, holds=reply.accepted, expected="accepted: a 2xx status and code 0", observed=reply.describe())


@case("EP-01", "CA-01", modes=(CASHIER,), opens=True)
def a_cashier_order_is_accepted(_make: Make) -> Script[None]:
    """A complete cashier order, without any card data, is accepted."""
    placed: Placed = yield Control()
    yield from _accepted(placed, "EP-01", "CA-01")


@case("EP-01", modes=(CARD,), opens=True)
def a_card_order_is_accepted(_make: Make) -> Script[None]:
    """A complete direct card order is accepted."""
    placed: Placed = yield Control()
    yield from _accepted(placed, "EP-01")


@case("EP-01", "TK-01", "TK-05", "TK-06", modes=(TOKEN,), opens=True)
def a_token_order_is_accepted(_make: Make) -> Script[None]:
    """A complete token order, with pay_access_type 2, a harvested token and no card fields, is accepted."""
    placed: Placed = yield Control()
    yield from _accepted(placed, "EP-01", "TK-01", "TK-05", "TK-06")


@case("EP-03", modes=EVERY_MODE)
def getting_creates_nothing(make: Make) -> Script[None]:
    """The same body sent by GET creates no order."""
    yield from _create_nothing(make, "GET")


@case("EP-03", modes=CARDS_FIRST, once=True)
def only_post_creates(make: Make) -> Script[None]:
    """The same body sent by PUT, PATCH or DELETE creates no order."""
    yield from _create_nothing(make, "PUT", "PATCH", "DELETE")


def _create_nothing(make: Make, *methods: str) -> Script[None]:
    orders = yield from _orders(make, len(methods))
    for order, method in zip(orders, methods, strict=True):
        reply: Reply = yield Probe(order, method=method, fault=f"sent by {method}", may_close=True)
        created = reply.accepted and bool(reply.pay_order_id)
        yield check("EP-03", reply, holds=not created, expected=f"no order by {method}", observed=reply.describe())
    heard: tuple[Callback, ...] = yield Silence(tuple(orders))
    told = Notification(heard[0]).describe() if heard else "silence"
    yield check("EP-03", *heard[:1], holds=not heard, expected="no callback about what was not posted", observed=told)


@case("EP-04", modes=CARDS_FIRST, once=True)
def malformed_json_is_refused(make: Make) -> Script[None]:
    """A body that is cut off, empty or followed by junk is refused and creates nothing."""
    orders = yield from _orders(make, 3)
    bodies = {"cut off": _json(orders[0])[:-1], "empty": b"", "followed by junk": _json(orders[2]) + b"}junk"}
    yield from _refused_bodies("EP-04", orders, bodies)


@case("EP-04", modes=(CASHIER, CARD, TOKEN), once=True)
def a_form_is_refused(make: Make) -> Script[None]:
    """A form under the name of JSON is refused and creates nothing."""
    order = yield from made(make)
    flat = {name: value for name, value in order.document.items() if name != "channel_extra"}
    yield from _refused_bodies("EP-04", [order], {"a form": urlencode(flat).encode()})


@case("EP-04", modes=CARDS_FIRST, quick=False, once=True)
def json_of_other_dialects_is_refused(make: Make) -> Script[None]:
    """What only a lenient parser takes for JSON is refused: a comma too many, a comment, single quotes.

    Advisory: a parser may accept forms that are not JSON (RFC 8259, 9), and every client knows what these mean.
    """
    orders = yield from _orders(make, 3)
    bodies = {
        "with a comma too many": _json(orders[0])[:-1] + b",}",
        "with a comment": b"/* an order */" + _json(orders[1]),
        "in single quotes": _json(orders[2]).replace(b'"', b"'"),
    }
    yield from _refused_bodies("EP-04", orders, bodies, advisory=True)


@case("EP-05", modes=CARDS_FIRST, once=True)
def a_body_that_is_no_object_is_refused(make: Make) -> Script[None]:
    """JSON that is null, an array, a string or a number is refused and creates nothing."""
    orders = yield from _orders(make, 5)
    bodies = {
        "null": b"null",
        "an array": b"[]",
        "a number": b"1",
        "an array of one order": b"[" + _json(orders[3]) + b"]",
        "a string that holds an order": json.dumps(_json(orders[4]).decode()).encode(),
    }
    yield from _refused_bodies("EP-05", orders, bodies)


def _orders(make: Make, count: int) -> Script[list[Order]]:
    orders = []
    for _ in range(count):
        orders.append((yield from made(make)))  # noqa: PERF401 -- a comprehension cannot yield
    return orders


def _refused_bodies(clause: str, orders: list[Order], bodies: dict[str, bytes], *, advisory: bool = False) -> Script[None]:
    not_accepted: list[tuple[Order, Reply]] = []
    for order, (name, body) in zip(orders, bodies.items(), strict=True):
        reply: Reply = yield Probe(order, body=body, fault=f"the body is {name}")
        not_accepted += [] if reply.accepted else [(order, reply)]
        answered = reply.kind is Kind.REFUSED and reply.is_object
        tolerated = advisory and reply.accepted
        expected = f"a refusal in JSON: the body is {name}"
        yield check(clause, reply, holds=answered, expected=expected, observed=reply.describe(), advisory=tolerated)
    yield from each_to_its_end(stays_refused(clause, order, reply) for order, reply in not_accepted)


@case("EP-07", modes=EVERY_MODE)
def unknown_members_change_nothing(make: Make) -> Script[None]:
    """An order with members that nobody knows, of every type, in it and in each object of it, is accepted as without."""
    order = yield from made(make)
    document = _with_unknown_members(order.document)
    reply: Reply = yield Create(make.altered(order, "unknown members", **document))
    yield check("EP-07", reply, holds=reply.accepted, expected="accepted as without them", observed=reply.describe())


def _with_unknown_members(document: dict[str, Any]) -> dict[str, Any]:
    known = {name: _with_unknown_members(value) if isinstance(value, dict) else value for name, value in document.items()}
    return {**known, **UNKNOWN_MEMBERS}


def _json(order: Order) -> bytes:
    return json.dumps(order.document).encode()
