"""An order as far as a list of orders tells it, and whether a callback surely agrees with it."""

from typing import Any

import msgspec
from msgspec import Struct

from payconform.archive.sound import TERMINAL, Body
from payconform.model.clause import Mode
from payconform.model.evidence import Body as MessageBody
from payconform.model.evidence import Exchange, OrderRecord
from payconform.model.notification import SUCCEED, same_amount

TOLD = ("target_amount", "target_currency", "api_version", "description", "product_name", "success_url", "fail_url")
"""The members of an order that its callbacks are compared with. No other is kept: some are card data."""

UNKNOWN_FLAG = "unknown"


def key_of(order: OrderRecord) -> str:
    """What binds an order of a run to its callbacks: its request_id as it was sent, else its own id."""
    request_id = order.document.get("request_id")
    return request_id if isinstance(request_id, str) and request_id else f"order {order.id}"


class Sent(Struct, array_like=True, gc=False):
    """One order. `flag` is its store_for_future_use (None: left out, "unknown" where the list does not tell).

    `own` are the platform's ids for it, `at` when it was sent (seconds since 1970); `refused` says that it was not accepted.
    A `whole` order was listed with all its members, so that those it lacks were left out.
    """

    request_id: str
    mode: Mode
    told: dict[str, Any]
    flag: Any = UNKNOWN_FLAG
    own: tuple[str, ...] = ()
    at: float | None = None
    refused: bool = False
    whole: bool = False

    def records(self) -> list[OrderRecord | Exchange]:
        """The order and its replies as a run records them."""
        card = {} if self.flag is None else {"store_for_future_use": self.flag}
        document = {"request_id": self.request_id, **self.told, "channel_extra": {"card_data": card}}
        order = OrderRecord(id=self.request_id, case="", mode=self.mode, document=document, partial=not self.whole)
        return [order, *(self._reply(number, name) for number, name in enumerate(self.own))]

    def _reply(self, number: int, name: str) -> Exchange:
        said = {"code": 0, "msg": "SUCCESS", "data": {"pay_order_id": name}}
        return Exchange(
            id=f"x{number}",
            kind="create",
            order=self.request_id,
            case="",
            mode=self.mode,
            method="POST",
            url="",
            status=200,
            response_body=MessageBody.of(msgspec.json.encode(said)),
        )

    def surely_agrees(self, body: Body, kind: int) -> bool:
        """Whether a body that is sound by itself breaks no clause that compares it with the order."""
        told = self.told
        if self.own and body.pay_order_id not in self.own:
            return False
        if body.target_currency != told.get("target_currency", body.target_currency):
            return False
        amount = told.get("target_amount", body.target_amount)
        if amount != body.target_amount and not same_amount(amount, body.target_amount):
            return False
        return self._echoes(body) and self._has_its_token(body, kind)

    def _echoes(self, body: Body) -> bool:
        for name in TOLD[3:]:
            value = getattr(body, name)
            if value is not None and value != self.told.get(name, None if self.whole else value):
                return False
        version = self.told.get("api_version", None if self.whole else body.api_version)
        return body.api_version is None or body.api_version == version or str(version).casefold() == body.api_version.casefold()

    def _has_its_token(self, body: Body, kind: int) -> bool:
        token = body.channel_biz_data.card_token if body.channel_biz_data else None
        if token:
            return self.flag is True or self.flag == UNKNOWN_FLAG
        return not (self.flag is True and self.mode is Mode.CARD and kind == TERMINAL and body.order_status == SUCCEED)
