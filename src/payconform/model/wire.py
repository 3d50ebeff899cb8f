"""JSON as the wire has it: what merchants' strict parsers would say of it."""

import json
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

_LARGEST_REMEMBERED = 1 << 14


class Malformed(NamedTuple):
    """Bytes that are not one JSON value, and why."""

    reason: str


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
        return json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return Malformed(str(error) or type(error).__name__)
