"""The clause register and the readings, as data under `schemas/clauses/`."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from payconform.contract import folder
from payconform.model.clause import Clause, Level, Reading, Severity

CONTRACT_VERSION = "2026-02-28"
"""The date of the guide that the register and the schemas state."""

SIGNING_DIALECT = "lesspay2"
"""The dialect of the companion pages: only a target that speaks it is held to their clauses."""


_CLAUSE_ID = re.compile(r'^\s*"id": "([A-Z0-9-]+)"')


class _Chapter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of the register; its clauses lack only what the file or the readings say for them."""

    chapter: str
    clauses: tuple[dict[str, Any], ...]


@cache
def readings() -> Mapping[str, Reading]:
    """Every reading by its id, in the order of the register."""
    listed = msgspec.json.decode(folder.read("clauses/readings.json"), type=tuple[Reading, ...])
    return MappingProxyType({reading.id: reading for reading in listed})


@cache
def clauses() -> Mapping[str, Clause]:
    """Every clause by its id, in the order of the chapters."""
    bearing = defaultdict(list)
    for reading in readings().values():
        for clause in reading.clauses:
            bearing[clause].append(reading.id)
    chapters = [msgspec.json.decode(folder.read(path), type=_Chapter) for path in folder.paths("clauses/[a-z]-*.json")]
    listed = (
        msgspec.convert({**fields, "chapter": chapter.chapter, "readings": bearing[fields["id"]]}, Clause)
        for chapter in chapters
        for fields in chapter.clauses
    )
    return MappingProxyType({clause.id: clause for clause in listed})


class Place(NamedTuple):
    """Where a clause is stated: a file by its path in the repository, and the line (from 1) on which it begins."""

    path: str
    line: int


@cache
def places() -> Mapping[str, Place]:
    """The place of every clause of the register."""
    found = {}
    for path in folder.paths("clauses/[a-z]-*.json"):
        for number, line in enumerate(folder.read(path).decode().splitlines(), start=1):
            if stated := _CLAUSE_ID.search(line):
                found[stated[1]] = Place(f"schemas/{path}", number)
    return MappingProxyType(found)


def reading_choices() -> Mapping[str, Reading]:
    """The readings a profile may narrow, by the key it uses."""
    return {reading.key: reading for reading in readings().values() if reading.key}


def reading_defaults() -> dict[str, str]:
    """The choice of every key where the profile says nothing."""
    return {key: reading.default for key, reading in reading_choices().items()}


def applies(clause: Clause, dialect: str) -> bool:
    """Whether a target of that dialect is held to the clause; companion clauses bind the dialect they come from alone."""
    return clause.level is not Level.COMPANION or dialect == SIGNING_DIALECT


def severity(clause: Clause, dialect: str) -> Severity:
    """What breaking the clause does at a target of that dialect."""
    return clause.severity if applies(clause, dialect) else Severity.ADVISORY
