"""Reads the records of a piece of an archive, whatever its form: bare bodies or envelopes, each as a line of JSON."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from payconform.archive.files import is_url, opened
from payconform.archive.lines import CutOffError, decompressed, read_lines
from payconform.archive.places import Damage, Form, Lines, Piece, Place
from payconform.archive.records import OWN_MEMBERS
from payconform.archive.sent import key_of
from payconform.archive.sources import LARGEST_DOCUMENT
from payconform.capture.store import StoreError, exported
from payconform.contract import ENDPOINT_PATH
from payconform.model.evidence import Callback, OrderRecord
from payconform.model.run import Header
from payconform.model.wire import Malformed, decoder, parse_json

_BATCH = 5000
_listed = decoder(list[msgspec.Raw])
_order: Callable[[bytes], OrderRecord] = decoder(OrderRecord)
_header: Callable[[bytes], Header] = decoder(Header)
_callback: Callable[[bytes], Callback] = decoder(Callback)
_CALLBACK = b'{"type":"callback"'
_ORDER = b'{"type":"order"'
Found = Iterator[Lines | Damage]


def read(piece: Piece) -> Found:
    """The records of a piece in their order, and what could not be read. A record may be blank: it then counts as a line."""
    if piece.source.strange:
        yield Damage(Place(piece.number, 0, 0), piece.source.strange)
        return
    try:
        yield from _READERS[piece.source.form](piece)
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        yield Damage(Place(piece.number, 0, 0), f"cannot be read: {what}")


def _lines(piece: Piece) -> Found:
    with opened(piece.source.path) as file:
        yield from read_lines(piece, file)


def _document(piece: Piece) -> Found:
    data = _whole(piece)
    if isinstance(data, Damage):
        yield data
        return
    mark = b"\xef\xbb\xbf"
    text = data.removeprefix(mark)
    if not text.lstrip().startswith(b"["):
        yield Lines(0, [len(data) - len(text)], [text], stored=piece.source.size)
        return
    try:
        records = [bytes(record) for record in _listed(text)]
    except ValueError as error:
        yield Damage(Place(piece.number, 0, 0), f"is no JSON: {error}")
        return
    offsets, at = [], 0
    for record in records:
        at = data.find(record, at)
        offsets.append(at)
        at += len(record)
    yield Lines(0, offsets, records, stored=piece.source.size)


def _har(piece: Piece) -> Found:
    """The callbacks among the requests of a HAR file (1.2): those whose JSON body has a member that only callbacks have."""
    data = _whole(piece)
    document = data if isinstance(data, Damage) else parse_json(data)
    if isinstance(document, Damage):
        yield document
        return
    entries = document.get("log", {}).get("entries") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        why = document.reason if isinstance(document, Malformed) else "it has no log.entries"
        yield Damage(Place(piece.number, 0, 0), f"is no HAR file: {why}")
        return
    envelopes = [_of_entry(entry) for entry in entries]
    yield Lines(0, [-1] * len(envelopes), envelopes, stored=piece.source.size)


def _of_entry(entry: Any) -> bytes:
    """The envelope of an entry, b"" for one that is no callback."""
    request = _object(entry, "request")
    text = _object(request, "postData").get("text")
    if not isinstance(text, str) or ENDPOINT_PATH in str(request.get("url")):
        return b""
    body = parse_json(text.encode(errors="surrogatepass"))
    if not isinstance(body, dict) or not OWN_MEMBERS & body.keys():
        return b""
    headers = [[str(one.get("name")), str(one.get("value"))] for one in request.get("headers", ()) if isinstance(one, dict)]
    known = {"method": str(request.get("method")), "url": str(request.get("url")), "headers": headers, "body": text}
    return msgspec.json.encode({**known, "received_at": entry.get("startedDateTime")})


def _object(around: Any, name: str) -> dict[str, Any]:
    found = around.get(name) if isinstance(around, dict) else None
    return found if isinstance(found, dict) else {}


def _journal(piece: Piece) -> Found:
    """The callbacks of a run, as envelopes in the place of their lines, each bound to the request_id its order was sent with."""
    started: datetime | None = None
    sent: dict[str, str] = {}
    for part in _lines(piece):
        if isinstance(part, Damage):
            yield part
            continue
        records: list[bytes] = []
        for line in part.records:
            if line.startswith(_ORDER):
                _note_order(line, sent)
            started = started or _start(line)
            records.append(_of_callback(line, started, sent) if line.startswith(_CALLBACK) else b"")
        yield part._replace(records=records, stored=sum(map(len, part.records)))


def _note_order(line: bytes, sent: dict[str, str]) -> None:
    with contextlib.suppress(ValueError):
        order = _order(line)
        sent.setdefault(order.id, key_of(order))


def _start(header: bytes) -> datetime | None:
    try:
        return datetime.fromisoformat(_header(header).started_at)
    except ValueError:
        return None


def _of_callback(line: bytes, started: datetime | None, sent: dict[str, str]) -> bytes:
    try:
        callback = _callback(line)
    except ValueError:
        return line
    kept = msgspec.structs.asdict(callback)
    members = ("method", "path", "query", "headers", "peer", "answered", "signature", "leaks")
    envelope = {name: kept[name] for name in members} | {"order": sent.get(callback.order, callback.order)}
    moment = datetime.fromtimestamp(started.timestamp() + callback.at, UTC).isoformat() if started else None
    body = {"body": callback.body.text} if callback.body.base64 is None else {"body_base64": callback.body.base64}
    return msgspec.json.encode({**envelope, "received_at": moment, **{name: text or "" for name, text in body.items()}})


def _store(piece: Piece) -> Found:
    """The records of a capture service's store, in the order they came."""
    if is_url(piece.source.path):
        yield Damage(Place(piece.number, 0, -1), "a store is read from a local file: copy it first")
        return
    first, batch = 0, []
    try:
        for record in exported(Path(piece.source.path)):
            batch.append(record)
            if len(batch) == _BATCH:
                yield Lines(first, [-1] * _BATCH, batch)
                first, batch = first + _BATCH, []
    except (StoreError, sqlite3.Error) as error:
        yield Damage(Place(piece.number, first + len(batch), -1), str(error).removeprefix(f"{piece.source.path}: "))
    yield Lines(first, [-1] * len(batch), batch)


