"""What a careless provider could put anywhere, and an independent look for it in whatever was written."""

import base64
import html
import re
from collections.abc import Iterator
from urllib.parse import quote, unquote

NUMBER = "4242424242424242"
CVV = "739"
SECRET = "s3cr3t/key+of=the*merchant"

_GROUPS = re.findall("....", NUMBER)
_CARD = f'{{"number":"{NUMBER}","cvv":"{CVV}"}}'


def _base64(text: str, *, before: str = "", url_safe: bool = False) -> str:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    return encode((before + text).encode()).decode()


PLANTED: dict[str, str] = {
    "number": NUMBER,
    "number in groups": " ".join(_GROUPS),
    "number with dashes": "-".join(_GROUPS),
    "number with no-break spaces": "\u00a0".join(_GROUPS),
    "number in a sentence": f"card {NUMBER} was refused",
    "number in a URL": f"https://provider.example/pay?pan={NUMBER}&cvv={CVV}",
    "number URL-encoded": "".join(f"%{ord(digit):x}" for digit in NUMBER),
    "number in groups, URL-encoded": quote(" ".join(_GROUPS)),
    "number in groups, URL-encoded twice": quote(quote(" ".join(_GROUPS))),
    "number in groups, in a form": "+".join(_GROUPS),
    "number with entities": "&nbsp;".join(_GROUPS),
    "number in JSON escapes": "".join(f"\\u{ord(digit):04x}" for digit in NUMBER),
    "number in base64": _base64(NUMBER),
    "number in base64, second place": _base64(NUMBER, before="="),
    "number in base64, third place": _base64(NUMBER, before="=="),
    "number in base64 for URLs": _base64(NUMBER, before="\u00ff\u00fe?", url_safe=True),
    "number in base64, URL-encoded": quote(_base64(NUMBER, before="="), safe=""),
    "card in JSON": _CARD,
    "card in base64": _base64(_CARD),
    "code in JSON": f'{{"cvv":"{CVV}"}}',
    "code in a form": f"amount=1&cvv={CVV}",
    "code, URL-encoded": quote(f"cvv={CVV}", safe=""),
    "code in JSON, URL-encoded": quote(f'"cvv":"{CVV}"', safe=""),
    "code in an input element": f'<input name="cvv" value="{CVV}">',
    "code in base64": _base64(f'{{"cvv":"{CVV}"}}'),
    "secret": SECRET,
    "secret, URL-encoded": quote(SECRET, safe=""),
    "secret in JSON": f'{{"signing_key":"{SECRET}"}}',
    "secret in base64": _base64(SECRET),
    "secret in base64, second place": _base64(SECRET, before="="),
}
"""Every text by what it is."""

_CODE = re.compile(rf"(?:cvv|cvc|security.?code)\W{{1,14}}(?:value\W{{1,4}})?{CVV}(?![0-9])", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])(?:[\s\u00a0+.-]|&nbsp;|&#160;|%20|%2D){1,3}(?=[0-9])")


def found_in(artefact: bytes) -> list[str]:
    """What of a card or a secret an artefact says, in whatever spelling; nothing when it is clean."""
    said = []
    for text in _readings(artefact.decode("utf-8", "replace")):
        closed = _BETWEEN_DIGITS.sub("", text)
        said += [NUMBER] if NUMBER in closed else []
        said += [SECRET] if SECRET in text else []
        said += [found[0] for found in _CODE.finditer(text)]
    return said


def _readings(text: str) -> Iterator[str]:
    """The text as it stands, with its escapes undone, and what base64 in either says."""
    for reading in (text, _undone(text)):
        yield reading
        yield from _decoded(reading)


def _undone(text: str) -> str:
    text = re.sub(r"\\+u00([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\+(?=[\"/])", "", text)
    return html.unescape(unquote(unquote(unquote(text))))


def _decoded(text: str) -> Iterator[str]:
    """All that base64 in a text may say, one candidate for each of the four places where it may begin."""
    runs = set(_RUN.findall(text))
    for start in range(4):
        cuts = (run[start:].replace("-", "+").replace("_", "/") for run in runs)
        whole = (cut[: len(cut) - (len(cut) % 4 == 1)] for cut in cuts)
        yield "\n".join(base64.b64decode(cut + "=" * (-len(cut) % 4)).decode("latin-1") for cut in whole)
