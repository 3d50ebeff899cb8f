"""What is stored is masked, and a message that looks clean is."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payconform.capture.masking import Masker
from payconform.capture.screen import Screen
from payconform.contract.signature import callback_signature
from payconform.journal.masks import CALLBACK_BODY
from payconform.journal.redaction import Redactor
from payconform.model.evidence import Leak
from payconform.model.message import Arrival

TOKEN = "the-token-of-the-service"
SECRET = "s3cr3t/of+the&application"
NUMBER = "4242424242424242"

MASKER = Masker(SECRET, (TOKEN,))
ALWAYS = Redactor(secrets=(SECRET, TOKEN), unknown=True)


def arrival(body: bytes, *, path: str = "/c/o1", query: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Arrival:
    return Arrival(method="POST", path=path, query=query, headers=headers, body=body, peer="192.0.2.1")


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PLANTED = [
    NUMBER,
    "4242 4242 4242 4242",
    "4242.4242.4242.4242",
    "%34%32" + NUMBER[2:],
    "".join(f"\\u003{digit}" for digit in NUMBER),
    in_base64(NUMBER),
    in_base64(f"={NUMBER}"),
    in_base64("xy 4242 4242 4242 4242;"),
    in_base64(f"??>>{NUMBER}??").translate(str.maketrans("+/", "-_")),
    "cvv=123",
    "c_v_v: 123",
    "security code",
    TOKEN,
    SECRET,
    in_base64(SECRET),
    in_base64(f"a{SECRET}"),
    in_base64('{"cvv":"123"}'),
    in_base64("a&CVC2=1234"),
    in_base64("ab security_code: 987"),
    in_base64(f"ab{TOKEN}b"),
    "s3cr3t%2Fof%2Bthe%26application",
    "4.242424242424242e15",
    "20260115121901",
    "P2011789219984105474",
    "8F3A" * 16,
]
FILLING = st.sampled_from(["", " ", "a", "é", '"', "\\", "\\/", "/", "=", "+", "-", "\n", ":", "id", "order_id=", "1", "{", "\0"])
TEXT = st.lists(st.one_of(st.sampled_from(PLANTED), FILLING, st.text(max_size=5)), max_size=6).map("".join)
NAMES = st.sampled_from(["card", "cvv", "c-v-v", "pay_order_id", "description", "data"])
VALUES = st.recursive(
    st.one_of(TEXT, st.integers(), st.floats(allow_nan=False), st.just(int(NUMBER)), st.just(float(NUMBER)), st.just(123)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=5,
)
BODIES = st.one_of(
    TEXT.map(str.encode),
    st.builds(lambda value, ascii_only: json.dumps(value, ensure_ascii=ascii_only).encode(), VALUES, st.booleans()),
    st.builds(lambda value: json.dumps(value).replace("/", "\\/").encode(), VALUES),
    st.binary(max_size=40),
)


@settings(max_examples=400)
@given(BODIES, TEXT, st.lists(st.tuples(st.sampled_from(["x-a", "cookie", "x-request-id", f"x-{NUMBER}"]), TEXT), max_size=2))
@example(b'{"cvv": 123}', "", [])
@example(b" 4.242424242424242e15", "", [])
def test_the_glance_leaves_nothing_that_masking_would_find(body: bytes, query: str, headers: list[tuple[str, str]]) -> None:
    record = MASKER.record(arrival(body, query=query, headers=tuple(headers)), 0.0, 200)
    masked = ALWAYS.body(body, CALLBACK_BODY)
    assert record.raw == masked.value
    assert record.query == ALWAYS.text(query).value
    assert record.headers == ALWAYS.headers(tuple(headers)).value
    if masked.value != body:
        assert any(leak.where == CALLBACK_BODY for leak in record.leaks), "a changed body must say so"


@pytest.mark.parametrize("planted", PLANTED[:9])
def test_a_number_in_any_form_is_reported(planted: str) -> None:
    record = MASKER.record(arrival(b"text: " + planted.encode()), 0.0, 200)
    assert [leak.what for leak in record.leaks] == ["card number"]
    assert planted not in (record.body or "")


@pytest.mark.parametrize("said", ['{"cvv":"123"}', "a=1&CVC=123", "ab&card_verification_value=123", "Security-Code: 123"])
def test_a_security_code_in_base64_is_reported(said: str) -> None:
    record = MASKER.record(arrival(b"text: " + in_base64(said).encode()), 0.0, 200)
    assert [(leak.what, leak.form) for leak in record.leaks] == [("cvv", "base64")]
    assert base64.b64decode((record.body or "").removeprefix("text: ")).decode() == said.replace("123", "***")


def test_a_number_in_the_name_of_a_header_is_reported() -> None:
    record = MASKER.record(arrival(b"", headers=((f"x-{NUMBER}", "1"),)), 0.0, 200)
    assert record.headers == (("x-424242******4242", "1"),)
    assert [(leak.what, leak.where) for leak in record.leaks] == [("card number", "the name of a header")]


def test_a_record_says_all_of_a_callback() -> None:
    headers = (("host", "capture.example"), ("authorization", "Basic abc"), ("x-two", "1"), ("x-two", "2"))
    record = MASKER.record(arrival(b'{"a": 1}', path="/c/o%2F1", query="order=o1&x", headers=headers), 1_800_000_000.25, 503)
    assert (record.received_at, record.answered) == ("2027-01-15T08:00:00.250000+00:00", 503)
    assert (record.method, record.path, record.query, record.peer) == ("POST", "/c/o%2F1", "order=o1&x", "192.0.2.1")
    assert record.headers == (headers[0], ("authorization", "[secret]"), *headers[2:])
    assert (record.body, record.body_base64, record.leaks) == ('{"a": 1}', None, ())


def test_an_ordinary_callback_is_seen_to_be_clean() -> None:
    """Masking it in full would take ten times as long."""
    body = (Path(__file__).parents[2] / "data" / "documentation" / "callback.json").read_bytes()
    for number in range(20):
        signed = hashlib.sha256(bytes([number])).hexdigest().upper()
        headers = (
            ("host", "capture.example:8643"),
            ("x-auth-signature", signed),
            ("traceparent", f"00-{signed[:32].lower()}-01"),
        )
        assert MASKER._is_clean(arrival(body, path=f"/runs/{signed[:16]}/callbacks/o1", query="order=o1", headers=headers))


def test_bytes_that_are_no_text_are_kept_in_base64() -> None:
    record = MASKER.record(arrival(b"\xff\x00"), 0.0, 200)
    assert (record.body, record.body_base64, record.raw) == (None, "/wA=", b"\xff\x00")


@pytest.mark.parametrize("document", [{"order_status": "SUCCEED"}, {"card": NUMBER}])
def test_the_signature_is_that_of_the_bytes_as_they_came(document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    signed = callback_signature(body, SECRET)
    assert signature(body, signed) == "verified"
    assert signature(body + b" ", signed.lower()) == "mismatch"
    assert signature(body, "") == "absent"
    assert Masker().record(arrival(body), 0.0, 200).signature == ""


def signature(body: bytes, signed: str) -> str:
    headers = (("X-Auth-Signature", signed),) if signed else ()
    return MASKER.record(arrival(body, headers=headers), 0.0, 200).signature


def test_a_number_in_the_query_and_a_header_is_reported() -> None:
    record = MASKER.record(arrival(b"", query=f"pan={NUMBER}", headers=(("x-card", NUMBER),)), 0.0, 200)
    assert record.query == "pan=424242******4242"
    assert record.leaks == (Leak("card number", "plain", "callback query"), Leak("card number", "plain", "header x-card"))


def test_a_secret_is_seen_whose_slashes_are_escaped_as_php_does() -> None:
    assert not Screen(("s3cr3t/key",)).is_clean('{"note":"s3cr3t\\/key"}')
