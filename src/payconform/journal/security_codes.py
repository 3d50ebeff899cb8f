"""Finds card security codes (CVV) where a name or a card around them says what they are.

Three digits alone mean nothing: masking every "123" would corrupt ids and amounts.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from payconform.journal.base64_text import pattern_of
from payconform.journal.masks import CODE_MASK, Note

_CODE = re.compile(r"[0-9]{3,4}")
_LIKE_A_CODE = re.compile(r"[0-9]{3,}")
_NAME = re.compile(r"(?:cvv2?|cvc2?|cvn2?|csc|securitycode|cardverification(?:code|value|number)?)(?:code|number|value)?$")
_NAME_OF_A_KNOWN_CODE = re.compile(r"cvv|cvc|cv2|securitycode")
"""Under a name that has one of these in it a code that is known stands for itself."""
_PHRASE = re.compile(
    r"\b((?:cvv2?|cvc2?|cv2|(?:card )?security code)\b[\"':=,]{0,2}"
    r"(?: (?!\d)[\w'\"]{1,12}[,:;]?){0,6} [\"'(]?)([0-9]{3,4})(?![0-9])",
    re.IGNORECASE,
)
"""A sentence that speaks of a code, and the code a few words on."""
_NAME_IN_CARD = re.compile(r"(?:security|verification)(?:code|number|value)?$")
_NAME_CHARACTERS = r"[\w.\-\[\]]"
_BRACKET = r"%(?:25){0,2}5[BbDd]"
_AROUND = r"(?:[\"'\\\s]|%(?:25){0,2}(?:22|5[BbDd])|&quot;|&\#34;){0,6}"
_NAMED = re.compile(
    rf"(?<!{_NAME_CHARACTERS})((?:{_NAME_CHARACTERS}|{_BRACKET}){{1,64}})"
    rf"({_AROUND}(?:[=:>\s]|%(?:25){{0,2}}3[AaDd]){_AROUND})"
    r"([0-9]{3,4})(?![0-9])"
)
_LIKE_I = str.maketrans({"ı": "i", "\u0307": None})
"""Turkish letters that a pattern in any case takes for an i, once they are folded."""
_WORDS = ("cvv", "cvc", "cvn", "cv2", "csc", "security", "verification")
"""One of these is in every name that means a security code."""

NAMES_IN_BASE64 = rf"(?:{'|'.join(map(pattern_of, _WORDS))})[A-Za-z0-9+/_-]{{4}}"
"""A pattern that base64 matches wherever it says one of these words, and after it as much as a code."""

_INPUT = re.compile(r"<input\b[^<>]{0,2000}>", re.IGNORECASE)
_INPUT_NAME = re.compile(rf"\b(?:name|id|autocomplete)\s*=\s*[\"']?({_NAME_CHARACTERS}+)", re.IGNORECASE)
_INPUT_VALUE = re.compile(r"(\bvalue\s*=\s*[\"']?)([0-9]{3,4})(?![0-9])", re.IGNORECASE)


class SecurityCodes:
    """The security codes of a run, and the names of the form fields in which the target's pages ask for one.

    What stands under a name that means a security code is masked whether it is known or not, and noted when it is known,
    or always with `note_unknown`.
    Under a field name of the target's pages only known codes are masked, because such a name may be any word.
    """

    def __init__(self, fields: Iterable[str] = (), *, note_unknown: bool = False) -> None:
        self._codes: set[str] = set()
        self._note_unknown = note_unknown
        self._fields = frozenset(map(_plain, fields))
        names = {written for field in fields for written in (field, quote(field, ""), quote(quote(field, ""), ""))}
        self._worth_a_look = tuple(sorted({*_WORDS, *map(_folded, names)}))

    def learn(self, code: str) -> None:
        """Know a code from now on; what is not three or four digits is no security code."""
        if _CODE.fullmatch(code):
            self._codes.add(code)

    def may_be_in(self, text: str) -> bool:
        """Whether anything in the text may say that a code is in it."""
        folded = _folded(text)
        return any(word in folded for word in self._worth_a_look)

    def member(self, name: str, value: str, note: Note) -> str:
        """A member of a JSON object, given its value as text; one with digits too many may hold a code."""
        if _names_code(name, known=value in self._codes) and _LIKE_A_CODE.fullmatch(value):
            return self._mask(value, "JSON member", note)
        return value

    def string_of_card(self, name: str, value: str, note: Note) -> str:
        """A whole string somewhere inside a JSON object that describes a card.

        A code that is known is masked. It is told of only where the member's name says so much as inside a card is enough:
        the number of a country or of a product is as short.
        """
        if value not in self._codes:
            return value
        telling = _NAME_IN_CARD.search(_plain(name)) or self._meant_by(name, value)
        return self._mask(value, "JSON string", note) if telling else CODE_MASK

    def mask(self, text: str, note: Note) -> str:
        """The text with the codes masked that stand in form fields, query parameters, attributes and input elements."""
        if not self.may_be_in(text):
            return text
        text = _NAMED.sub(lambda found: self._mask_named(found, note), text)
        text = _PHRASE.sub(lambda found: self._mask_said(found, note), text)
        return _INPUT.sub(lambda found: self._mask_input(found[0], note), text)

    def _mask_named(self, found: re.Match[str], note: Note) -> str:
        if not self._meant_by(found[1], found[3]):
            return found[0]
        return f"{found[1]}{found[2]}{self._mask(found[3], 'field', note)}"

    def _mask_said(self, found: re.Match[str], note: Note) -> str:
        if found[2] not in self._codes:
            return found[0]
        return f"{found[1]}{self._mask(found[2], 'words', note)}"

    def _mask_input(self, element: str, note: Note) -> str:
        names = _INPUT_NAME.findall(element)

        def masked(found: re.Match[str]) -> str:
            meant = any(self._meant_by(name, found[2]) for name in names)
            return f"{found[1]}{self._mask(found[2], 'input element', note)}" if meant else found[0]

        return _INPUT_VALUE.sub(masked, element)

    def _meant_by(self, name: str, value: str) -> bool:
        known = value in self._codes
        return _names_code(name, known=known) or (known and _plain(name) in self._fields)

    def _mask(self, value: str, form: str, note: Note) -> str:
        if self._note_unknown or value in self._codes:
            note("cvv", form)
        return CODE_MASK


def _folded(text: str) -> str:
    """The text in one case: whatever a pattern in any case may match is the same letter by letter."""
    return text.lower() if text.isascii() else text.casefold().translate(_LIKE_I)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", re.sub(_BRACKET, "", name).lower())


def _names_code(name: str, *, known: bool) -> bool:
    plain = _plain(name)
    return _NAME.search(plain) is not None or (known and _NAME_OF_A_KNOWN_CODE.search(plain) is not None)
