"""What a merchant asked for, and the order that came of it."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from payconform.model.clause import Mode

Document = dict[str, Any]


class State(IntEnum):
    """States of an order, numbered as the provider numbers them in replies and callbacks."""

    PENDING = 1
    SUCCEED = 2
    FAILED = 3


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the provider, not an error of it
    """The provider will not make an order. The message names the member and never quotes a value: it may be card data."""

    def __init__(self, code: int, message: str, *, status: int = 200) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


MALFORMED = 10
INVALID = 11
DUPLICATE = 1201
NOT_ALLOWED = 5004


@dataclass(frozen=True)
class CardDetails:
    """A card as the payer typed it. Its repr shows nothing."""

    number: str
    expiry_month: int
    expiry_year: int
    cvv: str

    def __repr__(self) -> str:
        return "CardDetails()"


@dataclass(frozen=True)
class Terms:
    """A create-order request that kept every rule. Card mode sets `card`, token mode `token`; `stores` asks for a token."""

    mode: Mode
    amount: str
    currency: str
    notify_url: str
    request_id: str
    fail_url: str
    success_url: str
    product_name: str
    description: str
    api_version: str
    card: CardDetails | None = None
    token: str = ""
    stores: bool = False


@dataclass
class Order:
    """One order. `session` names its hosted pages, `card` is what pays it, `page` the hosted page the payer is on ("" for none).

    `card_token` is set when the order succeeded and its card was stored.
    """

    terms: Terms
    id: str
    detail_id: str
    detail_code: str
    session: str
    state: State = State.PENDING
    page: str = ""
    card: CardDetails | None = field(default=None, repr=False)
    card_token: str = ""

    @property
    def is_final(self) -> bool:
        return self.state is not State.PENDING

    @property
    def succeeded(self) -> bool:
        return self.state is State.SUCCEED
