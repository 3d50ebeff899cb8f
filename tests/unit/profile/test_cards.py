"""When a test card is usable."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.profile.cards import card, passes_luhn
from payconform.profile.mistakes import Mistake

PATIENT = settings(deadline=None)  # a busy machine is no failure
MEMBERS = {"role": "approved", "number": "4242424242424242", "cvv": "987", "expiry_month": 6, "expiry_year": 2030}


def test_a_card_lasts_to_the_end_of_its_month() -> None:
    assert card(MEMBERS, "cards[0]", {}, date(2030, 6, 30)).expiry_year == 2030
    with pytest.raises(Mistake, match="expired in 06/2030"):
        card(MEMBERS, "cards[0]", {}, date(2030, 7, 1))


@PATIENT
@given(st.text("0123456789", min_size=11, max_size=18), st.integers(0, 17))
def test_one_check_digit_fits_and_one_wrong_digit_shows(body: str, place: int) -> None:
    fitting = [f"{body}{digit}" for digit in range(10) if passes_luhn(f"{body}{digit}")]
    assert len(fitting) == 1
    place %= len(body)
    wrong = f"{body[:place]}{(int(body[place]) + 1) % 10}{body[place + 1 :]}"
    assert not passes_luhn(f"{wrong}{fitting[0][-1]}")
