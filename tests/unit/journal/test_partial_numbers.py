"""What shows more of a card number than its first six and last four digits, what only looks so, and other ways to write one."""

from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.journal.redaction import Redactor
from payconform.model.evidence import Leak
from payconform.model.profile import Card, Role

NUMBERS = ("4242424242424242", "5555555555554444", "4010061700000021", "345678901234564")
CARDS = tuple(Card(role=Role.APPROVED, number=number, expiry_month=12, expiry_year=2035, cvv="987") for number in NUMBERS)
REDACTOR = Redactor(CARDS)


@pytest.mark.parametrize(
    ("text", "masked", "shown"),
    [
        ("4242 4242 **** 4242", "4242 42** **** 4242", "first 8 and last 4 digits"),
        ("4010-0617-XXXX-0021", "4010-06**-XXXX-0021", "first 8 and last 4 digits"),
        ("40100617########", "401006**########", "first 8 digits"),
        ("4010061...0021", "401006*...0021", "first 7 and last 4 digits"),
        ("401006*****00021", "401006******0021", "first 6 and last 5 digits"),
        ("4010 06•• •••0 0021", "4010 06•• •••* 0021", "first 6 and last 5 digits"),
        ("40100617******** 12/35", "401006********** 12/35", "first 8 digits"),
        ("40100617000", "401006*****", "first 11 digits"),
        ("4010 0617 0000", "4010 06** ****", "first 12 digits"),
        ("3456 789012 3", "3456 78**** *", "first 11 digits"),
        ("?pan=401006170&x=1", "?pan=401006***&x=1", "first 9 digits"),
    ],
)
def test_what_shows_too_much_is_told_and_masked(text: str, masked: str, shown: str) -> None:
    leak = Leak("part of a card number", shown, "callback body")
    assert REDACTOR.text(f'"{text}"', "callback body") == (f'"{masked}"', (leak,))


@pytest.mark.parametrize(
    "text",
    [
        "4242-42XX-XXXX-4242",
        "################4242",
        "424242******4242",
        "**** **** **** 0021",
        "401006...0021",
        "424242 4242",  # both ends, which with this card is also its beginning
        "42424242 4242",
        "4242-4242-4242",
        "40100617",  # an issuer's number has up to eight digits
        "4010 0617",
        "4010061700000022123",  # an id of 19 digits that begins as a card
        "a40100617000",
        "40100617000b",
        "4010061.70",
        "555-555-5555",  # numbers of telephones
        "5555555555",
        "5555 555 5555",
        "5555 x 5555",
        "401006x12",
        "42424242.24",
        "2026-01-15...2026-02-01",
    ],
)
def test_what_only_looks_so_stays(text: str) -> None:
    assert REDACTOR.text(text, "callback body") == (text, ())


def test_an_echo_of_what_the_merchant_sent_is_none() -> None:
    redactor = Redactor(CARDS)
    extra = {"card_data": {"number": "40100617000"}}
    redactor.learn_order({"request_id": "401006170", "channel_extra": extra, "list": ["4010 0617 00"]})
    for text in ("no order 401006170", "40100617000 is too short", "4010 0617 00"):
        assert redactor.text(text, "response body") == (text, ())
    assert redactor.text("4010061700", "response body").leaks != ()


def test_only_the_cards_of_the_profile_are_looked_for() -> None:
    redactor = Redactor()
    redactor.learn_number("0000000000000000")
    redactor.learn_number("1234567812345670")
    for text in ("000000000000"[:11], "12345678123", "462d53e2f3cc6", "0765432187654321"):
        assert redactor.text(text, "callback body") == (text, ())


def test_numbers_in_json_are_looked_at_too() -> None:
    masked = REDACTOR.body(b'{"bin": 40100617000, "rest": "00021"}', "callback body")
    assert masked.value == b'{"bin": "401006*****", "rest": "00021"}'


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("1200000071600104", "backwards"),
        ("e3f1a2c5d5cb5", ""),
        (f"{4010061700000021:x}", "hexadecimal"),
        (f"0x{4010061700000021:X}", "hexadecimal"),
        (b"4010061700000021".hex(), "hexadecimal"),
        (b32encode(b"4010061700000021").decode(), "base32"),
        (b32encode(b"4010061700000021").decode().lower().rstrip("="), "base32"),
    ],
)
def test_other_ways_to_write_a_number_are_known(written: str, form: str) -> None:
    masked = REDACTOR.text(f"trace {written}.", "callback body")
    assert masked.leaks == ((Leak("card number", form, "callback body"),) if form else ())
    assert ("401006******0021" in masked.value) == bool(form)


def test_what_is_part_of_a_longer_word_is_no_number_in_another_way() -> None:
    for text in (f"a{4010061700000021:x}", f"{4010061700000021:x}0", "11200000071600104"):
        assert REDACTOR.text(text, "callback body") == (text, ())


@given(st.text("4242010067 *#xX.-5", max_size=40))
def test_masking_once_is_enough(text: str) -> None:
    masked = REDACTOR.text(text, "callback body").value
    assert REDACTOR.text(masked, "callback body") == (masked, ())
