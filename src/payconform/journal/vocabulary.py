"""The journal's own words: what stands in it whatever the target is."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from payconform.model.run import Record


def is_of_the_journal(text: str) -> bool:
    """Whether a text is part of the name of a member, or of one of the values that a member is limited to."""
    return any(text in word for word in _words())


@cache
def _words() -> frozenset[str]:
    return frozenset(_of(msgspec.json.schema(Record)))


def _of(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
        for part in schema.values():
            yield from _of(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _of(part)
