"""One captured record: the bare body of a callback, or an envelope with what came with it.

schemas/formats/callback-record.json describes the envelope.
"""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw, Struct

from payconform.model.evidence import Headers, Leak, Signature
from payconform.model.wire import Malformed, parse_json

_OWN_MEMBERS = frozenset({"order_status", "order_status_int", "pay_order_id", "request_id"})
"""A callback has one of these at its top level; an envelope has none."""


class Envelope(Struct, gc=False):
    """An envelope as it is written. The body is text, or JSON that stands in the envelope as it came, or base64."""

    body: Raw = Raw()
    body_base64: str | None = None
    received_at: datetime | None = None
    method: str = "POST"
    path: str = ""
    query: str = ""
    url: str = ""
    headers: tuple[tuple[str, str], ...] | dict[str, str] = ()
    peer: str = ""
    answered: int = 200
    signature: Signature = ""
    leaks: tuple[Leak, ...] = ()
    order: str = ""


_envelope = msgspec.json.Decoder(Envelope).decode
_text = msgspec.json.Decoder(str).decode


class Captured(Struct, frozen=True, kw_only=True):
    """A callback as it was captured. `at` is when it arrived (seconds since 1970), None where nobody knows.

    `order` is the harness's own id of the order whose inbox it reached, "" where a run did not record it.
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
    if isinstance(document, dict) and not isinstance(document.get("headers", []), list | dict):
        raise UnreadableError("headers of the envelope is neither a list of pairs nor an object")
    try:
        return _opened(_envelope(line))
    except ValueError as error:
        raise UnreadableError(f"is no envelope of a callback: {error}") from None


def is_envelope(document: Any | Malformed) -> bool:
    return isinstance(document, dict) and bool({"body", "body_base64"} & document.keys()) and not _OWN_MEMBERS & document.keys()


def _opened(envelope: Envelope) -> Captured:
    url = urlsplit(envelope.url) if envelope.url else None
    headers = envelope.headers
    return Captured(
        body=_body(envelope),
        at=seconds(envelope.received_at),
        method=envelope.method,
        path=envelope.path or (url.path if url else ""),
        query=envelope.query or (url.query if url else ""),
        headers=tuple(headers.items()) if isinstance(headers, dict) else headers,
        peer=envelope.peer,
        answered=envelope.answered,
        signature=envelope.signature,
        leaks=envelope.leaks,
        order=envelope.order,
    )


def _body(envelope: Envelope) -> bytes:
    written = bytes(envelope.body)
    if written.startswith(b'"'):
        return _text(written).encode()
    if written and written != b"null":
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
