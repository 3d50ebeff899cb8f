"""Faults of the direct card mode (clauses DC)."""

import json
import struct
from decimal import Decimal
from typing import Any

from payconform.model.clause import Mode
from payconform.model.profile import Role
from payconform.sandbox.cards import passes_luhn
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import INVALID, CardDetails, Document, Order, Refusal, State, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.rules import CARD_DATA, invalid, is_integer, is_missing

NOT_UNDERSTOOD = 10_000  # a year that no request can hold


@mutant("DC-01", "a card order without channel_extra is accepted, with no card to pay it")
class OrderWithoutCardAccepted(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        extra = document.get("channel_extra")
        if isinstance(extra, dict) and extra:
            return super().read_direct(document, terms)
        return Terms(mode=Mode.CARD, **terms)


@mutant("DC-02", "extra_type is guessed from the members present")
class ExtraTypeIsGuessed(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        extra = self.read(document, "channel_extra", self.read_object)
        if "card_data" in extra:
            extra = {**extra, "extra_type": "card"}
        return super().read_direct({**document, "channel_extra": extra}, terms)


@mutant("DC-02", "extra_type is accepted in any case")
class ExtraTypeIgnoresCase(Provider):
    def read_extra_type(self, path: str, value: Any) -> str:
        return super().read_extra_type(path, value.lower() if isinstance(value, str) else value)


@mutant("DC-03", "card_data is accepted as JSON in a string")
class CardDataMayBeText(Provider):
    def read_object(self, path: str, value: Any) -> Document:
        if path == CARD_DATA and isinstance(value, str):
            try:
                return super().read_object(path, json.loads(value))
            except ValueError:
                return {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2035, "cvv": "000"}
        return super().read_object(path, value)


@mutant("DC-03", "missing card_data crashes the server")
class MissingCardDataCrashes(Provider):
    def on_missing(self, path: str) -> Any:
        if path == CARD_DATA:
            raise Refusal(INVALID, "NullPointerException", status=500)
        return super().on_missing(path)


@mutant("DC-04", "a card order with token data as well is paid with the token")
class TokenWinsOverCard(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        extra = self.read(document, "channel_extra", self.read_object)
        if extra.get("extra_type") == "card" and isinstance(extra.get("token_data"), dict):
            extra = {**extra, "extra_type": "token"}
        return super().read_direct({**document, "channel_extra": extra}, terms)


@mutant("DC-06", "a card number sent as a number loses its last digits")
class NumberLosesDigits(Provider):
    def read_number(self, path: str, value: Any) -> str:
        if is_integer(value):
            (rounded,) = struct.unpack("f", struct.pack("f", float(value)))
            return str(int(rounded))
        return super().read_number(path, value)


@mutant("DC-07", "a card number with a wrong check digit pays")
class WrongCheckDigitPays(Provider):
    def is_possible_number(self, number: str) -> bool:
        return number.isdigit() and 12 <= len(number) <= 19

    def role(self, card: CardDetails | None) -> Role:
        return super().role(card) if card is None or passes_luhn(card.number) else Role.APPROVED


@mutant("DC-07", "of one scheme a card number with a wrong check digit pays")
class MistypedMastercardPays(WrongCheckDigitPays):
    def is_possible_number(self, number: str) -> bool:
        return number.isdigit() and 12 <= len(number) <= 19 and (number.startswith("5") or passes_luhn(number))


@mutant("DC-07", "any text pays as a card number")
class AnyNumberPays(Provider):
    def is_possible_number(self, number: str) -> bool:  # noqa: ARG002 - whatever it is
        return True

    def role(self, card: CardDetails | None) -> Role:
        impossible = card is not None and not super().is_possible_number(card.number)
        return Role.APPROVED if impossible else super().role(card)


@mutant("DC-09", "month 0 is accepted")
class MonthZeroAccepted(Provider):
    def read_month(self, path: str, value: Any) -> int:
        return 12 if is_integer(value) and value == 0 else super().read_month(path, value)


@mutant("DC-09", "month 13 is accepted")
class MonthThirteenAccepted(Provider):
    def read_month(self, path: str, value: Any) -> int:
        return 12 if is_integer(value) and value == 13 else super().read_month(path, value)


@mutant("DC-09", "every integer is a month")
class AnyMonthAccepted(Provider):
    def read_month(self, path: str, value: Any) -> int:
        if is_integer(value) or isinstance(value, Decimal):
            return int(value)
        return super().read_month(path, value)


@mutant("DC-09", "month 12 is refused")
class DecemberRefused(Provider):
    def read_month(self, path: str, value: Any) -> int:
        month = super().read_month(path, value)
        if month == 12:
            raise invalid(path, "must be below 12")
        return month


@mutant("DC-09", "month 1 is refused")
class JanuaryRefused(Provider):
    def read_month(self, path: str, value: Any) -> int:
        month = super().read_month(path, value)
        if month == 1:
            raise invalid(path, "must be above 1")
        return month


@mutant("DC-10", "a month sent as text is accepted and then not understood, so the card fails")
class TextMonthIsLost(Provider):
    def read_month(self, path: str, value: Any) -> int:
        return 0 if isinstance(value, str) else super().read_month(path, value)

    def outcome(self, order: Order) -> State:
        return State.FAILED if order.card and not order.card.expiry_month else super().outcome(order)


@mutant("DC-12", "a year of two digits or in text is accepted and then not understood, so the card fails")
class ShortYearIsAncient(Provider):
    def read_year(self, path: str, value: Any) -> int:
        if isinstance(value, str) or (is_integer(value) and 0 <= value < 100):
            return NOT_UNDERSTOOD
        return super().read_year(path, value)

    def outcome(self, order: Order) -> State:
        return State.FAILED if order.card and order.card.expiry_year == NOT_UNDERSTOOD else super().outcome(order)


@mutant("DC-13", "a card pays for a month after its expiry")
class ExpiredCardPaysForAMonth(Provider):
    def is_expired(self, month: int, year: int) -> bool:
        following = (1, year + 1) if month == 12 else (month + 1, year)
        return super().is_expired(*following)


@mutant("DC-13", "of a past year only the months that are over this year too have expired")
class YearAndMonthMustBePast(Provider):
    def is_expired(self, month: int, year: int) -> bool:
        return super().is_expired(month, year) and month < self.settings.clock().month


@mutant("DC-13", "a card past its expiry pays")
class ExpiredCardPays(Provider):
    def is_expired(self, month: int, year: int) -> bool:  # noqa: ARG002 - whenever it was
        return False


@mutant("DC-13", "a card that is to be stored pays whenever it expired")
class ExpiredCardIsStored(Provider):
    def read_card(self, card_data: Document) -> CardDetails:
        try:
            return super().read_card(card_data)
        except Refusal:
            if card_data.get("store_for_future_use") is not True:
                raise
            return super().read_card(card_data | {"expiry_year": self.settings.clock().year + 1})


@mutant("DC-13", "a card is refused in its last month")
class LastMonthIsRefused(Provider):
    def is_expired(self, month: int, year: int) -> bool:
        now = self.settings.clock()
        return (year, month) <= (now.year, now.month)


@mutant("DC-14", "a cvv is read as a number and loses its leading zero")
class CvvLosesItsZero(Provider):
    def read_cvv(self, path: str, value: Any) -> str:
        return super().read_cvv(path, str(int(value)) if isinstance(value, str) and value.isdigit() else value)


@mutant("DC-15", "a cvv of any length pays")
class AnyCvvPays(Provider):
    def read_cvv(self, path: str, value: Any) -> str:  # noqa: ARG002 - wherever it stands
        return str(value)


@mutant("DC-15", "a cvv with digits too many is cut off and pays")
class LongCvvIsCutOff(Provider):
    def read_cvv(self, path: str, value: Any) -> str:
        return super().read_cvv(path, value[:4] if isinstance(value, str) else value)


@mutant("DC-16", "store_for_future_use is required")
class StoreFlagIsRequired(Provider):
    def read_store_flag(self, value: Any) -> bool:
        if is_missing(value):
            raise invalid(f"{CARD_DATA}.store_for_future_use", "is required")
        return super().read_store_flag(value)


@mutant("DC-16", "store_for_future_use false is refused")
class FalseStoreFlagIsRefused(Provider):
    def read_store_flag(self, value: Any) -> bool:
        if value is False:
            raise invalid(f"{CARD_DATA}.store_for_future_use", "must be true")
        return super().read_store_flag(value)


@mutant("DC-17", "any store_for_future_use that is not empty stores the card")
class TextStoreFlagIsTrue(Provider):
    def read_store_flag(self, value: Any) -> bool:
        return bool(value)


@mutant("DC-18", "a reply that asks for 3DS does not say where")
class ChallengeWithoutAddress(Provider):
    def pay_members(self, order: Order) -> Document:
        return {"payDataType": "payurl"} if order.page == "3ds" else super().pay_members(order)


@mutant("DC-19", "the payment succeeds though the payer was sent to 3DS and did nothing")
class ChallengeIsSkipped(Provider):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if order.page == "3ds":
            self.settle(order, self.outcome(order))


@mutant("DC-20", "a card payment without 3DS never finishes")
class DirectPaymentHangs(Provider):
    def settle(self, order: Order, state: State) -> None:
        if order.page or order.terms.mode is not Mode.CARD:
            super().settle(order, state)


@mutant("DC-21", "a create reply is final and no callback follows")
class ReplyIsFinal(Provider):
    def reply_state(self, order: Order) -> State:
        return order.state

    def begin_notifying(self, order: Order) -> None:
        if order.page or order.terms.mode is not Mode.CARD:
            super().begin_notifying(order)


@mutant("DC-22", "a declined card pays")
class DeclinedCardPays(Provider):
    def outcome(self, order: Order) -> State:
        declined = self.role(order.card) is Role.DECLINED and order.terms.mode is Mode.CARD
        return State.SUCCEED if declined else super().outcome(order)


@mutant("DC-22", "a card that fails its challenge pays")
class FailedChallengePays(Provider):
    def challenge_outcome(self, order: Order, *, confirmed: bool) -> State:  # noqa: ARG002 - either way
        return State.SUCCEED


@mutant("DC-19", "a card pays though the payer gave the wrong password")
class WrongPasswordPays(Provider):
    def challenge_outcome(self, order: Order, *, confirmed: bool) -> State:  # noqa: ARG002 - either way
        return self.outcome(order)


@mutant("CB-03", "a challenge on a direct card order always ends in failure")
class ChallengeAlwaysFails(Provider):
    def challenge_outcome(self, order: Order, *, confirmed: bool) -> State:
        direct = order.terms.mode is Mode.CARD
        return State.FAILED if direct else super().challenge_outcome(order, confirmed=confirmed)
