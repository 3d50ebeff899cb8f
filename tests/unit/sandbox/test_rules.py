"""Every rule of a request, broken alone and kept at its edge, without HTTP."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.sandbox.order import Refusal
from payconform.sandbox.provider import Provider
from payconform.sandbox.settings import Settings

NOVEMBER = Settings(clock=lambda: datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
CARD_ORDER: Mapping[str, Any] = {
    "target_amount": "100",
    "target_currency": "USD",
    "transaction_type": "PAY_IN",
    "notify_url": "https://merchant.example:8443/callback?order=1",
    "request_id": "M1",
    "fail_url": "https://merchant.example/fail",
    "success_url": "http://[::1]/success#top",
    "product_name": "Tea",
    "description": "Two bags",
    "way_type": "CARD_PAYMENT",
    "api_version": "V2",
    "pay_access_type": 2,
    "channel_extra": {
        "extra_type": "card",
        "card_data": {"number": "4242424242424242", "expiry_month": 12, "expiry_year": 2035, "cvv": "123"},
    },
}
COMMON = [name for name in CARD_ORDER if name != "channel_extra"]


def changed(path: str, value: Any) -> dict[str, Any]:
    document = deepcopy(dict(CARD_ORDER))
    *parents, name = path.split(".")
    holder = document
    for parent in parents:
        holder = holder[parent]
    holder[name] = value
    return document


def refusal(document: dict[str, Any]) -> str:
    with pytest.raises(Refusal) as caught:
        Provider(NOVEMBER).read_terms(document)
    return caught.value.message


@pytest.mark.parametrize("value", [None, "", "  "])
@pytest.mark.parametrize(
    "path",
    [
        *COMMON,
        *("channel_extra", "channel_extra.extra_type", "channel_extra.card_data"),
        *(f"channel_extra.card_data.{name}" for name in ("number", "expiry_month", "expiry_year", "cvv")),
    ],
)
def test_a_required_member_that_is_not_there_is_refused_by_name(path: str, value: str | None) -> None:
    assert refusal(changed(path, value)) == f"{path} is required"


BROKEN: Mapping[str, tuple[Any, ...]] = {
    "target_amount": (100, 0, "0", "0.00", "-1", "+1", "1e2", "1,000", " 1", "NaN", "１", "1.", "1.005"),
    "target_currency": ("usd", "ZZZ", "US", 840),
    "transaction_type": ("PAY_OUT", "pay_in", 1),
    "way_type": ("CARD", "card_payment", ["CARD_PAYMENT"]),
    "api_version": ("V9", "v2", 2),
    "pay_access_type": (0, 3, -1, 1.5, True, "2", "token"),
    "notify_url": ("no url", "ftp://x/", "javascript:alert(1)", "//x", "http://", "http://a b/", 1),
    "request_id": ("x" * 21, 7, {"a": 1}),
    "product_name": ("x" * 31, "\ud800", False),
    "description": ("x" * 51, []),
    "channel_extra": ([], "x", 1),
    "channel_extra.extra_type": ("CARD", "cards", 1),
    "channel_extra.card_data": ("{}", [], 1),
    "channel_extra.card_data.number": ("4242424242424241", "4242", "4" * 20, "4242-4242", 42),
    "channel_extra.card_data.expiry_month": (0, 13, -1, 1.5, "12", True),
    "channel_extra.card_data.expiry_year": (27, 99999, 2025, "2035"),
    "channel_extra.card_data.cvv": ("12", "12345", "1a3", 123),
    "channel_extra.card_data.store_for_future_use": ("true", 1, ""),
}
KEPT: Mapping[str, tuple[Any, ...]] = {
    "target_amount": ("0.01", "1.50", "999999999"),
    "channel_extra.card_data.number": ("345678901234564",),
    "channel_extra.card_data.expiry_month": (1, 12),
    "channel_extra.card_data.cvv": ("012", "1234"),
    "channel_extra.card_data.store_for_future_use": (True, False, None),
    "request_id": ("x" * 20,),
    "product_name": ("雪" * 30,),
    "x_unknown": (1,),
}


def each(table: Mapping[str, tuple[Any, ...]]) -> list[tuple[str, Any]]:
    return [(path, value) for path, values in table.items() for value in values]


@pytest.mark.parametrize(("path", "value"), each(BROKEN))
def test_a_broken_rule_is_refused_by_name(path: str, value: Any) -> None:
    assert refusal(changed(path, value)).startswith(path)


@pytest.mark.parametrize(("path", "value"), each(KEPT))
def test_what_keeps_the_rules_is_taken(path: str, value: Any) -> None:
    Provider(NOVEMBER).read_terms(changed(path, value))


@pytest.mark.parametrize(("currency", "good", "bad"), [("JPY", "1", "1.5"), ("USD", "1.50", "1.505"), ("KWD", "1.505", "1.5055")])
def test_an_amount_is_no_finer_than_its_currency(currency: str, good: str, bad: str) -> None:
    order = changed("target_currency", currency)
    Provider(NOVEMBER).read_terms({**order, "target_amount": good})
    assert "decimals" in refusal({**order, "target_amount": bad})


@pytest.mark.parametrize(("month", "year", "expired"), [(11, 2026, False), (10, 2026, True), (12, 2025, True), (1, 2027, False)])
def test_a_card_is_good_to_the_last_minute_of_its_month(month: int, year: int, expired: bool) -> None:  # noqa: FBT001 - a table
    assert Provider(NOVEMBER).is_expired(month, year) is expired


def test_cashier_mode_ignores_card_data() -> None:
    terms = Provider(NOVEMBER).read_terms({**CARD_ORDER, "pay_access_type": 1})
    assert (terms.card, terms.mode.value) == (None, "cashier")


def test_token_mode_needs_a_token() -> None:
    order = changed("channel_extra", {"extra_type": "token", "token_data": {}})
    assert refusal(order) == "channel_extra.token_data.token is required"


def test_nothing_that_is_read_shows_the_card() -> None:
    provider = Provider(NOVEMBER)
    order = provider.open_order(provider.read_terms(dict(CARD_ORDER)))
    assert "4242424242424242" not in repr(order)
    assert "123" not in repr(order.card)


values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
members = st.sampled_from([*COMMON, "channel_extra", "channel_extra.card_data", "channel_extra.card_data.number"])


@given(path=members, value=st.recursive(values, lambda inner: st.lists(inner, max_size=2), max_leaves=4))
def test_whatever_a_member_holds_is_taken_or_refused(path: str, value: Any) -> None:
    try:
        Provider(NOVEMBER).read_terms(changed(path, value))
    except Refusal as refused:
        assert refused.message.startswith(path)  # noqa: PT017 - being taken is fine too


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_whatever_a_body_holds_is_parsed_or_refused(raw: bytes) -> None:
    try:
        Provider().parse(raw)
    except Refusal as refused:
        assert refused.message == "the request body is not well-formed JSON"  # noqa: PT017 - parsing is fine too


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 300 + b"1" + b"}" * 300])
def test_a_deep_body_is_refused_before_it_is_read(body: bytes) -> None:
    with pytest.raises(Refusal, match="well-formed"):
        Provider().parse(body)
