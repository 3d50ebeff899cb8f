"""Text of a provider made harmless to show: it may hold markup, terminal escapes, halves of characters, or a megabyte."""

import re
from itertools import pairwise

UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]",
)
"""What a screen, an XML parser or an encoder does not show as itself: controls but tab and newline, line and paragraph
separators, marks that turn the direction of text, halves of surrogate pairs and the two non-characters XML forbids."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_INDENT = "  "


def visible(text: str) -> str:
    r"""The text with every character that cannot be shown written as an escape such as \x1b or \u202e."""
    return UNSHOWABLE.sub(_escape, text.replace("\r\n", "\n"))


def _escape(match: re.Match[str]) -> str:
    point = ord(match.group())
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of a text, and how many are left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit:,} more characters; the journal has the full record)"


def one_line(text: str, limit: int = 300) -> str:
    """A text for one line of a terminal or a table: visible, unbroken and short."""
    return " ".join(visible(clip(text, limit)).split())


def indented(document: str) -> str:
    """A well-formed JSON text broken into lines. Its tokens stay as they were written: 100.00 does not become 100.0."""
    out: list[str] = []
    depth = 0
    tokens: list[str] = _TOKEN.findall(document)
    for token, following in pairwise([*tokens, ""]):
        if token in "{[" and following in ("}", "]"):
            out.append(token)
        elif token in "{[":
            depth += 1
            out.append(token + _line(depth))
        elif token in "}]":
            # An empty object or array was opened without a new line and is closed the same way.
            if out and out[-1] in ("{", "["):
                out.append(token)
            else:
                depth -= 1
                out.append(_line(depth) + token)
        elif token == ",":
            out.append(token + _line(depth))
        else:
            out.append(": " if token == ":" else token)
    return "".join(out)


def _line(depth: int) -> str:
    return "\n" + _INDENT * depth
