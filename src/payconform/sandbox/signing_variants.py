"""Signing providers that differ lawfully in how they treat what is not signed, or more than they have to."""

import json
import re
from collections.abc import Sequence

from payconform.contract import signature
from payconform.model.message import Request
from payconform.sandbox.catalogue import SIGNED, variant
from payconform.sandbox.order import INVALID, MALFORMED, Document, Order, Refusal, State, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import invalid
from payconform.sandbox.settings import Signing

TABLE = frozenset(
    {
        *("target_amount", "target_currency", "transaction_type", "notify_url", "request_id", "fail_url", "success_url"),
        *("product_name", "description", "way_type", "api_version", "pay_access_type", "channel_extra"),
    }
)
PLAIN = re.compile(r"[A-Za-z0-9]+")

variant("lesspay2", "requests must be signed and callbacks are, as the companion pages say", settings=SIGNED)(Provider)


@variant("lesspay2-refuses-with-200", "what is not signed is refused with HTTP 200 and a code", settings=SIGNED)
class RefusesForgeriesWith200(Provider):
    def refusal_status(self, refusal: Refusal) -> int:  # noqa: ARG002 - whatever it is
        return 200


@variant("lesspay2-refuses-alike", "every refusal has the same code and the same words", settings=SIGNED)
class RefusesAllAlike(Provider):
    def refusal_status(self, refusal: Refusal) -> int:  # noqa: ARG002 - whatever it is
        return 200

    def refusal_document(self, refusal: Refusal) -> Document:  # noqa: ARG002 - whatever it is
        return {"code": MALFORMED, "msg": "The request was refused"}


class Gateway(Provider):
    """A gateway in front answers what is not authenticated, before the provider looks at anything else."""

    status = 401
    denial = b"<html><body>Unauthorized</body></html>"
    further: tuple[tuple[str, str], ...] = ()

    async def create(self, request: Request) -> HttpReply:
        try:
            self.authenticate(request)
        except Refusal:
            return HttpReply(self.status, self.denial, "text/html", dict(self.further))
        return await super().create(request)

    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        """What cannot be signed is left to the provider behind; the harness signs it as an empty object."""
        try:
            return signature.sign(raw, signing.secret)
        except ValueError:
            return signature.sign(b"{}", signing.secret)


@variant("lesspay2-gateway-401", "a gateway answers what is not signed with HTTP 401 and HTML", settings=SIGNED)
class GatewayUnauthorized(Gateway):
    further = (("www-authenticate", "Signature"),)


@variant("lesspay2-gateway-403", "a gateway answers what is not signed with HTTP 403 and nothing", settings=SIGNED)
class GatewayForbids(Gateway):
    status = 403
    denial = b""


@variant("lesspay2-gateway-400", "a gateway answers what is not signed with HTTP 400 and HTML", settings=SIGNED)
class GatewayBlames(Gateway):
    status = 400


@variant("lesspay2-gateway-redirects", "a gateway sends what is not signed to its documentation", settings=SIGNED)
class GatewayRedirects(Gateway):
    status = 302
    further = (("location", "/docs/authentication"),)


@variant("lesspay2-short-window", "a timestamp may be a minute old", settings=SIGNED)
class TimestampSoonStale(Provider):
    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        super().check_timestamp(timestamp, Signing(app_id=signing.app_id, secret=signing.secret, tolerance_s=60.0))


@variant("lesspay2-any-window", "a timestamp may be of any age", settings=SIGNED)
class TimestampNeverStale(Provider):
    def check_timestamp(self, timestamp: str, signing: Signing) -> None:
        super().check_timestamp(timestamp, Signing(app_id=signing.app_id, secret=signing.secret, tolerance_s=1e15))


@variant("lesspay2-lower-case", "a signature may be in lower case", settings=SIGNED)
class TakesLowerCase(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        super().check_signature(given.upper(), raw, signing)


@variant("lesspay2-both-readings", "nested objects may be signed as their JSON text too", settings=SIGNED)
class TakesBothReadings(Provider):
    def check_signature(self, given: str, raw: bytes, signing: Signing) -> None:
        if given != signature.sign(self.flattened(raw), signing.secret):
            super().check_signature(given, raw, signing)

    def flattened(self, raw: bytes) -> bytes:
        document = self.require_object(self.parse(raw))
        nested = {name: value for name, value in document.items() if isinstance(value, dict)}
        texts = {
            name: json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str) for name, value in nested.items()
        }
        return json.dumps(document | texts, default=str).encode()


@variant("lesspay2-known-members-only", "members that the guide does not name are refused", settings=SIGNED)
class TakesTheTableAlone(Provider):
    def read_terms(self, document: Document) -> Terms:
        for name in document.keys() - TABLE:
            raise invalid(name, "is not a member of an order")
        return super().read_terms(document)


@variant("lesspay2-plain-extras", "members that the guide does not name may be plain words alone", settings=SIGNED)
class TakesPlainExtras(Provider):
    def read_terms(self, document: Document) -> Terms:
        for name in document.keys() - TABLE:
            if not (name.islower() and PLAIN.fullmatch(str(document[name]))):
                raise invalid(name, "may be letters and digits")
        return super().read_terms(document)


@variant("lesspay2-sync-decline", "a declined card is refused when the order is made", settings=SIGNED)
class RefusesDeclinedSigned(Provider):
    async def claim(self, order: Order) -> Order:
        if not self.first_page(order) and self.outcome(order) is State.FAILED:
            raise Refusal(INVALID, "channel_extra.card_data was declined by its issuer")
        return await super().claim(order)


@variant("lesspay2-replay-duplicates", "a repeat of the same request is answered with the same order", settings=SIGNED)
class ReplaysSignedRepeats(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        return earlier if order.terms == earlier.terms else super().on_repeat(order, earlier)


@variant("lesspay2-ascii-only", "names and descriptions may hold plain words alone", settings=SIGNED)
class TakesPlainWords(Provider):
    def read_text(self, path: str, value: object) -> str:
        text = super().read_text(path, value)
        if path in ("product_name", "description") and not all(
            sign.isascii() and (sign.isalnum() or sign == " ") for sign in text
        ):
            raise invalid(path, "may hold letters, digits and spaces")
        return text


@variant("lesspay2-duplicate-callbacks", "every callback is sent twice, acknowledged or not", settings=SIGNED)
class NotifiesTwiceSigned(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        return (self.callback_document(order),) * 2


@variant("lesspay2-intermediate-callback", "a callback that says pending comes before the final one", settings=SIGNED)
class NotifiesProgressSigned(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        pending = {"order_status": "PENDING_PAY", "order_status_int": 1, "channel_biz_data": None}
        return ({**document, **pending}, document)


@variant("lesspay2-looks-first", "the merchant's address is looked at with HEAD before a callback is sent", settings=SIGNED)
class LooksFirstUnsigned(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        await self.send(Request(method="HEAD", url=self.callback_target(order)))
        await super().deliver(order, document)
