"""What a form sends, field by field and button by button."""

import email
import email.policy
from urllib.parse import parse_qsl

import pytest

from payconform.adapters.hosted_page import read_page
from payconform.adapters.html_form import Form, FormError
from payconform.model.message import Response

URL = "https://psp.test/pay/form?step=1"


def form_of(html: str) -> Form:
    response = Response(status=200, headers=(("content-type", "text/html"),), body=html.encode())
    return read_page(URL, response).forms[0]


def pairs_of(controls: str, values: dict[str, str] | None = None, submit: str = "") -> list[tuple[str, str]]:
    values = values or {}
    form = form_of(f"<form method=post>{controls}</form>")
    body = form.submission(values, form.button(submit, values), "utf-8").body
    return parse_qsl(body.decode(), keep_blank_values=True)


@pytest.mark.parametrize(
    ("controls", "pairs"),
    [
        ("<input name=a><input name=b value=1><input type=hidden name=c value=2>", [("a", ""), ("b", "1"), ("c", "2")]),
        ("<input value=nameless><input name=a disabled value=1><input type=reset name=r value=1><input type=file name=f>", []),
        ("<fieldset disabled><input name=a></fieldset>", []),
        ("<input type=checkbox name=a><input type=checkbox name=b checked>", [("b", "on")]),
        ("<input type=checkbox name=a value=x checked>", [("a", "x")]),
        ("<input type=radio name=a value=1><input type=radio name=a value=2 checked>", [("a", "2")]),
        ("<select name=a><option>1<option value=two selected>2</select>", [("a", "two")]),
        ("<select name=a><option disabled>Choose<option>1<option>2</select>", [("a", "1")]),
        ("<select name=a></select>", []),
        ("<select name=a multiple><option selected>1<option>2<option selected>3</select>", [("a", "1"), ("a", "3")]),
        ("<textarea name=a> text &amp; more</textarea>", [("a", " text & more")]),
        ("<button name=go value=1>Go</button>", [("go", "1")]),
        ("<button type=button name=js value=1>Later</button>", []),
        ("<input type=image name=go>", [("go.x", "1"), ("go.y", "1")]),
        ("<input type=image>", [("x", "1"), ("y", "1")]),
    ],
)  # fmt: skip
def test_an_untouched_form_sends_what_the_page_set(controls: str, pairs: list[tuple[str, str]]) -> None:
    assert pairs_of(controls) == pairs


@pytest.mark.parametrize(
    ("controls", "value", "sent"),
    [
        ("<input name=a value=old>", "new", ["new"]),
        ("<input name=a disabled>", "new", ["new"]),
        ("<textarea name=a>old</textarea>", "new", ["new"]),
        ("<input type=hidden name=a value=old>", "new", ["new"]),
        ("<input type=hidden name=a value=0><input type=checkbox name=a value=1>", "yes", ["0", "1"]),
        ("<input type=checkbox name=a checked>", "", []),
        ("<input type=checkbox name=a value=x><input type=checkbox name=a value=y>", "y", ["y"]),
        ("<input type=radio name=a value=x checked><input type=radio name=a value=y>", "y", ["y"]),
        ("<select name=a><option value=07>July<option value=08>August</select>", "8", ["08"]),
        ("<select name=a><option value=7>July<option value=8>August</select>", "08", ["8"]),
        ("<select name=a><option value=m7>7<option value=m8>8</select>", "08", ["m8"]),
        ("<select name=a><option value=7>July<option value=8>August</select>", "august", ["8"]),
        ("<select name=a><option value=0>None<option value=1>1<option>10</select>", "1", ["1"]),
    ],
)
def test_a_filled_field_sends_what_is_filled_in(controls: str, value: str, sent: list[str]) -> None:
    assert pairs_of(controls, {"a": value}) == [("a", text) for text in sent]


def test_what_a_form_lacks_is_named_without_values() -> None:
    with pytest.raises(FormError) as caught:
        pairs_of("<input name=a><input name=b>", {"pan": "4242424242424242", "cvv": "123", "a": "1"})
    assert str(caught.value) == "no field 'pan', 'cvv', but 'a', 'b'"
    with pytest.raises(FormError) as caught:
        pairs_of("<select name=a><option>1</select>", {"a": "4242424242424242"})
    assert str(caught.value) == "no option of 'a' is what the profile fills in"


BUTTONS = (
    "<button name=pay value=1>Pay  now</button><input type=submit name=cancel value=Cancel><button type=button>More</button>"
)


@pytest.mark.parametrize(
    ("called", "pressed"),
    [
        ("Pay now", [("pay", "1")]),
        (" pay NOW", [("pay", "1")]),
        ("pay", [("pay", "1")]),
        ("cancel", [("cancel", "Cancel")]),
        ("More", []),
    ],
)
def test_a_button_is_pressed_by_what_it_is_called(called: str, pressed: list[tuple[str, str]]) -> None:
    assert pairs_of(BUTTONS, submit=called) == pressed


def test_a_button_has_to_be_named_where_there_are_several() -> None:
    with pytest.raises(FormError, match=r"several buttons .*'Pay now', 'Cancel', 'More'"):
        pairs_of(BUTTONS)
    with pytest.raises(FormError, match="no button 'Buy', but 'Pay now'"):
        pairs_of(BUTTONS, submit="Buy")
    assert pairs_of(BUTTONS.replace("<input", "<input disabled")) == [("pay", "1")]


@pytest.mark.parametrize(
    ("attributes", "url"),
    [
        ("", URL),
        ("action=''", URL),
        ("action='next?a=1'", "https://psp.test/pay/next?a=1"),
        ("action='/x'", "https://psp.test/x"),
        ("action='//acs.test/x'", "https://acs.test/x"),
    ],
)
def test_a_form_goes_to_its_action(attributes: str, url: str) -> None:
    assert form_of(f"<form method=POST {attributes}></form>").submission({}, None, "utf-8").url == url


def test_a_get_form_replaces_the_query() -> None:
    sent = form_of("<form action='/x?old=1'><input name=a value='ü &'></form>").submission({}, None, "utf-8")
    assert sent == ("GET", "https://psp.test/x?a=%C3%BC+%26", "", b"")


def test_a_button_may_change_the_form() -> None:
    form = form_of("<form action=/a><button formaction=/b formmethod=post formenctype=multipart/form-data>Go</button></form>")
    sent = form.submission({}, form.buttons[0], "utf-8")
    assert (sent.method, sent.url) == ("POST", "https://psp.test/b")
    assert sent.content_type.startswith("multipart/form-data; boundary=")


def test_text_is_encoded_as_the_page_is() -> None:
    form = form_of("<form method=post><input name=a></form>")
    assert form.submission({"a": "ü€"}, None, "cp1252").body == b"a=%FC%80"
    assert form.submission({"a": "你"}, None, "cp1252").body == b"a=%26%2320320%3B"


def test_a_multipart_form_is_read_by_an_independent_parser() -> None:
    form = form_of("<form method=post enctype=multipart/form-data><input name='a\"b'><input name=c value='x\ny'></form>")
    sent = form.submission({'a"b': "ü"}, None, "utf-8")
    message = email.message_from_bytes(
        b"Content-Type: " + sent.content_type.encode() + b"\r\n\r\n" + sent.body, policy=email.policy.HTTP
    )
    parts = [
        (part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in message.iter_parts()
    ]
    assert parts == [("a%22b", "ü".encode()), ("c", b"x\ny")]
