"""A callback as the contract reads it (guide, Webhook)."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback
from payconform.model.wire import Malformed

PLAIN_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
AMOUNT = re.compile(PLAIN_AMOUNT.pattern + r"([eE][+-]?[0-9]{1,3})?", re.ASCII)
"""A decimal number, also by its exponent: it has a value, though few expect it to be written so."""
"""An amount as the guide writes it: what 1.2E+3, +100 or 1_200 say, only some languages read."""

SUCCEED = "SUCCEED"
FAILED = "FAILED"
LOOKS = ("HEAD", "GET", "OPTIONS")
PAID_INT = 2
PENDING_INTS = (0, 1)
ENDED_INTS = (2, 3, 4, 5, 6, 12)
PENDING_NAMES = ("PENDING", "PROCESSING", "INIT", "CREATED")
ENDED_NAMES = (
    "SUCCE",
    "FAIL",
    "CANCEL",
    "REFUND",
    "CLOSE",
    "PAID",
    "DECLIN",
    "REJECT",
    "EXPIRE",
    "ERROR",
    "TIMEOUT",
    "VOID",
    "ABORT",
)


class Notification:
    """One callback, read leniently, so that a mistyped member is one finding and not fifty.

    Terminal is every notification that is no look, no event (a non-null `event`) and not pending: see `says_pending`.
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
    def is_look(self) -> bool:
        """Whether somebody only looked whether the address is there, and said nothing."""
        callback = self.callback
        return callback.method in LOOKS and not callback.body.size and "order_status" not in callback.query

    @property
    def terminal(self) -> bool:
        return not self.is_event and not self.pending and not self.is_look

    @property
    def pending(self) -> bool:
        if self.status in (SUCCEED, FAILED):
            return False
        return says_pending(self.status, self.status_int)

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
    """Whether an amount that the target told, a decimal, is numerically equal to the one that was sent (X-26)."""
    if not AMOUNT.fullmatch(str(value)):
        return False
    try:
        return Decimal(str(sent)) == Decimal(str(value))
    except InvalidOperation:
        return False


def is_terminal(body: bytes) -> bool:
    """Whether the body of a callback, as it arrived, tells how an order ended."""
    arrived = Callback(id="", order="", case="", mode=Mode.CARD, method="POST", path="", body=Body.of(body))
    return Notification(arrived).terminal


def says_pending(status: object, number: object) -> bool:
    """Whether a status that is neither SUCCEED nor FAILED says that the payment goes on, by its name or its number (X-44).

    The guide leaves other states open. One that has neither the name nor the number of an end, such as AUTHORISED with 7, is no
    end: a merchant waits on.
    """
    name = status.upper() if isinstance(status, str) else ""
    counted = isinstance(number, int) and not isinstance(number, bool)
    if name.startswith(PENDING_NAMES) or (counted and number in PENDING_INTS):
        return True
    return bool(name) and counted and number not in ENDED_INTS and not name.startswith(ENDED_NAMES)
