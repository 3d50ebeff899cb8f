"""A callback as the contract reads it (guide, Webhook)."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback
from payconform.model.wire import Malformed

SUCCEED = "SUCCEED"
FAILED = "FAILED"
PAID_INT = 2
PENDING_INTS = (0, 1)


class Notification:
    """One callback, read leniently, so that a mistyped member is one finding and not fifty.

    Terminal is every notification that is neither an event (a non-null `event`) nor pending: a status that says so, or one
    that is neither SUCCEED nor FAILED with a status number of 0 or 1, because the guide leaves the other names open (X-44).
    """

    def __init__(self, callback: Callback) -> None:
        self.callback = callback
        document = callback.body.json()
        self.malformed = document.reason if isinstance(document, Malformed) else ""
        self.is_object = isinstance(document, dict)
        self.document: Mapping[str, Any] = document if isinstance(document, dict) else {}
        self.status = self.document.get("order_status")
        self.status_int = self.document.get("order_status_int")
        extra = self.document.get("channel_biz_data")
        self.channel: Mapping[str, Any] = extra if isinstance(extra, dict) else {}

    @property
    def is_event(self) -> bool:
        return self.document.get("event") not in (None, "")

    @property
    def terminal(self) -> bool:
        return not self.is_event and not self.pending

    @property
    def pending(self) -> bool:
        if self.status in (SUCCEED, FAILED):
            return False
        named = isinstance(self.status, str) and says_pending(self.status)
        return named or (self.status_int in PENDING_INTS and not isinstance(self.status_int, bool))

    @property
    def paid(self) -> bool:
        """Whether a merchant would book money on it: it says SUCCEED, or the number of success."""
        return self.status == SUCCEED or (self.status_int == PAID_INT and self.status != FAILED)

    @property
    def card_token(self) -> str:
        """The stored card's token as text, "" when there is none."""
        found = self.channel.get("card_token")
        return "" if found in (None, "") else str(found)

    def describe(self) -> str:
        """One line for a report."""
        if not self.is_object:
            return f"{self.callback.method} with {self.callback.body.size} bytes that are not a JSON object"
        return f"order_status {self.status!r}, order_status_int {self.status_int!r}"


def same_amount(sent: object, value: object) -> bool:
    """Whether two amounts are numerically equal; what is no plain number equals nothing."""
    try:
        amounts = Decimal(str(sent)), Decimal(str(value))
    except InvalidOperation:
        return False
    return all(amount.is_finite() for amount in amounts) and amounts[0] == amounts[1]


def is_terminal(body: bytes) -> bool:
    """Whether the body of a callback, as it arrived, tells how an order ended."""
    arrived = Callback(id="", order="", case="", mode=Mode.CARD, method="POST", path="", body=Body.of(body))
    return Notification(arrived).terminal


def says_pending(status: str) -> bool:
    """Whether the name of a status says that the payment goes on."""
    return status.upper().startswith(("PENDING", "PROCESSING", "INIT", "CREATED"))
