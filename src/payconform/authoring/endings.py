"""What the end of an order says of the clauses every ended order shows."""

import re
from collections.abc import Generator, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from payconform.authoring.checks import Check, check, require
from payconform.authoring.steps import Settled, Silence
from payconform.model.address import lost_of_query
from payconform.model.clause import Mode
from payconform.model.evidence import Callback, Journey
from payconform.model.notification import Notification
from payconform.model.order import Order
from payconform.model.profile import Role
from payconform.model.reply import Reply

DECLINED_STATE = 3
CODE_LENGTHS, NUMBER_LENGTHS = range(3, 5), range(12, 20)
"""Digits of card security codes and of card numbers, which the recorder knows."""


def notified(settled: Settled, *clauses: str) -> Iterator[Check]:
    """The terminal callback came, at the order's own notify_url with path and query intact (CB-01), for these clauses too."""
    callback, reply = settled.callback, settled.reply
    observed = Notification(callback).describe() if callback else "no terminal callback before the deadline"
    for clause in clauses:
        yield check(clause, reply, callback, holds=callback, expected="a terminal callback", observed=observed)
    if callback is None:
        expected = f"a callback at {settled.order.document['notify_url']}"
        yield check("CB-01", reply, holds=False, expected=expected, observed=observed)
    else:
        yield called_back_as_asked(settled.order, callback, reply)


def called_back_as_asked(order: Order, callback: Callback, reply: Reply) -> Check:
    """The callback came to the order's notify_url, path and query intact (CB-01), however the target escapes its characters.

    What stands before the inbox may take parts off the front of the path.
    """
    asked = urlsplit(str(order.document["notify_url"]))
    kept = not lost_of_query(f"?{callback.query}", asked.geturl())
    return check(
        "CB-01",
        reply,
        callback,
        holds=kept and unquote(asked.path).endswith(unquote(callback.path)),
        expected=f"a callback at {asked.geturl()}",
        observed=f"{callback.path}?{callback.query}",
    )


def stays_refused(clause: str, order: Order, reply: Reply) -> Generator[Any, Any, None]:
    """Nothing is paid after a refusal (X-12): whoever was refused pays some other way."""
    heard: tuple[Callback, ...] = yield Silence((order,))
    paid = next((callback for callback in heard if Notification(callback).paid), None)
    observed = Notification(paid).describe() if paid else "no payment"
    yield check(clause, reply, paid, holds=paid is None, expected="no payment after a refusal", observed=observed)


def repeats_nothing(order: Order, reply: Reply) -> Iterator[Check]:
    """A reply does not repeat what stood in the place of a card number or a CVV (PC-01): mistyped, it is the card's still.

    What has the form of card data is masked and noted wherever it comes back; these are the values that do not have it.
    """
    extra = order.document.get("channel_extra")
    card = extra.get("card_data") if isinstance(extra, dict) else None
    values = [card.get(name) for name in ("number", "cvv")] if isinstance(card, dict) else []
    told = [value for value in values if isinstance(value, str) and not _has_the_form(value) and _says(reply, value)]
    expected, observed = "a reply without what was sent as card data", f"{len(told)} of its values in the reply"
    yield check("PC-01", reply, holds=not told, expected=expected, observed=observed)


def _has_the_form(value: str) -> bool:
    return value.isascii() and value.isdecimal() and (len(value) in CODE_LENGTHS or len(value) in NUMBER_LENGTHS)


def _says(reply: Reply, value: str) -> bool:
    """Whether the words of a reply have a text among them that is too odd to be there by chance."""
    return len(value) >= min(CODE_LENGTHS) and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", str(reply.msg)) is not None


def declined_as_the_card(order: Order, callback: Callback | None) -> Iterator[Check]:
    """A direct order with a card that is declined is not paid, whatever came before it (DC-22)."""
    if callback and order.mode is Mode.CARD and order.role in (Role.DECLINED, Role.CHALLENGE_DECLINED) and not order.fault:
        heard = Notification(callback)
        yield check("DC-22", callback, holds=not heard.paid, expected="a declined card does not pay", observed=heard.describe())


def failed_as_tried(order: Order, journey: Journey, callback: Callback) -> Iterator[Check]:
    """Whoever came to success_url with a declined card, or by a failed challenge, has not paid all the same."""
    heard = Notification(callback)
    observed = f"{journey.landed}_url, {heard.describe()}"
    for clause in ("CA-07" if order.mode is Mode.CASHIER else "DC-19", "CB-04"):
        yield check(clause, journey, callback, holds=not heard.paid, expected="a failure", observed=observed)


def paid(settled: Settled, *clauses: str) -> Iterator[Check]:
    """The terminal callback says SUCCEED, for these clauses."""
    callback = settled.callback
    notification = Notification(callback) if callback else None
    observed = notification.describe() if notification else "no terminal callback before the deadline"
    for clause in clauses:
        holds = notification is not None and notification.paid
        yield check(clause, settled.reply, callback, holds=holds, expected="a callback that says SUCCEED", observed=observed)


def never_paid(settled: Settled, clause: str, expected: str, *, advisory: bool = False) -> Iterator[Check]:
    """An accepted order was not paid: by its callback, by word in the reply (X-12), or as its payer was not let off a page.

    Where none of these was seen, nobody can tell whether it pays yet: inconclusive.
    """
    callback, journey, reply = settled.callback, settled.journey, settled.reply
    kept = journey is not None and journey.pages and not journey.landed
    require(callback or told_in_reply(reply) or kept, f"accepted, but no terminal callback came that says whether {expected}")
    observed = Notification(callback).describe() if callback else "no payment before the deadline"
    holds = callback is None or not Notification(callback).paid
    yield check(clause, reply, journey, callback, holds=holds, expected=expected, observed=observed, advisory=advisory)


def told_in_reply(reply: Reply) -> bool:
    """Whether the reply itself says that the order failed (X-12)."""
    return reply.order_data.get("orderState") == DECLINED_STATE


def not_paid(settled: Settled, *clauses: str) -> Iterator[Check]:
    """The order failed and the merchant was told: by a callback that does not say SUCCEED, or in the reply (X-12)."""
    callback = settled.callback
    observed = Notification(callback).describe() if callback else "no terminal callback before the deadline"
    holds = not Notification(callback).paid if callback else told_in_reply(settled.reply)
    for clause in clauses:
        yield check(clause, settled.reply, callback, holds=holds, expected="a failure, and word of it", observed=observed)
