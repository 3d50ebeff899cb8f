"""What looks clear at a glance is what masking leaves as it is."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payconform.archive.glance import Glance
from payconform.engine.invariants.confidentiality import MASKED_NUMBER
from payconform.journal.redaction import Redactor

SAMPLE = Path("tests/data/documentation/callback.json").read_bytes()
CARDS = ("4242424242424242", "5555555555554444", "2223003122003222", "378282246310005", "3530111333300000", "30569309025904")
GLANCE = Glance()
REDACTOR = Redactor(unknown=True)

numbers = st.sampled_from(CARDS)


@st.composite
def grouped(draw: st.DrawFn) -> str:
    number, gap = draw(numbers), draw(st.sampled_from([" ", "-", ".", "  ", "\u2010", "%20", "_", " - "]))
    sizes = draw(st.sampled_from([(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (1,) * 16]))
    at, parts = 0, []
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return gap.join(part for part in parts if part) + number[at:]


said = st.one_of(
    numbers,
    grouped(),
    numbers.map(lambda number: base64.b64encode(number.encode()).decode()),
    st.tuples(st.text("ab:", max_size=3), numbers).map(lambda pair: base64.b64encode("".join(pair).encode()).decode()),
    numbers.map(lambda number: "".join(f"%3{digit}" for digit in number)),
    numbers.map(quote),
    st.tuples(st.sampled_from(["%20", "%C2%A0", "pan%3D", "%2F", "%25", "%"]), numbers).map("".join),
    numbers.map(lambda number: "".join(f"%253{digit}" for digit in number)),
    numbers.map(lambda number: f"{number[:6]}******{number[-4:]}"),
    numbers.map(lambda number: f"{number[:6]}xxxx{number[-4:]}"),
    numbers.map(lambda number: f"{number[:4]}..{number[-4:]}"),
    numbers.map(lambda number: f"{number[:4]}.*{number[-4:]}"),
    st.just("cvv=123"),
    st.tuples(st.text("ab:", max_size=3), st.sampled_from(["cvv=123", '"cvc": "123"', "securityCode:123", "CSC:1234"])).map(
        lambda pair: base64.b64encode(" ".join(pair).encode()).decode()
    ),
    st.text(max_size=20),
    st.text("0123456789 -.*xX", max_size=30),
)


@given(
    st.tuples(st.text(max_size=3), said, st.text(max_size=3)).map("".join),
    st.sampled_from(["description", "cvv", "card_number", "note", "CVC2", "security-code"]),
    st.booleans(),
)
@example(4.242424242424242e15, "note", True)  # noqa: FBT003
@example(4242424242424242, "note", True)  # noqa: FBT003
@example(123, "cvc", True)  # noqa: FBT003
@example("123", "card_security_code", True)  # noqa: FBT003
def test_what_is_masked_is_never_clear(value: object, name: str, ascii_only: bool) -> None:  # noqa: FBT001
    raw = json.dumps({**json.loads(SAMPLE), name: value}, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    if GLANCE.is_clear(text):
        masked = REDACTOR.body(raw)
        assert (masked.value, masked.leaks) == (raw, ())
        assert not MASKED_NUMBER.search(text)


@pytest.mark.parametrize(
    "raw",
    [
        SAMPLE,
        SAMPLE.replace(b"M20260115121901", b"20260115121901"),
        SAMPLE.replace(b"M20260115121901", b"ORDER-20260115121901000"),
        SAMPLE.replace(b"/", b"\\/"),
        SAMPLE.replace(b"Lesspay Order", "订单 第100号".encode()),
    ],
)
def test_ordinary_callbacks_are_clear(raw: bytes) -> None:
    assert GLANCE.is_clear(raw.decode())


@pytest.mark.parametrize("value", ["4242424242424242", "4242 4242 4242 4242", "424242******4242", "NDI0MjQyNDI0MjQyNDI0Mg=="])
def test_card_data_is_not_clear(value: str) -> None:
    assert not GLANCE.is_clear(SAMPLE.replace(b"Lesspay Order", value.encode()).decode())


SECRETS = ("s3cr3t/K+y?&", "topsecretkey", "a-b_c.d~e f")
SECRET_REDACTOR = Redactor(secrets=SECRETS, unknown=True)
SECRET_GLANCE = Glance(SECRET_REDACTOR.secret_forms())


@given(
    st.text(max_size=3),
    st.sampled_from(SECRETS),
    st.sampled_from([str, quote, lambda secret: base64.b64encode(secret.encode()).decode(), lambda secret: secret + "é"]),
    st.text("ab:", max_size=2),
    st.booleans(),
)
def test_a_secret_that_is_masked_is_never_clear(around: str, secret: str, written: Any, before: str, php: bool) -> None:  # noqa: FBT001
    raw = json.dumps({**json.loads(SAMPLE), "note": f"{around}{written(before + secret)}"}, ensure_ascii=False)
    raw = raw.replace("/", "\\/") if php else raw
    if SECRET_GLANCE.is_clear(raw):
        assert SECRET_REDACTOR.body(raw.encode()).value == raw.encode()


def test_a_secret_is_seen_and_ordinary_callbacks_stay_clear() -> None:
    assert SECRET_GLANCE.shows_nothing(SAMPLE.decode())
    for secret in SECRETS:
        for written in (secret, base64.urlsafe_b64encode(secret.encode()).decode()):
            assert not SECRET_GLANCE.is_clear(SAMPLE.decode().replace("Lesspay Order", written))
