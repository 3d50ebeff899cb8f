"""Required members that are not: for each, a provider that fills in a default (clauses RQ-01 to RQ-12, DC-01 to DC-14, TK-03).

Some are not in one mode alone, or of some orders alone.
"""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple

from payconform.model.clause import Mode
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import CardDetails, Document, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.rules import CARD_DATA

GOOD_CARD = {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2035, "cvv": "000"}


class Omission(NamedTuple):
    """A required member at `path` and what the mutant of `clause` puts in its place."""

    clause: str
    path: str
    default: Callable[[], Any]


OMISSIONS = (
    Omission("RQ-01", "target_amount", lambda: "1.00"),
    Omission("RQ-02", "target_currency", lambda: "USD"),
    Omission("RQ-03", "transaction_type", lambda: "PAY_IN"),
    Omission("RQ-04", "notify_url", lambda: ""),
    Omission("RQ-05", "request_id", lambda: secrets.token_hex(8)),
    Omission("RQ-06", "fail_url", lambda: "about:blank"),
    Omission("RQ-07", "success_url", lambda: "about:blank"),
    Omission("RQ-08", "product_name", lambda: "null"),
    Omission("RQ-09", "description", lambda: "null"),
    Omission("RQ-10", "way_type", lambda: "CARD_PAYMENT"),
    Omission("RQ-11", "api_version", lambda: "V2"),
    Omission("RQ-12", "pay_access_type", lambda: 1),
    Omission("DC-01", "channel_extra", lambda: {"extra_type": "card", "card_data": GOOD_CARD}),
    Omission("DC-02", "channel_extra.extra_type", lambda: "card"),
    Omission("DC-03", CARD_DATA, lambda: GOOD_CARD),
    Omission("DC-05", f"{CARD_DATA}.number", lambda: "4242424242424242"),
    Omission("DC-08", f"{CARD_DATA}.expiry_month", lambda: 12),
    Omission("DC-11", f"{CARD_DATA}.expiry_year", lambda: 2035),
    Omission("DC-14", f"{CARD_DATA}.cvv", lambda: "000"),
)


def tolerates(omission: Omission) -> type[Provider]:
    """A provider to which one member is optional, absent, null or empty alike."""

    class MemberNotRequired(Provider):
        def on_missing(self, path: str) -> Any:
            return omission.default() if path == omission.path else super().on_missing(path)

    return MemberNotRequired


for each in OMISSIONS:
    member = each.path.rpartition(".")[2]
    slug = member.replace("_", "-")
    mutant(each.clause, f"{member} is not required: a default takes its place", name=f"{slug}-not-required")(tolerates(each))


class Forgiven(NamedTuple):
    """A member at the top of an order that may be left out in one mode, and its default there."""

    clause: str
    mode: Mode
    member: str
    default: str


FORGIVEN = (
    Forgiven("RQ-02", Mode.TOKEN, "target_currency", "USD"),
    Forgiven("RQ-08", Mode.CASHIER, "product_name", "Order"),
    Forgiven("RQ-11", Mode.CARD, "api_version", "V2"),
    Forgiven("RQ-03", Mode.TOKEN, "transaction_type", "PAY_IN"),
)


def forgives(forgiven: Forgiven) -> type[Provider]:
    """A provider to which one member is optional in one mode, where it is not there at all."""

    class MemberForgiven(Provider):
        def read_terms(self, document: Document) -> Terms:
            named = mode_of(document) is forgiven.mode
            return super().read_terms({forgiven.member: forgiven.default, **document} if named else document)

    return MemberForgiven


def mode_of(document: Document) -> Mode:
    """The mode that an order asks for, as far as its members say."""
    if document.get("pay_access_type") == 1:
        return Mode.CASHIER
    extra = document.get("channel_extra")
    return Mode.TOKEN if isinstance(extra, dict) and extra.get("extra_type") == "token" else Mode.CARD


for one in FORGIVEN:
    slug = one.member.replace("_", "-")
    statement = f"{one.member} may be left out of {one.mode.value} orders"
    mutant(one.clause, statement, name=f"{slug}-not-required-of-{one.mode.value}-orders")(forgives(one))


@mutant("DC-14", "a card that is to be stored needs no cvv")
class StoredCardsNeedNoCvv(Provider):
    def read_card(self, card_data: Document) -> CardDetails:
        stores = card_data.get("store_for_future_use") is True
        return super().read_card({"cvv": "000", **card_data} if stores else card_data)


@mutant("DC-08", "a card that is not to be stored needs no month")
class PassingCardsNeedNoMonth(Provider):
    def read_card(self, card_data: Document) -> CardDetails:
        stores = card_data.get("store_for_future_use") is True
        absent = card_data.get("expiry_month") is None and not stores
        return super().read_card({**card_data, "expiry_month": 12} if absent else card_data)
