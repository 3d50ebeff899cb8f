"""What a broken rule of a schema asks for, in words. The document is never quoted: it may hold card data."""

import json
from collections.abc import Callable, Mapping
from typing import Any

_TYPES = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def _types(asked: str | list[str]) -> str:
    names = [asked] if isinstance(asked, str) else asked
    return " or ".join(_TYPES[name] for name in names)


def _at_least(asked: int) -> str:
    return "must not be empty" if asked == 1 else f"must have a length of at least {asked}"


_DEMANDS: dict[str, Callable[[Any], str]] = {
    "required": lambda _: "is required",
    "type": lambda asked: f"must be {_types(asked)}",
    "const": lambda asked: f"must be {json.dumps(asked)}",
    "enum": lambda asked: f"must be one of {', '.join(json.dumps(value) for value in asked)}",
    "minLength": _at_least,
    "minProperties": _at_least,
    "minItems": _at_least,
    "maxLength": lambda asked: f"must have a length of at most {asked}",
    "minimum": lambda asked: f"must be at least {asked}",
    "exclusiveMinimum": lambda asked: f"must be more than {asked}",
    "maximum": lambda asked: f"must be at most {asked}",
    "not": lambda asked: f"must not be {json.dumps(asked)}",
}


def message(keyword: str, subschema: Mapping[str, Any]) -> str:
    """What that keyword of a subschema asks for, ready to follow the name of the member that broke it.

    A subschema may say it itself, in the annotation `x-message` (keyword -> words).
    """
    if said := subschema.get("x-message", {}).get(keyword):
        return str(said)
    if keyword == "additionalProperties":
        return f"is unknown; known are {', '.join(sorted(subschema.get('properties', {})))}"
    asked = subschema[keyword]
    return _DEMANDS[keyword](asked) if keyword in _DEMANDS else f"must keep {keyword} {json.dumps(asked)}"
