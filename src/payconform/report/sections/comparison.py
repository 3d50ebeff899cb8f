"""What differs between what was expected and what was observed, so that a reader sees it at a glance."""

import re
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[\w.+-]*\w|\s+|.", re.DOTALL)
_QUOTES = "'\""
_LEAST_SOUGHT = 2
_MOST_MARKED = 40


class Piece(Struct, frozen=True):
    """A stretch of a text, and whether it is what differs."""

    text: str
    differs: bool = False


class Comparison(Struct, frozen=True):
    """Two texts in pieces, and the values that each has alone, as they would stand in a message."""

    expected: tuple[Piece, ...]
    observed: tuple[Piece, ...]
    wanted: tuple[str, ...]
    got: tuple[str, ...]


def compared(expected: str, observed: str) -> Comparison:
    """Compare two sentences by the values they quote: what one has and the other has not is what differs.

    Sentences without such values are compared word by word where they are mostly the same.
    """
    left, right = _TOKEN.findall(expected), _TOKEN.findall(observed)
    # A bare number in what is expected is a bound (within 1.0 s) more often than a value.
    wanted = _alone(left, right, lambda token: _is_quoted(token) or _is_name_with_digits(token))
    got = _alone(right, left, lambda token: _is_quoted(token) or any(map(str.isdigit, token)))
    if not got and not wanted:
        return Comparison(_words(left, right), _words(right, left), (), ())
    return Comparison(_pieces(left, wanted, right), _pieces(right, got, left), tuple(map(_bare, wanted)), tuple(map(_bare, got)))


def marked(text: str, values: Iterable[str]) -> tuple[Piece, ...]:
    """A text in pieces, with the values in it marked where they stand by themselves."""
    sought = sorted({value for value in values if len(value) >= _LEAST_SOUGHT}, key=len, reverse=True)
    if not sought:
        return (Piece(text),)
    pattern = re.compile("|".join(rf"(?<![\w.]){re.escape(value)}(?![\w.])" for value in sought))
    pieces: list[Piece] = []
    end = 0
    for match, _ in zip(pattern.finditer(text), range(_MOST_MARKED), strict=False):
        pieces += [Piece(text[end : match.start()]), Piece(match.group(), differs=True)]
        end = match.end()
    return tuple(piece for piece in (*pieces, Piece(text[end:])) if piece.text)


def _alone(own: Sequence[str], other: Sequence[str], is_value: Callable[[str], bool]) -> list[str]:
    known = {_bare(token) for token in other}
    return list(dict.fromkeys(token for token in own if is_value(token) and _bare(token) not in known))


def _pieces(tokens: Sequence[str], differing: Sequence[str], other: Sequence[str]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for token in tokens:
        pieces += _parted(token, other) if token in differing else [Piece(token)]
    return _joined(pieces)


def _parted(token: str, other: Sequence[str]) -> list[Piece]:
    """A value that differs from a similar one of the other side in one stretch: only that stretch is marked."""
    for candidate in other:
        start = _shared(token, candidate)
        end = _shared(token[start:][::-1], candidate[start:][::-1])
        alike = _is_quoted(token) == _is_quoted(candidate) and (start + end) * 2 > max(len(token), len(candidate))
        if alike and len(token) > start + end:
            cut = len(token) - end
            return [Piece(token[:start]), Piece(token[start:cut], differs=True), Piece(token[cut:])]
    return [Piece(token, differs=True)]


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _words(own: Sequence[str], other: Sequence[str]) -> tuple[Piece, ...]:
    known = {token.lower() for token in other}
    words = [token for token in own if token.strip() and token[0].isalnum()]
    strange = {word for word in words if word.lower() not in known}
    if not words or len(strange) * 2 > len(words):
        return (Piece("".join(own)),)
    return _joined([Piece(token, token in strange) for token in own])


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Neighbours of one kind as one piece."""
    out: list[Piece] = []
    for piece in pieces:
        if out and out[-1].differs == piece.differs:
            out[-1] = Piece(out[-1].text + piece.text, piece.differs)
        elif piece.text:
            out.append(piece)
    return tuple(out)


def _bare(token: str) -> str:
    return token[1:-1] if _is_quoted(token) else token


def _is_quoted(token: str) -> bool:
    return len(token) > 1 and token[0] in _QUOTES and token[-1] == token[0]


def _is_name_with_digits(token: str) -> bool:
    return any(map(str.isdigit, token)) and any(map(str.isalpha, token))
