"""The evidence of a run, indexed for judging. Everything here is derived from journal records, live or read back."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from payconform.model.evidence import Awaited, Callback, Exchange, Journey, OrderRecord, Silence
from payconform.model.notification import Notification
from payconform.model.reply import Reply
from payconform.model.run import Record

REPEATED = "request_id used before"
"""How the fault of a repeated order begins: nothing in it is wrong but that it comes again."""

_MEMBER = re.compile(r"[a-z_]*")


class Evidence:
    """What a run recorded.

    `orders` holds the first order sent under each id, because a repeat must change nothing; `replies` are those of the
    create-order endpoint, `notifications` what arrived at the orders' inbox paths, each in the sequence of the journal.
    `complete` says that no order was sent but these.
    """

    def __init__(self, records: Iterable[Record], readings: dict[str, str], *, complete: bool = False) -> None:
        self.readings = readings
        self.complete = complete
        self.orders: dict[str, OrderRecord] = {}
        self.exchanges: list[Exchange] = []
        self.callbacks: list[Callback] = []
        self.silences: list[Silence] = []
        self.awaited: list[Awaited] = []
        self.journeys: list[Journey] = []
        for record in records:
            self._take(record)
        own = (exchange for exchange in self.exchanges if exchange.kind in ("create", "probe"))
        self.replies = [Reply(exchange, readings) for exchange in own]
        self.notifications = [Notification(callback) for callback in self.callbacks]

    def _take(self, record: Record) -> None:
        match record:
            case OrderRecord():
                self.orders.setdefault(record.id, record)
            case Exchange():
                self.exchanges.append(record)
            case Callback():
                self.callbacks.append(record)
            case Silence():
                self.silences.append(record)
            case Awaited():
                self.awaited.append(record)
            case Journey():
                self.journeys.append(record)
            case _:
                pass

    @cached_property
    def accepted(self) -> dict[str, list[Reply]]:
        """The accepted replies of each order."""
        found: dict[str, list[Reply]] = defaultdict(list)
        for reply in self.replies:
            if reply.accepted:
                found[reply.exchange.order].append(reply)
        return dict(found)

    @cached_property
    def heard(self) -> dict[str, list[Notification]]:
        """The notifications of each order."""
        found: dict[str, list[Notification]] = defaultdict(list)
        for notification in self.notifications:
            found[notification.callback.order].append(notification)
        return dict(found)

    @cached_property
    def _faults(self) -> dict[str, str]:
        """What the first request of each order breaks on purpose."""
        found: dict[str, str] = {}
        for reply in self.replies:
            found.setdefault(reply.exchange.order, reply.exchange.fault)
        return found

    def odd_member(self, order: str) -> str:
        """The top-level member that an order has wrong on purpose, "" where it has none.

        Where a target takes it all the same, nobody documented what it says of it; the case that sent it judges that.
        """
        fault = self._faults.get(order, "")
        return "" if fault.startswith(REPEATED) else _MEMBER.match(fault)[0]  # type: ignore[index]  # it matches any text

    @cached_property
    def holders(self) -> dict[str, set[str]]:
        """The orders of each platform order id: one order, unless the endpoint broke its contract."""
        found: dict[str, set[str]] = defaultdict(set)
        for order in self.orders:
            for name in self.own_ids(order):
                found[name].add(order)
        return dict(found)

    @cached_property
    def requesters(self) -> dict[str, set[str]]:
        """The orders that were sent with each of the merchant's order ids."""
        found: dict[str, set[str]] = defaultdict(set)
        for order in self.orders:
            if name := self.request_id(order):
                found[name].add(order)
        return dict(found)

    def named_by(self, value: object) -> tuple[set[str], set[str]]:
        """The orders that a value names as platform order id, and those that it names as the merchant's."""
        if not isinstance(value, str):
            return set(), set()
        return self.holders.get(value, set()), self.requesters.get(value, set())

    def cards_of(self, token: str) -> set[str]:
        """The cards, as masked numbers, that were stored under a token: one, unless the target mixed them up."""
        return self._cards.get(token, set())

    @cached_property
    def _cards(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for notification in self.notifications:
            order = self.orders.get(notification.callback.order)
            if order and order.flag is True and notification.card_token and (number := _card_number(order)):
                found[notification.card_token].add(number)
        return dict(found)

    def own_ids(self, order: str) -> set[str]:
        """The platform order ids the endpoint gave an order; more than one only when it broke its contract."""
        return {reply.pay_order_id for reply in self.accepted.get(order, ()) if reply.pay_order_id}

    def request_id(self, order: str) -> str:
        """The merchant's order id that was sent, "" when it was left out or was no text."""
        found = self.orders[order].document.get("request_id") if order in self.orders else None
        return found if isinstance(found, str) else ""


def _card_number(order: OrderRecord) -> str:
    """The masked number of an order's card, "" where it has none that is text."""
    value: Any = order.document
    for name in ("channel_extra", "card_data", "number"):
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
