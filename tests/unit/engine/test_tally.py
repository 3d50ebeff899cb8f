"""Tallies of parts add up to the tally of the whole."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from payconform.contract.register import clauses
from payconform.engine.tally import Example, Tally, finding
from payconform.model.clause import Mode
from payconform.model.finding import Finding, Observation, Outcome

OUTCOMES = (Outcome.PASSED, Outcome.FAILED, Outcome.WARNED, Outcome.INCONCLUSIVE, Outcome.ERROR)


def tally(outcomes: list[tuple[int, Outcome]], most: int | None) -> Tally:
    made = Tally(most)
    for number, outcome in outcomes:
        said = Observation(
            clause="CB-05", mode=Mode.CARD, outcome=outcome, expected="e", observed=f"o{number}", evidence=(f"n{number}",)
        )
        made.add(Example((number,), said), at=float(number))
    return made


def found(made: Tally) -> Finding:
    return finding(clauses()["CB-05"], Mode.CARD, "guide", made.of(("CB-05", Mode.CARD)))


@given(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=60), st.integers(1, 5), st.randoms())
def test_parts_add_up_to_the_whole(outcomes: list[Outcome], parts: int, chance: Random) -> None:
    numbered = list(enumerate(outcomes))
    whole = tally(numbered, None)
    chance.shuffle(numbered)
    merged = Tally(10)
    for part in range(parts):
        merged.merge(tally(numbered[part::parts], 10))
    assert found(merged) == found(whole)
    for outcome, said in whole.of(("CB-05", Mode.CARD)).items():
        told = merged.of(("CB-05", Mode.CARD))[outcome]
        assert (told.count, told.first, told.last) == (said.count, said.first, said.last)
