"""Masks the strings and numbers of a JSON text and leaves every other letter of it as it was."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from payconform.model.wire import refuse_depth

_TOKEN = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|(-?[0-9][0-9.eE+-]*)|[{}\[\]]')
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER = 40

Path = tuple[str, ...]
"""The names of the members that lead to a value, from the outermost; elements of an array go by the array's name."""


def is_json(text: str) -> bool:
    """Whether the text is one JSON value."""
    try:
        refuse_depth(text.encode(errors="replace"))
        json.loads(text)
    except ValueError:
        return False
    return True


class Cleaning(NamedTuple):
    """What is done to the text of each member name, and of each string and number, given the path that leads to it."""

    name: Callable[[str], str]
    string: Callable[[str, Path], str]
    number: Callable[[str, Path], str]


def mask_json(text: str, cleaning: Cleaning) -> str:
    """A JSON text, cleaned. What changes becomes a string; what does not keeps its spelling."""
    return _TOKEN.sub(_Walk(cleaning), text)


class _Walk:
    """Follows the tokens of one JSON text in order, knowing where it is."""

    def __init__(self, cleaning: Cleaning) -> None:
        self._cleaning = cleaning
        self._open: list[str] = []
        self._name = ""

    def __call__(self, token: re.Match[str]) -> str:
        string, colon, number = token.groups()
        if string and colon:
            self._name = json.loads(string)
            return _rewritten(string, self._name, self._cleaning.name(self._name)) + colon
        path = (*self._open, self._name)
        if string:
            said = json.loads(string)
            return _rewritten(string, said, self._cleaning.string(said, path))
        if number:
            return _rewritten(number, number, self._cleaning.number(number, path))
        if token[0] in "{[":
            self._open.append(self._name)
        else:
            self._name = self._open.pop()
        return token[0]


def _rewritten(written: str, said: str, cleaned: str) -> str:
    return written if cleaned == said else json.dumps(cleaned)


def written_out(number: str) -> str:
    """The digits of a whole JSON number, as 4.242e3 is 4242; any other text as it stands."""
    if len(number) > _LONGEST_NUMBER or not _NUMBER.fullmatch(number):
        return number
    value = Decimal(number)
    return f"{value:.0f}" if value.adjusted() < _LONGEST_NUMBER and value == value.to_integral_value() else number
