"""Looks into base64, standard and URL-safe, wherever in a longer word it begins."""

import base64
import re
from collections.abc import Callable

_RUN = re.compile(r"([A-Za-z0-9+/_-]{8,})(=*)")
_TO_STANDARD = str.maketrans("-_", "+/")
_TO_URL_SAFE = str.maketrans("+/", "-_")


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
