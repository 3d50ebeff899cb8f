"""What a forgery does to a signed request: one thing, and to the headers alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.adapters.signers import signer_for
from payconform.authoring import UnmetError
from payconform.contract.signature import sign
from payconform.engine.forging import DAY_MS, forged, signature_of
from payconform.model.forgery import Forgery
from payconform.model.message import Request
from payconform.model.profile import Auth

BODY = b'{"target_amount": "10.00"}'
NOW_S = 1_700_000_000
SIGNED = signer_for(Auth(signer="lesspay2", app_id="app-1", secret="s3cret"), clock=lambda: NOW_S).sign(
    Request(method="POST", url="https://psp.test/", headers=(("Accept", "*/*"),), body=BODY)
)
RIGHT = {"accept": "*/*", "x-auth-appid": "app-1", "x-auth-timestamp": f"{NOW_S}000", "x-auth-signature": sign(BODY, "s3cret")}


def sent(forgery: Forgery) -> dict[str, str]:
    return {name.lower(): value for name, value in forged(SIGNED, forgery).headers}


@pytest.mark.parametrize(
    ("forgery", "header"),
    [
        (Forgery.NO_SIGNATURE, "x-auth-signature"),
        (Forgery.NO_APP_ID, "x-auth-appid"),
        (Forgery.NO_TIMESTAMP, "x-auth-timestamp"),
    ],
)
def test_a_header_is_left_out_and_no_other(forgery: Forgery, header: str) -> None:
    assert sent(forgery) == {name: value for name, value in RIGHT.items() if name != header}


@pytest.mark.parametrize(
    ("forgery", "header"),
    [
        (Forgery.EMPTY_SIGNATURE, "x-auth-signature"),
        (Forgery.OTHER_SECRET, "x-auth-signature"),
        (Forgery.FIRST_DIGIT, "x-auth-signature"),
        (Forgery.LAST_DIGIT, "x-auth-signature"),
        (Forgery.HALF, "x-auth-signature"),
        (Forgery.LONGER, "x-auth-signature"),
        (Forgery.LOWER_CASE, "x-auth-signature"),
        (Forgery.UNKNOWN_APP_ID, "x-auth-appid"),
        (Forgery.NEAR_APP_ID, "x-auth-appid"),
        (Forgery.LETTERS_BEHIND_TIMESTAMP, "x-auth-timestamp"),
        (Forgery.WORD_FOR_TIMESTAMP, "x-auth-timestamp"),
        (Forgery.DAY_OLD, "x-auth-timestamp"),
        (Forgery.DAY_AHEAD, "x-auth-timestamp"),
    ],
)
def test_a_header_is_changed_and_no_other(forgery: Forgery, header: str) -> None:
    changed = sent(forgery)
    assert changed.pop(header) != RIGHT[header]
    assert changed == {name: value for name, value in RIGHT.items() if name != header}
    assert forged(SIGNED, forgery).body == BODY


def test_a_forged_signature_still_looks_like_one() -> None:
    other = sent(Forgery.OTHER_SECRET)["x-auth-signature"]
    assert len(other) == 64
    assert other == other.upper()
    assert sent(Forgery.LAST_DIGIT)["x-auth-signature"][:-1] == RIGHT["x-auth-signature"][:-1]
    assert sent(Forgery.LOWER_CASE)["x-auth-signature"] == RIGHT["x-auth-signature"].lower()


def test_what_is_nearly_right_is_right_in_part() -> None:
    right = RIGHT["x-auth-signature"]
    assert sent(Forgery.EMPTY_SIGNATURE)["x-auth-signature"] == ""
    assert sent(Forgery.FIRST_DIGIT)["x-auth-signature"][1:] == right[1:]
    assert sent(Forgery.HALF)["x-auth-signature"] == right[:32]
    assert sent(Forgery.LONGER)["x-auth-signature"][:-1] == right
    assert sent(Forgery.NEAR_APP_ID)["x-auth-appid"] == "app-0"
    assert sent(Forgery.LETTERS_BEHIND_TIMESTAMP)["x-auth-timestamp"] == RIGHT["x-auth-timestamp"] + "abc"


@pytest.mark.parametrize("first", "0F")
def test_a_changed_digit_is_another_one(first: str) -> None:
    own = Request(method="POST", url="https://psp.test/", headers=(("x-auth-signature", first + "1"),), body=BODY)
    assert signature_of(forged(own, Forgery.FIRST_DIGIT)) == ("11" if first == "0" else "01")


def test_a_stale_timestamp_is_a_day_away() -> None:
    assert int(sent(Forgery.DAY_OLD)["x-auth-timestamp"]) == NOW_S * 1000 - DAY_MS
    assert int(sent(Forgery.DAY_AHEAD)["x-auth-timestamp"]) == NOW_S * 1000 + DAY_MS


def test_names_change_their_case_and_values_do_not() -> None:
    names = [name for name, _ in forged(SIGNED, Forgery.UPPER_NAMES).headers]
    assert names == ["Accept", "X-AUTH-APPID", "X-AUTH-TIMESTAMP", "X-AUTH-SIGNATURE"]
    assert sent(Forgery.UPPER_NAMES) == sent(Forgery.LOWER_NAMES) == sent(Forgery.NONE) == RIGHT


@given(st.sampled_from([each for each in Forgery if each.value and not each.name.endswith("NAMES")]))
def test_a_signer_of_ones_own_with_other_headers_cannot_be_forged(forgery: Forgery) -> None:
    own = Request(method="POST", url="https://psp.test/", headers=(("X-Own", "1"),), body=BODY)
    with pytest.raises(UnmetError, match="no header x-auth-"):
        forged(own, forgery)
    assert signature_of(own) == ""


def test_a_timestamp_of_another_kind_cannot_be_shifted() -> None:
    own = Request(method="POST", url="https://psp.test/", headers=(("X-Auth-Timestamp", "2026-01-01"),), body=BODY)
    with pytest.raises(UnmetError, match="cannot be shifted"):
        forged(own, Forgery.DAY_OLD)
