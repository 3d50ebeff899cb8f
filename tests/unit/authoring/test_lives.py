"""Sequences of moves: which every run begins with, and how those that fail are made smaller."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.authoring.lives import FIRST_ONES, drawn_lives, lives
from payconform.authoring.make import Make
from payconform.authoring.moves import FIRST, Move, Moves
from payconform.model.clause import PAYING_MODES, Mode
from tests.unit.authoring.test_drafts import PROFILE


def make_for(mode: Mode, examples: int = 0) -> Make:
    return Make(PROFILE, mode, Random(1), "http://inbox.example", lambda: "o1", examples=examples)  # noqa: S311 -- repeatable on purpose


def of_a_run(mode: Mode, examples: int) -> tuple[Moves, ...]:
    return drawn_lives(make_for(mode, examples=examples))


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_the_default_plan_begins_with_the_same_lives_and_draws_one(mode: Mode) -> None:
    default = of_a_run(mode, 21)
    assert default[: len(FIRST[mode])] == FIRST[mode]
    assert len(default) == len(FIRST[mode]) + 1


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_the_quick_plan_has_one_and_the_deep_plan_many(mode: Mode) -> None:
    assert of_a_run(mode, 5) == FIRST[mode][:1]
    assert len(of_a_run(mode, 252)) == len(FIRST[mode]) + 252 // 4 - FIRST_ONES


@given(st.lists(st.sampled_from(Move), min_size=3, max_size=12).map(tuple), st.data())
def test_whichever_two_moves_it_takes_a_smaller_life_has_both(moves: Moves, data: st.DataObject) -> None:
    numbered = tuple(enumerate(moves))
    sort = lives(make_for(Mode.CARD))
    pair = data.draw(st.sampled_from(list(combinations(numbered, 2))))
    kept = [set(smaller) for smaller in sort.smaller(numbered)]  # type: ignore[arg-type]  # any tuple is made smaller alike
    assert any(set(pair) <= smaller for smaller in kept)
    assert all(0 < len(smaller) < len(moves) for smaller in kept)


def test_a_life_of_two_moves_is_as_small_as_it_gets() -> None:
    assert not lives(make_for(Mode.CARD)).smaller((Move.PLACE, Move.REPEAT))
