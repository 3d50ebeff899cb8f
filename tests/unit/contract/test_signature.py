"""The signature scheme against signatures of the provider's published signer, and its properties."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.contract.signature import (
    V1_LEFT_OUT,
    callback_signature,
    sign,
    string_to_sign,
    uncovered_members,
    verify_callback,
)
from payconform.model.wire import DEEPEST

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "signature-vectors.json").read_text(encoding="utf-8"))
SECRET = "an application secret"

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=6)


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_signs_as_the_published_signer(vector: dict[str, str]) -> None:
    assert sign(vector["body"].encode(), vector["secret"]) == vector["signature"]


def test_all_vectors_are_there() -> None:
    assert len(VECTORS) == 60


def test_the_string_to_sign_sorts_nests_and_drops_what_is_empty() -> None:
    raw = b'{"b": {"z": 1, "a": {"x": ""}}, "B": true, "gone": null, "empty": "", "list": [1.10, {"k": "v"}, null]}'
    assert string_to_sign(raw) == 'B=true&b={a={}&z=1}&list=[1.10,{"k":"v"},null]'


def test_keys_sort_by_utf_16_code_units() -> None:
    """U+1F600 is written with surrogates, which stand before U+FF5E although its code point does not."""
    assert string_to_sign('{"～": 1, "😀": 2}'.encode()) == "😀=2&～=1"


def test_the_last_of_repeated_members_is_signed() -> None:
    assert string_to_sign(b'{"a": 1, "a": 2}') == "a=2"


def test_an_empty_object_is_signed_by_the_secret_alone() -> None:
    expected = hashlib.sha256(b"key=k").hexdigest().upper()
    assert sign(b"{}", "k") == sign(b'{"a": null, "b": ""}', "k") == expected


@pytest.mark.parametrize("version", ["V1", "v1", "", " ", None])
def test_a_v1_callback_leaves_members_out(version: str | None) -> None:
    signed = {"request_id": "M1"}
    unsigned = dict.fromkeys(V1_LEFT_OUT, "anything") | {"api_version": version}
    assert callback_signature(dumped(signed | unsigned), SECRET) == sign(dumped(signed), SECRET)


def test_a_v2_callback_signs_every_member() -> None:
    raw = dumped({"api_version": "V2", "request_id": "M1", "event": "e", "channel_biz_data": {"issuer": "i"}})
    assert callback_signature(raw, SECRET) == sign(raw, SECRET)


def test_a_callback_verifies_only_with_its_own_signature() -> None:
    raw = dumped({"api_version": "V2", "request_id": "M1"})
    right = callback_signature(raw, SECRET)
    assert verify_callback(raw, SECRET, right)
    assert not verify_callback(raw, SECRET, right.lower())
    assert not verify_callback(raw, SECRET, "")
    assert not verify_callback(raw, SECRET, "é\ud800")
    assert not verify_callback(raw, "another secret", right)


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b'"x"', b"{", b'{"a": NaN}', b"\xff", b'{"a":' * 3000])
def test_what_is_no_object_has_no_signature(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        sign(raw, SECRET)
    assert not verify_callback(raw, SECRET, "0" * 64)


def test_what_is_nested_as_deep_as_is_read_has_a_signature_and_what_is_deeper_has_none() -> None:
    deep, deeper = (b'{"a":' * levels + b"1" + b"}" * levels for levels in (DEEPEST, DEEPEST + 1))
    assert verify_callback(deep, SECRET, sign(deep, SECRET))
    with pytest.raises(ValueError, match="levels deep"):
        sign(deeper, SECRET)


@given(OBJECTS)
def test_any_object_has_a_signature(members: dict[str, Any]) -> None:
    raw = dumped(members)
    assert verify_callback(raw, SECRET, callback_signature(raw, SECRET))


@given(OBJECTS, st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_changing_a_signed_member_changes_the_signature(members: dict[str, Any], key: str, one: str, other: str) -> None:
    changed = sign(dumped({**members, key: one}), SECRET) != sign(dumped({**members, key: other}), SECRET)
    assert changed is (one != other)


@given(OBJECTS)
def test_the_order_of_members_does_not_matter(members: dict[str, Any]) -> None:
    turned = dict(reversed(members.items()))
    assert sign(dumped(members), SECRET) == sign(dumped(turned), SECRET)


CALLBACK = {
    "api_version": "V2",
    "request_id": "M1",
    "target_amount": "10.00",
    "order_status_int": 2,
    "channel_biz_data": {"card_token": "src_1", "issuer": "A BANK", "3ds": {"enrolled": "Y"}},
    "event": None,
}
SIGNED_PATHS = [
    *(("api_version",), ("request_id",), ("target_amount",), ("order_status_int",), ("channel_biz_data",)),
    *(("channel_biz_data", "card_token"), ("channel_biz_data", "issuer"), ("channel_biz_data", "3ds", "enrolled")),
]


def changed(document: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy with another value at the end of a path."""
    name, *rest = path
    return {**document, name: changed(document[name], tuple(rest), value) if rest else value}


