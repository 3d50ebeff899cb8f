"""Drawn orders: what a fault among them is blamed on."""

import json
from collections.abc import Callable
from typing import Any

import msgspec

from payconform.authoring import (
    Make,
    Script,
    drawn_drafts,
    drawn_orders,
    narrowed,
    ordinary_ones_are_accepted,
    tried_together,
)
from payconform.engine.judge import against
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback
from payconform.model.finding import Observation, Outcome
from payconform.model.message import Request, Response
from payconform.model.profile import Callbacks
from tests.unit.engine.scenes import ACCEPTED, PROFILE, FakeTransport, declared, play

DEAF = msgspec.structs.replace(PROFILE, callbacks=Callbacks(inbox="none"))


def drawn(make: Make) -> Script[None]:
    """Drawn orders, and the smallest that shows a fault."""
    orders = drawn_orders(make)
    trials = yield from tried_together(orders, drawn_drafts(make))
    yield from narrowed(orders, trials)
    yield from ordinary_ones_are_accepted(orders, trials, "EP-01")


DRAWN = declared(drawn)


class ByOrder(FakeTransport):
    """Answers by what the order says."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__(lambda _: ACCEPTED)
        self._answer = answer

    def send(self, request: Request) -> Response:
        return Response(status=200, body=json.dumps(self._answer(json.loads(request.body))).encode())


def play_drawn(answer: Callable[[dict[str, Any]], Any]) -> list[Observation]:
    """What drawn orders lead to with a target that answers by the order."""
    return play(lambda _: ACCEPTED, DRAWN, transport=ByOrder(answer), profile=DEAF, examples=16).observations


def test_the_smallest_order_that_fails_is_found() -> None:
    def answer(order: dict[str, Any]) -> Any:
        return {"code": 0, "msg": "OK" if "&" in order["product_name"] else "SUCCESS"}

    said = [one for one in play_drawn(answer) if one.clause == "RS-02"]
    assert [one.outcome for one in said] == [Outcome.FAILED]
    assert "16 drawn orders break it" in said[0].observed
    assert said[0].observed.endswith("the smallest that does: product_name '&'")


def test_what_fails_for_every_order_is_not_blamed_on_what_was_drawn() -> None:
    assert not [one for one in play_drawn(lambda _: {"code": 0, "msg": "OK"}) if one.clause == "RS-02"]


def test_what_the_plain_order_breaks_too_is_not_made_small() -> None:
    asked: list[str] = []

    def answer(order: dict[str, Any]) -> Any:
        asked.append(order["request_id"])
        plain = len(asked) > 16  # it comes after those that are drawn
        return {"code": 0, "msg": "OK" if plain or "&" in order["product_name"] else "SUCCESS"}

    assert not [one for one in play_drawn(answer) if one.clause == "RS-02"]
    assert len(asked) == 17


def test_two_clauses_that_the_same_orders_break_are_made_small_once() -> None:
    def answer(order: dict[str, Any]) -> Any:
        broken = "&" in order["product_name"]
        return {"code": 0, "msg": "OK" if broken else "SUCCESS", "data": {"pay_order_id": "" if broken else "P1"}}

    said = [one.clause for one in play_drawn(answer) if "drawn orders break it" in one.observed]
    assert said == ["RS-02"]


def test_an_ordinary_order_that_is_refused_is_made_small() -> None:
    def answer(order: dict[str, Any]) -> Any:
        refuses = next(iter(order)) != "target_amount"
        return {"code": 11, "msg": "no amount"} if refuses else {"code": 0, "msg": "SUCCESS"}

    said = [one for one in play_drawn(answer) if one.clause == "EP-01"]
    assert [one.outcome for one in said] == [Outcome.PASSED, Outcome.FAILED]
    assert said[1].observed.endswith("the smallest: its members in another sequence")


def test_a_strange_order_may_be_refused() -> None:
    def answer(order: dict[str, Any]) -> Any:
        return {"code": 0, "msg": "SUCCESS"} if order["product_name"].isascii() else {"code": 11, "msg": "ASCII only"}

    assert {one.outcome for one in play_drawn(answer) if one.clause == "EP-01"} == {Outcome.PASSED}


def test_no_request_is_spent_on_what_the_target_is_not_held_to() -> None:
    """Only the companion pages demand that a failure names its reason."""
    body = Body.of(b'{"order_status": "FAILED", "order_status_int": 3}')
    callback = Callback(id="n1", order="o1", case="c", mode=Mode.CARD, method="POST", path="/callbacks/o1", body=body)
    companion = msgspec.structs.replace(PROFILE, target=msgspec.structs.replace(PROFILE.target, dialect="lesspay2"))
    assert "CB-29" in {said.clause for said in against([callback], {"o1"}, companion)}
    assert "CB-29" not in {said.clause for said in against([callback], {"o1"}, PROFILE)}
