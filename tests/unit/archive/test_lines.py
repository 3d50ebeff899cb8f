"""Lines are read whole and once, wherever a file is cut; what cannot be read is said, and the rest is read."""

import gzip
import itertools
from collections.abc import Iterable
from io import BytesIO

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from payconform.archive import lines
from payconform.archive.lines import read_lines
from payconform.archive.places import Compression, Damage, Lines, Piece, Source

TEXT = b"".join(b'{"n":%d}\n' % number for number in range(3000))


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 64)
    monkeypatch.setattr(lines, "COMPRESSED_BLOCK", 100)
    monkeypatch.setattr(lines, "LONGEST_LINE", 300)


def pieces(data: bytes, cuts: Iterable[int]) -> list[Piece]:
    bounds = sorted({0, len(data), *cuts})
    source = Source(name="a", path="a", size=len(data))
    return [Piece(number, source, start, stop) for number, (start, stop) in enumerate(itertools.pairwise(bounds))]


def read(data: bytes, piece: Piece) -> tuple[list[tuple[int, int, bytes]], list[Damage]]:
    """Number, byte and bytes of each line of a piece, and the damages."""
    found, damages = [], []
    for part in read_lines(piece, BytesIO(data)):
        if isinstance(part, Damage):
            damages.append(part)
        else:
            numbers = range(part.first, part.first + len(part.records))
            found += list(zip(numbers, part.offsets, part.records, strict=False))
    return found, damages


@given(st.lists(st.binary(max_size=150), max_size=40).map(b"\n".join), st.lists(st.integers(0, 3000), max_size=6))
def test_every_line_belongs_to_one_piece(data: bytes, cuts: list[int]) -> None:
    data = data.replace(b"\xef\xbb\xbf", b"")
    cut = pieces(data, [at for at in cuts if at < len(data)])
    found, base = [], 0
    for piece in cut:
        of_piece, damages = read(data, piece)
        assert damages == []
        found += [(base + number, at, line) for number, at, line in of_piece]
        base += len(of_piece)
    expected = BytesIO(data).readlines()
    assert [line for _, _, line in found] == expected
    assert [number for number, _, _ in found] == list(range(len(expected)))
    assert all(data[at : at + len(line)] == line for _, at, line in found)


def test_a_line_that_is_too_long_is_left_out_and_counted() -> None:
    data = b"first\n" + b"x" * 5000 + b"\nlast\n"
    found, damages = read(data, pieces(data, [])[0])
    assert found == [(0, 0, b"first\n"), (2, 5007, b"last\n")]
    assert [(damage.place.line, damage.place.byte) for damage in damages] == [(1, 6)]


def test_a_long_line_that_ends_the_file_is_left_out_once() -> None:
    data = b"first\n" + b"x" * 5000
    both = [read(data, piece) for piece in pieces(data, [1000, 3000])]
    assert [line for found, _ in both for _, _, line in found if line] == [b"first\n"]
    assert sum(len(damages) for _, damages in both) == 1


COMPRESS = {"gzip": gzip.compress, "zstd": zstandard.ZstdCompressor().compress}


def compressed(compression: Compression, data: bytes) -> tuple[list[tuple[int, int, bytes]], list[Damage]]:
    return read(data, Piece(0, Source(name="a", path="a", size=len(data), compression=compression)))


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_compressed_lines_are_read_with_the_bytes_of_what_was_compressed(compression: Compression) -> None:
    compress = COMPRESS[compression]
    for data in (compress(TEXT), compress(TEXT[:7000]) + compress(TEXT[7000:])):
        found, damages = compressed(compression, data)
        assert b"".join(line for _, _, line in found) == TEXT
        assert all(TEXT[at : at + len(line)] == line for _, at, line in found)
        assert damages == []


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_truncated_stream_is_damage_and_what_came_before_is_read(compression: Compression) -> None:
    noise = b"".join(b'{"n":"%x"}\n' % (number * 2654435761 % 2**32) for number in range(20000))
    whole = COMPRESS[compression](noise)
    found, damages = compressed(compression, whole[: len(whole) // 2])
    assert [damage.what for damage in damages] == [f"the {compression} stream is cut off"]
    if compression == "gzip":  # zstd says nothing before a block is whole
        assert len(found) > 1000
    assert noise.startswith(b"".join(line for _, _, line in found))


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_rubbish_in_a_stream_is_damage(compression: Compression) -> None:
    whole = COMPRESS[compression](TEXT)
    _, damages = compressed(compression, whole + b"rubbish")
    assert [damage.what.partition(":")[0] for damage in damages] == [f"the {compression} stream is damaged"]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    data = b"\xef\xbb\xbf{}\n{}\n"
    assert read(data, pieces(data, [])[0])[0] == [(0, 3, b"{}\n"), (1, 6, b"{}\n")]


def test_the_last_line_without_an_end_is_marked() -> None:
    parts = [part for part in read_lines(pieces(b"{}\n{", [])[0], BytesIO(b"{}\n{")) if isinstance(part, Lines)]
    assert [part.cut_off for part in parts] == [False, True]
