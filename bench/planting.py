"""Makes an archive of callbacks of which some break clauses on purpose, and says which lines do and how.

The faults are those of the sandbox's mutants, as far as callbacks can show them, and those of bytes that are no callback at all.
"""

import random
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

import payconform.sandbox.mutants  # noqa: F401 -- enters its faults in the catalogue
from payconform.model.clause import Mode
from payconform.sandbox.mutants.callbacks import ALTERED_CALLBACKS
from payconform.sandbox.order import Order, State, Terms
from payconform.sandbox.provider import Provider

Document = dict[str, Any]
TOKEN_LETTERS = ascii_lowercase + ascii_uppercase + "234567"
NULLS = dict.fromkeys(
    ("complete_time", "error_code", "error_msg", "notify_url", "merchant_reserved_field", "event", "event_data")
)
FAILED = {"order_status": "FAILED", "order_status_int": 3, "error_code": "20005", "error_msg": "declined"}
DISPUTE = {"event": "dispute_received", "event_data": {"reason": "fraudulent"}}

NEEDS_ORDERS = frozenset(
    {
        "callback-carries-detail-id",
        "callback-request-id-is-the-providers",
        "callback-request-id-is-lower-case",
        "fee-is-deducted",
        "amount-in-minor-units",
        "amount-is-a-float-artefact",
        "settlement-currency-is-sent",
        "echoes-another-success-url",
        "echoes-urls-swapped",
        "echoes-api-version-v1",
        "echoes-product-name-upper-case",
        "echoes-description-truncated",
        "echoes-product-name-as-html",
        "echoes-product-name-in-latin-1",
        "card-token-is-empty",
    }
)
"""Faults that nothing but the order shows."""


class Planted(NamedTuple):
    """A line that breaks clauses on purpose: its number from 1, the first clause that names the fault, and the fault."""

    line: int
    clause: str
    fault: str


