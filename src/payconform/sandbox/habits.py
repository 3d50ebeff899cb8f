"""Providers that differ lawfully in their habits: what another team would make of the same guide."""

import secrets
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from payconform.contract import signature
from payconform.model.profile import Role
from payconform.sandbox.catalogue import SIGNED, variant
from payconform.sandbox.order import DUPLICATE, CardDetails, Document, Order, Refusal, State
from payconform.sandbox.provider import Form, Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import invalid
from payconform.sandbox.settings import Settings

MOST_DECLINED = 2
TRUSTED_BELOW = 10


class Taken(Refusal):
    """A refusal that names the order which has the request_id."""

    def __init__(self, first: Order) -> None:
        super().__init__(DUPLICATE, "request_id belongs to an order already", status=409)
        self.first = first


@variant("another-card", "a payer whose card was declined may try two others before the order fails")
class TakesAnotherCard(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.declined: dict[str, int] = {}

    def submit_cashier(self, order: Order, form: Form) -> HttpReply:
        try:
            card = self.read_form(form)
        except Refusal as refusal:
            return self.cashier_page(order, refusal.message)
        tried = self.declined.get(order.id, 0)
        if self.role(card) is Role.DECLINED and tried < MOST_DECLINED:
            self.declined[order.id] = tried + 1
            return self.cashier_page(order, "This card was declined. Please try another one.")
        return super().submit_cashier(order, form)


@variant("names-the-first", "the refusal of a repeat names the order that was made first")
class NamesTheFirst(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:  # noqa: ARG002 - whatever differs
        raise Taken(earlier)

    def refusal_document(self, refusal: Refusal) -> Document:
        document = super().refusal_document(refusal)
        if not isinstance(refusal, Taken):
            return document
        first = refusal.first
        return {**document, "data": {"pay_order_id": first.id, "order_data": {"payOrderId": first.id}}}


@variant("replay-as-it-is", "a repeat is answered with the first order as it is by now, without a page once it has ended")
class RepliesAsItIs(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        return earlier if order.terms == earlier.terms else super().on_repeat(order, earlier)

    def reply_state(self, order: Order) -> State:
        return order.state

    def pay_members(self, order: Order) -> Document:
        return self.no_page_members(order) if order.is_final else super().pay_members(order)


@variant("state-on-the-way", "a callback of a state that no page knows comes before the final one")
class NotifiesAuthorisation(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        on_the_way = {"order_status": "AUTHORISED", "order_status_int": 7, "channel_biz_data": None}
        return ({**document, **on_the_way}, document)


@variant("event-callbacks", "a callback about an event follows the final one, and repeats its status")
class NotifiesEvents(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        event = {"event": "FRAUD_NOTICE", "event_data": {"reason": "reported by the issuer"}}
        return (document, {**document, **event})


@variant("other-envelope", "a refusal says more than code and msg, and holds what an acceptance holds, as null")
class WrapsRefusalsOtherwise(Provider):
    def refusal_document(self, refusal: Refusal) -> Document:
        errors = [{"code": refusal.code, "detail": refusal.message}]
        return {
            "success": False,
            "errors": errors,
            "data": None,
            "traceId": secrets.token_hex(8),
            **super().refusal_document(refusal),
        }


@variant("other-sequence", "replies and callbacks name their members in another sequence each time")
class ShufflesMembers(Provider):
    def render(self, document: Document) -> bytes:
        return super().render(shuffled(document))

    def callback_body(self, document: Document) -> bytes:
        return super().callback_body(shuffled(document))


def shuffled(value: Any) -> Any:
    """The same JSON value with the members of every object in another sequence."""
    if not isinstance(value, dict):
        return value
    return {name: shuffled(value[name]) for name in secrets.SystemRandom().sample(list(value), len(value))}


@variant("hexadecimal-tokens", "tokens are 64 hexadecimal digits, with a card number among them by chance")
class GivesHexadecimalTokens(Provider):
    def new_token(self, card: CardDetails) -> str:  # noqa: ARG002 - nothing of it is in the token
        return f"{secrets.token_hex(23)}a4000056655665556b"


@variant("unversioned-callbacks", "callbacks name no api_version and sign every member", settings=SIGNED)
class NamesNoVersion(Provider):
    def callback_body(self, document: Document) -> bytes:
        return super().callback_body({name: value for name, value in document.items() if name != "api_version"})

    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:
        headers = dict(super().callback_signature(body))
        secret = self.settings.signing.secret if self.settings.signing else ""
        return tuple((headers | {"X-Auth-Signature": signature.sign(body, secret)}).items())


@variant("least-amount", "orders of less than one unit of their currency are refused")
class HasALeastAmount(Provider):
    def check_decimals(self, amount: str, currency: str) -> None:
        super().check_decimals(amount, currency)
        if Decimal(amount) < 1:
            raise invalid("target_amount", "is less than may be paid")


@variant("small-without-3ds", "orders of less than ten units are not challenged")
class TrustsSmallOrders(Provider):
    def asks_challenge(self, order: Order) -> bool:
        return super().asks_challenge(order) and Decimal(order.terms.amount) >= TRUSTED_BELOW


@variant("repeating-redirects", "between its own pages the browser is told to send the form once more")
class RedirectsRepeat(Provider):
    """The challenge page gets the card's form first, and asks for the password all the same."""

    def see_other(self, url: str) -> HttpReply:
        inside = url.startswith(f"{self.url}/")
        return super().see_other(url)._replace(status=307) if inside else super().see_other(url)

    def submit_challenge(self, order: Order, form: Form) -> HttpReply:
        asked = self.field_names().password in form
        return super().submit_challenge(order, form) if asked else self.challenge_page(order)
