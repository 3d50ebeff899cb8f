"""Amounts of orders: small ones, and those of another currency."""

from decimal import Decimal
from random import Random

import msgspec
import pytest

from payconform.authoring.make import Make, decimals
from payconform.model.clause import Mode
from payconform.model.profile import Limits
from tests.unit.authoring.test_drafts import PROFILE


def maker(*currencies: str, amounts: tuple[str, ...] = ()) -> Make:
    profile = msgspec.structs.replace(PROFILE, limits=Limits(currencies=currencies, amounts=amounts))
    return Make(profile, Mode.CASHIER, Random(1), "http://inbox.example", lambda: "o1")  # noqa: S311 -- repeatable on purpose


def test_a_small_order_is_half_a_unit_of_a_currency_that_has_halves() -> None:
    make = maker("JPY", "EUR")
    small = make.small(make.order())
    assert small is not None
    assert (small.document["target_amount"], small.document["target_currency"]) == ("0.50", "EUR")


@pytest.mark.parametrize("make", [maker("JPY", "RWF"), maker("EUR", amounts=("12.00",))])
def test_there_is_none_where_nothing_is_half_or_the_profile_names_the_amounts(make: Make) -> None:
    assert make.small(make.order()) is None


@pytest.mark.parametrize("currency", ["RWF", "EUR", "KWD"])
def test_an_order_of_another_currency_has_an_amount_of_it(currency: str) -> None:
    make = maker("EUR")
    priced = make.priced(make.order(), currency).document
    amount = Decimal(priced["target_amount"])
    assert priced["target_currency"] == currency
    assert amount > 10
    assert len(priced["target_amount"].partition(".")[2]) <= decimals(currency)
