"""Says where records stand, in words: file, line and byte."""

from collections.abc import Mapping, Sequence

from payconform.archive.places import Piece, Place, Source

_UNITS = {"lines": "line", "journal": "line", "har": "entry", "parquet": "row", "store": "record", "document": "record"}


class Placing:
    """Knows the pieces of an archive, and how many lines each has."""

    def __init__(self, pieces: Sequence[Piece], lines: Mapping[int, int]) -> None:
        self._pieces = pieces
        self._before: dict[int, int] = {}
        counted: dict[str, int] = {}
        for piece in pieces:
            self._before[piece.number] = counted.get(piece.source.path, 0)
            counted[piece.source.path] = self._before[piece.number] + lines.get(piece.number, 0)

    def source(self, place: Place) -> Source:
        return self._pieces[place.piece].source

    def line(self, place: Place) -> int:
        """The number of the line, entry, row or record in its source, from 1."""
        return self._before[place.piece] + place.line + 1

    def words(self, place: Place) -> str:
        """Such as `callbacks.jsonl line 12, byte 7003`."""
        source = self.source(place)
        byte = f", byte {place.byte}" if place.byte >= 0 else ""
        return f"{source.name} {_UNITS[source.form]} {self.line(place)}{byte}"
