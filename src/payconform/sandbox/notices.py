"""Callbacks: what the merchant is told, where, how, and how often (guide, Webhook)."""

import asyncio
import json
import ssl
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from payconform.contract import signature
from payconform.model.message import Request
from payconform.model.wire import load_json
from payconform.sandbox.foundation import Foundation
from payconform.sandbox.order import Document, Order
from payconform.sandbox.settings import Settings

if TYPE_CHECKING:  # a sandbox that is only looked at should not pay for an HTTP client
    import httpx

SEND_TIMEOUT_S = 10.0


class Notices(Foundation):
    """Tells the merchant of every final order, until the merchant acknowledges or the schedule ends."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def begin_notifying(self, order: Order) -> None:
        """Notify in the background: the payer and the create reply do not wait for the merchant's server."""
        task = asyncio.get_running_loop().create_task(self.notify(order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop_notifying(self) -> None:
        """Drop what is pending: a stopped sandbox sends nothing more."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def notify(self, order: Order) -> None:
        await asyncio.sleep(self.callback_delay(order))
        for document in self.callback_documents(order):
            await self.deliver(order, document)

    def callback_delay(self, order: Order) -> float:  # noqa: ARG002 - a mutant delays some orders
        return self.settings.callback_delay_s

    def callback_documents(self, order: Order) -> Sequence[Document]:
        """The notifications of an order, each delivered before the next."""
        return (self.callback_document(order),)

    async def deliver(self, order: Order, document: Document) -> None:
        for pause in (0.0, *self.retry_delays()):
            await asyncio.sleep(pause)
            if await self.send(self.callback_request(order, document)):
                return

    def retry_delays(self) -> tuple[float, ...]:
        return self.settings.retry_delays_s

    async def send(self, request: Request) -> bool:
        """Whether the merchant acknowledged."""
        import httpx  # noqa: PLC0415 - see above

        if self._client is None:
            self._client = httpx.AsyncClient(verify=_tls(), timeout=SEND_TIMEOUT_S, trust_env=False)
        try:
            response = await self._client.request(
                request.method, request.url, headers=list(request.headers), content=request.body
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return self.is_acknowledged(response.status_code, response.content)

    def is_acknowledged(self, status: int, body: bytes) -> bool:
        """A 2xx with the word SUCCESS in any case, or with a JSON object of code 0."""
        return 200 <= status < 300 and (body.strip().lower() == b"success" or _says_code_0(body))

    def callback_request(self, order: Order, document: Document) -> Request:
        body = self.callback_body(document)
        headers = (("content-type", "application/json"), *self.callback_signature(body))
        return Request(method="POST", url=self.callback_target(order), headers=headers, body=body)

    def callback_target(self, order: Order) -> str:
        return order.terms.notify_url

    def callback_body(self, document: Document) -> bytes:
        return json.dumps(document, ensure_ascii=False).encode()

    def callback_signature(self, body: bytes) -> tuple[tuple[str, str], ...]:
        """The lesspay2 headers over the bytes that are sent (CB-23), none where the sandbox does not sign."""
        if self.settings.signing is None:
            return ()
        timestamp = str(int(self.settings.clock().timestamp() * 1000))
        value = signature.callback_signature(body, self.settings.signing.secret)
        return (("X-Auth-Timestamp", timestamp), ("X-Auth-Signature", value))

    def callback_document(self, order: Order) -> Document:
        terms = order.terms
        return {
            "api_version": terms.api_version,
            "description": terms.description,
            "fail_url": terms.fail_url,
            "order_status": order.state.name,
            "order_status_int": int(order.state),
            "pay_order_id": order.id,
            "product_name": terms.product_name,
            "request_id": terms.request_id,
            "success_url": terms.success_url,
            "target_amount": terms.amount,
            "target_currency": terms.currency,
            "channel_biz_data": self.channel_biz_data(order),
            **({} if order.succeeded else self.failure_members(order)),
        }

    def failure_members(self, order: Order) -> Document:  # noqa: ARG002 - a mutant explains only some failures
        """Why a payment failed (CB-29)."""
        return {"error_code": "20005", "error_msg": "The payment was declined"}

    def channel_biz_data(self, order: Order) -> Document:
        token = {"card_token": order.card_token} if order.card_token else {}
        return {**token, "issuer": "SANDBOX BANK", "issuer_country": "GB"}


@lru_cache
def _tls() -> ssl.SSLContext:
    """Made once: reading the certificates takes longer than starting a sandbox."""
    import httpx  # noqa: PLC0415 - see above

    return httpx.create_ssl_context(trust_env=False)


def _says_code_0(body: bytes) -> bool:
    try:
        document = load_json(body)
    except ValueError:
        return False
    return isinstance(document, dict) and document.get("code") == 0 and document.get("code") is not False
