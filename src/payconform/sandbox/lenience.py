"""Providers that differ lawfully in what they take of a request: they take more of it, or refuse it elsewhere."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from payconform.model.message import Request
from payconform.sandbox.catalogue import variant
from payconform.sandbox.order import Document, Order, State, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import CVV, invalid

LARGEST = 64_000  # bytes that a cautious web server takes
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@variant("duplicate-keys-first-wins", "of a member that is given twice the first counts, everywhere")
class TakesTheFirstMember(Provider):
    def read_members(self, pairs: list[tuple[str, Any]]) -> Document:
        return dict(reversed(pairs))


@variant("web-server-in-front", "a web server turns large, deep and marked bodies away, with pages of its own")
class TurnsBodiesAway(Provider):
    async def create(self, request: Request) -> HttpReply:
        if len(request.body) > LARGEST:
            return HttpReply(413, b"<h1>Request Entity Too Large</h1>", "text/html")
        if b"[[[[" in request.body or request.body.startswith(BYTE_ORDER_MARK + b'{"'):
            return HttpReply(400, b"", "text/plain")
        return await super().create(request)


@variant("byte-order-mark", "a byte-order mark before a body is skipped")
class SkipsByteOrderMark(Provider):
    def parse(self, raw: bytes) -> Any:
        return super().parse(raw.removeprefix(BYTE_ORDER_MARK))


@variant("loose-amounts", "any number from zero on is an amount, however it is written, and is repeated in digits")
class ReadsAmountsLoosely(Provider):
    def read_amount(self, path: str, value: Any) -> str:
        if not isinstance(value, str):
            return super().read_amount(path, value)
        try:
            amount = Decimal(value.replace(",", ""))
        except InvalidOperation:
            raise invalid(path, "must be a decimal amount") from None
        return f"{amount:f}" if amount.is_finite() and amount >= 0 else super().read_amount(path, value)

    def check_decimals(self, amount: str, currency: str) -> None:
        pass


@variant("converted-texts", "a number or a boolean in the place of a text is taken as it is written")
class ConvertsTexts(Provider):
    def read_text(self, path: str, value: Any) -> str:
        return super().read_text(path, json.dumps(value) if isinstance(value, int) else value)


@variant("lower-case-currency", "a currency code is taken in any case of letters and repeated in capitals")
class ReadsCurrencyInAnyCase(Provider):
    def read_currency(self, path: str, value: Any) -> str:
        return super().read_currency(path, value.upper() if isinstance(value, str) else value)


@variant("cvv-declined-later", "a cvv of any form is taken, and a malformed one declined when the card is charged")
class DeclinesMalformedCvv(Provider):
    def read_cvv(self, path: str, value: Any) -> str:
        return self.read_text(path, value)

    def outcome(self, order: Order) -> State:
        malformed = order.card is not None and not CVV.fullmatch(order.card.cvv)
        return State.FAILED if malformed else super().outcome(order)


@variant("strict-payment-data", "payment data that the mode does not ask for is refused, in the cashier and beside a card")
class RefusesUnwantedPaymentData(Provider):
    def read_cashier(self, document: Document, terms: Document) -> Terms:
        if "channel_extra" in document:
            raise invalid("channel_extra", "is not for cashier orders")
        return super().read_cashier(document, terms)

    def read_direct(self, document: Document, terms: Document) -> Terms:
        extra = document.get("channel_extra")
        if isinstance(extra, dict) and {"card_data", "token_data"} <= extra.keys():
            raise invalid("channel_extra", "has both card_data and token_data")
        return super().read_direct(document, terms)


@variant("ids-ignore-case", "request_ids that differ in case or in blanks are the same, and the second is refused")
class ComparesIdsLoosely(Provider):
    def request_key(self, order: Order) -> str:
        return order.terms.request_id.strip().lower()
