"""Finds what texts show of a known card number, where it is more than its first six and last four digits and not the whole.

Masks hide too little in many ways, and a number that is cut in two hides nothing. What is not the beginning of one of the
cards stays as it is, and so do eight digits, which are the bank's own (ISO/IEC 7812-1), and what the merchant sent.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from payconform.journal.masks import Note

FIRST, LAST = 6, 4
_BANKS = 8
"""The digits of a number that tell its issuer, at most."""

_GAP = r"[ +\u00a0-]?"
_HIDDEN = rf"(?:(?:{_GAP}[*#xX•●…])+|\.{{2,}})"
_PRINTED = re.compile(r"[0-9]{9,}|[0-9]{4}(?:[^0-9][0-9]{4})+[^0-9][0-9]{1,4}|[0-9]{4}[^0-9][0-9]{6}[^0-9][0-9]{1,5}")
"""A number in one piece, or in the groups that are printed on cards: what is grouped otherwise is more likely a telephone's."""


class _Find(NamedTuple):
    """What shows too much of a number: what stands before, in and after its mask, and how many digits it shows there."""

    parts: tuple[str, str, str]
    first: int
    last: int

    def describe(self) -> str:
        return f"first {self.first} and last {self.last} digits" if self.last else f"first {self.first} digits"

    def masked(self) -> str:
        before, hidden, after = self.parts
        return _cut(before, first=FIRST) + hidden + _cut(after, last=LAST)


class PartialNumbers:
    """The parts of the numbers of some cards, which are to be real ones: a made-up number may begin as any id."""

    def __init__(self) -> None:
        self._numbers: frozenset[str] = frozenset()
        self._sent: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, number: str) -> None:
        """Know a number from now on."""
        self._numbers |= {number}
        begins = "|".join(sorted({re.escape(known[:4]) for known in self._numbers}))
        # Beginning with a set of characters, because the search for one of a set is quick.
        self._pattern = re.compile(
            rf"((?:{begins})(?<![0-9A-Za-z]....)(?:{_GAP}[0-9]){{0,14}})(?:({_HIDDEN})((?:{_GAP}[0-9]){{0,8}}))?(?![0-9A-Za-z])"
        )

    def learn_sent(self, document: Any) -> None:
        """Leave alone from now on what an order says itself: its echo tells nothing."""
        rest = [document]
        while rest:
            match rest.pop():
                case str(text):
                    self._sent.update(found[0] for found in self._looks(text) if self._find(found))
                case dict(members):
                    rest.extend(members.values())
                case list(elements):
                    rest.extend(elements)

    def mask(self, text: str, note: Note) -> str:
        """The text with every part of a number reduced to first six and last four digits."""

        def masked(found: re.Match[str]) -> str:
            find = self._find(found)
            if find is None or found[0] in self._sent:
                return found[0]
            note("part of a card number", find.describe())
            return find.masked()

        return self._pattern.sub(masked, text) if self._pattern else text

    def _looks(self, text: str) -> Iterator[re.Match[str]]:
        return self._pattern.finditer(text) if self._pattern else iter(())

    def _find(self, found: re.Match[str]) -> _Find | None:
        before, hidden, after = found[1], found[2] or "", found[3] or ""
        first, last = _digits(before), _digits(after)
        numbers = [number for number in self._numbers if number.startswith(first) and number != first]
        if not numbers or len(set(first)) == 1:
            return None
        told = len(last) if any(number.endswith(last) for number in numbers) else 0
        if hidden:
            shows_too_much = len(first) > FIRST or told > LAST
        else:
            shows_too_much = len(first) > _BANKS and _PRINTED.fullmatch(before) is not None and not _is_ends(before, numbers)
        return _Find((before, hidden, after), len(first), told) if shows_too_much else None


def _is_ends(written: str, numbers: list[str]) -> bool:
    """Whether digits can be both ends of a number, the bank's and the last four, with nothing but a gap for what is hidden."""
    bank, last = _digits(written[:-LAST]), written[-LAST:]
    apart = not written[-LAST - 1].isdecimal()
    return apart and len(bank) <= _BANKS and any(number.endswith(last) for number in numbers)


def _digits(written: str) -> str:
    return re.sub(r"[^0-9]", "", written)


def _cut(written: str, *, first: int = 0, last: int = 0) -> str:
    """The text with every digit masked but some of the first or of the last."""
    count = len(_digits(written))
    places = iter(range(count))
    shown = {*range(first), *range(count - last, count)}
    return re.sub(r"[0-9]", lambda digit: digit[0] if next(places) in shown else "*", written)
