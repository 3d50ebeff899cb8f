"""Finds out what the files of an archive are, by what they begin with and not by what they are called."""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

import msgspec

from payconform.archive.files import files_below, opened
from payconform.archive.lines import CutOffError, decompressed
from payconform.archive.mistakes import InputError
from payconform.archive.places import Compression, Form, Piece, Source
from payconform.archive.records import is_envelope
from payconform.model.wire import Malformed, decoder, parse_json, refuse_depth

STANDARD_INPUT = "-"
PIECE = 16 << 20
LARGEST_DOCUMENT = 256 << 20
_HEAD = 1 << 20
_members = decoder(dict[str, msgspec.Raw])
_MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_JOURNAL = b'{"type":"header"'
_EXTRAS = {"zstd": "zstandard", "parquet": "pyarrow"}


def sources(paths: Iterable[str], standard_input: str = "") -> list[Source]:
    """What the paths hold, in their order, folders sorted by name. `standard_input` is a file with what "-" stands for.

    Raises `InputError` where something is not there, or needs a package that is not installed.
    """
    found = [source for path in paths for source in _sources(path, standard_input)]
    if not found:
        raise InputError("there is nothing to judge: the folders are empty")
    return found


def _sources(path: str, standard_input: str) -> Iterator[Source]:
    if path == STANDARD_INPUT:
        for inner, size in files_below(standard_input):
            yield _recognised("standard input", inner, size)
    else:
        for inner, size in files_below(path):
            yield _recognised(inner, inner, size)


def spooled(stream: BinaryIO, folder: Path) -> str:
    """The path of a file in the folder with all that a stream says, so that it can be read in pieces, and twice."""
    path = folder / "standard-input"
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file)
    return str(path)


def pieces(found: Sequence[Source], size: int = PIECE) -> list[Piece]:
    """The sources cut into pieces of about `size` bytes; only lines that are not compressed can be cut."""
    made: list[Piece] = []
    for source in found:
        if source.form == "lines" and not source.compression and source.size > size:
            for start in range(0, source.size, size):
                made.append(Piece(len(made), source, start, min(start + size, source.size)))
        else:
            made.append(Piece(len(made), source))
    return made


def _recognised(name: str, path: str, size: int) -> Source:
    try:
        with opened(path) as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    compression: Compression = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")
    if compression:
        _need(name, compression)
        head = _inner_head(path, compression)
    form, enveloped, strange = _form(head, whole=size <= _HEAD and not compression)
    _need(name, form)
    if compression and form not in ("lines", "document", "har"):
        strange = f"is a compressed {form}: decompress it first"
    return Source(name=name, path=path, form=form, compression=compression, size=size, enveloped=enveloped, strange=strange)


def _need(name: str, kind: str) -> None:
    package = _EXTRAS.get(kind)
    if package and find_spec(package) is None:
        raise InputError(f"{name}: is {kind}, which needs {package}: pip install 'payconform[archives]'")


def _inner_head(path: str, compression: Compression) -> bytes:
    head = b""
    with opened(path) as file:
        blocks = decompressed(file, compression)
        try:
            while len(head) < _HEAD and (block := next(blocks, b"")):
                head += block
        except CutOffError:
            pass  # reading it says so, with its place
    return head[:_HEAD]


def _form(head: bytes, *, whole: bool) -> tuple[Form, bool, str]:
    """What a file is by its first megabyte, whether its records are envelopes, and why it cannot be read, "" if it can."""
    if head.startswith(b"SQLite format 3\0"):
        return "store", True, ""
    if head.startswith(b"PAR1"):
        return "parquet", False, ""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "lines", False, "is UTF-16, and JSON is UTF-8: convert it first"
    if b"\0" in head[:1000]:
        return "lines", False, "is no text"
    if head.startswith(_JOURNAL):
        return "journal", True, ""
    return *_form_of_text(head.removeprefix(b"\xef\xbb\xbf").lstrip(), whole=whole), ""


def _form_of_text(text: bytes, *, whole: bool) -> tuple[Form, bool]:
    line, _, rest = text.partition(b"\n")
    first = parse_json(line)
    if text.startswith(b"[") and (isinstance(first, Malformed) or not rest.strip()):
        return "document", _is_list_of_envelopes(text)
    if isinstance(first, Malformed) and text.startswith(b"{") and _is_document(text, whole=whole):
        first = parse_json(text)
        return ("har" if _is_har(text) else "document"), is_envelope(first)
    if isinstance(first, dict) and not rest.strip() and _is_har(line):
        return "har", True
    return "lines", is_envelope(first)


def _is_document(text: bytes, *, whole: bool) -> bool:
    """Whether JSON that begins an object and does not end it on its line goes on as one document."""
    if whole:
        return not isinstance(parse_json(text), Malformed)
    first, _, rest = text.partition(b"\n")
    return first.strip() == b"{" and not rest.lstrip().startswith(b"{")


def _is_har(text: bytes) -> bool:
    try:
        return isinstance(_members(text).get("log"), msgspec.Raw)
    except ValueError:
        return text.lstrip(b"{ \r\n\t").startswith(b'"log"')


def _is_list_of_envelopes(text: bytes) -> bool:
    try:
        refuse_depth(text)
        first, _ = json.JSONDecoder().raw_decode(text.decode(errors="replace").lstrip("[ \r\n\t"))
    except ValueError:
        return False
    return is_envelope(first)
