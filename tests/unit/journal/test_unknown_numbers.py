"""Card numbers that show by themselves what they are."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.journal.redaction import Redactor
from payconform.journal.unknown_numbers import is_id, may_hold_number
from payconform.model.evidence import Leak
from payconform.profile.cards import passes_luhn

VISA = "4242424242424242"
AMEX = "378282246310005"
MASKED = "424242******4242"


def masked(text: str) -> tuple[str, tuple[Leak, ...]]:
    found = Redactor(unknown=True).body(text.encode(), "callback body")
    return found.value.decode(), found.leaks


@pytest.mark.parametrize(
    ("text", "wanted", "form"),
    [
        (f'{{"card": "{VISA}"}}', f'{{"card": "{MASKED}"}}', "plain"),
        (f'{{"card": {VISA}}}', f'{{"card": "{MASKED}"}}', "plain"),
        ('{"card": 4.242424242424242e15}', f'{{"card": "{MASKED}"}}', "plain"),
        ('{"d": "paid with 4242 4242 4242 4242."}', f'{{"d": "paid with {MASKED}."}}', "grouped"),
        ('{"d": "on 2026-11-23 4242-4242-4242-4242"}', f'{{"d": "on 2026-11-23 {MASKED}"}}', "grouped"),
        ('{"d": "3782 822463 10005"}', '{"d": "378282*****0005"}', "grouped"),
        ('{"d": "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2"}', f'{{"d": "{MASKED}"}}', "grouped"),
        (f'{{"card_no": "{VISA}"}}', f'{{"card_no": "{MASKED}"}}', "plain"),
        (f"amount=5&pan={VISA}&order=7", f"amount=5&pan={MASKED}&order=7", "plain"),
        ("pan=%34242424242424242", f"pan={MASKED}", "url-encoded"),
        ("pan=" + "".join(f"%253{digit}" for digit in VISA), f"pan={MASKED}", "url-encoded"),
        (f"said=card%20{VISA}%20was%20refused", f"said=card%20{MASKED}%20was%20refused", "plain"),
        (f"said=card%20{VISA}", f"said=card%20{MASKED}", "plain"),
        (f"u=https%3A%2F%2Fa.example%3Fpan%3D{VISA}%26a%3D1", f"u=https%3A%2F%2Fa.example%3Fpan%3D{MASKED}%26a%3D1", "plain"),
        (f"said=%C2%A0{VISA}", f"said=%C2%A0{MASKED}", "plain"),
        ("said=4242%C2%A04242%C2%A04242%C2%A04242", f"said={MASKED}", "grouped"),
    ],
)
def test_a_card_number_is_masked_and_noted(text: str, wanted: str, form: str) -> None:
    assert masked(text) == (wanted, (Leak("card number", form, "callback body"),))


def test_a_card_number_in_base64_is_masked() -> None:
    text, leaks = masked(json.dumps({"data": base64.b64encode(f"pan={AMEX};".encode()).decode()}))
    assert base64.b64decode(json.loads(text)["data"]) == b"pan=378282*****0005;"
    assert leaks == (Leak("cvv" if "cvv" in text else "card number", "base64", "callback body"),)


def test_a_security_code_is_noted_though_unknown() -> None:
    assert masked('{"cvv": "123"}') == ('{"cvv": "***"}', (Leak("cvv", "JSON member", "callback body"),))
    assert Redactor().body(b'{"cvv": "123"}').leaks == ()


@pytest.mark.parametrize(
    "text",
    [
        f'{{"pay_order_id": "{VISA}"}}',
        f'{{"transactionId": {VISA}}}',
        f"?request_id={VISA}&orderNo={VISA}",
        f'{{"data": "{{\\"order_id\\":\\"{VISA}\\"}}"}}',
        '{"card": "4242424242424241"}',
        '{"card": "1242424242424240"}',
        f'{{"hash": "a{VISA}"}}',
        f'{{"number": "1{VISA}"}}',
        f"said=%41{VISA}",
        f"said=20{VISA}",
        f"said={VISA}a%20",
        '{"id": "3f2b1c4d-4242-4242-4242-424242424242"}',
        '{"at": "2026-11-23 09:31:24", "n": 1e5, "m": 1.50}',
    ],
)
def test_what_is_no_card_number_stays_letter_by_letter(text: str) -> None:
    assert masked(text) == (text, ())


@pytest.mark.parametrize("name", ["id", "pay_order_id", "orderNo", "X-Request-Id", "order"])
def test_a_name_of_an_id(name: str) -> None:
    assert is_id(name)


@pytest.mark.parametrize("name", ["card_id", "cardNo", "account_no", "paid", "description", ""])
def test_no_name_of_an_id(name: str) -> None:
    assert not is_id(name)


@given(st.from_regex(r"\A(?:4[0-9]{15}|62[0-9]{15,17})\Z"), st.sampled_from(["", " ", "\n", '"', "=", "/", "é"]))
def test_every_number_of_a_brand_is_found_between_any_neighbours(number: str, beside: str) -> None:
    number = next(number[:-1] + digit for digit in "0123456789" if passes_luhn(number[:-1] + digit))
    text = f"{beside}{number}{beside}"
    found = Redactor(unknown=True).text(text).value
    assert (number in found) is (beside == "é")
    assert may_hold_number(text) is (beside != "é")
