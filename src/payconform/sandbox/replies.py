"""What the create-order endpoint answers (guide, Response Example and Response Handling)."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from payconform.sandbox.foundation import Foundation
from payconform.sandbox.order import Document, Order, Refusal, State


class HttpReply(NamedTuple):
    """One HTTP response: status, body, media type and further headers."""

    status: int
    body: bytes
    media_type: str
    headers: Mapping[str, str] = {}


class Replies(Foundation):
    """Accepted and refused replies, and the HTTP they travel in."""

    def accepted(self, order: Order) -> HttpReply:
        return self.json_reply(200, self.accepted_document(order))

    def refused(self, refusal: Refusal) -> HttpReply:
        return self.json_reply(self.refusal_status(refusal), self.refusal_document(refusal))

    def json_reply(self, status: int, document: Any) -> HttpReply:
        return HttpReply(status, self.render(document), self.media_type(), self.headers())

    def render(self, document: Any) -> bytes:
        return json.dumps(document, ensure_ascii=False).encode()

    def media_type(self) -> str:
        return "application/json"

    def headers(self) -> dict[str, str]:
        return {"cache-control": "no-store"}

    def accepted_document(self, order: Order) -> Document:
        return {"msg": "SUCCESS", "code": 0, "data": self.data(order)}

    def data(self, order: Order) -> Document:
        return {"order_data": self.order_data(order), "pay_order_id": order.id}

    def order_data(self, order: Order) -> Document:
        return {
            "payOrderId": order.id,
            "payOrderDetailIdEncode": order.detail_code,
            "mchOrderNo": order.terms.request_id,
            "payOrderDetailId": order.detail_id,
            "payOrderDetailState": int(self.reply_state(order)),
            "orderState": int(self.reply_state(order)),
            **self.pay_members(order),
        }

    def reply_state(self, order: Order) -> State:  # noqa: ARG002 - a variant answers with the order's own state
        """A create reply is never final, so it says pending (RS-11)."""
        return State.PENDING

    def pay_members(self, order: Order) -> Document:
        """`payDataType` and `payData`: where to send the payer, or neither (RS-13 to RS-16)."""
        return {"payDataType": "payurl", "payData": self.page_url(order)} if order.page else self.no_page_members(order)

    def no_page_members(self, order: Order) -> Document:  # noqa: ARG002 - mutants leave an address behind
        return {}

    def page_url(self, order: Order) -> str:
        return f"{self.url}/{order.page}/{order.session}"

    def refusal_status(self, refusal: Refusal) -> int:
        return refusal.status

    def refusal_document(self, refusal: Refusal) -> Document:
        return {"code": refusal.code, "msg": self.refusal_message(refusal)}

    def refusal_message(self, refusal: Refusal) -> str:
        return refusal.message
