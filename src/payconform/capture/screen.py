"""Sees at a glance that there is nothing to mask in a message, as in nearly all; masking itself takes ten times as long.

The glance may be wrong in one direction only: what `Redactor(unknown=True)` would change must never look clean.
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterator

import jsonschema_rs

from payconform.journal.security_codes import NAMES_IN_BASE64
from payconform.journal.unknown_numbers import SHORTEST_NUMBER, may_hold_number

_TELLING_ESCAPE = re.compile(r"\\[^\"/]")  # it may spell a letter or a digit
_EXPONENT = re.compile(r"(?:[:\[,]|^)\s*[0-9][0-9.]*[eE]")  # a body may be nothing but a number
_CODE_WORDS = ("cvv", "cvc", "cvn", "csc", "security", "verification")
_BETWEEN_LETTERS = str.maketrans("", "", " _-.")
# The schema validator brings an engine for regular expressions that is fifty times as fast as Python's on this one.
_NAMES_NO_CODE_IN_BASE64 = jsonschema_rs.validator_for(
    {"not": {"pattern": NAMES_IN_BASE64}}, pattern_options=jsonschema_rs.RegexOptions()
).is_valid
_BASE64_WORD = re.compile(f"[A-Za-z0-9+/]{{{SHORTEST_NUMBER * 4 // 3},}}")
_TO_STANDARD = str.maketrans("-_", "+/")
# A digit leaves one of these in base64, whichever of the three places of a group it has.
_OF_A_DIGIT = str.maketrans("", "", "MNODTjzwxy012345")


class Screen:
    """Knows the secrets in all `forms` in which they are masked."""

    def __init__(self, forms: Collection[str]) -> None:
        self._forms = tuple(forms)
        self._in_base64 = tuple(core for form in forms for core in cores(form))

    def is_clean(self, text: str) -> bool:
        """Whether surely nothing in the text is masked; a body stands at its beginning."""
        if _TELLING_ESCAPE.search(text) or _EXPONENT.search(text):
            return False
        text = text.replace("\\/", "/")  # as PHP writes it
        if any(form in text for form in self._forms):
            return False
        letters = text.lower().translate(_BETWEEN_LETTERS)
        if any(word in letters for word in _CODE_WORDS):
            return False
        standard = text.translate(_TO_STANDARD)
        return not (
            any(core in standard for core in self._in_base64)
            or not _NAMES_NO_CODE_IN_BASE64(standard)
            or any(map(_may_hide_number, _BASE64_WORD.findall(standard)))
            or may_hold_number(text)
        )


def _may_hide_number(word: str) -> bool:
    """Whether a word, read as base64 from any of its four beginnings, has as many digits as a card number."""
    if len(word) - len(word.translate(_OF_A_DIGIT)) < SHORTEST_NUMBER:
        return False
    return any(_digits_in_base64(word[start:]) >= SHORTEST_NUMBER for start in range(4))


def _digits_in_base64(word: str) -> int:
    stop = len(word) - (len(word) % 4 == 1)  # a single letter left over carries no byte
    said = binascii.a2b_base64(word[:stop] + "=" * (-stop % 4))
    return len(said) - len(said.translate(None, b"0123456789"))


def cores(form: str) -> Iterator[str]:
    """The letters that base64 has for a text whatever stands around it, for each of the three places it may begin at."""
    raw = form.encode("latin-1", errors="ignore")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        yield encoded[(0, 2, 3)[shift] : (shift + len(raw)) * 8 // 6]
