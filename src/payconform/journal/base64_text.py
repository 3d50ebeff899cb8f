"""Looks into base64, standard and URL-safe, wherever in a longer word it begins."""

import base64
import re
from collections.abc import Callable, Iterator
from itertools import product

_RUN = re.compile(r"([A-Za-z0-9+/_-]{8,})(=*)")
_TO_STANDARD = str.maketrans("-_", "+/")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_URL_SAFE = str.maketrans("+/", "-_")


def pattern_of(word: str) -> str:
    """A pattern for what base64 has of an ASCII word in letters of any case, whichever place of a group of three it begins at."""
    return "|".join("".join(_letters(word, shift)) for shift in range(3))


def _letters(word: str, shift: int) -> Iterator[str]:
    """A class for each letter of the encoded word that no neighbour has a part in; `shift` bytes stand before the word."""
    spellings = [(character.lower(), character.upper()) for character in "?" * shift + word]
    for bit in range((0, 12, 18)[shift], len(spellings) * 8 - 5, 6):
        parts = spellings[bit // 8 : (bit + 5) // 8 + 1]
        numbers = [int.from_bytes("".join(part).encode()) for part in product(*parts)]
        over = len(parts) * 8 - 6 - bit % 8
        letters = {_ALPHABET[number >> over & 63] for number in numbers}
        both = letters | {letter.translate(_TO_URL_SAFE) for letter in letters}
        yield f"[{re.escape(''.join(sorted(both)))}]"


def mask_base64(text: str, clean: Callable[[str], str]) -> str:
    """The text with `clean` applied to what base64 in it says; what `clean` leaves alone stays letter by letter.

    `clean` is given bytes as text, one character a byte. What was base64 is base64 again.
    """
    return _RUN.sub(lambda run: _mask_run(run, clean), text)


def _mask_run(run: re.Match[str], clean: Callable[[str], str]) -> str:
    word, padding = run[1], run[2]
    # The value may follow other letters of the alphabet, as in a path: it then begins at one of four places.
    for start in range(4):
        # A single letter left over at the end carries no byte.
        stop = len(word) - ((len(word) - start) % 4 == 1)
        said = _decoded(word[start:stop])
        cleaned = clean(said)
        if cleaned != said:
            encoded = _encoded(cleaned, url_safe="-" in word or "_" in word)
            padded = padding or (len(word) - start) % 4 == 0
            return word[:start] + encoded + ("=" * (-len(encoded) % 4) if padded else word[stop:])
    return run[0]


def _decoded(word: str) -> str:
    return base64.b64decode(word.translate(_TO_STANDARD) + "=" * (-len(word) % 4)).decode("latin-1")


def _encoded(said: str, *, url_safe: bool) -> str:
    encoded = base64.b64encode(said.encode("latin-1")).decode().rstrip("=")
    return encoded.translate(_TO_URL_SAFE) if url_safe else encoded
