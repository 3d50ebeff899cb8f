"""How a page is read: encodings, addresses, and who owns which control."""

import time

import pytest

from payconform.adapters.hosted_page import HostedPage, Refresh, read_page
from payconform.model.message import Response

URL = "https://psp.test/pay/1"


def page_of(body: str | bytes, content_type: str = "text/html", *headers: tuple[str, str]) -> HostedPage:
    raw = body if isinstance(body, bytes) else body.encode()
    return read_page(URL, Response(status=200, headers=(("Content-Type", content_type), *headers), body=raw))


@pytest.mark.parametrize(
    ("body", "content_type", "charset"),
    [
        ("<p>Zürich</p>".encode(), "text/html", "utf-8"),
        ("<p>Zürich</p>".encode("latin-1"), "text/html; charset=ISO-8859-1", "cp1252"),
        ("<p>Zürich</p>".encode("latin-1"), 'text/html; charset="latin1"', "cp1252"),
        ("<meta charset=windows-1252><p>Zürich</p>".encode("latin-1"), "text/html", "cp1252"),
        ("<meta content='text/html; charset=cp1252'><p>Zürich</p>".encode("latin-1"), "text/html", "cp1252"),
        ("<meta charset=latin1><p>Zürich</p>".encode(), "text/html; charset=UTF-8", "utf-8"),
        ("\ufeff<p>Zürich</p>".encode("utf-16-le"), "text/html; charset=utf-16le", "utf-8"),
        ("<p>Zürich</p>".encode(), "text/html; charset=hex", "utf-8"),
        ("<p>Zürich</p>".encode(), "text/html; charset=klingon", "utf-8"),
    ],
)
def test_a_page_is_read_in_its_encoding(body: bytes, content_type: str, charset: str) -> None:
    page = page_of(body, content_type)
    assert (page.text, page.charset) == ("Zürich", charset)


def test_only_what_can_be_seen_is_text() -> None:
    page = page_of("<title>Pay</title><style>p{}</style><p>Enter <b>your</b>\n code<script>hidden()</script> now<!-- no --></p>")
    assert page.text == "Pay Enter your code now"


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "image/png"])
def test_what_is_not_html_shows_nothing(content_type: str) -> None:
    assert page_of("<form></form>", content_type) == HostedPage(url=URL, status=200)


def test_what_has_no_type_is_taken_for_html() -> None:
    assert len(read_page(URL, Response(status=200, body=b"<form></form>")).forms) == 1


@pytest.mark.parametrize("body", ["", " ", "\0", "<!-- only -->", "plain", "<" * 99, "<div>" * 50_000])
def test_any_document_is_a_page(body: str) -> None:
    began = time.monotonic()
    assert page_of(body).forms == ()
    assert time.monotonic() - began < 1


def test_a_control_belongs_to_its_form_by_nesting_or_by_name() -> None:
    page = page_of(
        "<input name=loose><input name=early form=two><form id=one><table><tr><td><input name=deep></table></form>"
        "<form id=two><input name=inside><input name=away form=one><input name=nowhere form=none></form>"
    )
    assert [form.fields for form in page.forms] == [("deep", "away"), ("early", "inside")]
    assert page.loose_fields == ("loose", "nowhere")
    assert page.fields == {"loose", "early", "deep", "inside", "away", "nowhere"}


def test_a_base_moves_relative_addresses_but_not_the_page_itself() -> None:
    page = page_of(
        "<base href='https://cdn.test/x/'><form></form><form action=go></form><a href=a>a</a><iframe src=f></iframe>"
        "<meta http-equiv=refresh content=1>"
    )
    assert [form.action for form in page.forms] == [URL, "https://cdn.test/x/go"]
    assert (page.links, page.frames) == (("https://cdn.test/x/a",), ("https://cdn.test/x/f",))
    assert page.refresh == Refresh(1, URL)


@pytest.mark.parametrize("address", ["mailto:a@b.test", "javascript:go()", "about:blank", "http://[", ""])
def test_what_is_no_web_address_leads_nowhere(address: str) -> None:
    page = page_of(f"<a href='{address}'>a</a><iframe src='{address}'></iframe>")
    assert (page.links, page.frames) == ((), ())


@pytest.mark.parametrize(
    ("content", "refresh"),
    [
        ("5", Refresh(5, URL)),
        ("0;url=/next", Refresh(0, "https://psp.test/next")),
        ("0; URL = '/next'", Refresh(0, "https://psp.test/next")),
        ("1.5, https://shop.test/?a=1;b", Refresh(1, "https://shop.test/?a=1;b")),
        ("", None),
    ],
)
def test_a_refresh_is_read_from_the_page_and_from_the_header(content: str, refresh: Refresh | None) -> None:
    assert page_of(f'<meta http-equiv="REFRESH" content="{content}">').refresh == refresh
    assert page_of("", "text/html", ("Refresh", content)).refresh == refresh


def test_scripts_are_inline_code_and_handlers_but_no_data() -> None:
    page = page_of("<script>a()</script><script type='application/json'>{}</script><body onload='b()'><script src=c.js></script>")
    assert [script for script in page.scripts if script] == ["a()", "b()"]
    assert page.scripted
    assert not page_of("<body onload='b()'>").scripted