class Maker:
    """Makes orders and their callbacks, each of its own."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.sent: dict[str, Order] = {}
        self._provider = Provider()
        self._number = 0

    def order(self) -> Order:
        self._number += 1
        draw = self.random
        product = draw.choice(["Tea & biscuits", "Lesspay Order", "订单 茶叶", "Crème brûlée"])
        terms = Terms(
            mode=Mode.CARD,
            amount=f"{draw.randrange(1, 90000)}.{draw.randrange(100):02}",
            currency=draw.choice(["USD", "CNY", "EUR"]),
            notify_url="https://merchant.example/notify",
            request_id=f"M2026{self._number:013}",
            fail_url="https://merchant.example/checkout/failed",
            success_url="https://merchant.example/checkout/paid",
            product_name=product,
            description=f"{product}, two of them, wrapped",
            api_version="V2",
        )
        token = f"src_{''.join(draw.choices(TOKEN_LETTERS, k=26))}" if draw.random() < 0.3 else ""
        number = draw.randrange(10**18)
        state = State.SUCCEED if draw.random() < 0.85 or token else State.FAILED
        return Order(terms, f"P2{number:018}", f"PD2{number + 1:018}", "", "", state=state, card_token=token)

    def document(self, order: Order) -> Document:
        self.sent[order.terms.request_id] = order
        document = self._provider.callback_document(order)
        return {**NULLS, **document} if self.random.random() < 0.9 else document


Lines = Callable[[Maker], tuple[list[bytes], range]]
"""Makes the lines of a fault, and says which of them break the clause."""


class Fault(NamedTuple):
    """One way to break a clause: what is sent instead of a conforming callback."""

    clause: str
    name: str
    lines: Lines


def line(document: Document) -> bytes:
    return msgspec.json.encode(document)


def single(raw: Callable[[Maker], bytes]) -> Lines:
    return lambda maker: ([raw(maker)], range(1))


def altered(change: Callable[[Order, Document], Document], state: State | None = None) -> Lines:
    """One callback with members replaced; an order is drawn until the change alters it."""

    def made(maker: Maker) -> bytes:
        while True:
            order = maker.order()
            order.state = state or order.state
            document = maker.document(order)
            if (found := {**document, **change(order, document)}) != document:
                return line(found)
            del maker.sent[order.terms.request_id]

    return single(made)


def pair(second: Callable[[Maker, Order, Document], Document], broken: range = range(2)) -> Lines:
    """A callback of a paid order and another that contradicts it."""

    def made(maker: Maker) -> tuple[list[bytes], range]:
        order = maker.order()
        order.state = State.SUCCEED
        document = {**maker.document(order), "event": None, "event_data": None}
        return [line(document), line({**document, **second(maker, order, document)})], broken

    return made


def of_bytes(change: Callable[[bytes], bytes]) -> Lines:
    return single(lambda maker: change(line(maker.document(maker.order()))))


def biz(**members: Any) -> Callable[[Order, Document], Document]:
    return lambda _, document: {"channel_biz_data": {**document["channel_biz_data"], **members}}


def with_members(**members: Any) -> Callable[[Order, Document], Document]:
    return lambda _, __: members


BYTES = (
    Fault("CB-02", "a form", single(lambda maker: urlencode(maker.document(maker.order())).encode())),
    Fault("CB-02", "an array", of_bytes(lambda raw: b"[" + raw + b"]")),
    Fault("CB-02", "cut short", of_bytes(lambda raw: raw[: len(raw) // 2])),
    Fault("CB-02", "latin-1", of_bytes(lambda raw: raw.replace(b'"description":"', b'"description":"caf\xe9 '))),
    Fault("CB-02", "NaN", of_bytes(lambda raw: raw[:-1] + b',"fee":NaN}')),
    Fault("CB-02", "a byte-order mark", of_bytes(lambda raw: b"\xef\xbb\xbf" + raw)),
    Fault("CB-02", "nothing of JSON", single(lambda _: b"SUCCESS")),
)
CARD_DATA = (
    Fault("PC-01", "a card number", altered(with_members(description="paid by 4242424242424242"))),
    Fault("PC-01", "a card number in groups", altered(with_members(card="4242 4242 4242 4242"))),
    Fault("PC-01", "a card number in base64", altered(with_members(raw="NDI0MjQyNDI0MjQyNDI0Mg=="))),
    Fault("PC-01", "a security code", altered(with_members(cvv="123"))),
    Fault("PC-03", "a mask that hides too little", altered(with_members(card="42424242****4242"))),
    Fault("TK-12", "a token that is a number", altered(biz(card_token="tok4242424242424242"), State.SUCCEED)),
    Fault("CB-18", "a token after a failure", altered(biz(card_token="src_of_a_failure"), State.FAILED)),
)
ACROSS = (
    Fault("CB-21", "a failure after success", pair(lambda *_: FAILED)),
    Fault("CB-27", "another amount", pair(lambda _, __, document: {"target_amount": f"1{document['target_amount']}"})),
    Fault("CB-27", "another pay_order_id", pair(lambda maker, *_: {"pay_order_id": maker.order().id})),
    Fault("RS-17", "a pay_order_id of two orders", pair(lambda maker, *_: {"request_id": maker.order().terms.request_id})),
    Fault("CB-28", "a dispute that changes the status", pair(lambda *_: {**FAILED, **DISPUTE}, range(1, 2))),
)


def faults(*, with_orders: bool = False) -> list[Fault]:
    """Every fault that an archive shows, without its orders or beside them."""
    shown = (one for one in ALTERED_CALLBACKS if with_orders or one.name not in NEEDS_ORDERS)
    of_mutants = [Fault(one.clauses.split()[-1], one.name, altered(one.members)) for one in shown]
    return [*of_mutants, *BYTES, *CARD_DATA, *ACROSS]


def lines(maker: Maker, count: int, share: float, *, with_orders: bool) -> Iterator[tuple[bytes, str, str]]:
    """Callbacks with the clause and the name of the fault of each, "" for conforming ones, spread over the archive."""
    ways = cycle(faults(with_orders=with_orders))
    every = max(1, round(1 / share)) if share else count + 1
    made = planted = 0
    while made < count:
        if made // every > planted:
            fault = next(ways)
            raw, broken = fault.lines(maker)
            planted += len(broken)
            for number, each in enumerate(raw):
                yield each, *((fault.clause, fault.name) if number in broken else ("", ""))
            made += len(raw)
        else:
            sound = conforming(maker)
            yield from ((each, "", "") for each in sound)
            made += len(sound)


def conforming(maker: Maker) -> list[bytes]:
    """The callbacks of one order: mostly one; some are delivered twice, come after a pending one, or before a dispute."""
    order = maker.order()
    document = maker.document(order)
    drawn = maker.random.random()
    if drawn < 0.03:
        return [line(document)] * 2
    if drawn < 0.05:
        pending = {"order_status": "PENDING_PAY", "order_status_int": 1, "channel_biz_data": None}
        return [line({**document, **pending}), line(document)]
    if drawn < 0.06:
        return [line(document), line({**document, **DISPUTE})]
    return [line(document)]


def plant(path: Path, count: int, share: float = 0.001, seed: int = 1, orders: Path | None = None) -> list[Planted]:
    """Write an archive of about `count` callbacks as JSON lines, and answer what was planted in it.

    With `orders` also a list of the orders is written, and faults are planted that only it shows.
    """
    planted, maker = [], Maker(seed)
    with path.open("wb") as file:
        made = lines(maker, count, share, with_orders=orders is not None)
        for number, (raw, clause, fault) in enumerate(made, start=1):
            file.write(raw + b"\n")
            if clause:
                planted.append(Planted(number, clause, fault))
    if orders:
        orders.write_bytes(b"".join(line(listed(order)) + b"\n" for order in maker.sent.values()))
    return planted


def listed(order: Order) -> Document:
    """An order as a merchant lists it."""
    terms = order.terms
    told = ("request_id", "amount", "currency", "api_version", "description", "product_name", "success_url", "fail_url")
    members = {{"amount": "target_amount", "currency": "target_currency"}.get(name, name): getattr(terms, name) for name in told}
    return {**members, "mode": "card", "store_for_future_use": bool(order.card_token), "pay_order_id": order.id}
