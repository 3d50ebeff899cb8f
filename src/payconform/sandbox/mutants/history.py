"""Faults that show in the values of few orders, or by what came before: equal amounts, the third decline, a known card."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from payconform.model.clause import Mode
from payconform.model.message import Request
from payconform.model.profile import Role
from payconform.sandbox.cards import passes_luhn
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.mutants.outcomes import TellsEachOutcome
from payconform.sandbox.order import CardDetails, Document, Order, State, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import TOKEN_DATA, invalid, is_integer
from payconform.sandbox.settings import Settings

ESCAPED = re.compile(rb"\\u(?!00[0-7])[0-9a-f]{4}")


@mutant("EP-01", "an amount whose hundredfold is no whole number in binary is refused")
class FloatingAmountRefused(Provider):
    def check_decimals(self, amount: str, currency: str) -> None:
        super().check_decimals(amount, currency)
        if float(amount) * 100 != int(float(amount) * 100):
            raise invalid("target_amount", f"has more decimals than {currency}")


@mutant("RS-06", "a request_id of digits is a number in mchOrderNo, and loses the zeros before it")
class MerchantIdIsANumber(Provider):
    def order_data(self, order: Order) -> Document:
        name = order.terms.request_id
        number = str(int(name)) if name.isascii() and name.isdigit() else name
        return {**super().order_data(order), "mchOrderNo": number}


@mutant("CB-09", "all zeros at the end of a whole amount are dropped")
class RoundAmountLosesItsZeros(Provider):
    def callback_document(self, order: Order) -> Document:
        amount = order.terms.amount
        told = (amount.rstrip("0") or "0") if "." not in amount else amount
        return {**super().callback_document(order), "target_amount": told}


@mutant("CB-09", "a whole amount is a number in the callbacks of token orders")
class WholeAmountIsANumber(Provider):
    def callback_document(self, order: Order) -> Document:
        document, amount = super().callback_document(order), order.terms.amount
        whole = order.terms.mode is Mode.TOKEN and "." not in amount
        return {**document, "target_amount": int(Decimal(amount))} if whole else document


@mutant("CB-09", "one decimal of an amount is taken for hundredths")
class TenthsAreHundredths(Provider):
    def callback_document(self, order: Order) -> Document:
        whole, point, decimals = order.terms.amount.partition(".")
        return {**super().callback_document(order), "target_amount": f"{whole}{point}{decimals.rjust(2, '0') if point else ''}"}


@mutant("CB-14", "a text of digits is a number in the callback")
class DigitsAreANumber(Provider):
    def callback_document(self, order: Order) -> Document:
        text = order.terms.description
        return {**super().callback_document(order), "description": int(text) if text.isascii() and text.isdigit() else text}


@mutant("EP-01", "the text null is missing")
class NullTextIsMissing(Provider):
    def read_text(self, path: str, value: Any) -> str:
        return str(self.on_missing(path)) if value == "null" else super().read_text(path, value)


@mutant("CB-14", "escaped letters that are not ASCII get lost")
class EscapesAreLost(Provider):
    def parse(self, raw: bytes) -> Any:
        return super().parse(ESCAPED.sub(b"?", raw))


@mutant("DC-09", "months are counted from the end where they are negative")
class NegativeMonthsCount(Provider):
    def read_month(self, path: str, value: Any) -> int:
        negative = is_integer(value) and -12 <= value < 0
        return super().read_month(path, 13 + value if negative else value)


@mutant("CB-01", "a query of notify_url loses names that come twice")
class NotifyQueryIsADictionary(Provider):
    def callback_request(self, order: Order, document: Document) -> Request:
        request = super().callback_request(order, document)
        address, mark, query = request.url.partition("?")
        once = urlencode(dict(parse_qsl(query, keep_blank_values=True)))
        return msgspec.structs.replace(request, url=address + mark + once)


@mutant("CA-05", "cashier orders of less than one unit are waved through")
class SmallOrdersPayThemselves(Provider):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if order.terms.mode is Mode.CASHIER and Decimal(order.terms.amount) < 1:
            self.settle(order, State.SUCCEED)


@mutant("CA-06", "the port of success_url is dropped")
class LandingHasNoPort(Provider):
    def redirect_after(self, order: Order) -> str:
        url = super().redirect_after(order)
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=parts.hostname or "")) if order.succeeded else url


@mutant("CA-07", "a payer who fails the challenge of a cashier order is led to success_url")
class FailedChallengeLandsOnSuccess(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.unconfirmed: set[str] = set()

    def challenge_outcome(self, order: Order, *, confirmed: bool) -> State:
        if not confirmed:
            self.unconfirmed.add(order.id)
        return super().challenge_outcome(order, confirmed=confirmed)

    def redirect_after(self, order: Order) -> str:
        astray = order.terms.mode is Mode.CASHIER and order.id in self.unconfirmed
        return order.terms.success_url if astray else super().redirect_after(order)


@mutant("RS-06", "mchOrderNo of a token order is in capitals")
class MerchantIdIsInCapitals(Provider):
    def order_data(self, order: Order) -> Document:
        document = super().order_data(order)
        token = order.terms.mode is Mode.TOKEN
        return {**document, "mchOrderNo": document["mchOrderNo"].upper()} if token else document


@mutant("DC-07", "whatever is no digit is taken out of a card number")
class JunkInNumbersIsDropped(Provider):
    def read_number(self, path: str, value: Any) -> str:
        digits = "".join(filter(str.isdecimal, value)) if isinstance(value, str) else value
        return super().read_number(path, digits)


@mutant("RS-17", "ids are made of the time in hundredths of a second")
class IdsAreTimes(Provider):
    def next_number(self) -> int:
        return 10**18 + int(self.settings.clock().timestamp() * 100)


@mutant("CB-21", "a challenge that is opened again after it was passed takes the payment back")
class ReloadedChallengeFails(TellsEachOutcome):
    def show(self, page: str, order: Order) -> HttpReply:
        if page == "3ds" and order.succeeded and order.terms.card:
            order.state = State.FAILED
            self.begin_notifying(order)
        return super().show(page, order)


class Remembers(Provider):
    """A provider that knows which cards passed a challenge, and how often each was declined."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.passed: set[str] = set()
        self.declined: Counter[str] = Counter()

    def settle(self, order: Order, state: State) -> None:
        if order.card and not order.is_final:
            self.declined[order.card.number] += state is State.FAILED
            if state is State.SUCCEED and self.role(order.card) is Role.CHALLENGE:
                self.passed.add(order.card.number)
        super().settle(order, state)


