"""Callbacks as the contract reads them: amounts that are told, and looks that tell nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, named_json
from payconform.model.notification import Notification, same_amount


@pytest.mark.parametrize("told", ["100", "100.0", "100.00", "1E+2", "1.0e2"])
def test_an_amount_is_told_with_any_number_of_decimals(told: str) -> None:
    assert same_amount("100", told)
    assert same_amount(100, told)


@pytest.mark.parametrize(
    "told", ["1E+3", "1E+", "1E+2222", "+100", " 100", "1_00", "１００", "100.", "99.99999", "NaN", None, True, "", "10000"]
)
def test_what_is_no_decimal_of_that_value_is_another_amount(told: object) -> None:
    assert not same_amount("100", told)


def test_what_was_sent_may_be_anything() -> None:
    assert not same_amount("abc", "100")
    assert not same_amount("NaN", "100")


@given(st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False))
def test_every_plain_decimal_is_its_own_amount(amount: object) -> None:
    assert same_amount(f"{amount:f}", f"{amount:f}")


@pytest.mark.parametrize(
    ("method", "query", "body", "looks"),
    [
        ("HEAD", "order=1", b"", True),
        ("GET", "", b"", True),
        ("POST", "", b"", False),
        ("GET", "order_status=SUCCEED", b"", False),
        ("GET", "", b"{}", False),
    ],
)
def test_a_look_tells_nothing_and_ends_nothing(method: str, query: str, body: bytes, *, looks: bool) -> None:
    heard = Callback(id="n1", order="o1", case="c", mode=Mode.CARD, method=method, path="/", query=query, body=Body.of(body))
    assert Notification(heard).is_look is looks
    assert Notification(heard).terminal is not looks


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ((), True),
        ((("Content-Type", "application/json; charset=utf-8"),), True),
        ((("content-type", "application/problem+JSON"),), True),
        ((("content-type", "application/x-www-form-urlencoded"),), False),
        ((("X-Auth-Signature", "5D0C"),), True),
        ((("Host", "shop.test"), ("content-type", "")), False),
        ((("host", "shop.test"), ("content-type", "application/json")), True),
    ],
)
def test_what_a_body_is_called(headers: tuple[tuple[str, str], ...], *, named: bool) -> None:
    assert named_json(headers) is named
