"""Providers that differ lawfully in how they guard themselves, and how they put things a second time."""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import msgspec

from payconform.model.clause import Mode
from payconform.model.message import Request
from payconform.model.profile import Profile, Role
from payconform.sandbox.catalogue import variant
from payconform.sandbox.habits import Taken
from payconform.sandbox.order import INVALID, CardDetails, Document, Order, Refusal, State, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import invalid
from payconform.sandbox.settings import Settings

LIKE_AN_ATTACK = re.compile(r"[<>\"';\\]")
RETRIES = Settings(retry_delays_s=(0.1, 0.1))


@variant("refuses-alike", "an order that looks like one just paid is refused, and the refusal names that one")
class RefusesAlike(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.seen: dict[object, Order] = {}

    async def claim(self, order: Order) -> Order:
        terms, key = order.terms, self.request_key(order)
        texts = (terms.product_name, terms.description, terms.card or terms.token, terms.stores)
        earlier = self.seen.get((terms.mode, terms.amount, terms.currency, texts))
        if earlier and self.request_key(earlier) != key:
            raise Taken(earlier)
        claimed = await super().claim(order)  # of orders sent at once one is made: the others' ids are nobody's
        self.seen[(terms.mode, terms.amount, terms.currency, texts)] = claimed
        return claimed

    def refusal_document(self, refusal: Refusal) -> Document:
        document = super().refusal_document(refusal)
        return {**document, "data": {"pay_order_id": refusal.first.id}} if isinstance(refusal, Taken) else document


@variant("firewall", "a firewall turns away texts that look like an attack, with a page of its own")
class StandsBehindAFirewall(Provider):
    async def create(self, request: Request) -> HttpReply:
        try:
            document = self.parse(request.body)
        except Refusal:
            document = {}
        texts = [document.get(name) for name in ("product_name", "description")] if isinstance(document, dict) else []
        if any(isinstance(text, str) and LIKE_AN_ATTACK.search(text) for text in texts):
            return HttpReply(403, b"<h1>Request blocked</h1>", "text/html")
        return await super().create(request)


@variant("looks-first", "the merchant's address is looked at with HEAD and GET before a callback is sent")
class LooksFirst(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        for method in ("HEAD", "GET"):
            await self.send(Request(method=method, url=self.callback_target(order)))
        await super().deliver(order, document)


@variant("closes-failures", "a failed order is closed a while later, and the merchant is told")
class ClosesFailures(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        closed = {**document, "order_status": "CLOSED", "order_status_int": 6}
        return (document, closed) if order.state is State.FAILED else (document,)


@variant(
    "redelivers-from-its-database", "a callback that comes again has its amount with the decimals of a column", settings=RETRIES
)
class RedeliversFromItsDatabase(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        again = {**document, "target_amount": f"{Decimal(document['target_amount']):.4f}"}
        if not await self.send(self.callback_request(order, document)):
            await super().deliver(order, again)


@variant("has-few-methods", "a method that the endpoint does not have is answered with HTTP 501")
class HasFewMethods(Provider):
    def check_method(self, method: str) -> None:
        try:
            super().check_method(method)
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.message, status=501) from None


@variant("tokens-of-one-currency", "a token is good for orders in the currency of the order that stored the card")
class TokensOfOneCurrency(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.currencies: dict[CardDetails, set[str]] = {}

    def earns_token(self, order: Order) -> bool:
        if order.card:
            self.currencies.setdefault(order.card, set()).add(order.terms.currency)
        return super().earns_token(order)

    def open_order(self, terms: Terms) -> Order:
        order = super().open_order(terms)
        if terms.token and order.card and terms.currency not in self.currencies.get(order.card, {terms.currency}):
            raise invalid("target_currency", "is not that of the token")
        return order


@variant("known-by-their-expiry", "a test card pays with its own expiry and is refused with any other")
class KnownByTheirExpiry(Provider):
    def open_order(self, terms: Terms) -> Order:
        card = terms.card
        if card and (card.expiry_month, card.expiry_year) != (12, 2035):
            raise Refusal(INVALID, "the issuer declined the card", status=402)
        return super().open_order(terms)


def with_failing_refusals(profile: Profile) -> Profile:
    return msgspec.structs.replace(profile, readings={**profile.readings, "server_error_refusal": "warn"})


@variant("refuses-with-500", "refusals are HTTP 500, which the profile's readings allow", adapt=with_failing_refusals)
class RefusesWith500(Provider):
    def refusal_status(self, refusal: Refusal) -> int:  # noqa: ARG002 - every refusal
        return 500


def with_months_of_anywhere(profile: Profile) -> Profile:
    return msgspec.structs.replace(profile, readings={**profile.readings, "end_of_card_month": "anywhere"})


@variant("counts-months-in-the-furthest-east", "a card ends with the first month that is over", adapt=with_months_of_anywhere)
class CountsMonthsInTheFurthestEast(Provider):
    def is_expired(self, month: int, year: int) -> bool:
        now = self.settings.clock() + timedelta(hours=14)
        return (year, month) < (now.year, now.month)


@variant("asks-no-challenge-of-cashiers", "a challenged card is not challenged on the cashier page")
class AsksNoChallengeOfCashiers(Provider):
    def asks_challenge(self, order: Order) -> bool:
        return order.terms.mode is not Mode.CASHIER and super().asks_challenge(order)

    def outcome(self, order: Order) -> State:
        declined = self.role(order.card) in (Role.DECLINED, Role.CHALLENGE_DECLINED)
        return State.FAILED if declined else State.SUCCEED
