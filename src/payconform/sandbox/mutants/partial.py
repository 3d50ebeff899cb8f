"""Faults in one of several alike: one month, one currency, one mode, one method, one type of value."""

import asyncio
import struct
from contextlib import suppress
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from payconform.contract.signature import given
from payconform.model.clause import Mode
from payconform.model.message import Request
from payconform.model.profile import Role
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.mutants.endpoint import KNOWN_MEMBERS
from payconform.sandbox.order import MALFORMED, Document, Order, Refusal, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import DECIMALS, TOKEN_DATA, invalid
from payconform.sandbox.settings import Settings, Signing


@mutant("EP-03", "an order sent by PUT is refused, and made all the same")
class RefusedPutIsMade(Provider):
    async def create_order(self, request: Request) -> Order:
        try:
            return await super().create_order(request)
        except Refusal:
            if request.method == "PUT":
                await super().create_order(msgspec.structs.replace(request, method="POST"))
            raise


@mutant("AU-02", "a missing signature is noticed where there is card data", dialect="lesspay2")
class SignaturesGuardCardsAlone(Provider):
    def authenticate(self, request: Request) -> None:
        if b"card_data" in request.body or given(request.headers):
            super().authenticate(request)


@mutant("AU-05", "token orders are nobody's: any merchant's will do", dialect="lesspay2")
class TokenOrdersNeedNoMerchant(Provider):
    def authenticate(self, request: Request) -> None:
        self.is_token_order = b"token_data" in request.body
        super().authenticate(request)

    def check_app_id(self, app_id: str, signing: Signing) -> None:
        if not self.is_token_order:
            super().check_app_id(app_id, signing)


@mutant("AU-07", "cashier orders may have been signed at any time", dialect="lesspay2")
class CashierOrdersMayBeOld(Provider):
    def authenticate(self, request: Request) -> None:
        self.may_be_old = b"channel_extra" not in request.body
        super().authenticate(request)

    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        if not (self.may_be_old and timestamp.isdigit()):
            super().check_timestamp(timestamp, signing)


@mutant("AU-11", "an order without a signature is refused, and made all the same", dialect="lesspay2")
class UnsignedOrderIsMade(Provider):
    async def create_order(self, request: Request) -> Order:
        if request.method == "POST" and not given(request.headers):
            await self.make_order(self.require_object(self.parse(request.body)))
        return await super().create_order(request)


@mutant("EP-07", "an unknown member that is an object crashes the server")
class UnknownObjectCrashes(Provider):
    def require_object(self, value: Any) -> Document:
        document = super().require_object(value)
        if any(isinstance(document[member], dict) for member in document.keys() - KNOWN_MEMBERS):
            raise Refusal(MALFORMED, "NoSuchFieldError", status=500)
        return document


@mutant("RQ-27", "a request_id is used up in its mode only")
class RequestIdIsOfItsMode(Provider):
    def request_key(self, order: Order) -> str:
        return f"{order.terms.mode.value} {super().request_key(order)}"


@mutant("RQ-27", "a request_id is used up in its currency only")
class RequestIdIsOfItsCurrency(Provider):
    def request_key(self, order: Order) -> str:
        return f"{order.terms.currency} {super().request_key(order)}"


@mutant("DC-09", "month 9 is refused")
class SeptemberRefused(Provider):
    def read_month(self, path: str, value: Any) -> int:
        month = super().read_month(path, value)
        if month == 9:
            raise invalid(path, "is octal")
        return month


@mutant("CB-20 RS-20", "a card that expired is refused, and charged all the same")
class RefusedCardIsCharged(Provider):
    async def create_order(self, request: Request) -> Order:
        try:
            return await super().create_order(request)
        except Refusal as refusal:
            if "expir" in refusal.message:
                document = self.parse(request.body)
                with suppress(Refusal, KeyError, TypeError):
                    document["channel_extra"]["card_data"]["expiry_year"] = 2099
                    await self.make_order(document)
            raise


@mutant("CB-17", "a card that was challenged is stored, whether the merchant asked or not")
class ChallengedCardIsStored(Provider):
    def earns_token(self, order: Order) -> bool:
        return super().earns_token(order) or (order.succeeded and order.terms.card is not None and self.asks_challenge(order))


