"""JSON is read as strict parsers read it, and none of it may end the process."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payconform.model.wire import DEEPEST, Malformed, TooDeepError, decoder, load_json, parse_json, refuse_depth

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text('[]{}"\\ab', max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('[]{}"\\', max_size=4), inner, max_size=4),
)
DEEP = {
    "arrays": b"[" * 100_000 + b"]" * 100_000,
    "objects": b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1),
    "never closed": b"[" * 100_000,
    "after an escaped quote": b'{"\\"": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
    "after a backslash": b'{"\\\\": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
}


@pytest.mark.parametrize("raw", DEEP.values(), ids=DEEP)
def test_what_could_overflow_the_stack_is_refused(raw: bytes) -> None:
    assert parse_json(raw) == Malformed(f"nested more than {DEEPEST} levels deep")
    for read in (load_json, decoder(dict[str, msgspec.Raw]), decoder(list[msgspec.Raw])):
        with pytest.raises(TooDeepError):
            read(raw)


@given(VALUES, st.integers(0, DEEPEST - 8))
@example("[" * 1000, 0)
@example('\\"' + "{" * 1000, 1)
@example([[]] * 1000, 1)
@example({'\\"[': "[" * 1000}, DEEPEST - 8)
def test_what_is_wide_or_holds_brackets_in_its_texts_is_read(value: Any, levels: int) -> None:
    document = value
    for _ in range(levels):
        document = [document]
    raw = json.dumps(document).encode()
    if value_depth(value) + levels <= DEEPEST:
        assert parse_json(raw) == document
    else:
        assert isinstance(parse_json(raw), Malformed)


def value_depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(value_depth, inner), default=0)


@given(st.binary())
def test_no_bytes_are_too_odd_to_be_looked_at(raw: bytes) -> None:
    refuse_depth(raw)
    parse_json(raw)


@pytest.mark.parametrize("raw", [b"\xef\xbb\xbf{}", b"NaN", b'{"a":Infinity}', b"{", b"\xff", b""])
def test_what_strict_parsers_refuse_is_malformed(raw: bytes) -> None:
    assert isinstance(parse_json(raw), Malformed)
