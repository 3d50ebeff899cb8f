"""What invariants say of orders that are odd on purpose: the case that sent one judges it, so they leave its echo alone."""

import json
from typing import Any

import msgspec
import pytest

from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, Exchange, OrderRecord
from payconform.model.finding import Outcome
from payconform.model.run import Record
from tests.journals import header

HEADER = header(modes=(Mode.CASHIER,))
DOCUMENT = {"request_id": "M1", "target_amount": "10.00", "target_currency": "USD", "product_name": "Tea", "description": "Tea"}
ORDER_DATA = {
    "payOrderId": "P1",
    "mchOrderNo": "M1",
    "payOrderDetailId": "PD1",
    "payOrderDetailIdEncode": "e",
    "orderState": 1,
    "payOrderDetailState": 1,
    "payDataType": "payurl",
    "payData": "http://t/pay",
}
CALLBACK = {**DOCUMENT, "order_status": "SUCCEED", "order_status_int": 2, "pay_order_id": "P1"}


def body(document: Any) -> Body:
    return Body.of(json.dumps(document).encode())


def order_of(sent: dict[str, Any], told: dict[str, Any], fault: str) -> list[Record]:
    """An order with those members, accepted, and a callback that says other things of it."""
    reply = {"code": 0, "msg": "SUCCESS", "data": {"pay_order_id": "P1", "order_data": {**ORDER_DATA, **told}}}
    exchange = Exchange(
        id="x1",
        kind="create",
        order="o1",
        case="c",
        mode=Mode.CASHIER,
        method="POST",
        url="http://t/",
        status=200,
        response_body=body(reply),
        fault=fault,
    )
    callback = Callback(
        id="n1", order="o1", case="c", mode=Mode.CASHIER, method="POST", path="/callbacks/o1", body=body({**CALLBACK, **told})
    )
    page = msgspec.structs.replace(exchange, id="p1", kind="page", response_body=Body.of(b""))
    return [HEADER, OrderRecord(id="o1", case="c", mode=Mode.CASHIER, document={**DOCUMENT, **sent}), exchange, page, callback]


def failed(records: list[Record]) -> set[str]:
    return {found.clause for found in judge(records, clauses()) if found.outcome is Outcome.FAILED}


@pytest.mark.parametrize(
    ("sent", "told", "fault", "clause"),
    [
        ({"target_amount": "1,000.00"}, {"target_amount": "1000.00"}, "target_amount-grouped", "CB-09"),
        ({"target_currency": "usd"}, {"target_currency": "USD"}, "target_currency-usd", "CB-10"),
        ({"request_id": 5}, {"request_id": "5", "mchOrderNo": "5"}, "request_id-as-number", "CB-08"),
        ({"request_id": "M1 "}, {"request_id": "M1"}, "request_id with a blank behind", "CB-08"),
        ({"request_id": 5}, {"request_id": "5", "mchOrderNo": "5"}, "request_id-as-number", "RS-06"),
        ({"api_version": "V1"}, {"api_version": "V2"}, "api_version-V1", "CB-14"),
        ({"channel_extra": {}}, {"payData": None, "payDataType": None}, "channel_extra in a cashier order", "CA-02"),
    ],
)
def test_the_echo_of_an_odd_member_is_not_judged(sent: dict[str, Any], told: dict[str, Any], fault: str, clause: str) -> None:
    assert clause in failed(order_of(sent, told, ""))
    assert clause not in failed(order_of(sent, told, fault))


def test_a_text_of_another_type_is_not_a_harmed_text() -> None:
    records = order_of({"product_name": True}, {"product_name": "true"}, "product_name-as-boolean")
    assert not [found for found in judge(records, clauses()) if found.clause == "RQ-25" and found.outcome is Outcome.WARNED]


def test_other_members_of_an_odd_order_are_judged() -> None:
    assert failed(order_of({"target_amount": "0"}, {"target_currency": "EUR"}, "target_amount-zero")) == {"CB-10"}