@pytest.mark.parametrize("path", SIGNED_PATHS, ids=".".join)
@given(value=VALUES)
def test_tampering_with_any_member_of_a_callback_is_noticed(path: tuple[str, ...], value: Any) -> None:
    """But for another spelling of the same text: the number 2 and the text "2" are signed alike."""
    right = callback_signature(dumped(CALLBACK), SECRET)
    tampered = changed(CALLBACK, path, value)
    same_text = string_to_sign(dumped(tampered)) == string_to_sign(dumped(CALLBACK))
    assert verify_callback(dumped(tampered), SECRET, right) is same_text


@given(st.text(), VALUES.filter(lambda value: value not in (None, "")))
def test_a_member_added_to_a_callback_is_noticed(name: str, value: Any) -> None:
    right = callback_signature(dumped(CALLBACK), SECRET)
    tampered = {**CALLBACK, f"{name}_added": value}
    assert not verify_callback(dumped(tampered), SECRET, right)


@pytest.mark.parametrize("path", SIGNED_PATHS, ids=".".join)
def test_what_a_signature_leaves_out_is_named(path: tuple[str, ...]) -> None:
    partly = sign(dumped(changed(CALLBACK, path, None)), SECRET)
    assert uncovered_members(dumped(CALLBACK), SECRET, partly) == (".".join(path),)


def test_a_v2_callback_signed_as_v1_leaves_out_what_v1_does() -> None:
    partly = sign(dumped(CALLBACK), SECRET, V1_LEFT_OUT)
    assert set(uncovered_members(dumped(CALLBACK), SECRET, partly)) == V1_LEFT_OUT & CALLBACK.keys()


@pytest.mark.parametrize("raw", [json.dumps(CALLBACK), "[]", "", '{"a":' * 700 + "1" + "}" * 700])
def test_nothing_is_named_where_nothing_explains_the_signature(raw: str) -> None:
    assert uncovered_members(raw.encode(), SECRET, "0" * 64) == ()
    assert uncovered_members(raw.encode(), SECRET, "é\ud800") == ()


def test_a_right_signature_leaves_nothing_out() -> None:
    assert uncovered_members(dumped(CALLBACK), SECRET, callback_signature(dumped(CALLBACK), SECRET)) == ()
    v1 = dumped({**CALLBACK, "api_version": "V1"})
    assert uncovered_members(v1, SECRET, callback_signature(v1, SECRET)) == ()


def dumped(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


@pytest.mark.parametrize("version", ["", " ", None])
def test_a_callback_that_names_no_version_may_sign_all_members(version: str | None) -> None:
    raw = dumped({**CALLBACK, "api_version": version})
    assert verify_callback(raw, SECRET, sign(raw, SECRET))
    assert verify_callback(raw, SECRET, sign(raw, SECRET, V1_LEFT_OUT))
    assert not verify_callback(raw, SECRET, sign(raw, SECRET, ["target_amount"]))


def test_a_member_without_a_value_explains_no_signature() -> None:
    raw = dumped({**CALLBACK, "api_version": "V1", "error_code": None, "error_msg": ""})
    assert not set(uncovered_members(raw, SECRET, sign(raw, SECRET))) & {"error_code", "error_msg"}
