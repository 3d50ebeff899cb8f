"""Providers that differ lawfully: where the contract is silent they do otherwise, and no finding may fail them."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import msgspec

from payconform.model.clause import Mode
from payconform.model.message import Request
from payconform.model.profile import Profile, Role
from payconform.sandbox import catalogue, cautions, detours, displays, habits, lenience, signing_variants
from payconform.sandbox.catalogue import Variant, variant
from payconform.sandbox.order import INVALID, Document, Order, Refusal, State
from payconform.sandbox.pages import FieldNames
from payconform.sandbox.profile import payer_pages
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import is_integer
from payconform.sandbox.settings import Settings

OTHER_NAMES = FieldNames("pan", "mm", "yy", "security", "code", "Bezahlen", "OK")
SLOW = Settings(latency_s=0.4, callback_delay_s=2.0)
BURST = 20  # requests a second that the rate-limited variant takes


def with_other_field_names(profile: Profile) -> Profile:
    cashier, challenge = payer_pages(OTHER_NAMES)
    fill = {**cashier.fill, OTHER_NAMES.year: "{expiry_yy}"}
    pages = (msgspec.structs.replace(cashier, fill=fill), challenge)
    return msgspec.structs.replace(profile, payer=msgspec.structs.replace(profile.payer, pages=pages))


def without_challenges(profile: Profile) -> Profile:
    challenged = (Role.CHALLENGE, Role.CHALLENGE_DECLINED)
    return msgspec.structs.replace(profile, cards=tuple(card for card in profile.cards if card.role not in challenged))


def with_patience(profile: Profile) -> Profile:
    callbacks = msgspec.structs.replace(profile.callbacks, deadline_s=15.0, quiet_window_s=3.0)
    return msgspec.structs.replace(profile, callbacks=callbacks)


@variant("http-400", "refusals are HTTP 400")
class RefusesWith400(Provider):
    def refusal_status(self, refusal: Refusal) -> int:
        return 400 if refusal.status == 200 else refusal.status


@variant("pay-data-type-empty", "with nothing to do, payDataType and payData are empty")
class SaysEmpty(Provider):
    def no_page_members(self, order: Order) -> Document:  # noqa: ARG002 - for every order
        return {"payDataType": "", "payData": ""}


@variant("pay-data-type-null", "with nothing to do, payDataType and payData are null")
class SaysNull(Provider):
    def no_page_members(self, order: Order) -> Document:  # noqa: ARG002 - for every order
        return {"payDataType": None, "payData": None}


@variant("other-ids", "ids are UUIDs")
class GivesUuids(Provider):
    def new_order_id(self) -> str:
        return str(uuid.uuid4())

    def new_detail_id(self) -> str:
        return str(uuid.uuid4())


@variant("extra-members", "replies and callbacks hold members the guide does not know")
class SaysMore(Provider):
    def accepted_document(self, order: Order) -> Document:
        document = super().accepted_document(order)
        return {"traceId": uuid.uuid4().hex, **document, "data": {**document["data"], "checkout_url": None}}

    def order_data(self, order: Order) -> Document:
        return {**super().order_data(order), "wayCode": "CARD", "expiredTime": 1800}

    def callback_document(self, order: Order) -> Document:
        return {**super().callback_document(order), "channel_order_no": uuid.uuid5(uuid.NAMESPACE_OID, order.id).hex}


@variant("null-members", "callbacks hold null members, and api_version in lower case")
class SaysNothingAtLength(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        nulls = ("complete_time", "error_code", "error_msg", "notify_url", "merchant_reserved_field", "event", "event_data")
        return {**dict.fromkeys(nulls), **document, "api_version": order.terms.api_version.lower()}


@variant("duplicate-callbacks", "every callback is sent twice, acknowledged or not")
class NotifiesTwice(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        return (self.callback_document(order),) * 2


@variant("intermediate-callback", "a callback that says pending comes before the final one")
class NotifiesProgress(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        pending = {"order_status": "PENDING_PAY", "order_status_int": 1}
        data = self.channel_biz_data(replace(order, card_token=""))
        document = self.callback_document(order)
        return ({**document, **pending, "channel_biz_data": data}, document)


@variant("announces-orders", "a callback that says pending comes as soon as there is an order that waits for its payer")
class AnnouncesOrders(Provider):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if not order.is_final:
            self.begin_notifying(order)

    def callback_documents(self, order: Order) -> Sequence[Document]:
        if order.is_final:
            return super().callback_documents(order)
        document = self.callback_document(replace(order, state=State.SUCCEED, card_token=""))
        return ({**document, "order_status": "PENDING_PAY", "order_status_int": 1},)


@variant("other-field-names", "the hosted pages name their fields and buttons otherwise", adapt=with_other_field_names)
class NamesFieldsOtherwise(Provider):
    def field_names(self) -> FieldNames:
        return OTHER_NAMES


@variant("callback-before-reply", "a payment without a page is notified before the create reply is sent")
class NotifiesFirst(Provider):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if order.is_final and not await self.send(self.callback_request(order, self.callback_document(order))):
            super().begin_notifying(order)

    def begin_notifying(self, order: Order) -> None:
        if order.page:
            super().begin_notifying(order)


@variant("always-3ds", "every card and every token is challenged")
class ChallengesAlways(Provider):
    def asks_challenge(self, order: Order) -> bool:  # noqa: ARG002 - every order
        return True


@variant("never-3ds", "no card is ever challenged", adapt=without_challenges)
class ChallengesNever(Provider):
    def asks_challenge(self, order: Order) -> bool:  # noqa: ARG002 - no order
        return False


def declines_at_once(provider: Provider, order: Order) -> bool:
    """Whether an order without a hosted page is going to fail."""
    return not provider.first_page(order) and provider.outcome(order) is State.FAILED


@variant("sync-decline", "a declined card is refused when the order is made")
class RefusesDeclined(Provider):
    async def claim(self, order: Order) -> Order:
        if declines_at_once(self, order):
            raise Refusal(INVALID, "channel_extra.card_data was declined by its issuer")
        return await super().claim(order)


@variant("decline-in-reply", "the create reply of a declined card says failed; a callback follows")
class RepliesDeclined(Provider):
    def reply_state(self, order: Order) -> State:
        return State.FAILED if order.state is State.FAILED and not order.page else super().reply_state(order)

    def no_page_members(self, order: Order) -> Document:
        failed = order.state is State.FAILED
        return {"errCode": "20005", "errMsg": "Declined"} if failed else super().no_page_members(order)


@variant("replay-duplicates", "a repeat of the same request is answered with the same order")
class ReplaysRepeats(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        return earlier if order.terms == earlier.terms else super().on_repeat(order, earlier)


@variant("amount-two-decimals", "callbacks write every amount with the decimals of its currency")
class WritesTwoDecimals(Provider):
    def callback_document(self, order: Order) -> Document:
        amount = order.terms.amount
        written = amount if "." in amount else f"{Decimal(amount):.2f}"
        return {**super().callback_document(order), "target_amount": written}


@variant("redirect-with-query", "the redirect to the merchant says how the payment went")
class RedirectsWithQuery(Provider):
    def redirect_after(self, order: Order) -> str:
        url, _, fragment = super().redirect_after(order).partition("#")
        query = f"pay_order_id={order.id}&status={order.state.name}"
        return f"{url}{'&' if '?' in url else '?'}{query}" + (f"#{fragment}" if fragment else "")


@variant("interstitial", "a page that confirms the outcome comes before the merchant's")
class ConfirmsFirst(Provider):
    def finish(self, order: Order) -> HttpReply:
        return self.finished_page(order)


variant("slow", "every request takes 0.4 s, every callback 2 s", settings=SLOW, adapt=with_patience)(Provider)


@variant("rate-limited", f"more than {BURST} requests a second are put off with 429 and Retry-After")
class PutsOff(Provider):
    taken: Mapping[int, int] = MappingProxyType({})

    async def create(self, request: Request) -> HttpReply:
        second = int(time.monotonic())
        self.taken = {second: self.taken.get(second, 0) + 1}
        if self.taken[second] > BURST:
            body = self.render({"code": 429, "msg": "Too many requests"})
            return HttpReply(429, body, self.media_type(), {"retry-after": "1"})
        return await super().create(request)


@variant("connection-close", "every reply closes its connection")
class ClosesConnections(Provider):
    def headers(self) -> dict[str, str]:
        return {**super().headers(), "connection": "close"}


@variant("lenient-types", "numbers are taken as text and text as numbers, with the same effect")
class ReadsLeniently(Provider):
    def read_amount(self, path: str, value: Any) -> str:
        return super().read_amount(path, as_text(value))

    def read_text(self, path: str, value: Any) -> str:
        return super().read_text(path, as_text(value))

    def read_number(self, path: str, value: Any) -> str:
        return super().read_number(path, as_text(value))

    def read_access_type(self, path: str, value: Any) -> int:
        return super().read_access_type(path, as_integer(value))

    def read_month(self, path: str, value: Any) -> int:
        return super().read_month(path, as_integer(value))

    def read_year(self, path: str, value: Any) -> int:
        return super().read_year(path, as_integer(value))

    def read_store_flag(self, value: Any) -> bool:
        return super().read_store_flag({"true": True, "false": False}.get(value, value) if isinstance(value, str) else value)


def as_text(value: Any) -> Any:
    return str(value) if is_integer(value) or isinstance(value, Decimal) else value


def as_integer(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


@variant("duplicate-keys-last-wins", "of a member that is given twice the last counts, everywhere")
class TakesTheLastMember(Provider):
    def read_members(self, pairs: list[tuple[str, Any]]) -> Document:
        return dict(pairs)


@variant("trusted-tokens", "a stored card is not challenged again")
class TrustsTokens(Provider):
    def asks_challenge(self, order: Order) -> bool:
        return order.terms.mode is not Mode.TOKEN and super().asks_challenge(order)


@variant("channel-data-null", "channel_biz_data is null where there is no token to tell")
class SaysNoChannelData(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        return document if order.card_token else {**document, "channel_biz_data": None}


@variant("guide-members-only", "callbacks hold the members of the guide's table and no others")
class SaysOnlyTheTable(Provider):
    def callback_document(self, order: Order) -> Document:
        echoes = ("api_version", "description", "fail_url", "product_name", "success_url", "error_code", "error_msg")
        return {name: value for name, value in super().callback_document(order).items() if name not in echoes}


CHAPTERS = (lenience, habits, cautions, detours, displays, signing_variants)

VARIANTS: Mapping[str, Variant] = catalogue.VARIANTS
"""Every variant by name; importing the chapters has filled it."""
