"""One captured record: the bare body of a callback, or an envelope with what came with it.

schemas/formats/callback-record.json describes the envelope.
"""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Raw, Struct

from payconform.model.evidence import Headers, Leak, Signature
from payconform.model.wire import Malformed, decoder, parse_json

OWN_MEMBERS = frozenset({"order_status", "order_status_int", "pay_order_id"})
"""A callback has one of these at its top level; an envelope has none. A request_id may be that of whoever wrote a log."""


Pairs = tuple[tuple[str, str], ...]


class Envelope(Struct, gc=False):
    """An envelope as it is written. The body is text, or JSON that stands in the envelope as it came, or base64."""

    body: Raw = Raw()
    body_base64: str | None = None
    received_at: datetime | None = None
    method: Annotated[str, Meta(min_length=1)] | None = None
    path: str | None = None
    query: str | None = None
    url: str | None = None
    headers: Pairs | dict[str, str | tuple[str, ...]] | None = None
    peer: str | None = None
    answered: Annotated[int, Meta(ge=200, le=599)] | None = None
    signature: Signature | None = None
    leaks: tuple[Leak, ...] | None = None
    order: str | None = None


_envelope: Callable[[bytes], Envelope] = decoder(Envelope)
_text = msgspec.json.Decoder(str).decode


class Captured(Struct, frozen=True, kw_only=True):
    """A callback as it was captured. `at` is when it arrived (seconds since 1970), None where nobody knows.

    `order` is the request_id of the order whose inbox it reached, "" where nobody recorded it.
    """

    body: bytes
    at: float | None = None
    method: str = "POST"
    path: str = ""
    query: str = ""
    headers: Headers = ()
    peer: str = ""
    answered: int = 200
    signature: Signature = ""
    leaks: tuple[Leak, ...] = ()
    order: str = ""

    def __repr__(self) -> str:
        return f"Captured({self.method}, {len(self.body)} bytes)"


class UnreadableError(Exception):
    """A record that is no callback and no envelope, or an envelope that lacks what it must have; why, in one line."""


def enveloped(line: bytes) -> Captured | None:
    """The callback in an envelope whose members are all as they must be, else None."""
    try:
        return _opened(_envelope(line))
    except (ValueError, UnreadableError):
        return None


def captured(line: bytes) -> Captured:
    """The callback of a record, whichever form it has. Raises `UnreadableError` for an envelope that is not as it must be."""
    document = parse_json(line)
    if not is_envelope(document):
        return Captured(body=line)
    try:
        return _opened(_envelope(line))
    except ValueError as error:
        raise UnreadableError(f"is no envelope of a callback: {error}") from None


def is_envelope(document: Any | Malformed) -> bool:
    return isinstance(document, dict) and bool({"body", "body_base64"} & document.keys()) and not OWN_MEMBERS & document.keys()


def _opened(envelope: Envelope) -> Captured:
    path, query = _target(envelope.url) if envelope.url else ("", "")
    return Captured(
        body=_body(envelope),
        at=seconds(envelope.received_at),
        method=envelope.method or "POST",
        path=path if envelope.path is None else envelope.path,
        query=query if envelope.query is None else envelope.query,
        headers=_pairs(envelope.headers),
        peer=envelope.peer or "",
        answered=200 if envelope.answered is None else envelope.answered,
        signature=envelope.signature or "",
        leaks=envelope.leaks or (),
        order=envelope.order or "",
    )


def _target(url: str) -> tuple[str, str]:
    """Path and query of a URL; all of it counts as path if it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ""
    return parts.path, parts.query


def _pairs(headers: Pairs | dict[str, str | tuple[str, ...]] | None) -> Pairs:
    if not isinstance(headers, dict):
        return headers or ()
    listed = ((name, (values,) if isinstance(values, str) else values) for name, values in headers.items())
    return tuple((name, value) for name, values in listed for value in values)


def _body(envelope: Envelope) -> bytes:
    written = bytes(envelope.body)
    if written in (b"", b"null"):
        written = b""
    elif envelope.body_base64 is not None:
        raise UnreadableError("the envelope has two bodies: body and body_base64")
    if written.startswith(b'"'):
        return _text(written).encode()
    if written:
        return written
    if envelope.body_base64 is None:
        raise UnreadableError("the envelope has no body")
    try:
        return base64.b64decode(envelope.body_base64, validate=True)
    except binascii.Error:
        raise UnreadableError("body_base64 of the envelope is not base64") from None


def seconds(moment: datetime | None) -> float | None:
    """A moment as seconds since 1970; one without a zone is taken for UTC."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