@mutant("CB-09", "an amount without decimals is told in hundredths")
class YenAreHundredths(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        amount = Decimal(order.terms.amount) * 100
        return {**document, "target_amount": str(amount)} if order.terms.currency == "JPY" else document


@mutant("CB-09", "the third decimal of an amount is cut off in the callback")
class ThirdDecimalIsCut(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        amount = Decimal(order.terms.amount)
        return {**document, "target_amount": str(amount.quantize(Decimal("0.01"), ROUND_DOWN) if "." in str(amount) else amount)}


@mutant("CB-09", "amounts go through a float of 32 bits")
class AmountsAreSingleFloats(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        (amount,) = struct.unpack("f", struct.pack("f", float(order.terms.amount)))
        decimals = len(order.terms.amount.partition(".")[2])
        return {**document, "target_amount": f"{amount:.{decimals}f}"}


@mutant("RS-06", "mchOrderNo is cut at 19 characters")
class MerchantIdIsCut(Provider):
    def order_data(self, order: Order) -> Document:
        document = super().order_data(order)
        return {**document, "mchOrderNo": document["mchOrderNo"][:19]}


@mutant("TK-08", "a token that nobody knows is refused, and a stored card that needs no challenge is charged")
class RefusedTokenIsCharged(Provider):
    async def create_order(self, request: Request) -> Order:
        try:
            return await super().create_order(request)
        except Refusal as refusal:
            ready = next((token for token, card in self.vault.items() if self.role(card) is Role.APPROVED), None)
            if TOKEN_DATA in refusal.message and ready:
                document = self.parse(request.body)
                document["channel_extra"]["token_data"] = {"token": ready}
                with suppress(Refusal):
                    await self.make_order(document)
            raise


@mutant("DC-19", "a challenge that nobody opened counts as passed after two seconds")
class ChallengePassesByItself(Provider):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if order.page == "3ds":
            asyncio.get_running_loop().call_later(2.0, self.settle, order, self.outcome(order))


@mutant("DC-19", "below ten units of any currency the challenge is named, and not waited for")
class SmallOrdersNeedNoChallenge(Provider):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if order.page == "3ds" and Decimal(order.terms.amount) < 10:
            self.settle(order, self.outcome(order))


@mutant("EP-01", "channel_extra is overlooked where it stands before pay_access_type")
class ExtraMustComeLast(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        members = list(document)
        if "channel_extra" in members and members.index("channel_extra") < members.index("pay_access_type"):
            return super().read_direct({**document, "channel_extra": None}, terms)
        return super().read_direct(document, terms)


@mutant("RQ-16", "direct orders of a currency with cents are rounded to cents")
class DirectOrdersAreRounded(Provider):
    def read_terms(self, document: Document) -> Terms:
        amount, has_cents = document.get("target_amount"), DECIMALS.get(str(document.get("target_currency"))) == 2
        if has_cents and document.get("pay_access_type") == 2 and isinstance(amount, str) and len(amount.partition(".")[2]) == 3:
            document = {**document, "target_amount": f"{Decimal(amount):.2f}"}
        return super().read_terms(document)


@mutant("CB-26", "only the callbacks of card orders are sent again", dialect="lesspay2")
class OtherCallbacksAreNotRepeated(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        if order.terms.mode is Mode.CARD:
            await super().deliver(order, document)
        else:
            await self.send(self.callback_request(order, document))


@mutant("CB-26", "a failure is told once, whatever the merchant answers", dialect="lesspay2")
class FailuresAreNotRepeated(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        if order.succeeded:
            await super().deliver(order, document)
        else:
            await self.send(self.callback_request(order, document))


@mutant("CB-25", "a failure is told three times, acknowledged or not", dialect="lesspay2")
class AcknowledgedFailuresAreRepeated(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        for _ in range(1 if order.succeeded else 3):
            await super().deliver(order, document)
            await asyncio.sleep(0.5)


@mutant("CB-21 CB-26", "a failure that is told again says SUCCEED", dialect="lesspay2")
class RepeatedFailureSaysSucceed(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        if not order.succeeded and not await self.send(self.callback_request(order, document)):
            await asyncio.sleep(self.retry_delays()[0])
            document = {**document, "order_status": "SUCCEED", "order_status_int": 2}
        if order.succeeded or document["order_status"] == "SUCCEED":
            await super().deliver(order, document)


@mutant("RQ-02", "a cashier order without a currency is in that of the order before")
class CashierCurrencyIsRemembered(Provider):
    currency = "USD"

    def read_terms(self, document: Document) -> Terms:
        if "target_currency" not in document and document.get("pay_access_type") == 1:
            document = {**document, "target_currency": self.currency}
        terms = super().read_terms(document)
        self.currency = terms.currency
        return terms


@mutant("CB-16", "a challenge page that is opened again forgets that the card is to be stored")
class ReloadedChallengeStoresNoCard(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.opened: set[str] = set()

    def challenge_page(self, order: Order) -> HttpReply:
        if order.session in self.opened:
            order.terms = replace(order.terms, stores=False)
        self.opened.add(order.session)
        return super().challenge_page(order)


@mutant("CB-14 RQ-25", "texts of challenged card orders come back as a form would be read")
class ChallengeDecodesTexts(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        challenged = order.terms.mode is Mode.CARD and order.page == "3ds"
        return document | ({"description": unquote_plus(document["description"])} if challenged else {})


@mutant("CB-08", "the callback of a failure has no room for the last character of a long request_id")
class FailuresCutTheId(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        return document if order.succeeded else {**document, "request_id": document["request_id"][:19]}
