"""Faults in what the endpoint answers (clauses RS)."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from payconform.sandbox.catalogue import mutant
from payconform.sandbox.mutants.endpoint import default_order
from payconform.sandbox.order import Document, Order, Refusal, State, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.settings import Settings

Alteration = Callable[[Order], Document]


class AlteredReply(NamedTuple):
    """An accepted reply with members of one of its objects replaced."""

    clauses: str
    name: str
    statement: str
    part: Literal["document", "data", "order_data"]
    members: Alteration


ALTERED_REPLIES = (
    AlteredReply("RS-01", "code-is-text", 'code is "0" on success', "document", lambda _: {"code": "0"}),
    AlteredReply("RS-01", "code-is-a-fraction", "code is 0.0 on success", "document", lambda _: {"code": 0.0}),
    AlteredReply("RS-01", "code-is-200", "code is 200 on success", "document", lambda _: {"code": 200}),
    AlteredReply("RS-02", "success-says-fail", "code is 0 and msg FAIL", "document", lambda _: {"msg": "FAIL"}),
    AlteredReply("RS-02", "success-says-nothing", "code is 0 and msg null", "document", lambda _: {"msg": None}),
    AlteredReply("RS-03", "order-data-is-an-array", "order_data is an empty array", "data", lambda _: {"order_data": []}),
    AlteredReply(
        "RS-04", "pay-order-id-is-a-number", "pay_order_id is a number", "data", lambda o: {"pay_order_id": int(o.id[1:])}
    ),
    AlteredReply("RS-04", "pay-order-id-is-empty", "pay_order_id is empty", "data", lambda _: {"pay_order_id": ""}),
    AlteredReply(
        "RS-05",
        "pay-order-id-is-detail-id",
        "pay_order_id carries the detail id",
        "data",
        lambda o: {"pay_order_id": o.detail_id},
    ),
    AlteredReply(
        "RS-06",
        "order-number-is-the-providers",
        "mchOrderNo is a number of the provider's own",
        "order_data",
        lambda o: {"mchOrderNo": f"M{o.id[1:]}"},
    ),
    AlteredReply(
        "RS-06",
        "order-number-is-lower-case",
        "mchOrderNo is the request_id in lower case",
        "order_data",
        lambda o: {"mchOrderNo": o.terms.request_id.lower()},
    ),
    AlteredReply(
        "RS-07",
        "detail-id-is-order-id",
        "payOrderDetailId is the order's id",
        "order_data",
        lambda o: {"payOrderDetailId": o.id},
    ),
    AlteredReply("RS-07", "detail-id-is-null", "payOrderDetailId is null", "order_data", lambda _: {"payOrderDetailId": None}),
    AlteredReply(
        "RS-09",
        "detail-code-is-constant",
        "payOrderDetailIdEncode is the same for all orders",
        "order_data",
        lambda _: {"payOrderDetailIdEncode": "0" * 64},
    ),
    AlteredReply(
        "RS-09",
        "detail-code-is-empty",
        "payOrderDetailIdEncode is empty",
        "order_data",
        lambda _: {"payOrderDetailIdEncode": ""},
    ),
    AlteredReply(
        "RS-09",
        "detail-code-in-capitals",
        "payOrderDetailIdEncode has capital letters",
        "order_data",
        lambda o: {"payOrderDetailIdEncode": o.detail_code.upper()},
    ),
    AlteredReply("RS-10", "order-state-is-text", 'orderState is "1"', "order_data", lambda _: {"orderState": "1"}),
    AlteredReply(
        "RS-10", "detail-state-is-text", 'payOrderDetailState is "1"', "order_data", lambda _: {"payOrderDetailState": "1"}
    ),
    AlteredReply(
        "RS-11",
        "paid-before-the-payer-acts",
        "orderState is 2 while payDataType is payurl",
        "order_data",
        lambda o: {"orderState": 2} if o.page else {},
    ),
    AlteredReply("RS-11", "closed-at-birth", "orderState is 6 in a fresh reply", "order_data", lambda _: {"orderState": 6}),
    AlteredReply(
        "RS-13",
        "pay-data-is-empty",
        "payData is empty though payDataType is payurl",
        "order_data",
        lambda o: {"payData": ""} if o.page else {},
    ),
    AlteredReply(
        "RS-13",
        "pay-data-is-relative",
        "payData is a path without a host",
        "order_data",
        lambda o: {"payData": f"/{o.page}/{o.session}"} if o.page else {},
    ),
    AlteredReply(
        "RS-13",
        "pay-data-is-the-word-null",
        'payData is "null"',
        "order_data",
        lambda o: {"payData": "null"} if o.page else {},
    ),
    AlteredReply(
        "RS-16",
        "pay-data-type-in-camel-case",
        "payDataType is payUrl",
        "order_data",
        lambda o: {"payDataType": "payUrl"} if o.page else {},
    ),
    AlteredReply(
        "RS-16",
        "pay-data-type-is-form",
        "payDataType is form",
        "order_data",
        lambda o: {"payDataType": "form"} if o.page else {},
    ),
)


def alters(altered: AlteredReply) -> type[Provider]:
    """A provider whose accepted replies have some members replaced."""

    class ReplyAltered(Provider):
        def accepted_document(self, order: Order) -> Document:
            document = super().accepted_document(order)
            parts = {"document": document, "data": document["data"], "order_data": document["data"]["order_data"]}
            parts[altered.part].update(altered.members(order))
            return document

    return ReplyAltered


for each in ALTERED_REPLIES:
    mutant(each.clauses, each.statement, name=each.name)(alters(each))

mutant("RS-12", "orderState is 99", name="order-state-is-99", dialect="lesspay2")(
    alters(AlteredReply("RS-12", "order-state-is-99", "orderState is 99", "order_data", lambda _: {"orderState": 99}))
)


@mutant("RS-02", "a refusal says SUCCESS")
class RefusalSaysSuccess(Provider):
    def refusal_message(self, refusal: Refusal) -> str:  # noqa: ARG002 - whatever was wrong
        return "SUCCESS"


@mutant("RS-02", "a refusal is an HTML page")
class RefusalIsHtml(Provider):
    def render(self, document: Any) -> bytes:
        body = super().render(document)
        return body if document.get("code") == 0 else b"<h1>Bad request</h1>" + body


@mutant("RS-03", "data is JSON in a string")
class DataIsText(Provider):
    def accepted_document(self, order: Order) -> Document:
        document = super().accepted_document(order)
        return {**document, "data": json.dumps(document["data"])}


@mutant("RS-05", "pay_order_id is the previous order's")
class PayOrderIdIsThePrevious(Provider):
    previous = "P1000000000000000000"

    def data(self, order: Order) -> Document:
        told, self.previous = self.previous, order.id
        return {**super().data(order), "pay_order_id": told}


@mutant("RS-08", "ids are bare numbers")
class IdsAreBareNumbers(Provider):
    def new_order_id(self) -> str:
        return str(self.next_number())


@mutant("RS-14 RS-15", "payDataType is absent though the payer has to be sent to payData")
class PayDataWithoutType(Provider):
    def pay_members(self, order: Order) -> Document:
        return {"payData": self.page_url(order)} if order.page else {}


@mutant("RS-14 RS-15", "an order with nothing to do carries an address in payData")
class PayDataOfNothing(Provider):
    def no_page_members(self, order: Order) -> Document:
        return {"payDataType": "", "payData": f"{self.url}/3ds/{order.session}"}


@mutant("RS-17", "payData is that of the first order")
class PayDataIsCached(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.first_url = ""

    def page_url(self, order: Order) -> str:
        self.first_url = self.first_url or super().page_url(order)
        return self.first_url


@mutant("RS-17", "an order in ten gets the id of the one before")
class OrderIdIsGivenTwice(Provider):
    opened, latest = 0, ""

    def new_order_id(self) -> str:
        self.opened += 1
        if self.opened % 10:
            self.latest = super().new_order_id()
        return self.latest


@mutant("RS-17", "payOrderDetailId is the same for all orders")
class DetailIdIsConstant(Provider):
    def new_detail_id(self) -> str:
        return "PD2011293075558170625"


@mutant("RS-19", "a refusal carries an order and an address to pay at")
class RefusalCarriesAnOrder(Provider):
    def refusal_document(self, refusal: Refusal) -> Document:
        order_id, session = self.new_order_id(), self.new_session()
        order_data = {"payOrderId": order_id, "payDataType": "payurl", "payData": f"{self.url}/cashier/{session}"}
        return {**super().refusal_document(refusal), "data": {"pay_order_id": order_id, "order_data": order_data}}


@mutant("RS-20 CB-20", "a refused request is stored first, and its failure notified")
class RefusalIsNotified(Provider):
    def read_terms(self, document: Document) -> Terms:
        try:
            return super().read_terms(document)
        except Refusal:
            self.notify_refused(document)
            raise

    def notify_refused(self, document: Document) -> None:
        """Notify as of a failed order, where the request has an address to notify at."""
        try:
            notify_url = self.read_url("notify_url", document.get("notify_url"))
        except Refusal:
            return
        request_id = str(document.get("request_id"))[:20]
        terms = super().read_terms({**default_order(), "request_id": request_id, "notify_url": notify_url})
        order = self.open_order(terms)
        self.begin_notifying(replace(order, state=State.FAILED))


@mutant("RS-21", "every refusal says system error")
class EveryRefusalIsASystemError(Provider):
    def refusal_message(self, refusal: Refusal) -> str:  # noqa: ARG002 - whatever was wrong
        return "system error"


@mutant("RS-02 RS-19", "a refusal has code 0 and msg FAIL")
class RefusalHasCodeZero(Provider):
    def refusal_document(self, refusal: Refusal) -> Document:  # noqa: ARG002 - whatever was wrong
        return {"code": 0, "msg": "FAIL"}
