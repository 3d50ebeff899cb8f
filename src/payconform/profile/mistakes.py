"""How a mistake in a file that users write is told."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST_SHOWN = 60
_LONG_DIGITS = re.compile(r"[0-9](?:[ -]?[0-9]){7,}")


class FileError(Exception):
    """A file that the user wrote cannot be used. Its text is one line: file, key, what is wrong, what is allowed."""


class ProfileError(FileError):
    """A profile cannot be used."""


class Mistake(Exception):  # noqa: N818 -- it is the user's mistake; FileError is what leaves the package
    """What is wrong at one key, before the file's name is known. `key` is dotted, as in `cards[1].number`.

    Digits that could be of a card, written in a wrong place, are not repeated.
    """

    def __init__(self, key: str, wrong: str) -> None:
        super().__init__(_LONG_DIGITS.sub("…", f"{key}: {wrong}"))


def shown(value: object) -> str:
    """A value as a message may show it: cut where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def one_of(allowed: Iterable[str]) -> str:
    """The allowed words in a sentence."""
    *others, last = allowed
    return f"{', '.join(others)} or {last}" if others else last


def meant(wrong: str, allowed: Iterable[str]) -> str:
    """A question whether the nearest allowed word was meant, "" where none is near."""
    near = get_close_matches(wrong, list(allowed), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def told(source: str, mistake: Mistake) -> str:
    """A mistake with the name of its file, on one line whatever the file holds."""
    return " ".join(f"{source}: {mistake}".split())
