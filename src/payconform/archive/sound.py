"""Tells of a body in a few microseconds that it surely keeps every clause that one callback shows.

It is no second judgement: a body that is not surely sound goes to the rules of a live run, which have the last word, and so
does the first of every shape of sound bodies. A body called sound is one on which every rule that looks at it would pass.
"""

from collections.abc import Callable
from string import ascii_uppercase
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from payconform.archive.glance import Glance
from payconform.contract.register import SIGNING_DIALECT
from payconform.engine.invariants.callbacks import STATUS_TABLE
from payconform.model.notification import FAILED, PAID_INT, SUCCEED, says_pending
from payconform.model.wire import decoder

LONGEST = 4096
"""Bytes of a body that may be sound; Python's limits for digits of a number and for nesting lie beyond."""


TERMINAL, PENDING, EVENT, UNSOUND = range(4)
"""What a callback is to the clauses across records."""

Shape = int
"""What of a sound body decides which rules look at it, as bits: what its channel data has, whether it echoes the order, what
it is to the clauses across records, and whether its status is SUCCEED or FAILED.
"""

KIND = 5
"""Where in a shape the two bits stand that say what a callback is to the clauses across records."""

_Text = Annotated[str, Meta(min_length=1)]
if TYPE_CHECKING:
    _Country = str
else:
    _Country = Literal[*(first + second for first in ascii_uppercase for second in ascii_uppercase)]


class _Channel(Struct, gc=False):
    card_token: str | None = None
    issuer: str | UnsetType | None = UNSET
    issuer_country: _Country | UnsetType | None = UNSET


class Body(Struct, gc=False):
    """The members of a callback that rules look at, each of the type that it must have."""

    order_status: _Text
    order_status_int: int
    pay_order_id: _Text
    request_id: _Text
    target_amount: str
    target_currency: _Text
    api_version: str | None = None
    description: str | None = None
    product_name: str | None = None
    success_url: str | None = None
    fail_url: str | None = None
    channel_biz_data: _Channel | None = None
    event: object = None
    error_code: object = None
    error_msg: object = None


class Sieve:
    """Lets sound bodies through. `dialect` says which clauses apply."""

    def __init__(self, dialect: str, glance: Glance) -> None:
        self._decode: Callable[[bytes], Body] = decoder(Body)
        self._shows_nothing = glance.shows_nothing
        self._is_clear = glance.is_clear
        self._companion = dialect == SIGNING_DIALECT

    def sound(self, raw: bytes) -> tuple[Body, Shape] | None:  # noqa: PLR0911 -- one pass: calls cost more than what they check
        """The members and the shape of a body that is surely sound, None for any other."""
        if len(raw) > LONGEST:
            return None
        try:
            body = self._decode(raw)
            text = raw.decode()
        except ValueError:
            return None
        status = body.order_status
        if (status == SUCCEED) != (body.order_status_int == PAID_INT):
            return None
        if not body.target_amount.replace(".", "", 1).isdecimal():
            return None
        channel = body.channel_biz_data
        if channel is not None and channel.card_token and status != SUCCEED:
            return None
        if self._companion and status != SUCCEED and not _keeps_companion_clauses(body):
            return None
        if not self._shows_nothing(text) and not self._is_clear(text):
            return None
        return body, _shape(body)


def _keeps_companion_clauses(body: Body) -> bool:
    explained = body.order_status != FAILED or body.error_code or body.error_msg
    return bool(explained) and STATUS_TABLE.get(body.order_status) == body.order_status_int


def _shape(body: Body) -> Shape:
    channel = body.channel_biz_data
    if channel is None:
        shape = 0
    else:
        token = channel.card_token
        shape = 1 if token is None else 5 if token else 3
        if channel.issuer is not UNSET or channel.issuer_country is not UNSET:
            shape += 8
    if (
        body.api_version is not None
        or body.description is not None
        or body.product_name is not None
        or body.success_url is not None
        or body.fail_url is not None
    ):
        shape += 16
    status = body.order_status
    if status == SUCCEED:
        shape += 128
    elif status == FAILED:
        shape += 256
    elif says_pending(status, body.order_status_int):
        shape += PENDING << KIND
    if body.event is not None and body.event != "":
        return shape & ~(PENDING << KIND) | EVENT << KIND
    return shape
