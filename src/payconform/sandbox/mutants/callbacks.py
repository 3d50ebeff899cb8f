"""Faults in what callbacks say (clauses CB-05 to CB-19, CB-22, CB-29); `notices` holds the faults in how they are sent."""

import html
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import Document, Order
from payconform.sandbox.provider import Provider


class AlteredCallback(NamedTuple):
    """A callback with members replaced: `members` makes the new ones from the order and the conforming document."""

    clauses: str
    name: str
    statement: str
    members: Callable[[Order, Document], Document]
    dialect: Literal["guide", "lesspay2"] = "guide"


def amount(change: Callable[[Decimal], Any]) -> Callable[[Order, Document], Document]:
    """Replace target_amount by what `change` makes of it."""
    return lambda order, _: {"target_amount": change(Decimal(order.terms.amount))}


def biz(**members: Any) -> Callable[[Order, Document], Document]:
    """Replace members of channel_biz_data."""
    return lambda _, document: {"channel_biz_data": {**document["channel_biz_data"], **members}}


def when_paid(**members: Any) -> Callable[[Order, Document], Document]:
    return lambda order, _: members if order.succeeded else {}


def when_failed(**members: Any) -> Callable[[Order, Document], Document]:
    return lambda order, _: {} if order.succeeded else members


def always(**members: Any) -> Callable[[Order, Document], Document]:
    return lambda _, __: members


ALTERED_CALLBACKS = (
    AlteredCallback("CB-05", "order-status-is-null", "order_status is null", always(order_status=None)),
    AlteredCallback("CB-05", "order-status-is-a-number", "order_status is 2", always(order_status=2)),
    AlteredCallback("CB-05", "order-status-is-empty", "order_status is empty", always(order_status="")),
    AlteredCallback(
        "CB-06",
        "status-number-is-text",
        "order_status_int is a string",
        lambda o, _: {"order_status_int": str(int(o.state))},
    ),
    AlteredCallback("CB-06", "status-number-is-true", "order_status_int is true", always(order_status_int=True)),
    AlteredCallback(
        "CB-07", "callback-carries-detail-id", "pay_order_id is the detail id", lambda o, _: {"pay_order_id": o.detail_id}
    ),
    AlteredCallback(
        "CB-07",
        "callback-order-id-is-a-number",
        "pay_order_id is a number",
        lambda o, _: {"pay_order_id": int(o.id.lstrip("P"))},
    ),
    AlteredCallback(
        "CB-08",
        "callback-request-id-is-the-providers",
        "request_id is the provider's own number",
        lambda o, _: {"request_id": o.id},
    ),
    AlteredCallback(
        "CB-08",
        "callback-request-id-is-lower-case",
        "request_id is in lower case",
        lambda o, _: {"request_id": o.terms.request_id.lower()},
    ),
    AlteredCallback(
        "CB-09", "fee-is-deducted", "target_amount is less a fee", amount(lambda value: str(value * Decimal("0.97")))
    ),
    AlteredCallback("CB-09", "amount-in-minor-units", "target_amount is in cents", amount(lambda value: f"{value * 100:.0f}")),
    AlteredCallback("CB-09", "amount-is-a-number", "target_amount is a number", amount(float)),
    AlteredCallback(
        "CB-09",
        "amount-is-a-float-artefact",
        "target_amount is off by a rounding error",
        amount(lambda value: str(value - Decimal("0.00001"))),
    ),
    AlteredCallback(
        "CB-10",
        "settlement-currency-is-sent",
        "target_currency is the currency of settlement",
        lambda o, _: {"target_currency": "EUR" if o.terms.currency == "USD" else "USD"},
    ),
    AlteredCallback("CB-11", "succeed-with-1", "SUCCEED comes with 1", when_paid(order_status_int=1)),
    AlteredCallback("CB-11", "succeed-with-0", "SUCCEED comes with 0", when_paid(order_status_int=0)),
    AlteredCallback("CB-11 CB-12", "failed-with-2", "FAILED comes with 2", when_failed(order_status_int=2)),
    AlteredCallback(
        "CB-13", "failed-is-called-failure", "FAILED is called FAILURE", when_failed(order_status="FAILURE"), "lesspay2"
    ),
    AlteredCallback(
        "CB-14",
        "echoes-another-success-url",
        "success_url is another merchant's",
        always(success_url="https://merchant.example/paid"),
    ),
    AlteredCallback(
        "CB-14", "echoes-urls-swapped", "fail_url is the success_url", lambda o, _: {"fail_url": o.terms.success_url}
    ),
    AlteredCallback("CB-14", "echoes-api-version-v1", "api_version is V1", always(api_version="V1")),
    AlteredCallback(
        "CB-14",
        "echoes-product-name-upper-case",
        "product_name is in upper case",
        lambda o, _: {"product_name": o.terms.product_name.upper() + "!"},
    ),
    AlteredCallback(
        "CB-14",
        "echoes-description-truncated",
        "description lacks its last character",
        lambda o, _: {"description": o.terms.description[:-1]},
    ),
    AlteredCallback(
        "RQ-25 CB-14",
        "echoes-product-name-as-html",
        "product_name is escaped for HTML",
        lambda o, _: {"product_name": html.escape(o.terms.product_name)},
    ),
    AlteredCallback(
        "RQ-25 CB-14",
        "echoes-product-name-in-latin-1",
        "product_name is decoded with the wrong character set",
        lambda o, _: {"product_name": o.terms.product_name.encode().decode("latin-1")},
    ),
    AlteredCallback(
        "CB-15",
        "channel-data-is-text",
        "channel_biz_data is JSON in a string",
        lambda _, document: {"channel_biz_data": json.dumps(document["channel_biz_data"])},
    ),
    AlteredCallback(
        "CB-16",
        "card-token-is-empty",
        "card_token is empty",
        lambda o, document: biz(card_token="")(o, document) if o.card_token else {},
    ),
    AlteredCallback("CB-19", "issuer-country-has-three-letters", "issuer_country is GBR", biz(issuer_country="GBR")),
    AlteredCallback("CB-19", "issuer-is-a-number", "issuer is a number", biz(issuer=44)),
    AlteredCallback(
        "CB-29",
        "failure-is-not-explained",
        "a FAILED callback has no error_code and error_msg",
        when_failed(error_code=None, error_msg=None),
        "lesspay2",
    ),
)