def test_an_amount_sent_as_a_number_keeps_its_value() -> None:
    assert "CB-09" in failed(order_of({"target_amount": 100}, {"target_amount": "1.00"}, "target_amount-as-number"))
    assert "CB-09" not in failed(order_of({"target_amount": 100}, {"target_amount": "100.00"}, "target_amount-as-number"))


def test_a_repeated_order_is_not_odd() -> None:
    assert "CB-08" in failed(order_of({}, {"request_id": "M2"}, "request_id used before"))


@pytest.mark.parametrize(
    ("state", "fault", "holds"), [(2, "request_id used before", True), (1, "request_id used before", False), (2, "", False)]
)
def test_an_order_that_has_ended_is_answered_again_without_a_page(state: int, fault: str, holds: bool) -> None:  # noqa: FBT001
    records = order_of({}, {"payDataType": None, "payData": None, "orderState": state}, fault)
    assert ("CA-02" not in failed(records)) is holds


@pytest.mark.parametrize(
    ("state", "pay_data_type", "outcome"),
    [
        *((1, "payurl", Outcome.PASSED), (0, "payurl", Outcome.WARNED), (2, "payurl", Outcome.FAILED)),
        *((2, None, Outcome.WARNED), (6, None, Outcome.FAILED), (99, "payurl", Outcome.FAILED)),
    ],
)
def test_what_a_fresh_order_may_be_is_open_for_few_states(state: int, pay_data_type: str | None, outcome: Outcome) -> None:
    told = {"payDataType": pay_data_type, "orderState": state} | ({} if pay_data_type else {"payData": None})
    judged = judge(order_of({}, told, ""), clauses())
    assert next(found.outcome for found in judged if (found.clause, found.mode) == ("RS-11", Mode.CASHIER)) is outcome


def turned_away(fault: str, status: int, answer: bytes) -> list[Record]:
    exchange = Exchange(
        id="x1",
        kind="probe",
        order="o1",
        case="c",
        mode=Mode.CASHIER,
        method="POST",
        url="http://t/",
        status=status,
        response_body=Body.of(answer),
        fault=fault,
    )
    return [HEADER, OrderRecord(id="o1", case="c", mode=Mode.CASHIER, document=DOCUMENT), exchange]


def test_a_server_may_turn_an_unusual_body_away_in_its_own_words() -> None:
    page = b"<h1>Request Entity Too Large</h1>"
    assert failed(turned_away("the body is cut off", 413, page)) == {"RS-02"}
    assert failed(turned_away("an unusual body: large", 413, page)) == set()
    assert failed(turned_away("an unusual body: large", 500, page)) == {"RS-02"}
    assert failed(turned_away("target_amount twice, one of them signed", 400, page)) == set()


@pytest.mark.parametrize(("said", "outcome"), [("token_data is required", Outcome.PASSED), ("bad request", Outcome.WARNED)])
def test_a_wrong_extra_type_may_be_refused_for_the_data_it_asks_for(said: str, outcome: Outcome) -> None:
    records = turned_away("channel_extra.extra_type-token", 200, json.dumps({"code": 11, "msg": said}).encode())
    assert [found.outcome for found in judge(records, clauses()) if (found.clause, found.mode) == ("RS-21", Mode.CASHIER)] == [
        outcome
    ]


def test_who_is_not_let_in_gets_no_page_either() -> None:
    refusal = {"code": 3, "msg": "not for you", "data": {"order_data": {"payData": "http://t/pay"}}}
    assert failed(turned_away("target_amount-negative", 403, json.dumps(refusal).encode())) == {"RS-19"}
    assert failed(turned_away("target_amount-negative", 403, b"<h1>Forbidden</h1>")) == set()


@pytest.mark.parametrize(("told", "broken"), [("P1", set()), ("P2", {"RS-19"})])
def test_an_order_sent_at_the_same_moment_may_be_refused_in_the_name_of_the_first(told: str, broken: set[str]) -> None:
    refusal = {"code": 12, "msg": "request_id exists", "data": {"pay_order_id": told}}
    late = turned_away("", 409, json.dumps(refusal).encode())[-1]
    assert failed([*order_of({}, {}, "request_id used before"), late]) == broken
