"""Finds card numbers that nobody told us of, in text, however their digits are written.

Whoever captures for others knows no card, so a number has to show by itself that it is one: a length and a beginning that a
brand issues (ISO/IEC 7812), the right check digit, and digits in one piece or in the groups that are printed on cards.
"""

import re
from collections.abc import Iterator
from itertools import accumulate
from urllib.parse import unquote

from payconform.journal.card_numbers import DIGIT_RUN, DIGITS_OF_RUN, form_of, is_digits
from payconform.journal.masks import Note, masked_number
from payconform.profile.cards import passes_luhn

_BRANDS = re.compile(
    r"4[0-9]{15}"  # Visa
    r"|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"  # Mastercard
    r"|3[47][0-9]{13}"  # American Express
    r"|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12}"  # Discover
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}"  # JCB
    r"|3(?:0[0-5]|[689][0-9])[0-9]{11}"  # Diners Club
    r"|62[0-9]{14}"  # UnionPay, up to 19 digits
)
_GROUPS = {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (6, 13)}
_MANY_LENGTHS = "62"
_MOST_DIGITS = 19
SHORTEST_NUMBER = 14
_ESCAPE = re.compile(r"%(?!3[0-9])[0-9A-Fa-f]{2}")
_BEGUN_ESCAPE = re.compile(r"%[0-9A-Fa-f]?$")
_NAME_BEFORE = re.compile(r"([\w.\-]{1,64})(?:[\"'\\\s]|%22){0,6}(?:[=:]|%3[AaDd])(?:[\"'\\\s]|%22){0,6}$")
_ID = re.compile(r"(?:^|[_.-])(?i:id|no|ref|reference)$|[a-z0-9](?:Id|ID|No|Ref)$|^(?:order|trace)$")
_CARD = re.compile(r"card|pan|account", re.IGNORECASE)


def may_hold_number(text: str) -> bool:
    """Whether `mask_unknown` would find a number in the text, if no name said that it is an id."""
    return any(next(_finds(run, text), None) for run in DIGIT_RUN.finditer(text))


def mask_unknown(text: str, note: Note, name: str = "") -> str:
    """The text with what must be a card number reduced to its first six and last four digits.

    `name` is the name of the JSON member that holds the text, "" where there is none; a name is also looked for in the text,
    before the digits. What is named as an id stays: one in a hundred of 16 digits looks like a card number by chance, and
    a masked id could no longer be compared.
    """

    def masked(run: re.Match[str]) -> str:
        pieces, end = [], run.start()
        for start, stop, number in _finds(run, text):
            if not (is_id(name) or is_id(_name_before(text, start))):
                note("card number", form_of(text[start:stop]))
                pieces += [text[end:start], masked_number(number)]
                end = stop
        return "".join([*pieces, text[end : run.end()]])

    return DIGIT_RUN.sub(masked, text)


def is_id(name: str) -> bool:
    """Whether a member of this name holds an id, by the customs of APIs; a card's or an account's number is none."""
    return _ID.search(name) is not None and not _CARD.search(name)


def _finds(run: re.Match[str], text: str) -> Iterator[tuple[int, int, str]]:
    """Where in the text card numbers begin and end, and their digits. What adjoins a letter is part of a word."""
    groups = _groups(run, _of_an_escape(text, run.start()))
    digits = "".join(group for _, _, group in groups)
    begins = [0, *accumulate(len(group) for _, _, group in groups)]
    group_at = {begin: at for at, begin in enumerate(begins)}
    end = 0
    for at, (start, _, _) in enumerate(groups):
        if begins[at] < end or not (found := _BRANDS.match(digits, begins[at])):
            continue
        for number in _numbers(found[0], digits, begins[at]):
            after = group_at.get(begins[at] + len(number), 0)
            shape = tuple(len(group) for _, _, group in groups[at:after])
            if (len(shape) == 1 or shape in _GROUPS or set(shape) == {1}) and passes_luhn(number):
                stop = groups[after - 1][1]
                if not _in_a_word(text, start, stop):
                    yield start, stop, number
                    end = begins[after]
                    break


def _numbers(found: str, digits: str, begin: int) -> Iterator[str]:
    """What a brand could have issued, longest first: of most beginnings one length, of some several."""
    if found.startswith(_MANY_LENGTHS):
        yield from (digits[begin : begin + length] for length in range(_MOST_DIGITS, len(found), -1))
    yield found


def _of_an_escape(text: str, start: int) -> int:
    """How many of the digits at a place belong to the URL escape before it: both as in %20, one as in %A0, or none."""
    found = _BEGUN_ESCAPE.search(text, max(0, start - 2), start)
    return 3 - len(found[0]) if found and _ESCAPE.match(text, found.start()) else 0


def _groups(run: re.Match[str], skipped: int) -> list[tuple[int, int, str]]:
    """The digits of a run that stand together, without those that are skipped: start, end, and what they say."""
    if is_digits(run[0]):
        return [(run.start() + skipped, run.end(), run[0][skipped:])]
    groups: list[tuple[int, int, str]] = []
    for found in DIGITS_OF_RUN.finditer(run[0], skipped):
        if not found[1]:
            continue
        start, stop = run.start() + found.start(), run.start() + found.end()
        if groups and groups[-1][1] == start:
            start, digits = groups[-1][0], groups[-1][2] + found[1][-1]
            groups[-1] = (start, stop, digits)
        else:
            groups.append((start, stop, found[1][-1]))
    return groups


def _in_a_word(text: str, start: int, stop: int) -> bool:
    """Whether digits adjoin a letter or a digit. A URL escape before them stands for what it says."""
    before = text[max(start - 3, 0) : start]
    before = unquote(before, errors="ignore") if _ESCAPE.fullmatch(before) else before
    return before[-1:].isalnum() or text[stop : stop + 1].isalnum()


def _name_before(text: str, start: int) -> str:
    found = _NAME_BEFORE.search(text, max(0, start - 100), start)
    return found[1] if found else ""