def _parquet(piece: Piece) -> Found:
    """The rows of a Parquet file with a column `body`; columns named as members of an envelope go with it."""
    from pyarrow import ArrowException  # noqa: PLC0415 -- an extra, which inputs ask for before they promise a piece
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415 -- as above

    first = 0
    try:
        with opened(piece.source.path) as opened_file, ParquetFile(opened_file) as file:
            names = [name for name in file.schema_arrow.names if name in _COLUMNS]
            if "body" not in names:
                yield Damage(Place(piece.number, 0, -1), "has no column named body")
                return
            for batch in file.iter_batches(_BATCH, columns=names):
                records = [_of_row(row) for row in batch.to_pylist()]
                stored = piece.source.size * len(records) // file.metadata.num_rows
                yield Lines(first, [-1] * len(records), records, stored=stored)
                first += len(records)
    except ArrowException as error:
        yield Damage(Place(piece.number, first, -1), f"is a damaged Parquet file: {error}")


_COLUMNS = ("body", "received_at", "method", "path", "query", "url", "headers", "peer", "answered", "signature", "order")


def _of_row(row: dict[str, Any]) -> bytes:
    body = row.pop("body")
    if isinstance(body, str):
        body = body.encode()
    given = {name: value for name, value in row.items() if value is not None}
    if body is None:
        return b""
    if not given:
        return bytes(body)
    if isinstance(given.get("headers"), str):
        given["headers"] = msgspec.Raw(given["headers"].encode())
    if isinstance(given.get("received_at"), int | float):
        given["received_at"] = datetime.fromtimestamp(given["received_at"], UTC)
    return msgspec.json.encode({**given, "body_base64": bytes(body)})


def _whole(piece: Piece) -> bytes | Damage:
    source = piece.source
    here = Place(piece.number, 0, 0)
    with opened(source.path) as file:
        blocks: Iterator[bytes] = decompressed(file, source.compression) if source.compression else _blocks(file.read)
        parts, size = [], 0
        try:
            for block in blocks:
                parts.append(block)
                size += len(block)
                if size > LARGEST_DOCUMENT:
                    return Damage(here, f"is one JSON document of more than {LARGEST_DOCUMENT >> 20} MB: make it JSON lines")
        except CutOffError as error:
            return Damage(here, str(error))
    return b"".join(parts)


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while block := read(1 << 20):
        yield block


_READERS: dict[Form, Callable[[Piece], Found]] = {
    "lines": _lines,
    "document": _document,
    "har": _har,
    "journal": _journal,
    "store": _store,
    "parquet": _parquet,
}
