"""Reads what was sent: a run's journal, or a list of orders as CSV, JSON lines or Parquet."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from payconform.archive.files import opened
from payconform.archive.lines import CutOffError, decompressed
from payconform.archive.mistakes import InputError
from payconform.archive.places import Source
from payconform.archive.records import seconds
from payconform.archive.sent import TOLD, UNKNOWN_FLAG, Sent, key_of
from payconform.archive.sources import sources
from payconform.engine.evidence import Evidence
from payconform.engine.invariants.rules import is_text
from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.evidence import Exchange, OrderRecord
from payconform.model.reply import Reply
from payconform.model.run import Header, Record
from payconform.model.wire import decoder
from payconform.report.text import one_line

_FLAGS = {"true": True, "1": True, "false": False, "0": False, "": None}
_decode: Callable[[bytes], Record] = decoder(Record)
_any = decoder(Any)


def sent_orders(paths: Iterable[str]) -> Iterator[Sent]:
    """The orders of every list, as they are read. Raises `InputError`, with the line where there is one."""
    for source in sources(paths):
        try:
            yield from _of_source(source)
        except (OSError, ValueError, CutOffError, csv.Error) as error:
            raise InputError(f"{source.name}: cannot be read: {error}") from None


def _of_source(source: Source) -> Iterator[Sent]:
    if source.strange:
        raise InputError(f"{source.name}: {source.strange}")
    if source.form == "journal":
        yield from _of_journal(source)
    elif source.form == "parquet":
        yield from _of_parquet(source)
    elif source.form in ("lines", "document") and not _is_csv(source):
        yield from _of_json(source)
    elif source.form == "lines":
        yield from _of_csv(source)
    else:
        raise InputError(f"{source.name}: orders are read from a journal, CSV, JSON lines or Parquet, and this is {source.form}")


def _of_journal(source: Source) -> Iterator[Sent]:
    """The orders of a run, each with what the endpoint answered; a repeat of an order changes nothing."""
    began, orders, replies = 0.0, dict[str, OrderRecord](), dict[str, list[Exchange]]()
    with opened(source.path) as file:
        for number, line in enumerate(file, start=1):
            try:
                record = _decode(line)
            except ValueError as error:
                raise InputError(f"{source.name} line {number}: is no record of a journal: {error}") from None
            if isinstance(record, Header):
                began = datetime.fromisoformat(record.started_at).timestamp()
            elif isinstance(record, OrderRecord):
                orders.setdefault(record.id, record)
            elif isinstance(record, Exchange) and record.kind == "create":
                replies.setdefault(record.order, []).append(record)
    for name, order in orders.items():
        yield _of_order(order, replies.get(name, []), began)


def _of_order(order: OrderRecord, exchanges: list[Exchange], began: float) -> Sent:
    evidence = Evidence([order, *exchanges], {})
    odd = evidence.odd_member(order.id)  # what a callback says of it is for its case to judge
    replies = [Reply(exchange) for exchange in exchanges]
    return Sent(
        request_id=key_of(order),
        mode=order.mode,
        told={name: order.document[name] for name in TOLD if name in order.document and name != odd},
        flag=order.flag if odd != "channel_extra" else UNKNOWN_FLAG,
        own=tuple(sorted(evidence.own_ids(order.id))),
        at=min((began + exchange.at for exchange in exchanges), default=None),
        refused=not any(reply.accepted for reply in replies),
        whole=not odd,
    )


def _of_json(source: Source) -> Iterator[Sent]:
    if source.form == "document":
        with opened(source.path) as file:
            text = file.read()
        try:
            listed = _any(text)
        except ValueError as error:
            raise InputError(f"{source.name}: is no JSON: {error}") from None
        rows: Iterable[tuple[int, Any]] = enumerate(listed if isinstance(listed, list) else [listed], start=1)
    else:
        rows = _json_lines(source)
    for number, row in rows:
        if not isinstance(row, dict):
            raise InputError(f"{source.name} line {number}: an order is a JSON object")
        yield _of_row(row, source, number)


def _json_lines(source: Source) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(_lines(source), start=1):
        if line.strip():
            try:
                yield number, _any(line)
            except ValueError as error:
                raise InputError(f"{source.name} line {number}: is no JSON: {error}") from None


def _of_csv(source: Source) -> Iterator[Sent]:
    reader = csv.DictReader(line.decode("utf-8-sig") for line in _lines(source))
    for row in reader:
        yield _of_row({name: value for name, value in row.items() if name and value is not None}, source, reader.line_num)


def _of_parquet(source: Source) -> Iterator[Sent]:
    from pyarrow import ArrowException  # noqa: PLC0415 -- an extra, which sources ask for
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415 -- as above

    number = 0
    try:
        with opened(source.path) as file, ParquetFile(file) as table:
            for batch in table.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield _of_row({name: value for name, value in row.items() if value is not None}, source, number)
    except ArrowException as error:
        raise InputError(f"{source.name}: is a damaged Parquet file: {one_line(str(error))}") from None


def _of_row(row: Mapping[str, Any], source: Source, number: int) -> Sent:
    """An order from a row or a request document, whose members may stand in a member `document`."""
    document = row["document"] if isinstance(row.get("document"), dict) else row
    request_id = document.get("request_id")
    if not is_text(request_id):
        raise InputError(f"{source.name} line {number}: an order needs a request_id that is text")
    own = row.get("pay_order_id")
    return Sent(
        request_id=str(request_id),
        mode=_mode(row, document, source, number),
        told={name: document[name] for name in TOLD if name in document},
        flag=_flag(document),
        own=(str(own),) if is_text(own) else (),
        at=_moment(row.get("sent_at"), source, number),
        whole=_is_request(document),
    )


def _mode(row: Mapping[str, Any], document: Mapping[str, Any], source: Source, number: int) -> Mode:
    named = row.get("mode")
    if named:
        if named not in [mode.value for mode in PAYING_MODES]:
            raise InputError(f"{source.name} line {number}: mode is cashier, card or token, and not {str(named)[:40]!r}")
        return Mode(named)
    access = str(document.get("pay_access_type", ""))
    extra = document.get("channel_extra")
    kind = extra.get("extra_type") if isinstance(extra, dict) else document.get("extra_type")
    if access == "1":
        return Mode.CASHIER
    return Mode(kind) if access == "2" and kind in ("card", "token") else Mode.UNKNOWN


def _flag(document: Mapping[str, Any]) -> Any:
    if "store_for_future_use" in document:
        written = document["store_for_future_use"]
        return _FLAGS.get(written.strip().lower(), UNKNOWN_FLAG) if isinstance(written, str) else written
    extra = document.get("channel_extra")
    if not isinstance(extra, dict):
        return None if _is_request(document) else UNKNOWN_FLAG
    card = extra.get("card_data")
    return card.get("store_for_future_use") if isinstance(card, dict) else None


def _is_request(document: Mapping[str, Any]) -> bool:
    """Whether a row is a whole create-order request, which says by what it lacks that it was left out."""
    return document.keys() >= {"transaction_type", "way_type", "notify_url"}


def _moment(written: Any, source: Source, number: int) -> float | None:
    if written in (None, ""):
        return None
    if isinstance(written, datetime):
        return seconds(written)
    try:
        return seconds(datetime.fromisoformat(written))
    except (TypeError, ValueError):
        raise InputError(f"{source.name} line {number}: sent_at is ISO 8601, such as 2026-03-04T09:12:44Z") from None


def _is_csv(source: Source) -> bool:
    first = next(iter(_lines(source)), b"").removeprefix(b"\xef\xbb\xbf").lstrip()
    return not first.startswith((b"{", b"["))


def _lines(source: Source) -> Iterator[bytes]:
    with opened(source.path) as file:
        if not source.compression:
            yield from file
            return
        rest = b""
        for block in decompressed(file, source.compression):
            *lines, rest = io.BytesIO(rest + block).readlines() or [b""]
            if rest.endswith(b"\n"):
                lines, rest = [*lines, rest], b""
            yield from lines
        if rest:
            yield rest