def alters(altered: AlteredCallback) -> type[Provider]:
    """A provider whose callbacks have some members replaced."""

    class CallbackAltered(Provider):
        def callback_document(self, order: Order) -> Document:
            document = super().callback_document(order)
            return {**document, **altered.members(order, document)}

    return CallbackAltered


for each in ALTERED_CALLBACKS:
    mutant(each.clauses, each.statement, name=each.name, dialect=each.dialect)(alters(each))


@mutant("CB-16", "no token comes though one was asked for")
class TokenIsNeverSent(Provider):
    def earns_token(self, order: Order) -> bool:  # noqa: ARG002 - whatever was asked
        return False


@mutant("CB-16", "no token comes after a challenge")
class TokenIsForgottenAfterChallenge(Provider):
    def earns_token(self, order: Order) -> bool:
        return super().earns_token(order) and not order.page


@mutant("CB-17", "every card that paid is stored")
class EveryCardIsStored(Provider):
    def earns_token(self, order: Order) -> bool:
        return order.succeeded and bool(order.terms.card)


@mutant("CB-17", "a card is stored unless the merchant says no")
class CardIsStoredByDefault(Provider):
    def read_store_flag(self, value: Any) -> bool:
        return True if value is None else super().read_store_flag(value)


@mutant("CB-18", "a token comes for a card that was declined")
class DeclinedCardGetsAToken(Provider):
    def earns_token(self, order: Order) -> bool:
        return order.terms.stores


@mutant("CB-22", "callbacks carry the order that was made last")
class CallbackCarriesTheLatestOrder(Provider):
    def callback_document(self, order: Order) -> Document:
        latest = next(reversed(self.orders.values()))
        return super().callback_document(replace(order, id=latest.id, terms=latest.terms))