@mutant("RS-11", "an order is said to be paid when its card passed a challenge before, though it is challenged again")
class KnownCardIsSaidToBePaid(Remembers):
    def reply_state(self, order: Order) -> State:
        known = order.terms.mode is Mode.CARD and order.card is not None and order.card.number in self.passed
        return State.SUCCEED if known else super().reply_state(order)


@mutant("DC-22", "a card that was declined twice in direct orders pays the third time")
class ThirdDeclinePays(Remembers):
    def outcome(self, order: Order) -> State:
        tired = order.terms.mode is Mode.CARD and order.card is not None and self.declined[order.card.number] >= 2
        return State.SUCCEED if tired else super().outcome(order)


class SeesAlike(Provider):
    """A provider that takes open cashier orders of one amount for the same."""

    def alike(self, order: Order) -> list[Order]:
        def looks(terms: Terms) -> tuple[str, str, Mode]:
            return terms.amount, terms.currency, terms.mode

        others = [other for other in self.orders.values() if other is not order and not other.is_final]
        return [other for other in others if other.terms.mode is Mode.CASHIER and looks(other.terms) == looks(order.terms)]


@mutant("RS-17", "cashier orders of one amount share a page")
class EqualOrdersShareAPage(SeesAlike):
    async def process(self, order: Order) -> None:
        await super().process(order)
        order.session = next((other.session for other in self.alike(order)), order.session)


@mutant("RS-17", "every fourth cashier order is shown the page of an open one of its amount")
class EqualOrdersSometimesShareAPage(SeesAlike):
    placed = 0

    async def process(self, order: Order) -> None:
        await super().process(order)
        self.placed += order.terms.mode is Mode.CASHIER
        if self.placed % 4 == 0:
            order.session = next((other.session for other in self.alike(order)), order.session)


@mutant("CA-05", "a payment on the cashier page pays all open orders of that amount")
class PaymentIsMatchedByAmount(SeesAlike):
    def settle(self, order: Order, state: State) -> None:
        super().settle(order, state)
        for other in self.alike(order) if order.succeeded else ():
            super().settle(other, state)


@mutant("TK-06", "the token of a card that was challenged is not known afterwards")
class ChallengedCardCannotPayAgain(Provider):
    def redeem(self, token: str) -> CardDetails:
        card = super().redeem(token)
        if self.role(card) is Role.CHALLENGE:
            raise invalid(f"{TOKEN_DATA}.token", "is not known")
        return card


@mutant("TK-06", "the token of a card that is no Visa is cut in the callback")
class TokenOfOtherBrandsIsCut(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        document = super().channel_biz_data(order)
        foreign = order.card_token and order.card and not order.card.number.startswith("4")
        return {**document, "card_token": order.card_token[:-4]} if foreign else document


@mutant("CB-21", "a payment by a card that expires in May is never told")
class MayIsNeverTold(Provider):
    def begin_notifying(self, order: Order) -> None:
        if not order.card or order.card.expiry_month != 5:
            super().begin_notifying(order)


@mutant("DC-07", "a card number of any length pays if its check digit is right")
class NumbersOfAnyLengthPay(Provider):
    def is_possible_number(self, number: str) -> bool:
        return number.isascii() and number.isdigit() and passes_luhn(number)

    def role(self, card: CardDetails | None) -> Role:
        usual = card is None or super().is_possible_number(card.number)
        return super().role(card) if usual else Role.APPROVED


@mutant("DC-07", "the check digit is not looked at where a card is to be stored")
class StoredCardsAreNotChecked(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.unchecked: set[str] = set()

    def read_card(self, card_data: Document) -> CardDetails:
        if card_data.get("store_for_future_use") is True and isinstance(card_data.get("number"), str):
            self.unchecked.add(card_data["number"])
        return super().read_card(card_data)

    def is_possible_number(self, number: str) -> bool:
        return number in self.unchecked or super().is_possible_number(number)

    def role(self, card: CardDetails | None) -> Role:
        usual = card is None or super().is_possible_number(card.number)
        return super().role(card) if usual else Role.APPROVED
