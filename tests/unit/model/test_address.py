"""Addresses: what of a merchant's query a redirect or a callback keeps, and the path of a request's target."""

import pytest

from payconform.model.address import lost_of_query, path_of


@pytest.mark.parametrize(
    ("url", "wanted", "lost"),
    [
        ("https://m/ok?a=1&b=2&status=paid", "https://m/ok?a=1&b=2", ()),
        ("https://m/ok?b=2&a=1", "https://m/ok?a=1&b=2", ()),
        ("https://m/ok", "https://m/ok", ()),
        ("https://m/ok?a=x%20y", "https://m/ok?a=x+y", ()),
        ("https://m/ok", "https://m/ok?a=1", ("a",)),
        ("https://m/ok?a=2", "https://m/ok?a=1", ("a",)),
        ("https://m/ok?a=1", "https://m/ok?a=1&a=2&none=", ("a", "none")),
        ("https://[m/ok", "https://m/ok?a=1", ()),
    ],
)
def test_what_is_lost_of_a_query(url: str, wanted: str, lost: tuple[str, ...]) -> None:
    assert lost_of_query(url, wanted) == lost


@pytest.mark.parametrize("target", ["/callbacks/o1", "http://inbox.example:8080/callbacks/o1"])
def test_a_target_may_be_written_in_absolute_form(target: str) -> None:
    assert path_of(target) == "/callbacks/o1"
