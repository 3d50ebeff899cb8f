"""Sees at a glance that a text holds no card data, as nearly all do, at a hundredth of what masking costs.

The glance errs in one direction only. Never called clear is what `Redactor(unknown=True)` would change, what holds a masked
number (PC-03) or a token with as many digits as a card number (TK-12), and what may nest too deeply for a parser. Digits that
are escaped once more inside base64 are the exception: nobody looks for them here.
"""

import re
from collections.abc import Callable, Iterator

import jsonschema_rs

from payconform.capture.screen import Screen, cores
from payconform.journal.security_codes import NAMES_IN_BASE64

_GAP = r"[\s.+_\-\u00a0\u2010-\u2015\u2212]{1,3}"
_BETWEEN = r"[ _.\-]*"


def _spelled(word: str) -> str:
    """A pattern for a word in letters of any case, with what may separate the words of a name."""
    return _BETWEEN.join(f"[{letter}{letter.upper()}]" if letter.isalpha() else letter for letter in word)


_CODES = ("cvv", "cvc", "cvn", "csc", "security", "verification")
_ENDINGS = ("2", "code", "number", "value")
_TELLING = (
    # A number of a brand's length and beginning that is no part of a word.
    (
        r"(?:^|[^0-9A-Za-z])(?:4[0-9]{15}|5[1-5][0-9]{14}|2(?:2[2-9]|[3-6][0-9]|7[0-2])[0-9]{13}|3[47][0-9]{13}|6[0-9]{15,18}"
        r"|35[0-9]{14}|3[0689][0-9]{12})(?:$|[^0-9A-Za-z])"
    ),
    # Digits in the groups that are printed on cards, or one by one.
    rf"[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}|[0-9]{{4}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{4}}|[0-9]{{6}}{_GAP}[0-9]{{13}}",
    rf"(?:[0-9]{_GAP}){{13}}[0-9]",
    # A masked number.
    r"[0-9]{4}(?:\*|[xX•.][*xX•.])",
    # Digits that are written otherwise: with an exponent, in a URL, as an entity, escaped.
    r"[:\[,]\s*[0-9][0-9.]*[eE]|%3|%25|[0-9]%|%[0-9A-Fa-f]{2}[0-9]|[0-9]&(?:#|nb)|\\[^/\"]",
    # A name that ends as those of security codes do.
    rf"(?:{'|'.join(map(_spelled, _CODES))})(?:{_BETWEEN}(?:{'|'.join(map(_spelled, _ENDINGS))}))*{_BETWEEN}[^0-9A-Za-z _.\-]",
    # Such a name in base64.
    NAMES_IN_BASE64,
    # Base64 of digits and of what stands between them, whichever place of a group of three they begin at.
    r"(?:[I-PX][CDFSTVijlyz1][A-Za-z0-9+/_\-][f-z0-9+/_\-]){3}",
)
_TOKEN = r"card_token\"\s*:\s*\"(?:[^\"\\]|\\.)*?[0-9]{12}"
"""A stored card's token that may hold a number (TK-12)."""

_DEEP = r"(?:[\[{][^\[{]*){64}"
"""Brackets enough to nest deeper than every parser goes."""

_SUSPECT = re.compile(rf"[0-9]{{4}}(?:\*|[xX•.][*xX•.])|{_TOKEN}|{_DEEP}")


_SLASH = r"\\?/"


def _secret(form: str) -> Iterator[str]:
    """Patterns for a secret as it stands, and in base64 of either alphabet; with slashes as PHP writes them, too."""
    yield "".join(map(_literal, form))
    letters = {"+": r"[+\-]", "/": rf"(?:{_SLASH}|_)"}
    yield from ("".join(letters.get(letter, letter) for letter in core) for core in cores(form))


def _literal(character: str) -> str:
    if character == "/":
        return _SLASH
    return f"\\u{ord(character):04x}" if character.isascii() and not character.isalnum() else character


class Glance:
    """Whether texts are surely clear of card data, and of the secrets that are masked in any of `forms`.

    `shows_nothing` is the first look, which says True of nearly all that is clear.
    """

    def __init__(self, forms: tuple[str, ...] = ()) -> None:
        secrets = (pattern for form in forms for pattern in _secret(form))
        telling = "|".join((*_TELLING, _TOKEN, _DEEP, *secrets))
        # The schema validator brings an engine for regular expressions that is ten times as fast as Python's on this one.
        options = jsonschema_rs.RegexOptions()
        self.shows_nothing: Callable[[str], bool] = jsonschema_rs.validator_for(
            {"not": {"pattern": telling}}, pattern_options=options
        ).is_valid
        self._screen = Screen(forms)

    def is_clear(self, text: str) -> bool:
        """Whether nothing in a text is card data, a masked number or a secret."""
        return self.shows_nothing(text) or self._looks_clear(text)

    def _looks_clear(self, text: str) -> bool:
        """On a second look, which most texts do not need."""
        return not _SUSPECT.search(text) and self._screen.is_clean(text)
