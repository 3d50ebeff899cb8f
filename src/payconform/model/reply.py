"""A create-order reply as the contract reads it (guide, Response Example and Response Handling)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from payconform.model.evidence import Exchange
from payconform.model.wire import Malformed

EMPTY: Mapping[str, Any] = {}


class Kind(StrEnum):
    """What a reply says: an order, a refusal, something that is neither, or nothing: no whole reply came."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    BROKEN = "broken"
    UNREACHED = "unreached"


class Reply:
    """One exchange with the create-order endpoint, read leniently: every part that is absent or of another type is empty.

    Accepted: a 2xx status and `code` 0 (also "0" and 0.0, so that a mistyped code is one finding and not fifty).
    Refused: a 4xx status, or a JSON object with another `code` and a status below 500, or any status where the readings of the
    profile let server errors refuse (X-10).
    """

    def __init__(self, exchange: Exchange, readings: Mapping[str, str] = EMPTY) -> None:
        self.exchange = exchange
        self._errors_refuse = readings.get("server_error_refusal") == "warn"
        self.status = exchange.status
        document = exchange.response_body.json()
        self.malformed = document.reason if isinstance(document, Malformed) else ""
        self.document: Mapping[str, Any] = document if isinstance(document, dict) else EMPTY
        self.is_object = isinstance(document, dict)
        self.code = self.document.get("code")
        self.msg = self.document.get("msg")
        self.data = _mapping(self.document.get("data"))
        self.order_data = _mapping(self.data.get("order_data"))
        self.kind = self._kind()

    def _kind(self) -> Kind:
        if self.status is None or self.exchange.unanswered:
            return Kind.UNREACHED
        if 200 <= self.status < 300 and _is_zero(self.code) and not self.exchange.error:
            return Kind.ACCEPTED
        if 400 <= self.status < 500:
            return Kind.REFUSED
        told = self.is_object and "code" in self.document and not _is_zero(self.code)
        if told and (self.status < 500 or self._errors_refuse):
            return Kind.REFUSED
        return Kind.BROKEN

    @property
    def accepted(self) -> bool:
        return self.kind is Kind.ACCEPTED

    @property
    def refused(self) -> bool:
        return self.kind is Kind.REFUSED

    @property
    def pay_order_id(self) -> str:
        """`data.pay_order_id`, else `data.order_data.payOrderId`, as text; "" when neither is there."""
        found = self.data.get("pay_order_id") or self.order_data.get("payOrderId")
        return "" if found is None else str(found)

    @property
    def pay_data_type(self) -> str:
        """`payDataType`, with absent, null, "" and "none" all read as "" (the guide's "empty")."""
        value = self.order_data.get("payDataType")
        return "" if value in (None, "", "none") else str(value)

    @property
    def pay_data(self) -> str:
        """`payData`, with absent and null read as ""."""
        value = self.order_data.get("payData")
        return "" if value is None else str(value)

    @property
    def pay_url(self) -> str:
        """Where a payer can be sent, whatever the type says (that is judged elsewhere); "" when there is no URL."""
        return self.pay_data if self.pay_data.lower().startswith(("http://", "https://")) else ""

    def describe(self) -> str:
        """One line for a report: status, code and msg, or what arrived instead of them."""
        if self.status is None:
            return f"no response: {self.exchange.error}"
        if self.is_object:
            return f"HTTP {self.status}, code {self.code!r}, msg {self.msg!r}"
        kind = self.exchange.header("content-type") or "no content type"
        cut = " (incomplete)" if self.exchange.error or self.exchange.response_body.truncated else ""
        return f"HTTP {self.status}, {self.exchange.response_body.size} bytes of {kind}{cut}, not a JSON object"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else EMPTY


def _is_zero(code: object) -> bool:
    return code in (0, "0", "0.0") and code is not False
