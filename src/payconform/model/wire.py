"""JSON as the wire has it: what merchants' strict parsers would say of it."""

import json
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple, NoReturn

import msgspec

_LARGEST_REMEMBERED = 1 << 14

DEEPEST = 128
"""Levels of nesting that are read. Where the stack overflows in a parser, the whole process may end: this is far from it."""
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Malformed(NamedTuple):
    """Bytes that are not one JSON value, and why."""

    reason: str


class TooDeepError(ValueError):
    """JSON that is nested more than `DEEPEST` levels deep."""


def refuse_depth(raw: bytes) -> None:
    """Raise `TooDeepError` for JSON that is nested too deeply to be read."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return
    unescaped = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = b"".join(unescaped.split(b'"')[::2]).translate(None, _NOT_BRACKETS)
    if max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0) > DEEPEST:
        raise TooDeepError(f"nested more than {DEEPEST} levels deep")


def load_json(raw: bytes, **options: Any) -> Any:
    """`json.loads` of UTF-8, with its options. Every fault is a `ValueError`, also that it is nested too deeply."""
    refuse_depth(raw)
    return json.loads(raw.decode(), **options)


def decoder(shape: Any) -> Callable[[bytes], Any]:
    """A reader of JSON of one shape. Every fault is a `ValueError`, also that it is nested too deeply."""
    decode = msgspec.json.Decoder(shape).decode

    def read(raw: bytes) -> Any:
        refuse_depth(raw)
        return decode(raw)

    return read


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def parse_json(raw: bytes) -> Any | Malformed:
    """Parse UTF-8 JSON (RFC 8259); a leading byte-order mark, NaN and Infinity are malformed. Do not mutate the answer."""
    return _remembered(raw) if len(raw) <= _LARGEST_REMEMBERED else _parsed(raw)


@lru_cache(maxsize=4096)
def _remembered(raw: bytes) -> Any | Malformed:
    return _parsed(raw)


def _parsed(raw: bytes) -> Any | Malformed:
    try:
        return load_json(raw, parse_constant=_refuse_constant)
    except ValueError as error:
        return Malformed(str(error))
