"""Sequences of moves: how those that fail are made smaller."""

import json
from itertools import combinations, count
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.authoring.lives import lives
from payconform.authoring.make import Make
from payconform.authoring.moves import Move, Moves
from payconform.authoring.steps import Create, Pay, TerminalCallback
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Exchange, Journey
from payconform.model.order import Order
from payconform.model.reply import Reply
from tests.unit.authoring.test_drafts import PROFILE
from tests.unit.authoring.test_endings import reply

MAKE = Make(PROFILE, Mode.CARD, Random(1), "http://inbox.example", lambda: "o1")  # noqa: S311 -- repeatable on purpose


@given(st.lists(st.sampled_from(Move), min_size=3, max_size=12).map(tuple), st.data())
def test_whichever_two_moves_it_takes_a_smaller_life_has_both(moves: Moves, data: st.DataObject) -> None:
    numbered = tuple(enumerate(moves))
    sort = lives(MAKE)
    pair = data.draw(st.sampled_from(list(combinations(numbered, 2))))
    kept = [set(smaller) for smaller in sort.smaller(numbered)]  # type: ignore[arg-type]  # any tuple is made smaller alike
    assert any(set(pair) <= smaller for smaller in kept)
    assert all(0 < len(smaller) < len(moves) for smaller in kept)


def test_a_life_of_two_moves_is_as_small_as_it_gets() -> None:
    assert not lives(MAKE).smaller((Move.PLACE, Move.REPEAT))


@pytest.mark.parametrize(("state", "steps"), [(1, [Create, TerminalCallback, Create]), (3, [Create, Create])])
def test_a_declined_card_is_replaced_once_the_merchant_knows_of_the_failure(state: int, steps: list[type]) -> None:
    script = lives(MAKE).attempt((Move.PLACE_DECLINED, Move.CHANGE))
    performed = [script.send(None)]
    while len(performed) < len(steps):
        performed.append(script.send(reply("SUCCESS", state) if isinstance(performed[-1], Create) else None))
    assert [type(step) for step in performed] == steps


def test_once_a_payer_was_led_astray_nobody_opens_the_page_that_was_in_the_other_tab() -> None:
    numbers = count(1)
    make = Make(PROFILE, Mode.CASHIER, Random(1), "http://inbox.example", lambda: f"o{next(numbers)}")  # noqa: S311 -- as above
    script = lives(make).attempt((Move.PLACE, Move.PLACE, Move.PAY, Move.PAY))
    step = script.send(None)
    paid: list[Pay] = []
    while len(paid) < 2:
        if isinstance(step, Pay):
            paid.append(step)
            journey = Journey(
                id="j1", order=step.order.id, case="c", mode=Mode.CASHIER, fault="provider", stuck="a page of no use"
            )
            step = script.send(journey)
        else:
            assert isinstance(step, Create)
            step = script.send(with_a_page(step.order))
    first, second = paid
    assert first.beside.endswith("/o1"), "the tab"
    assert second.order.id not in ("o1", first.order.id)


def with_a_page(order: Order) -> Reply:
    """An accepted order whose payer has to go to a page of its own."""
    data = {"payDataType": "payUrl", "payData": f"http://target.example/{order.id}"}
    body = Body.of(json.dumps({"code": 0, "data": {"order_data": data}}).encode())
    exchange = Exchange(
        id="x1", kind="create", order=order.id, case="c", mode=order.mode, method="POST", url="", status=200, response_body=body
    )
    return Reply(exchange)
