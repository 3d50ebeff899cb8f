"""Faults in who may create orders (clauses AU): all for the signing sandbox."""

import json
import re

from payconform.contract import signature
from payconform.model.message import Request
from payconform.sandbox.authentication import unauthenticated
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import NOT_ALLOWED, Document, Order, Refusal
from payconform.sandbox.provider import Provider
from payconform.sandbox.settings import Settings, Signing


@mutant("AU-02", "a request without a signature is not checked", dialect="lesspay2")
class MissingSignatureAccepted(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if given:
            super().check_signature(given, raw, signing)


@mutant("AU-03 AU-04", "any 64 characters are taken for a signature", dialect="lesspay2")
class AnySignatureAccepted(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if len(given) != 64:
            super().check_signature(given, raw, signing)


@mutant("AU-03", "only the first half of a signature is compared", dialect="lesspay2")
class HalfTheSignatureCompared(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if given[:32] != self.expected_signature(raw, signing)[:32]:
            super().check_signature(given, raw, signing)


@mutant("AU-02", "an empty signature is not checked", dialect="lesspay2")
class EmptySignatureAccepted(Provider):
    def authenticate(self, request: Request) -> None:
        headers = {name.lower(): value for name, value in request.headers}
        if headers.get("x-auth-signature") != "":
            super().authenticate(request)


@mutant("AU-03", "only the second half of a signature is compared", dialect="lesspay2")
class OtherHalfOfTheSignatureCompared(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if given[-32:] != self.expected_signature(raw, signing)[-32:]:
            super().check_signature(given, raw, signing)


@mutant("AU-03", "whatever the right signature begins with is right", dialect="lesspay2")
class BeginningOfTheSignatureIsEnough(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if not (given and self.expected_signature(raw, signing).startswith(given)):
            super().check_signature(given, raw, signing)


@mutant("AU-03", "what follows the right signature is not looked at", dialect="lesspay2")
class SignatureMayGoOn(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if not given.startswith(self.expected_signature(raw, signing)):
            super().check_signature(given, raw, signing)


@mutant("AU-04", "nested objects are not part of what is verified", dialect="lesspay2")
class NestedMembersNotVerified(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        document = self.parse(raw)
        nested = [name for name, value in document.items() if isinstance(value, dict)]
        if not nested or len(given) != 64:
            super().check_signature(given, raw, signing)


@mutant("AU-05", "an unknown merchant is taken for the default one", dialect="lesspay2")
class UnknownAppIdAccepted(Provider):
    def check_app_id(self, app_id: str, signing: Signing) -> None:
        pass


@mutant("AU-05", "a request without a merchant is taken for the default one's", dialect="lesspay2")
class MissingAppIdAccepted(Provider):
    def check_app_id(self, app_id: str, signing: Signing) -> None:
        if app_id:
            super().check_app_id(app_id, signing)


@mutant("AU-05", "the last character of an application id is not looked at", dialect="lesspay2")
class NearAppIdAccepted(Provider):
    def check_app_id(self, app_id: str, signing: Signing) -> None:
        if app_id[:-1] != signing.app_id[:-1]:
            super().check_app_id(app_id, signing)


@mutant("AU-06", "letters behind the digits of a timestamp are not looked at", dialect="lesspay2")
class TimestampMayGoOn(Provider):
    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        super().check_timestamp(re.sub("[a-z]+$", "", timestamp), signing)


@mutant("AU-06", "the timestamp is not looked at", dialect="lesspay2")
class TimestampIgnored(Provider):
    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        pass


@mutant("AU-06", "a timestamp that is no number is taken for now", dialect="lesspay2")
class WordForTimestampAccepted(Provider):
    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        if not timestamp.isalpha():
            super().check_timestamp(timestamp, signing)


@mutant("AU-07", "a timestamp of any age is accepted", dialect="lesspay2")
class StaleTimestampAccepted(Provider):
    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        if not timestamp.isdigit():
            super().check_timestamp(timestamp, signing)


@mutant("AU-07", "a timestamp may be as far ahead as it likes", dialect="lesspay2")
class FutureTimestampAccepted(Provider):
    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        if not (timestamp.isdigit() and int(timestamp) / 1000 > self.settings.clock().timestamp()):
            super().check_timestamp(timestamp, signing)


@mutant("AU-10", "the timestamp is only found under one spelling of its header", dialect="lesspay2")
class OneSpellingOfTimestamp(Provider):
    def authenticate(self, request: Request) -> None:
        if self.settings.signing is not None and not any(name == "X-Auth-Timestamp" for name, _ in request.headers):
            raise unauthenticated("X-Auth-Timestamp")
        super().authenticate(request)


@mutant("AU-11", "the order is made first and the signature verified later", dialect="lesspay2")
class OrderComesBeforeVerification(Provider):
    async def create_order(self, request: Request) -> Order:
        self.check_method(request.method)
        claimed = await self.make_order(self.require_object(self.parse(request.body)))
        self.authenticate(request)
        return claimed


@mutant("AU-11", "a request that is not authenticated uses up its request_id", dialect="lesspay2")
class RequestIdIsUsedUp(Provider):
    async def create_order(self, request: Request) -> Order:
        try:
            self.authenticate(request)
        except Refusal:
            self.check_method(request.method)
            await self.claim(self.open_order(self.read_terms(self.require_object(self.parse(request.body)))))
            raise
        return await super().create_order(request)


@mutant("AU-12 PC-01", "the refusal of a wrong signature tells the text to sign", dialect="lesspay2")
class TextToSignIsTold(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if given != self.expected_signature(raw, signing):
            raise Refusal(NOT_ALLOWED, f"the signature is not that of {signature.string_to_sign(raw)}", status=401)


@mutant("AU-12", "the refusal of a wrong signature tells the right one in lower case", dialect="lesspay2")
class RightSignatureIsToldInLowerCase(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        expected = self.expected_signature(raw, signing)
        if given != expected:
            raise Refusal(NOT_ALLOWED, f"the digest should be {expected.lower()}", status=401)


@mutant("AU-12 PC-01", "the refusal of a wrong signature tells the right one", dialect="lesspay2")
class RightSignatureIsTold(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        expected = self.expected_signature(raw, signing)
        if given != expected:
            text = signature.string_to_sign(raw)
            raise Refusal(NOT_ALLOWED, f"expected {expected} for {text}&key={signing.secret}", status=401)


@mutant("AU-04", "a signature that was right once is right for everything", dialect="lesspay2")
class UsedSignaturesAreRight(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.seen: set[str] = set()

    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if given not in self.seen:
            super().check_signature(given, raw, signing)
            self.seen.add(given)


@mutant("AU-11", "an order without a timestamp is refused, and uses up its request_id", dialect="lesspay2")
class UntimedOrderIsUsedUp(Provider):
    async def create_order(self, request: Request) -> Order:
        if request.method == "POST" and not any(name.lower() == "x-auth-timestamp" for name, _ in request.headers):
            await self.claim(self.open_order(self.read_terms(self.require_object(self.parse(request.body)))))
        return await super().create_order(request)


@mutant("AU-11", "an order of an unknown merchant is refused, and uses up its request_id", dialect="lesspay2")
class UnknownMerchantsOrderIsUsedUp(Provider):
    async def create_order(self, request: Request) -> Order:
        try:
            return await super().create_order(request)
        except Refusal as refusal:
            if "x-auth-appid" in refusal.message:
                await self.claim(self.open_order(self.read_terms(self.require_object(self.parse(request.body)))))
            raise


@mutant("AU-11", "the refusal of an unknown merchant holds an order", dialect="lesspay2")
class RefusalHoldsAnOrder(Provider):
    def refusal_document(self, refusal: Refusal) -> Document:
        document = super().refusal_document(refusal)
        held = {"pay_order_id": self.new_order_id(), "order_data": {}}
        return {**document, "data": held} if "x-auth-appid" in refusal.message else document


class TakesOlderSignatures(Provider):
    """Takes signatures of the time before a member was part of them too, so that anybody may put one in."""

    member: tuple[str, ...] = ()

    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        document = self.parse(raw)
        *outer, name = self.member
        place = document
        for each in outer:
            place = place.get(each) if isinstance(place, dict) else None
        if isinstance(place, dict):
            place[name] = None
        if given != signature.sign(json.dumps(document, default=str).encode(), signing.secret):
            super().check_signature(given, raw, signing)


@mutant("AU-04", "a currency put in after the order was signed is taken", dialect="lesspay2")
class CurrencyNeedNotBeSigned(TakesOlderSignatures):
    member = ("target_currency",)


@mutant("AU-04", "a fail_url put in after the order was signed is taken", dialect="lesspay2")
class FailUrlNeedNotBeSigned(TakesOlderSignatures):
    member = ("fail_url",)


@mutant("AU-04", "a card put in after the order was signed is taken", dialect="lesspay2")
class CardNeedNotBeSigned(TakesOlderSignatures):
    member = ("channel_extra",)


@mutant("AU-04", "a cvv put in after the order was signed is taken", dialect="lesspay2")
class CvvNeedNotBeSigned(TakesOlderSignatures):
    member = ("channel_extra", "card_data", "cvv")
