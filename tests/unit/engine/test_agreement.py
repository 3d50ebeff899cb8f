"""What is said of several callbacks of one order, of landings, and of refusals that say more than no."""

import json
from typing import Any

import msgspec
import pytest

from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, Exchange
from payconform.model.finding import Outcome
from payconform.model.reply import Kind, Reply
from payconform.model.run import Record
from tests.journals import header
from tests.unit.engine.test_ends import journey, order, outcome

TOLD: dict[str, Any] = {"order_status": "SUCCEED", "order_status_int": 2, "target_amount": "4600", "request_id": "M1"}
FAILED_ONE = {"order_status": "FAILED", "order_status_int": 3}
CLOSED_ONE = {"order_status": "CLOSED", "order_status_int": 6}


def told(at: float, **members: Any) -> Callback:
    body = Body.of(json.dumps({**TOLD, **members}).encode())
    return Callback(id=f"n{at:g}", order="1", case="c", mode=Mode.CASHIER, method="POST", path="/callbacks/1", body=body, at=at)


@pytest.mark.parametrize(
    ("again", "outcomes"),
    [
        ({}, (Outcome.PASSED, Outcome.PASSED)),
        ({"target_amount": "4600.00"}, (Outcome.PASSED, Outcome.PASSED)),
        ({"target_amount": "46.00"}, (Outcome.FAILED, Outcome.WARNED)),
        (FAILED_ONE, (Outcome.FAILED, Outcome.WARNED)),
        ({"complete_time": 5}, (Outcome.PASSED, Outcome.PASSED)),
    ],
)
def test_deliveries_of_one_order_agree(again: dict[str, Any], outcomes: tuple[Outcome, Outcome]) -> None:
    heard = (order("1"), told(1.0), told(2.0, **again))
    assert (outcome("CB-21", *heard), outcome("CB-27", *heard)) == outcomes


def test_a_failure_told_in_other_words_is_only_reported() -> None:
    assert outcome("CB-21", order("1"), told(1.0, **FAILED_ONE), told(2.0, **CLOSED_ONE)) is Outcome.WARNED
    assert outcome("CB-21", order("1"), told(1.0), told(2.0, **CLOSED_ONE)) is Outcome.FAILED


def test_a_look_at_the_address_is_no_callback_where_one_comes() -> None:
    look = Callback(id="n0", order="1", case="c", mode=Mode.CASHIER, method="HEAD", path="/callbacks/1", at=0.5)
    assert outcome("CB-02", order("1"), look, told(1.0)) is Outcome.PASSED
    assert outcome("CB-02", order("1"), look) is Outcome.WARNED
    assert outcome("CB-21", order("1"), look, told(1.0)) is Outcome.PASSED


def test_json_under_another_name_is_only_reported() -> None:
    form = msgspec.structs.replace(told(1.0), headers=(("Content-Type", "application/x-www-form-urlencoded"),))
    assert outcome("CB-02", order("1"), form) is Outcome.WARNED


@pytest.mark.parametrize(
    ("final_url", "expected"),
    [
        ("http://shop/ok?cart=7&paid=1", Outcome.PASSED),
        ("http://shop/ok?paid=1", Outcome.WARNED),
        ("http://shop/ok", Outcome.WARNED),
    ],
)
def test_a_landing_keeps_the_merchants_query(final_url: str, expected: Outcome) -> None:
    landed = msgspec.structs.replace(journey("1", "success"), final_url=final_url)
    assert outcome("CA-06", order("1", success_url="http://shop/ok?cart=7"), landed) is expected


def refused(document: dict[str, Any] | str, *, fault: str = "", name: str = "2", status: int = 200) -> Exchange:
    body = document if isinstance(document, str) else json.dumps({"code": 7, "msg": "no", **document})
    return Exchange(
        id=f"x{name}-{fault}",
        kind="create",
        order=name,
        case="c",
        mode=Mode.CASHIER,
        method="POST",
        url="http://t/",
        status=status,
        response_body=Body.of(body.encode()),
        fault=fault,
    )


def accepted() -> Exchange:
    document = {"code": 0, "msg": "SUCCESS", "data": {"pay_order_id": "P1", "order_data": {"payOrderId": "P1"}}}
    return msgspec.structs.replace(refused("", name="1"), response_body=Body.of(json.dumps(document).encode()))


@pytest.mark.parametrize(
    ("data", "fault", "expected"),
    [
        ({"pay_order_id": "P1"}, "", Outcome.PASSED),
        ({"pay_order_id": "P2"}, "", Outcome.FAILED),
        ({"pay_order_id": "P1"}, "request_id in small letters", Outcome.PASSED),
        ({"pay_order_id": "P1"}, "request_id used before", Outcome.PASSED),
        ({"order_data": {"payData": "http://t/p"}}, "request_id used before", Outcome.FAILED),
        ({"pay_order_id": "P1"}, "target_amount-absent", Outcome.FAILED),
        ({}, "target_amount-absent", Outcome.PASSED),
    ],
)
def test_a_refusal_may_name_the_order_that_it_is_like(data: dict[str, Any], fault: str, expected: Outcome) -> None:
    assert outcome("RS-19", order("1"), accepted(), order("2"), refused({"data": data}, fault=fault)) is expected


@pytest.mark.parametrize(("name", "expected"), [("Tea", Outcome.FAILED), ("<b>Tea</b>", Outcome.NOT_OBSERVED)])
def test_a_firewall_may_answer_what_looks_like_an_attack(name: str, expected: Outcome) -> None:
    assert outcome("RS-02", order("2", product_name=name), refused("<h1>Blocked</h1>", status=400)) is expected


def test_server_errors_refuse_where_the_profile_says_so() -> None:
    broken = refused({}, status=500)
    assert Reply(broken).kind is Kind.BROKEN
    assert Reply(broken, {"server_error_refusal": "warn"}).kind is Kind.REFUSED
    assert Reply(refused("<h1>Oops</h1>", status=500), {"server_error_refusal": "warn"}).kind is Kind.BROKEN


def test_a_method_that_a_server_does_not_have_is_no_breakdown() -> None:
    head = header("lesspay2", modes=(Mode.CASHIER,))
    lacking = msgspec.structs.replace(refused({}, status=501), kind="probe", method="PATCH")
    assert _said([head, order("2"), lacking], "EP-08") is Outcome.NOT_OBSERVED
    assert _said([head, order("2"), refused({}, status=501)], "EP-08") is Outcome.FAILED


def _said(records: list[Record], clause: str) -> Outcome:
    return next(found.outcome for found in judge(records, clauses()) if (found.clause, found.mode) == (clause, Mode.CASHIER))


def test_pages_on_the_servers_own_machine_are_for_targets_on_loopback() -> None:
    page = {"data": {"pay_order_id": "P2", "order_data": {"payDataType": "payurl", "payData": "http://localhost/p"}}}
    remote = refused({"code": 0, "msg": "SUCCESS", **page})
    assert outcome("RS-13", order("2"), msgspec.structs.replace(remote, url="https://sandbox.example/")) is Outcome.FAILED
    assert outcome("RS-13", order("2"), msgspec.structs.replace(remote, url="https://127.0.0.1:8443/")) is Outcome.PASSED
