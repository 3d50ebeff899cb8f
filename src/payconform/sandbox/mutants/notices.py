"""Faults in how callbacks are sent: whether, when, where, in which form and how often (clauses CB)."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from payconform.contract import signature
from payconform.model.message import Request
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import Document, Order
from payconform.sandbox.provider import Provider

V1_MEMBERS_LEFT_OUT = ("api_version", "order_status_int", "channel_biz_data", "event", "event_data")

FAILED = {"order_status": "FAILED", "order_status_int": 3}


@mutant("CB-01", "callbacks go to one address for all orders")
class CallbacksGoToTheDashboard(Provider):
    def callback_target(self, order: Order) -> str:
        parts = urlsplit(order.terms.notify_url)
        return f"{parts.scheme}://{parts.netloc}/dashboard/callback"


@mutant("CB-01", "the query of notify_url is dropped")
class NotifyUrlLosesItsQuery(Provider):
    def callback_target(self, order: Order) -> str:
        return super().callback_target(order).partition("?")[0]


@mutant("CB-02", "a callback is a form")
class CallbackIsAForm(Provider):
    def callback_request(self, order: Order, document: Document) -> Request:
        headers = (("content-type", "application/x-www-form-urlencoded"),)
        return Request(method="POST", url=self.callback_target(order), headers=headers, body=urlencode(document).encode())


@mutant("CB-02", "a callback is a GET with its members in the query")
class CallbackIsAQuery(Provider):
    def callback_request(self, order: Order, document: Document) -> Request:
        url = self.callback_target(order)
        return Request(method="GET", url=f"{url}{'&' if '?' in url else '?'}{urlencode(document)}")


@mutant("CB-02", "a callback is sent with PUT")
class CallbackIsPut(Provider):
    def callback_request(self, order: Order, document: Document) -> Request:
        request = super().callback_request(order, document)
        return Request(method="PUT", url=request.url, headers=request.headers, body=request.body)


@mutant("CB-02", "a callback is an array")
class CallbackIsAnArray(Provider):
    def callback_body(self, document: Document) -> bytes:
        return b"[" + super().callback_body(document) + b"]"


@mutant("CB-03", "success is not notified")
class SuccessIsNotNotified(Provider):
    def begin_notifying(self, order: Order) -> None:
        if not order.succeeded:
            super().begin_notifying(order)


@mutant("CB-04", "failure is not notified")
class FailureIsNotNotified(Provider):
    def begin_notifying(self, order: Order) -> None:
        if order.succeeded:
            super().begin_notifying(order)


@mutant("CB-04", "a failed challenge is not notified")
class FailedChallengeIsNotNotified(Provider):
    def begin_notifying(self, order: Order) -> None:
        if order.succeeded or not order.page:
            super().begin_notifying(order)


@mutant("CB-21", "a late FAILED follows SUCCEED")
class FailureFollowsSuccess(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        return (document, {**document, **FAILED}) if order.succeeded else (document,)


@mutant("CB-21", "SUCCEED follows FAILED")
class SuccessFollowsFailure(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        second = {**document, "order_status": "SUCCEED", "order_status_int": 2}
        return (document,) if order.succeeded else (document, second)


@mutant("CB-27", "a second delivery has another pay_order_id")
class RedeliveryHasANewId(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        return (document, {**document, "pay_order_id": self.new_order_id()})


@mutant("CB-27 CB-09", "a second delivery has another amount")
class RedeliveryHasANewAmount(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        return (document, {**document, "target_amount": f"1{order.terms.amount}"})


@mutant("CB-30", "one callback in four is lost")
class CallbacksAreLost(Provider):
    settled = 0

    def begin_notifying(self, order: Order) -> None:
        self.settled += 1
        if self.settled % 4:
            super().begin_notifying(order)


@mutant("CB-30", "callbacks take an hour")
class CallbacksTakeAnHour(Provider):
    def callback_delay(self, order: Order) -> float:  # noqa: ARG002 - whichever it is
        return 3600.0


@mutant("CB-23", "the signature is in lower case", dialect="lesspay2")
class SignatureIsLowerCase(Provider):
    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:
        return tuple((name, value.lower()) for name, value in super().callback_signature(body))


@mutant("CB-23", "callbacks are not signed", dialect="lesspay2")
class CallbackIsNotSigned(Provider):
    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:  # noqa: ARG002 - whatever it says
        return ()


@mutant("CB-23 CB-24", "only the members of the first version are signed", dialect="lesspay2")
class SignatureCoversV1Members(Provider):
    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:
        headers = dict(super().callback_signature(body))
        if self.settings.signing is not None:
            headers["X-Auth-Signature"] = signature.sign(body, self.settings.signing.secret, V1_MEMBERS_LEFT_OUT)
        return tuple(headers.items())


@mutant("CB-23", "the signature is an HMAC of the body", dialect="lesspay2")
class SignatureIsAnHmac(Provider):
    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:
        headers = dict(super().callback_signature(body))
        if self.settings.signing is not None:
            digest = hmac.new(self.settings.signing.secret.encode(), body, hashlib.sha256)
            headers["X-Auth-Signature"] = digest.hexdigest().upper()
        return tuple(headers.items())


def signed_without(provider: Provider, body: bytes, change: Callable[[Document], Document]) -> tuple[tuple[str, str], ...]:
    """The headers of a callback whose signature was made before its document was changed."""
    return Provider.callback_signature(provider, json.dumps(change(json.loads(body)), ensure_ascii=False).encode())


@mutant("CB-24 CB-23", "the amount is not part of what a callback signs", dialect="lesspay2")
class AmountIsNotSigned(Provider):
    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:
        return signed_without(self, body, lambda document: {**document, "target_amount": None})


@mutant("CB-24 CB-23", "channel_biz_data is added after the callback was signed", dialect="lesspay2")
class ChannelDataIsNotSigned(Provider):
    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:
        return signed_without(self, body, lambda document: {**document, "channel_biz_data": None})


@mutant("CB-24 CB-23", "the issuer is not part of what a callback signs", dialect="lesspay2")
class IssuerIsNotSigned(Provider):
    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:
        return signed_without(
            self, body, lambda document: {**document, "channel_biz_data": {**document["channel_biz_data"], "issuer": None}}
        )


@mutant("CB-25", "a callback is sent again though it was acknowledged", dialect="lesspay2")
class AcknowledgementIsIgnored(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        for _ in range(3):
            await super().deliver(order, document)
            await asyncio.sleep(0.3)


@mutant("CB-25", "a callback is sent again every four seconds, acknowledged or not", dialect="lesspay2")
class CallbacksAreRepeatedForEver(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        for _ in range(4):
            await super().deliver(order, document)
            await asyncio.sleep(4.0)


@mutant("CB-25", "once one delivery failed, all repeats come, acknowledged or not", dialect="lesspay2")
class RepeatsAreNotCalledOff(Provider):
    async def deliver(self, order: Order, document: Document) -> None:
        if not await self.send(self.callback_request(order, document)):
            for _ in range(3):
                await asyncio.sleep(0.3)
                await self.send(self.callback_request(order, document))


@mutant("CB-26", "a callback that was not acknowledged is not sent again", dialect="lesspay2")
class CallbacksAreNotRepeated(Provider):
    def retry_delays(self) -> tuple[float, ...]:
        return ()


@mutant("CB-26", "whatever a merchant answers with HTTP 200 is an acknowledgement", dialect="lesspay2")
class AnyHttp200Acknowledges(Provider):
    def is_acknowledged(self, status: int, body: bytes) -> bool:  # noqa: ARG002 - that is the fault
        return status == HTTPStatus.OK


@mutant("CB-26", "what a merchant refuses late is not sent again", dialect="lesspay2")
class LateAnswersAcknowledge(Provider):
    async def send(self, request: Request) -> bool:
        begun = time.monotonic()
        return await super().send(request) or time.monotonic() - begun > 1


@mutant("CB-28", "a dispute turns a paid order into a failed one", dialect="lesspay2")
class DisputeChangesTheStatus(Provider):
    def callback_documents(self, order: Order) -> Sequence[Document]:
        document = self.callback_document(order)
        dispute = {**document, **FAILED, "event": "dispute_received", "event_data": {"reason": "fraudulent"}}
        return (document, dispute) if order.succeeded else (document,)
