"""Finds known card numbers in text, however their digits are written."""

import re
from collections.abc import Iterator

from payconform.journal.masks import Note, masked_number

SHORTEST = 12
_PREFIX = 6

# One digit: as itself, URL-encoded up to three times, or escaped as in JSON (once, or again inside a string of JSON).
_DIGIT = r"(?:[0-9]|%(?:25){0,2}3[0-9]|\\{1,8}u003[0-9])"
# What people and programs put between groups: blanks, dashes, dots, in the same encodings.
_GAP = (
    r"(?:[\s.+_\-\u2010-\u2015\u2212]"
    r"|%(?:25){0,2}(?:20|2[DdBb]|09|[Cc]2%(?:25){0,2}[Aa]0|26nbsp%3[Bb])"
    r"|\\{1,8}(?:[nrt]|u00(?:20|2[Dd]|[Aa]0))"
    r"|&nbsp;|&\#(?:32|45|160);)"
)
# The same, beginning with a set of characters, because the search for one of a set is quick.
_FIRST_DIGIT = r"[0-9%\\](?:(?<=[0-9])|(?<=%)(?:25){0,2}3[0-9]|(?<=\\)\\{0,7}u003[0-9])"
DIGIT_RUN = re.compile(f"{_FIRST_DIGIT}(?:{_GAP}{{0,3}}{_DIGIT}){{{SHORTEST - 1},}}")
DIGITS_OF_RUN = re.compile(f"{_GAP}|({_DIGIT})")


class CardNumbers:
    """The card numbers of a run. Digits that are not one of them stay: order ids of 19 digits may pass Luhn by chance."""

    def __init__(self) -> None:
        self._by_prefix: dict[str, tuple[str, ...]] = {}

    def learn(self, number: str) -> None:
        """Know a number from now on; what has fewer than 12 digits, or anything else in it, is no card number."""
        digits = re.sub(r"[\s-]", "", number)
        if len(digits) < SHORTEST or not is_digits(digits):
            return
        alike = {digits, *self._by_prefix.get(digits[:_PREFIX], ())}
        self._by_prefix[digits[:_PREFIX]] = tuple(sorted(alike, key=len, reverse=True))

    def knows(self, number: str) -> bool:
        """Whether these digits are a number of the run."""
        return number in self._by_prefix.get(number[:_PREFIX], ())

    def may_be_in(self, text: str) -> bool:
        """Whether the text has enough digits in a row to hold a card number."""
        return DIGIT_RUN.search(text) is not None

    def mask(self, text: str, note: Note) -> str:
        """The text with every known number reduced to its first six and last four digits."""
        return DIGIT_RUN.sub(lambda run: self._mask_run(run[0], note), text) if self._by_prefix else text

    def _mask_run(self, run: str, note: Note) -> str:
        plain = run if is_digits(run) else "".join(found[1][-1] for found in DIGITS_OF_RUN.finditer(run) if found[1])
        hits = tuple(self._hits(plain))
        if not hits:
            return run
        spans = [found.span() for found in DIGITS_OF_RUN.finditer(run) if found[1]]
        pieces, end = [], 0
        for at, number in hits:
            first, last = spans[at][0], spans[at + len(number) - 1][1]
            note("card number", form_of(run[first:last]))
            pieces += [run[end:first], masked_number(number)]
            end = last
        return "".join([*pieces, run[end:]])

    def _hits(self, digits: str) -> Iterator[tuple[int, str]]:
        at = 0
        while at <= len(digits) - SHORTEST:
            alike = self._by_prefix.get(digits[at : at + _PREFIX], ())
            number = next((number for number in alike if digits.startswith(number, at)), "")
            if number:
                yield at, number
            at += len(number) or 1


def is_digits(text: str) -> bool:
    """Whether the text is ASCII digits and nothing else."""
    return text.isascii() and text.isdecimal()


def form_of(written: str) -> str:
    """In which form the digits of a number are written."""
    if is_digits(written):
        return "plain"
    if re.search(r"%(?:25)*3[0-9]", written):
        return "url-encoded"
    return "escaped" if "u003" in written else "grouped"
