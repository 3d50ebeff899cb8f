"""Values that break one keyword of a subschema: read off the keyword itself, or out of `x-wrong` where only a person can say.

`x-wrong` maps a keyword to wrong values, or to an object of wrong values by the label that tells them apart.
"""

from collections.abc import Callable, Iterable
from typing import Any

from payconform.contract.schemas import Schema

PAST_32_BITS = 2**31
"""The first whole number that is too large for a signed integer of 32 bits."""

WRAP_AT = 2**32
"""What an integer of 32 bits loses of a number: so much more than a valid one is the valid one again."""

A_NUMBER = 1
"""What takes the place of a text that is a constant."""

Labelled = dict[str, Any]


def wrong_values(subschema: Schema, keyword: str, elsewhere: Iterable[Any] = ()) -> Labelled:
    """Values that break that keyword, by a label each; values of `x-wrong` come first.

    `elsewhere` holds the constants that other modes have in the same place.
    """
    derive = _DERIVED.get(keyword)
    derived = derive(subschema, tuple(elsewhere)) if derive else []
    written = subschema.get("x-wrong", {}).get(keyword, [])
    named: Labelled = written if isinstance(written, dict) else {_label(value): value for value in written}
    return {**named, **{_label(value): value for value in derived}}


def _of_const(subschema: Schema, elsewhere: tuple[Any, ...]) -> list[Any]:
    """Beside an enum, its other values. Of a text: other letters, one letter more, a number, and what other modes have.

    Of a number: the neighbours of all modes' numbers, because the number of another mode is no wrong number; its opposite, a
    fraction that is cut to it, and the boolean that is 1 in some languages.
    """
    value = subschema["const"]
    if "enum" in subschema:
        return [other for other in subschema["enum"] if other != value]
    if isinstance(value, str):
        return [value.swapcase(), value + value[-1], A_NUMBER, *(other for other in elsewhere if other != value)]
    known = {value, *elsewhere}
    return [
        *sorted({near for number in known for near in (number - 1, number + 1)} - known),
        *({-value} - known),
        value + 0.5,
        True,
    ]


def _of_enum(subschema: Schema, _: tuple[Any, ...]) -> list[Any]:
    """One letter more, and a number; of a text that ends with a digit another one there, and the digit alone."""
    first = subschema["enum"][0]
    digit = first[-1:]
    if not digit.isdecimal():
        return [first + digit, A_NUMBER]
    other = first[:-1] + ("9" if digit != "9" else "8")
    return [value for value in (first + digit, other, digit, int(digit), A_NUMBER) if value not in subschema["enum"]]


def _of_minimum(subschema: Schema, _: tuple[Any, ...]) -> list[Any]:
    """One less, and one that counts from the other end in some languages."""
    return list(dict.fromkeys((subschema["minimum"] - 1, -1)))


def _of_maximum(subschema: Schema, _: tuple[Any, ...]) -> list[Any]:
    """One more, and one that 32 bits cut to what the schema has for an example."""
    return [subschema["maximum"] + 1, WRAP_AT + next(iter(subschema.get("examples", ())), subschema["maximum"])]


def _of_exclusive_minimum(subschema: Schema, _: tuple[Any, ...]) -> list[Any]:
    return [subschema["exclusiveMinimum"], -PAST_32_BITS - 1]


def _of_exclusive_maximum(subschema: Schema, _: tuple[Any, ...]) -> list[Any]:
    return [subschema["exclusiveMaximum"], PAST_32_BITS]


def _of_multiple_of(subschema: Schema, _: tuple[Any, ...]) -> list[Any]:
    return [subschema.get("minimum", 0) + subschema["multipleOf"] / 2]


def _of_not(subschema: Schema, _: tuple[Any, ...]) -> list[Any]:
    return list(subschema["not"].get("enum", ()))


_DERIVED: dict[str, Callable[[Schema, tuple[Any, ...]], list[Any]]] = {
    "const": _of_const,
    "enum": _of_enum,
    "minimum": _of_minimum,
    "maximum": _of_maximum,
    "exclusiveMinimum": _of_exclusive_minimum,
    "exclusiveMaximum": _of_exclusive_maximum,
    "multipleOf": _of_multiple_of,
    "not": _of_not,
}

WITH_VALUES = frozenset({*_DERIVED, "pattern"})
"""The keywords that wrong values break; the others are broken by a kind of fault."""


def _label(value: Any) -> str:
    if isinstance(value, str) and value.isdecimal():
        return f"text-{value}"
    return str(value).replace("-", "minus-") if value is not True else "true"
