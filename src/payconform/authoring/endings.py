"""What the end of an order says of the clauses every ended order shows."""

from collections.abc import Iterator

from payconform.authoring.checks import Check, check
from payconform.authoring.steps import Settled
from payconform.model.notification import Notification
from payconform.model.order import Order

DECLINED_STATE = 3


def notified(settled: Settled, *clauses: str) -> Iterator[Check]:
    """The terminal callback came, at the order's own notify_url with path and query intact (CB-01), for these clauses too."""
    callback, reply = settled.callback, settled.reply
    observed = Notification(callback).describe() if callback else "no terminal callback before the deadline"
    for clause in clauses:
        yield check(clause, reply, callback, holds=callback, expected="a terminal callback", observed=observed)
    intact = callback is not None and _query(settled.order) in callback.query
    where = f"{callback.path}?{callback.query}" if callback else observed
    yield check(
        "CB-01", reply, callback, holds=intact, expected=f"a callback at {settled.order.document['notify_url']}", observed=where
    )


def paid(settled: Settled, *clauses: str) -> Iterator[Check]:
    """The terminal callback says SUCCEED, for these clauses."""
    callback = settled.callback
    notification = Notification(callback) if callback else None
    observed = notification.describe() if notification else "no terminal callback before the deadline"
    for clause in clauses:
        holds = notification is not None and notification.paid
        yield check(clause, settled.reply, callback, holds=holds, expected="a callback that says SUCCEED", observed=observed)


def not_paid(settled: Settled, *clauses: str) -> Iterator[Check]:
    """The order failed and the merchant was told: by a callback that does not say SUCCEED, or in the reply (X-12)."""
    callback = settled.callback
    told = settled.reply.order_data.get("orderState") == DECLINED_STATE
    observed = Notification(callback).describe() if callback else "no terminal callback before the deadline"
    holds = not Notification(callback).paid if callback else told
    for clause in clauses:
        yield check(clause, settled.reply, callback, holds=holds, expected="a failure, and word of it", observed=observed)


def _query(order: Order) -> str:
    return str(order.document["notify_url"]).partition("?")[2]
