"""Faults that take one thing for another that is like it: cards of one scheme, tokens with one ending, orders under one id."""

import base64
import json
from dataclasses import replace
from typing import Any

from payconform.model.clause import Mode
from payconform.model.profile import Role
from payconform.sandbox.cards import ROLES
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import MALFORMED, CardDetails, Document, Order, Refusal, State, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.rules import CARD_NUMBER

LATER = 2099


@mutant("TK-08", "a token is known by its last ten characters")
class TokenIsKnownByItsEnding(Provider):
    def redeem(self, token: str) -> CardDetails:
        return super().redeem(next((known for known in self.vault if known[-10:] == token[-10:]), token))


@mutant("TK-12 PC-01", "a token is the card number in base32")
class TokenIsTheNumberInBase32(Provider):
    def new_token(self, card: CardDetails) -> str:
        return "src_" + base64.b32encode(card.number.encode()).decode().rstrip("=").lower()


@mutant("TK-06", "a stored card that is challenged does not pay though its payer passes")
class PassedTokenChallengeFails(Provider):
    def challenge_outcome(self, order: Order, *, confirmed: bool) -> State:
        return State.FAILED if order.terms.mode is Mode.TOKEN else super().challenge_outcome(order, confirmed=confirmed)


class LooksAway(Provider):
    """A provider that does not look at the expiry of some cards."""

    def looks_away(self, number: str) -> bool:
        raise NotImplementedError

    def read_card(self, card_data: Document) -> CardDetails:
        try:
            return super().read_card(card_data)
        except Refusal as refusal:
            if "past" not in refusal.message or not self.looks_away(card_data["number"]):
                raise
            return super().read_card(card_data | {"expiry_year": LATER})


@mutant("DC-13", "a Mastercard is good for ever")
class MastercardsNeverExpire(LooksAway):
    def looks_away(self, number: str) -> bool:
        return number.startswith("5")


@mutant("DC-13", "a card that is challenged is good for ever")
class ChallengedCardsNeverExpire(LooksAway):
    def looks_away(self, number: str) -> bool:
        return ROLES.get(number) is Role.CHALLENGE


@mutant("DC-13", "of an expiry year the last two digits are looked at")
class YearsAreOfThisCentury(Provider):
    def is_expired(self, month: int, year: int) -> bool:
        return super().is_expired(month, 2000 + year % 100)


@mutant("DC-07", "a number of fifteen digits needs no check digit, and pays")
class FifteenDigitsNeedNoCheck(Provider):
    def is_possible_number(self, number: str) -> bool:
        return super().is_possible_number(number) or (len(number) == 15 and bool(CARD_NUMBER.fullmatch(number)))

    def role(self, card: CardDetails | None) -> Role:
        return Role.APPROVED if card and len(card.number) == 15 else super().role(card)


@mutant("CB-21 RQ-27", "another card under the request_id of a declined order pays it")
class DeclinedOrderTakesAnotherCard(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        if earlier.state is not State.FAILED or earlier.terms.mode is not Mode.CARD or order.card == earlier.card:
            return super().on_repeat(order, earlier)
        earlier.state, earlier.card = State.PENDING, order.card
        self.settle(earlier, self.outcome(order))
        return earlier


class RepeatPays(Provider):
    """A provider that takes a repeat for the payer's consent."""

    def waits_for(self, page: str) -> bool:
        raise NotImplementedError

    def on_repeat(self, order: Order, earlier: Order) -> Order:
        if self.waits_for(earlier.page) and not earlier.is_final:
            self.settle(earlier, State.SUCCEED)
        return super().on_repeat(order, earlier)


@mutant("DC-19", "a repeat of an order that waits for its challenge charges it")
class RepeatPassesTheChallenge(RepeatPays):
    def waits_for(self, page: str) -> bool:
        return page == "3ds"


@mutant("CA-05", "a repeat of a cashier order charges it")
class RepeatPaysTheCashier(RepeatPays):
    def waits_for(self, page: str) -> bool:
        return page == "cashier"


@mutant("RQ-18", "transaction_type may be spelt without its underscore")
class UnderscoreMayBeMissing(Provider):
    def read_transaction_type(self, path: str, value: Any) -> str:
        return super().read_transaction_type(path, "PAY_IN" if value == "PAYIN" else value)


@mutant("RQ-31", "a currency that is a number is the first of the list")
class CurrencyMayBeANumber(Provider):
    def read_currency(self, path: str, value: Any) -> str:
        return super().read_currency(path, "USD" if isinstance(value, int) else value)


@mutant("PC-01", "the refusal of a body that is no JSON quotes it")
class MalformedBodyIsQuoted(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        raise Refusal(MALFORMED, f"not well-formed JSON: {raw.decode(errors='replace')}") from error


@mutant("EP-04", "an order that is followed by junk is refused, and made all the same")
class JunkIsRefusedTooLate(Provider):
    async def make_from(self, raw: bytes) -> None:
        document, _ = json.JSONDecoder().raw_decode(raw.decode(errors="replace"))
        await self.make_order(document)

    async def create_order(self, request: Any) -> Order:
        try:
            return await super().create_order(request)
        except Refusal as refusal:
            if refusal.code == MALFORMED and request.body.endswith(b"junk"):
                await self.make_from(request.body)
            raise


@mutant("EP-01", "white space around a body is no part of JSON")
class BlanksAroundABodyAreRefused(Provider):
    def parse(self, raw: bytes) -> Any:
        return self.on_malformed(raw, ValueError("blank")) if raw != raw.strip() else super().parse(raw)


@mutant("CB-14", "a description is cut at 255 characters")
class LongDescriptionIsCut(Provider):
    def check_length(self, path: str, value: str) -> None:
        if path not in ("product_name", "description"):
            super().check_length(path, value)

    def callback_document(self, order: Order) -> Document:
        return {**super().callback_document(order), "description": order.terms.description[:255]}


@mutant("CB-01", "an address is cut at 255 characters", dialect="lesspay2")
class LongAddressIsCut(Provider):
    def check_length(self, path: str, value: str) -> None:
        if not path.endswith("_url"):
            super().check_length(path, value)

    def read_terms(self, document: Document) -> Terms:
        terms = super().read_terms(document)
        return replace(terms, notify_url=terms.notify_url[:255])


@mutant("CB-03", "a Mastercard fails at the cashier's, and the payer is told so")
class MastercardsFailAtTheCashier(Provider):
    def outcome(self, order: Order) -> State:
        mastercard = order.card is not None and order.card.number.startswith("5")
        return State.FAILED if mastercard and order.terms.mode is Mode.CASHIER else super().outcome(order)


@mutant("PC-03", "the callback shows the card number's last eight digits")
class MaskShowsALongEnding(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        return {**super().channel_biz_data(order), "card": f"********{order.card.number[-8:]}" if order.card else ""}


@mutant("PC-01", "the refusal of an expired card speaks of its cvv")
class RefusalSaysTheCvv(Provider):
    def read_card(self, card_data: Document) -> CardDetails:
        try:
            return super().read_card(card_data)
        except Refusal as refusal:
            refusal.message += f"; the security code was {card_data.get('cvv')}"
            raise


@mutant("PC-01", "the callback has the cvv beside the result of its check")
class CallbackHasTheCheckedCvv(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        return {**super().channel_biz_data(order), "cvv_checked": order.card.cvv if order.card else ""}
