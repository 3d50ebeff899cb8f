"""Which cookies go where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.adapters.cookies import CookieJar
from payconform.model.message import Response


def jar_with(*cookies: str, url: str = "https://pay.psp.test/a/b", date: str = "") -> CookieJar:
    jar = CookieJar()
    headers = tuple(("Set-Cookie", cookie) for cookie in cookies)
    jar.store(url, Response(status=200, headers=(*headers, ("Date", date)) if date else headers))
    return jar


@pytest.mark.parametrize(
    ("cookie", "url", "sent"),
    [
        ("s=1", "https://pay.psp.test/a/c", "s=1"),
        ("s=1", "https://pay.psp.test/a", "s=1"),
        ("s=1", "https://pay.psp.test/abc", ""),
        ("s=1", "https://pay.psp.test/", ""),
        ("s=1; Path=/", "https://pay.psp.test", "s=1"),
        ("s=1; Path=/", "https://other.psp.test/", ""),
        ("s=1; Path=/; Domain=psp.test", "https://other.psp.test/", "s=1"),
        ("s=1; Path=/; domain=.PSP.test", "https://psp.test/", "s=1"),
        ("s=1; Path=/; Domain=psp.test", "https://evil-psp.test/", ""),
        ("s=1; Path=/; Domain=other.test", "https://other.test/", ""),
        ("s=1; Path=x", "https://pay.psp.test/a/", "s=1"),
        ("s=a=b==; Path=/; Secure; HttpOnly; SameSite=Lax", "http://pay.psp.test:81/", "s=a=b=="),
        ('s="quoted value"; Path=/', "https://pay.psp.test/", 's="quoted value"'),
        ("=1; Path=/", "https://pay.psp.test/", ""),
        ("s; Path=/", "https://pay.psp.test/", ""),
    ],
)
def test_a_cookie_goes_where_it_belongs(cookie: str, url: str, sent: str) -> None:
    assert jar_with(cookie).header(url) == sent


def test_the_more_specific_path_comes_first() -> None:
    assert jar_with("a=1; Path=/", "b=2; Path=/a", "c=3; Path=/").header("https://pay.psp.test/a") == "b=2; a=1; c=3"


def test_a_cookie_is_replaced() -> None:
    assert jar_with("a=1", "a=2").header("https://pay.psp.test/a/b") == "a=2"


@pytest.mark.parametrize(
    ("attributes", "kept"),
    [
        ("Max-Age=0", False),
        ("Max-Age=-1", False),
        ("Max-Age=60", True),
        ("Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        ("Expires=Thu, 01 Jan 1970 00:00:00 GMT", False),
        ("Expires=Sat, 21 Nov 2026 10:00:00 GMT", False),
        ("Expires=Mon, 23-Nov-2026 10:00:00 GMT", True),
        ("Expires=whenever", True),
    ],
)
def test_a_cookie_is_dropped_when_the_servers_own_time_says_so(attributes: str, kept: bool) -> None:  # noqa: FBT001 - a parameter of the test
    jar = jar_with("a=1", f"a=2; {attributes}", date="Sun, 22 Nov 2026 10:00:00 GMT")
    assert jar.header("https://pay.psp.test/a/b") == ("a=2" if kept else "")


def test_without_a_date_only_the_long_past_expires() -> None:
    assert jar_with("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT").header("https://pay.psp.test/a/b") == ""
    assert jar_with("a=1; Expires=Sat, 21 Nov 2026 10:00:00 GMT").header("https://pay.psp.test/a/b") == "a=1"


@given(
    st.text() | st.lists(st.sampled_from(["a=1", "; ", "Expires=", "Max-Age=", "Domain=", "Path=", "Thu, 01", "²"])).map("".join)
)
def test_any_cookie_can_be_stored(cookie: str) -> None:
    header = jar_with(cookie).header("https://pay.psp.test/a/b")
    assert header == "" or "=" in header
