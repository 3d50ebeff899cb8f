"""Single faults of a create-order request, derived from the request schema of its mode.

Each required member is left out, made null and made empty; constants and patterns get other values, bounds are crossed by
one and by far, and each member gets the other types that JSON has.
"""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal

from msgspec import Struct

from payconform.contract.register import clauses
from payconform.contract.schemas import Schema, severity_of, subschemas
from payconform.contract.wrong_values import WITH_VALUES, wrong_values
from payconform.model.clause import PAYING_MODES, Judged, Mode, Severity

Kind = Literal["absent", "null", "empty", "value", "type", "length", "short"]

_EMPTY: dict[str, Any] = {"minLength": "", "minProperties": {}}

_OTHER_TYPES = {
    "string": ("number", "boolean", "object", "array-of-one"),
    "integer": ("text", "fraction", "boolean"),
    "number": ("text",),
    "boolean": ("text", "number"),
    "object": ("text", "array", "array-of-one", "its-member"),
}
"""By the type a schema demands, the types that take its place: first the one a client in another language is likely to send."""

_FAR = 10
"""How many times its limit a text is long that is far too long."""

_LONGEST_WHOLE = 15
"""Digits that every JSON parser keeps of a number (RFC 8259, 6)."""


class Fault(Struct, frozen=True, kw_only=True):
    """One way to break one clause of an order.

    `name` is a permanent slug such as `target_amount-absent`; `path` leads to the member through its parents. `value` is the
    wrong value; the wrong type where the kind is `type`; how long the text becomes where it is `length` or `short`. `severity`
    says what accepting the broken order does.
    """

    clause: str
    mode: Mode
    name: str
    path: tuple[str, ...]
    kind: Kind
    severity: Severity
    value: Any = None

    def apply(self, document: dict[str, Any]) -> dict[str, Any]:
        """A copy of a valid order of the mode with this fault and no other."""
        broken = copy.deepcopy(document)
        holder = broken
        for parent in self.path[:-1]:
            holder = holder[parent]
        member = self.path[-1]
        if self.kind == "absent":
            del holder[member]
        elif self.kind == "type":
            holder[member] = _RETYPED[self.value](holder.get(member, False))  # what may be left out is a flag
        elif self.kind == "length":
            holder[member] = str(holder[member]).ljust(self.value, "x")
        elif self.kind == "short":
            holder[member] = str(holder[member])[: self.value]
        else:
            holder[member] = copy.deepcopy(self.value)
        return broken


@cache
def faults(mode: Mode) -> tuple[Fault, ...]:
    """The faults of a mode whose clauses are judged by cases, member by member."""
    by_path: dict[tuple[str, ...], list[Fault]] = {}
    for path, subschema in subschemas(f"create-order/request-{mode}"):
        for fault in _of_subschema(mode, path, subschema):
            by_path.setdefault(fault.path, []).append(fault)
    return tuple(fault for members in by_path.values() for fault in members if clauses()[fault.clause].judged is Judged.CASE)


def _of_subschema(mode: Mode, path: tuple[str, ...], subschema: Schema) -> Iterator[Fault]:
    stated = subschema.get("x-clause", {})

    def fault(keyword: str, kind: Kind, label: str, *, member: str = "", value: Any = None) -> Fault:
        clause = stated[keyword][member] if member else stated[keyword]
        where = (*path, member) if member else path
        severity = severity_of(subschema, keyword, clause)
        name = f"{'.'.join(where)}-{label}"
        return Fault(clause=clause, mode=mode, name=name, path=where, kind=kind, severity=severity, value=value)

    for member in subschema.get("required", ()):
        yield fault("required", "absent", "absent", member=member)
        yield fault("required", "null", "null", member=member)
    for keyword in _EMPTY.keys() & subschema.keys():
        yield fault(keyword, "empty", "empty", value=_EMPTY[keyword])
    for keyword in subschema:
        if keyword in WITH_VALUES:
            for label, value in wrong_values(subschema, keyword, _elsewhere(mode, path, keyword)).items():
                yield fault(keyword, "value", label, value=value)
    for keyword, kind, label, value in _lengths(subschema):
        yield fault(keyword, kind, label, value=value)
    if path:
        for other in _other_types(subschema):
            yield fault("type", "type", f"as-{other}", value=other)


def _lengths(subschema: Schema) -> Iterator[tuple[str, Kind, str, int]]:
    """Lengths that a text must not have: by one less than its least, by one and by far more than its most."""
    if (shortest := subschema.get("minLength", 0)) > 1:
        yield "minLength", "short", "one-too-short", shortest - 1
    if longest := subschema.get("maxLength"):
        yield "maxLength", "length", "one-too-long", longest + 1
        yield "maxLength", "length", "far-too-long", longest * _FAR


def _elsewhere(mode: Mode, path: tuple[str, ...], keyword: str) -> list[Any]:
    """What the same keyword says of the same member in the other modes."""
    return [
        subschema[keyword]
        for other in PAYING_MODES
        if other is not mode
        for place, subschema in subschemas(f"create-order/request-{other}")
        if place == path and keyword in subschema
    ]


def _other_types(subschema: Schema) -> Iterator[str]:
    """The types that take the place of the one a schema demands; a fraction breaks `multipleOf` where that is told."""
    named = subschema.get("type", "")
    first = named if isinstance(named, str) else named[0]
    return (other for other in _OTHER_TYPES.get(first, ()) if other != "fraction" or "multipleOf" not in subschema)


def _number(value: Any) -> int | float:
    """The number that a text is, else one of its digits, so that a fresh id stays fresh."""
    try:
        return json.loads(value) if isinstance(value, str) else int(value)
    except ValueError:
        digits = "".join(filter(str.isdecimal, value))
        return int(digits[:_LONGEST_WHOLE] or 5)


_RETYPED: dict[str, Callable[[Any], Any]] = {
    "text": json.dumps,
    "number": _number,
    "fraction": lambda value: value + 0.5,
    "boolean": lambda _: True,
    "object": lambda _: {},
    "array": lambda _: [],
    "array-of-one": lambda value: [value],
    "its-member": lambda value: next(iter(value.values())),
}
"""The same value in another type where it has one, so that a lenient target can be seen to read it right."""
