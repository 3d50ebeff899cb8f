"""Masks the strings and numbers of a JSON text and leaves every other letter of it as it was."""

import json
import re
from collections.abc import Callable
from decimal import Decimal

_TOKEN = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|(-?[0-9][0-9.eE+-]*)|[{}\[\]]')
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMBER = 40

Path = tuple[str, ...]
"""The names of the members that lead to a value, from the outermost; elements of an array go by the array's name."""


def is_json(text: str) -> bool:
    """Whether the text is one JSON value."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def mask_json(text: str, clean: Callable[[str, Path | None], str]) -> str:
    """A JSON text with `clean` applied to the text of each string, number and member name (whose path is None).

    What `clean` changes becomes a string; what it leaves alone keeps its spelling.
    """
    return _TOKEN.sub(_Walk(clean), text)


class _Walk:
    """Follows the tokens of one JSON text in order, knowing where it is."""

    def __init__(self, clean: Callable[[str, Path | None], str]) -> None:
        self._clean = clean
        self._open: list[str] = []
        self._name = ""

    def __call__(self, token: re.Match[str]) -> str:
        string, colon, number = token.groups()
        if string and colon:
            self._name = json.loads(string)
            return self._cleaned(string, self._name, None) + colon
        if string:
            return self._cleaned(string, json.loads(string), (*self._open, self._name))
        if number:
            return self._cleaned(number, number, (*self._open, self._name))
        if token[0] in "{[":
            self._open.append(self._name)
        else:
            self._name = self._open.pop()
        return token[0]

    def _cleaned(self, written: str, said: str, path: Path | None) -> str:
        cleaned = self._clean(said, path)
        return written if cleaned == said else json.dumps(cleaned)


def written_out(number: str) -> str:
    """The digits of a whole JSON number, as 4.242e3 is 4242; any other text as it stands."""
    if len(number) > _LONGEST_NUMBER or not _NUMBER.fullmatch(number):
        return number
    value = Decimal(number)
    return f"{value:.0f}" if value.adjusted() < _LONGEST_NUMBER and value == value.to_integral_value() else number
