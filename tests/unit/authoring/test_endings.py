"""What the end of an order says: card data that was mistyped and comes back, failures that pay."""

import json
from typing import Literal

import pytest

from payconform.authoring.endings import failed_as_tried, never_paid, repeats_nothing
from payconform.authoring.steps import Settled, UnmetError
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, Exchange, Journey
from payconform.model.finding import Outcome
from payconform.model.order import Order
from payconform.model.reply import Reply


def reply(msg: object, state: int = 0) -> Reply:
    accepted = {"code": 0, "data": {"order_data": {"orderState": state}}}
    body = Body.of(json.dumps({"msg": msg, **(accepted if state else {"code": 7})}).encode())
    return Reply(
        Exchange(
            id="x1", kind="create", order="o1", case="c", mode=Mode.CARD, method="POST", url="", status=200, response_body=body
        )
    )


@pytest.mark.parametrize(
    ("card", "msg", "outcome"),
    [
        ({"cvv": "1a3"}, "cvv 1a3 is none", Outcome.FAILED),
        ({"cvv": "12345"}, "cvv must have 3 or 4 digits, got '12345'", Outcome.FAILED),
        ({"number": "42424242ABCD4247"}, "42424242ABCD4247 is no number", Outcome.FAILED),
        ({"cvv": "1a3"}, "cvv is none", Outcome.PASSED),
        ({"cvv": "12345"}, "trace 9912345", Outcome.PASSED),
        ({"cvv": "12"}, "12 errors", Outcome.PASSED),
        ({"cvv": "123"}, "error 123", Outcome.PASSED),  # what has the form of a code is noted where a name says that it is one
        ({"cvv": 123}, "error", Outcome.PASSED),
        (None, None, Outcome.PASSED),
    ],
)
def test_mistyped_card_data_does_not_come_back(card: object, msg: object, outcome: Outcome) -> None:
    order = Order(id="o1", mode=Mode.CARD, document={"channel_extra": {"card_data": card}})
    (said,) = repeats_nothing(order, reply(msg))
    assert said.outcome is outcome


@pytest.mark.parametrize(("mode", "clause"), [(Mode.CASHIER, "CA-07"), (Mode.CARD, "DC-19")])
def test_whoever_was_to_fail_and_is_led_to_success_has_not_paid(mode: Mode, clause: str) -> None:
    order = Order(id="o1", mode=mode, document={})
    led = Journey(id="j1", order="o1", case="c", mode=mode, landed="success")
    for heard, expected in ((notice("SUCCEED"), Outcome.FAILED), (notice("FAILED"), Outcome.PASSED)):
        outcomes = {observed.clause: observed.outcome for observed in failed_as_tried(order, led, heard)}
        assert outcomes == {clause: expected, "CB-04": expected}


def notice(status: str) -> Callback:
    body = Body.of(json.dumps({"order_status": status}).encode())
    return Callback(id="n1", order="o1", case="c", mode=Mode.CARD, method="POST", path="/", body=body)


def ended(state: int = 1, journey: Journey | None = None, callback: Callback | None = None) -> Settled:
    return Settled(Order(id="o1", mode=Mode.CARD, document={}), reply("SUCCESS", state), journey, callback)


def walked(*pages: str, landed: Literal["", "success", "fail"] = "") -> Journey:
    return Journey(id="j1", order="o1", case="c", mode=Mode.CARD, pages=pages, landed=landed)


@pytest.mark.parametrize(
    ("settled", "outcome"),
    [
        (ended(callback=notice("SUCCEED")), Outcome.FAILED),
        (ended(3, callback=notice("SUCCEED")), Outcome.FAILED),
        (ended(journey=walked("3ds"), callback=notice("SUCCEED")), Outcome.FAILED),
        (ended(callback=notice("FAILED")), Outcome.PASSED),
        (ended(3), Outcome.PASSED),
        (ended(journey=walked("3ds")), Outcome.PASSED),
    ],
)
def test_what_was_seen_says_whether_an_order_was_paid(settled: Settled, outcome: Outcome) -> None:
    (said,) = never_paid(settled, "TK-08", "a made up token is declined")
    assert said.outcome is outcome


@pytest.mark.parametrize("settled", [ended(), ended(journey=walked("3ds", landed="fail")), ended(journey=walked())])
def test_an_accepted_order_of_which_nothing_is_heard_tells_nothing(settled: Settled) -> None:
    with pytest.raises(UnmetError, match="no terminal callback"):
        list(never_paid(settled, "TK-08", "a made up token is declined"))
