"""Faults in how values are written down, cut or read back: amounts, ids, addresses, and what callbacks are called."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from payconform.model.message import Request
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import CardDetails, Document, Order, Refusal, State
from payconform.sandbox.provider import Provider
from payconform.sandbox.rules import DECIMALS

DATABASE_WIDTH = 200
SEPTEMBER = 9


@mutant("CB-09", "a round amount is told by its exponent")
class AmountIsToldByItsExponent(Provider):
    def callback_document(self, order: Order) -> Document:
        return {**super().callback_document(order), "target_amount": str(Decimal(order.terms.amount).normalize())}


@mutant("CB-09", "minor units are kept in an integer of 32 bits")
class MinorUnitsOverflow(Provider):
    def callback_document(self, order: Order) -> Document:
        document, terms = super().callback_document(order), order.terms
        decimals = DECIMALS.get(terms.currency, 2)
        minor = int(Decimal(terms.amount).scaleb(decimals)) % 2**32
        return {**document, "target_amount": f"{Decimal(minor).scaleb(-decimals):.{decimals}f}"}


@mutant("RS-06", "a long request_id of digits goes through a float")
class MerchantIdIsAFloat(Provider):
    def order_data(self, order: Order) -> Document:
        name = order.terms.request_id
        rounded = f"{float(name):.0f}" if name.isascii() and name.isdigit() and len(name) > len("9007199254740993") else name
        return {**super().order_data(order), "mchOrderNo": rounded}


@mutant("CB-14", "addresses are cut at the width of their column")
class AddressesAreCut(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        return {**document, **{name: document[name][:DATABASE_WIDTH] for name in ("success_url", "fail_url")}}


@mutant("CB-14", "a text that looks like JSON becomes what it looks like")
class TextIsReadAsJson(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        try:
            read: Any = json.loads(document["product_name"]) if document["product_name"][:1] in ("{", "[") else None
        except ValueError:
            read = None
        return document if read is None else {**document, "product_name": read}


@mutant("CB-02", "callbacks are called a form")
class CallbackIsCalledAForm(Provider):
    def callback_request(self, order: Order, document: Document) -> Request:
        request = super().callback_request(order, document)
        headers = (("content-type", "application/x-www-form-urlencoded"), *request.headers[1:])
        return msgspec.structs.replace(request, headers=headers)


@mutant("CB-02", "callbacks do not say what they are")
class CallbackNamesNoType(Provider):
    def callback_request(self, order: Order, document: Document) -> Request:
        request = super().callback_request(order, document)
        return msgspec.structs.replace(request, headers=request.headers[1:])


@mutant("CA-06", "the query of success_url gets lost")
class LandingLosesItsQuery(Provider):
    def redirect_after(self, order: Order) -> str:
        url = super().redirect_after(order)
        return url.partition("?")[0] if order.succeeded else url


@mutant("CA-07", "the query of fail_url gets lost")
class FailureLosesItsQuery(Provider):
    def redirect_after(self, order: Order) -> str:
        url = super().redirect_after(order)
        return url if order.succeeded else url.partition("?")[0]


@mutant("DC-09", "expiry_month is cut to 32 bits")
class MonthIsCutToThirtyTwoBits(Provider):
    def read_month(self, path: str, value: Any) -> int:
        return super().read_month(path, value % 2**32 if isinstance(value, int) and value > 0 else value)


@mutant("RQ-05", "a blank request_id is an id")
class BlankIdAccepted(Provider):
    def read(self, container: Document, path: str, reader: Any) -> Any:
        value = container.get("request_id") if path == "request_id" else None
        return value if isinstance(value, str) and value.isspace() else super().read(container, path, reader)


@mutant("TK-04", "a blank token is not refused before it is declined")
class BlankTokenAccepted(Provider):
    def read(self, container: Document, path: str, reader: Any) -> Any:
        value = container.get("token") if path.endswith(".token") else None
        return value if isinstance(value, str) and value.isspace() else super().read(container, path, reader)

    def redeem(self, token: str) -> CardDetails:
        return CardDetails("", 1, 2099, "000") if token.isspace() else super().redeem(token)


@mutant("EP-04", "a body that is no JSON is read as a form")
class FormIsAnOrder(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        form: dict[str, Any] = dict(parse_qsl(raw.decode(errors="replace")))
        if form.get("pay_access_type", "").isdigit():
            return form | {"pay_access_type": int(form["pay_access_type"])}
        return super().on_malformed(raw, error)


@mutant("CB-14", "escapes in a description are resolved as if it were an address")
class DescriptionIsUnescaped(Provider):
    def callback_document(self, order: Order) -> Document:
        return {**super().callback_document(order), "description": unquote(order.terms.description)}


@mutant("CA-08", "escapes in the path of a return address are escaped again")
class LandingIsEscapedTwice(Provider):
    def redirect_after(self, order: Order) -> str:
        path, mark, query = super().redirect_after(order).partition("?")
        return path.replace("%", "%25") + mark + query


@mutant("PC-01", "the refusal of a cvv repeats it")
class RefusalRepeatsTheCvv(Provider):
    def read_cvv(self, path: str, value: Any) -> str:
        try:
            return super().read_cvv(path, value)
        except Refusal as refusal:
            raise Refusal(refusal.code, f"{refusal.message}, not {value}") from None


@mutant("DC-13", "a card is declined in the last month that it is good for")
class LastMonthIsDeclined(Provider):
    def outcome(self, order: Order) -> State:
        now, card = self.settings.clock(), order.card
        last = card is not None and (card.expiry_year, card.expiry_month) == (now.year, now.month)
        return State.FAILED if last else super().outcome(order)


@mutant("RS-06", "a request_id is cut to what its column holds")
class IdIsCutToItsColumn(Provider):
    def check_length(self, path: str, value: str) -> None:
        if path != "request_id":
            super().check_length(path, value)

    def order_data(self, order: Order) -> Document:
        return {**super().order_data(order), "mchOrderNo": order.terms.request_id[:20]}


@mutant("CB-09", "ninety-nine cents are rounded up")
class NinetyNineIsRoundedUp(Provider):
    def callback_document(self, order: Order) -> Document:
        amount = order.terms.amount
        told = str(Decimal(amount) + Decimal("0.01")) if amount.endswith(".99") else amount
        return {**super().callback_document(order), "target_amount": told}


@mutant("DC-09", "cards that expire in September are declined")
class SeptemberIsDeclined(Provider):
    def outcome(self, order: Order) -> State:
        september = order.card is not None and order.card.expiry_month == SEPTEMBER
        return State.FAILED if september else super().outcome(order)


@mutant("CB-03", "orders whose description has no blank are declined")
class OneWordIsDeclined(Provider):
    def outcome(self, order: Order) -> State:
        return super().outcome(order) if " " in order.terms.description else State.FAILED
