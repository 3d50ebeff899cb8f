"""Where records stand in an archive, and what of it could not be read."""

from typing import Literal, NamedTuple

from msgspec import Struct

Form = Literal["lines", "document", "har", "journal", "store", "parquet"]
Compression = Literal["", "gzip", "zstd"]


class Source(Struct, frozen=True, kw_only=True):
    """One file of an archive. `path` is local or an fsspec URL, `name` what its user calls it; `size` counts its bytes.

    `enveloped` says that its first record is an envelope. `strange` says why nothing in it can be read, "" for most.
    """

    name: str
    path: str
    form: Form = "lines"
    compression: Compression = ""
    size: int = 0
    enveloped: bool = False
    strange: str = ""


class Piece(Struct, frozen=True):
    """A part of an archive: the records of a source that begin in a range of its bytes (of row groups in Parquet).

    Without a `stop` it is the whole source. Pieces are numbered in the order of their sources and ranges.
    """

    number: int
    source: Source
    start: int = 0
    stop: int | None = None

    @property
    def size(self) -> int:
        """Bytes, as they are stored."""
        return (self.source.size if self.stop is None else self.stop) - self.start


class Place(NamedTuple):
    """Where a record stands: its piece, its number among the lines or records there (from 0), its byte in the source.

    The byte is that of what compression hides; it is -1 where records have none, as in a database.
    """

    piece: int
    line: int
    byte: int


class Damage(Struct, frozen=True):
    """Something of an archive that cannot be read, and so cannot be judged."""

    place: Place
    what: str


class Lines(NamedTuple):
    """Records that follow each other: the number of the first, the byte where each begins, and their bytes.

    `cut_off` says that the last one has no end: it may be only a part of what was written. `stored` is how many bytes of the
    file hold them, None where those are their own.
    """

    first: int
    offsets: list[int]
    records: list[bytes]
    cut_off: bool = False
    stored: int | None = None
