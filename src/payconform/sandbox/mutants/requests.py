"""Faults in what is demanded of a request, and in what makes it unique (clauses RQ-13 to RQ-31)."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import DUPLICATE, INVALID, Document, Order, Refusal, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.rules import DECIMALS, invalid, is_integer
from payconform.sandbox.settings import Settings

SHORT_URL = 200


@mutant("RQ-01", "a target_amount of null is taken for 1")
class NullAmountAccepted(Provider):
    def read(self, container: Document, path: str, reader: Any) -> Any:
        if path == "target_amount" and path in container and container[path] is None:
            return "1"
        return super().read(container, path, reader)


@mutant("RQ-05", "an empty request_id is taken for a merchant's order number")
class EmptyRequestIdAccepted(Provider):
    def read(self, container: Document, path: str, reader: Any) -> Any:
        if path == "request_id" and container.get(path) == "":
            return ""
        return super().read(container, path, reader)


@mutant("RQ-13", "an amount sent as a number is read as minor units")
class NumberAmountIsMinorUnits(Provider):
    def read_amount(self, path: str, value: Any) -> str:
        if is_integer(value) or isinstance(value, Decimal):
            return f"{Decimal(value) / 100:.2f}"
        return super().read_amount(path, value)


@mutant("RQ-14", "an amount with an exponent is parsed")
class ExponentAmountAccepted(Provider):
    def read_amount(self, path: str, value: Any) -> str:
        if isinstance(value, str) and value.lower().replace("e", "", 1).isdigit() and not value.isdigit():
            return str(int(Decimal(value)))
        return super().read_amount(path, value)


@mutant("RQ-14", "an amount below zero is accepted")
class NegativeAmountAccepted(Provider):
    def read_amount(self, path: str, value: Any) -> str:
        if isinstance(value, str) and value.startswith("-"):
            return f"-{super().read_amount(path, value[1:])}"
        return super().read_amount(path, value)


@mutant("RQ-15", "an amount of zero is accepted")
class ZeroAmountAccepted(Provider):
    def read_amount(self, path: str, value: Any) -> str:
        return value if value in ("0", "0.0", "0.00") else super().read_amount(path, value)


@mutant("RQ-16", "an amount with too many decimals is rounded silently")
class AmountIsRounded(Provider):
    def read_amount(self, path: str, value: Any) -> str:
        amount = super().read_amount(path, value)
        return f"{Decimal(amount):.2f}" if len(amount.partition(".")[2]) > 2 else amount


@mutant("RQ-17", "an unknown currency is accepted")
class UnknownCurrencyAccepted(Provider):
    def read_currency(self, path: str, value: Any) -> str:
        return self.read_text(path, value)


@mutant("RQ-18", "PAY_OUT is accepted on the pay-in endpoint")
class PayOutAccepted(Provider):
    def read_transaction_type(self, path: str, value: Any) -> str:
        return "PAY_OUT" if value == "PAY_OUT" else super().read_transaction_type(path, value)


@mutant("RQ-18", "transaction_type is not looked at")
class AnyTransactionTypeAccepted(Provider):
    def read_transaction_type(self, path: str, value: Any) -> str:  # noqa: ARG002 - whatever it is
        return "PAY_IN"


@mutant("RQ-19", "an unknown way_type is routed to the cards")
class AnyWayTypeAccepted(Provider):
    def read_way_type(self, path: str, value: Any) -> str:  # noqa: ARG002 - whatever it is
        return "CARD_PAYMENT"


@mutant("RQ-20", "an unknown api_version is accepted")
class AnyApiVersionAccepted(Provider):
    def read_api_version(self, path: str, value: Any) -> str:  # noqa: ARG002 - whatever it is
        return str(value)


@mutant("RQ-21", "an unknown pay_access_type is taken for 1")
class UnknownAccessTypeIsCashier(Provider):
    def read_access_type(self, path: str, value: Any) -> int:
        if isinstance(value, int | Decimal) and value not in (1, 2):
            return 1
        return super().read_access_type(path, value)


@mutant("RQ-22", "a pay_access_type sent as text falls back to the cashier, whatever it says")
class TextAccessTypeIsCashier(Provider):
    def read_access_type(self, path: str, value: Any) -> int:
        return 1 if isinstance(value, str) else super().read_access_type(path, value)


@mutant("RQ-23", "any text is taken for a URL", dialect="lesspay2")
class AnyTextIsAUrl(Provider):
    def read_url(self, path: str, value: Any) -> str:
        return self.read_text(path, value)


@mutant("RQ-24", "addresses may have 200 characters", dialect="lesspay2")
class ShortAddressesOnly(Provider):
    def read_url(self, path: str, value: Any) -> str:
        if isinstance(value, str) and len(value) > SHORT_URL:
            raise invalid(path, f"must have at most {SHORT_URL} characters")
        return super().read_url(path, value)


@mutant("RQ-24", "a request_id that is too long is cut off silently", dialect="lesspay2")
class LongRequestIdIsCutOff(Provider):
    def read_text(self, path: str, value: Any) -> str:
        return super().read_text(path, value[:20] if path == "request_id" and isinstance(value, str) else value)


@mutant("RQ-26", "a repeat of the same request makes a second order")
class RepeatMakesSecondOrder(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        return order if order.terms == earlier.terms else super().on_repeat(order, earlier)


@mutant("RQ-27", "a request_id used with another order makes a second order")
class ChangedRepeatMakesSecondOrder(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        return super().on_repeat(order, earlier) if order.terms == earlier.terms else order


@mutant("RQ-27", "a repeat with another amount changes the first order's amount")
class ChangedRepeatOverwritesAmount(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        if order.terms.amount == earlier.terms.amount:
            return super().on_repeat(order, earlier)
        earlier.terms = replace(earlier.terms, amount=order.terms.amount)
        if earlier.is_final:
            self.begin_notifying(earlier)
        return earlier


@mutant("RQ-27", "a repeat is refused, yet the first order is notified at its notify_url")
class ChangedRepeatMovesNotifyUrl(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        earlier.terms = replace(earlier.terms, notify_url=order.terms.notify_url)
        if earlier.is_final:
            self.begin_notifying(earlier)
        return super().on_repeat(order, earlier)


@mutant("RQ-28", "the look for an earlier order and the entry of the new one are not one step")
class UniquenessHasARace(Provider):
    async def claim(self, order: Order) -> Order:
        earlier = self.orders.get(order.terms.request_id)
        if earlier is not None:
            return self.on_repeat(order, earlier)
        await asyncio.sleep(0.05)  # a database that takes its time
        self.orders[order.terms.request_id] = order
        return order


@mutant("RQ-29", "a refused request uses its request_id up")
class RefusalTakesTheRequestId(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.spoilt: set[str] = set()

    def read_terms(self, document: Document) -> Terms:
        request_id = str(document.get("request_id"))
        if request_id in self.spoilt:
            raise Refusal(DUPLICATE, "request_id has been used before")
        try:
            return super().read_terms(document)
        except Refusal:
            self.spoilt.add(request_id)
            raise


@mutant("RQ-30", "request_ids that differ only in case are taken for one: the second is answered with the first one's order")
class RequestIdIgnoresCase(Provider):
    def request_key(self, order: Order) -> str:
        return order.terms.request_id.lower()

    def on_repeat(self, order: Order, earlier: Order) -> Order:
        return earlier if order.terms.request_id != earlier.terms.request_id else super().on_repeat(order, earlier)


@mutant("RQ-30", "two request_ids with the same first 16 characters are taken for one")
class RequestIdIsComparedInPart(Provider):
    def request_key(self, order: Order) -> str:
        return order.terms.request_id[:16]


@mutant("RQ-30", "a callback tells the request_id in capitals")
class CallbackTellsCapitals(Provider):
    def callback_document(self, order: Order) -> Document:
        return {**super().callback_document(order), "request_id": order.terms.request_id.upper()}


@mutant("RQ-30", "blanks around a request_id are dropped after its uniqueness was looked at")
class RequestIdLosesItsBlanks(Provider):
    def order_data(self, order: Order) -> Document:
        return {**super().order_data(order), "mchOrderNo": order.terms.request_id.strip()}

    def callback_document(self, order: Order) -> Document:
        return {**super().callback_document(order), "request_id": order.terms.request_id.strip()}


@mutant("RQ-16", "a decimal too many is cut off in the callback")
class AmountIsCutOff(Provider):
    def check_decimals(self, amount: str, currency: str) -> None:
        pass

    def callback_document(self, order: Order) -> Document:
        whole, point, cents = order.terms.amount.partition(".")
        kept = cents[: DECIMALS.get(order.terms.currency, 2)]
        return {**super().callback_document(order), "target_amount": f"{whole}{point if kept else ''}{kept}"}


@mutant("RQ-23", "a URL of another scheme is accepted", dialect="lesspay2")
class AnySchemeAccepted(Provider):
    def read_url(self, path: str, value: Any) -> str:
        text = self.read_text(path, value)
        return text if ":" in text else super().read_url(path, value)


@mutant("RQ-31", "an object in the place of a text is stored as its source")
class ObjectStoredAsText(Provider):
    def read_text(self, path: str, value: Any) -> str:
        return super().read_text(path, repr(value) if isinstance(value, dict | list) else value)


@mutant("RQ-31", "a number in the place of a text is stored as a fraction")
class NumberStoredAsFraction(Provider):
    def read_text(self, path: str, value: Any) -> str:
        return super().read_text(path, str(float(value)) if is_integer(value) else value)


@mutant("RQ-31", "text of another type crashes the server")
class TextOfAnotherTypeCrashes(Provider):
    def read_text(self, path: str, value: Any) -> str:
        if not isinstance(value, str):
            raise Refusal(INVALID, "ClassCastException", status=500)
        return super().read_text(path, value)
