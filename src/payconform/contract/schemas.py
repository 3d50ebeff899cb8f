"""The JSON Schemas of the contract, and what a document breaks of them.

Two annotations tie a schema to the register: `x-clause` maps each keyword to the clause it states (`required` maps each
member), and `x-severity` marks keywords whose breach is milder or harsher than their clause.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import jsonschema_rs
from msgspec import Struct
from referencing import Registry, Resource

from payconform.contract import folder
from payconform.contract.messages import message
from payconform.contract.register import clauses
from payconform.model.clause import Severity

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from referencing._core import Resolver

Schema = dict[str, Any]
Path = tuple[str | int, ...]

_BASE = "https://payconform.example/schemas/"
"""Where the schemas pretend to be retrieved from, so that their relative references resolve. Nothing is fetched."""

_DECISIVE = frozenset({"type", "minLength", "minProperties"})
"""A value of the wrong type, or an empty one, breaks this rule alone: the other rules speak of proper values."""

_DEPTH = 64


class Violation(Struct, frozen=True):
    """One rule a document breaks. `path` is a JSON pointer; `message` quotes nothing of the document.

    `clause` is "" where the schema states no clause (the harness's own formats).
    """

    clause: str
    path: str
    keyword: str
    message: str
    severity: Severity


def schema(name: str) -> Schema:
    """One schema by its path below `schemas/` without ".json", such as `callback/payment`. Do not change the answer."""
    return _schemas()[name]


def is_valid(name: str, document: Any) -> bool:
    """Whether a document keeps every rule of a schema, the advisory ones included."""
    try:
        return _fast(name).is_valid(document)
    except UnicodeEncodeError:  # a lone surrogate, which JSON can escape and UTF-8 cannot encode
        return _slow(name).is_valid(document)


def violations(name: str, document: Any) -> tuple[Violation, ...]:
    """What a document breaks of a schema, each rule once, in the order of the document's paths.

    A null member counts as absent, so that null in a required member breaks the rule that requires it.
    """
    if is_valid(name, document):
        return ()
    breaches = _breaches(name, _without_nulls(document)) or _breaches(name, document)
    worst: dict[tuple[str, str], Violation] = {}
    for found in (violation for breach in _telling(breaches) for violation in _of_breach(breach)):
        key = (found.path, found.clause or found.keyword)
        if key not in worst or found.severity is Severity.STRICT:
            worst[key] = found
    return tuple(sorted(worst.values(), key=lambda violation: violation.path))


def subschemas(name: str) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Every subschema that a document of a schema must keep whatever it holds, with the path of members it governs."""
    return _walk(schema(name), _registry().resolver(_BASE + name + ".json"), ())


def severity_of(subschema: Mapping[str, Any], keyword: str, clause: str) -> Severity:
    """What breaking that keyword of a subschema does: what its `x-severity` says, else what its clause says."""
    if marked := subschema.get("x-severity", {}).get(keyword):
        return Severity(marked)
    return clauses()[clause].severity if clause else Severity.STRICT


def _walk(part: Schema, resolver: "Resolver[Any]", path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Schema]]:
    if "$ref" in part:
        referred = resolver.lookup(part["$ref"])
        yield from _walk(referred.contents, referred.resolver, path)
    for branch in part.get("allOf", ()):
        yield from _walk(branch, resolver, path)
    yield path, part
    for member, subschema in part.get("properties", {}).items():
        yield from _walk(subschema, resolver, (*path, member))


class _Breach(NamedTuple):
    """One keyword of a subschema that the value at a path fails."""

    keyword: str
    subschema: Schema
    value: Any
    path: Path


def _breaches(name: str, document: Any) -> list[_Breach]:
    return [
        _Breach(str(error.validator), cast("Schema", error.schema), error.instance, tuple(error.absolute_path))
        for error in _slow(name).iter_errors(document)
    ]


def _telling(breaches: list[_Breach]) -> Iterator[_Breach]:
    """The breaches less those that only repeat a decisive one at the same place; a fraction is a number, if not a whole one."""
    fractions = {breach.path for breach in breaches if breach.keyword == "multipleOf"}
    left = [breach for breach in breaches if breach.keyword != "type" or breach.path not in fractions]
    decided = {breach.path for breach in left if breach.keyword in _DECISIVE}
    return (breach for breach in left if breach.keyword in _DECISIVE or breach.path not in decided)


def _of_breach(breach: _Breach) -> Iterator[Violation]:
    """Its violations: one, or one for each member that is missing or unknown."""
    keyword, subschema = breach.keyword, breach.subschema
    stated = subschema.get("x-clause", {}).get(keyword, "")
    for below in _members(breach):
        clause = stated[below[0]] if isinstance(stated, dict) else stated
        severity = severity_of(subschema, keyword, clause)
        yield Violation(clause, _pointer(breach.path + below), keyword, message(keyword, subschema), severity)


def _members(breach: _Breach) -> list[tuple[str, ...]]:
    """Where a breach lies below its path: `required` and `additionalProperties` speak of the members of an object."""
    if breach.keyword == "required":
        return [(member,) for member in breach.subschema["required"] if member not in breach.value]
    if breach.keyword == "additionalProperties":
        return [(member,) for member in breach.value if member not in breach.subschema.get("properties", {})]
    return [()]


def _without_nulls(document: Any, depth: int = _DEPTH) -> Any:
    """A copy without null members, cut off below a depth that no rule reaches: listing errors recurses."""
    if isinstance(document, dict):
        return {member: _without_nulls(value, depth - 1) for member, value in document.items() if value is not None and depth}
    if isinstance(document, list):
        return [_without_nulls(item, depth - 1) for item in document if depth]
    return document


def _pointer(path: Path) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


@cache
def _schemas() -> dict[str, Schema]:
    """Every schema of the folder by its name; the register and the OpenAPI document are no schemas."""
    names = (*folder.paths("create-order/*.json"), *folder.paths("callback/*.json"), *folder.paths("formats/*.json"))
    return {name.removesuffix(".json"): json.loads(folder.read(name)) for name in names}


@cache
def _registry() -> Registry[Any]:
    return Registry[Any]().with_resources(
        (f"{_BASE}{name}.json", Resource.from_contents(contents)) for name, contents in _schemas().items()
    )


@cache
def _fast(name: str) -> jsonschema_rs.Validator:
    resources = [(f"{_BASE}{other}.json", contents) for other, contents in _schemas().items()]
    return jsonschema_rs.validator_for(
        schema(name), registry=jsonschema_rs.Registry(resources), base_uri=f"{_BASE}{name}.json", offline=True
    )


@cache
def _slow(name: str) -> "Draft202012Validator":
    """The validator that lists errors. It is imported where it is needed because most documents are valid."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  # 0.2 s that a run without a violation saves

    return Draft202012Validator({"$ref": f"{_BASE}{name}.json"}, registry=_registry())
