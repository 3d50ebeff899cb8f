"""Reads lines from ranges of files and from compressed streams, in memory that does not grow with them."""

import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import accumulate
from typing import BinaryIO, Protocol

from payconform.archive.places import Compression, Damage, Lines, Piece, Place

BLOCK = 512 << 10
"""Bytes that are worked on at a time: with what is made of them, about what the cache of one core holds."""

COMPRESSED_BLOCK = 64 << 10
LONGEST_LINE = 16 << 20
_BOM = b"\xef\xbb\xbf"


class CutOffError(Exception):
    """A compressed stream ends before its end, or is no such stream; what is wrong with it."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def read_lines(piece: Piece, file: BinaryIO) -> Iterator[Lines | Damage]:
    """The lines that begin in a piece. A line that is too long, or a stream that breaks off, is damage; the rest is read."""
    compression = piece.source.compression
    if compression:
        stored = 0
        for found in _cut(piece.number, 0, decompressed(file, compression)):
            before, stored = stored, file.tell()
            yield found._replace(stored=stored - before) if isinstance(found, Lines) else found
        return
    start, stop = piece.start, piece.source.size if piece.stop is None else piece.stop
    if start:
        start = _next_line(file, start)
    if start < stop or start == 0:
        file.seek(start)
        yield from _cut(piece.number, start, _of_range(file, start, stop))


def _next_line(file: BinaryIO, start: int) -> int:
    """Where the first line begins that begins at `start` or later."""
    file.seek(start - 1)
    at = start - 1
    while block := file.read(BLOCK):
        found = block.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(block)
    return at


def _of_range(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    """The bytes of a range, and then those up to the end of the line that goes on behind it, in blocks."""
    last = b"\n"
    while start < stop and (block := file.read(min(BLOCK, stop - start))):
        start += len(block)
        last = block[-1:]
        yield block
    while last != b"\n" and (block := file.read(BLOCK >> 2)):
        end = block.find(b"\n")
        last = b"\n" if end >= 0 else b""
        yield block[: end + 1] if end >= 0 else block


def decompressed(file: BinaryIO, compression: Compression) -> Iterator[bytes]:
    """What a compressed file says, in blocks; several streams behind each other are one. Raises `CutOffError`."""
    make = _maker(compression)
    stream: _Decompressor | None = None
    said = []
    size = 0
    while data := file.read(COMPRESSED_BLOCK):
        while data:
            stream = stream or make()
            try:
                said.append(stream.decompress(data))
            except Exception as error:  # noqa: BLE001 -- each library has an error of its own
                yield b"".join(said)
                raise CutOffError(f"the {compression} stream is damaged: {error}") from None
            size += len(said[-1])
            data = stream.unused_data if stream.eof else b""
            stream = None if stream.eof else stream
        if size >= BLOCK:
            yield b"".join(said)
            said, size = [], 0
    yield b"".join(said)
    if stream:
        raise CutOffError(f"the {compression} stream is cut off")


def _maker(compression: Compression) -> Callable[[], _Decompressor]:
    if compression == "gzip":
        return lambda: zlib.decompressobj(wbits=31)
    from zstandard import ZstdDecompressor  # noqa: PLC0415 -- an extra, which inputs ask for before they promise a piece

    return ZstdDecompressor().decompressobj


def _cut(piece: int, start: int, blocks: Iterator[bytes]) -> Iterator[Lines | Damage]:
    number, rest, dropping = 0, b"", False
    blocks = iter(blocks)
    try:
        for block in blocks:
            if dropping:
                skipped = block.find(b"\n") + 1
                start += skipped or len(block)
                if not skipped:
                    continue
                block, number, dropping = block[skipped:], number + 1, False  # noqa: PLW2901 -- what is left of it
            data = rest + block if rest else block
            end = data.rfind(b"\n") + 1
            if end:
                lines = _lines(number, start, data[:end])
                yield lines
                number, start = number + len(lines.records), start + end
            rest = data[end:]
            if len(rest) > LONGEST_LINE:
                yield Damage(Place(piece, number, start), f"is longer than {LONGEST_LINE >> 20} MB")
                start, rest, dropping = start + len(rest), b"", True
    except CutOffError as error:
        yield Damage(Place(piece, number, start), str(error))
        return
    if rest:
        yield _lines(number, start, rest)._replace(cut_off=True)
    elif dropping:
        yield Lines(number, [start], [b""])  # the long line counts, though nothing follows it


def _lines(first: int, start: int, data: bytes) -> Lines:
    if start == 0 and data.startswith(_BOM):
        data, start = data[len(_BOM) :], len(_BOM)
    records = BytesIO(data).readlines()
    offsets = list(accumulate(map(len, records), initial=start))
    return Lines(first, offsets, records)
