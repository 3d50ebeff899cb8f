"""Writes the journal while the run goes on. Nothing unmasked is written, and nothing unmasked is kept."""

import threading
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

import msgspec

from payconform.journal.masks import CALLBACK_BODY
from payconform.journal.redaction import Redactor
from payconform.journal.seal import Chain
from payconform.model.clause import Mode
from payconform.model.evidence import PAGE, Body, Callback, Exchange, Journey, OrderRecord
from payconform.model.message import Arrival, Request, Response, Verification
from payconform.model.order import Order
from payconform.model.run import Record

MOST_SENT = 64_000
"""Bytes that are recorded of a body the harness sent: what is larger is so on purpose, and its beginning tells."""


R = TypeVar("R", bound=msgspec.Struct)

_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


def _not_verified(_arrival: Arrival) -> Verification:
    return Verification()


class Recorder:
    """The journal of one run, or of one shard of it: append-only, one sealed JSON record a line, flushed line by line.

    `path` None keeps records in memory alone. `prefix` goes before the ids of exchanges and callbacks, so that shards
    do not clash. `verify` says of a callback's raw bytes whether its signature is right.
    Records that come after `close` are dropped: a callback may arrive when the run is over.
    """

    def __init__(
        self,
        path: Path | None,
        redactor: Redactor,
        *,
        prefix: str = "",
        verify: Callable[[Arrival], Verification] = _not_verified,
    ) -> None:
        self._redactor = redactor
        self._prefix = prefix
        self._verify = verify
        self._lock = threading.Lock()
        self._exchanges = count(1)
        self._callbacks = count(1)
        self._records: list[Any] = []
        self._file = path.open("wb") if path else None
        self._chain = Chain()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the journal."""
        with self._lock:
            self._closed = True
            if self._file:
                self._file.close()

    @property
    def records(self) -> tuple[Record, ...]:
        """What was recorded so far, exactly as a reader of the file finds it."""
        with self._lock:
            return tuple(self._records)

    def conceal(self, secret: str) -> None:
        """Mask a text from now on, and note it as a leak where the target sends it."""
        self._redactor.learn_secret(secret)

    def write(self, record: Record) -> None:
        """Record a value, masked."""
        self._append(_decoder.decode(self._redactor.body(_encoded(record)).value))

    def order(self, order: Order, case: str) -> None:
        """Record an order before it is sent, and know its card from now on."""
        self._redactor.learn_order(order.document)
        self.write(
            OrderRecord(
                id=order.id,
                case=case,
                mode=order.mode,
                document=order.document if isinstance(order.document, dict) else {},
                role=order.role.value if order.role else "",
            )
        )

    def journey(self, journey: Journey, sent: bytes) -> None:
        """Record what a payer did. Of one who landed also what of a card the browser takes along: in the address, in the form
        that is `sent` there. Only here the mask of the target can be told from the recorder's own.
        """
        address = self._redactor.text(journey.final_url, "the address of the merchant")
        form = self._redactor.body(sent, "the form sent to the merchant")
        leaks = address.leaks + form.leaks if journey.landed else ()
        self.write(msgspec.structs.replace(journey, leaks=leaks))

    def exchange(
        self,
        *,
        kind: Literal["create", "probe", "page", "throttled", "forged"],
        order: str,
        case: str,
        mode: Mode,
        request: Request,
        response: Response,
        at: float,
        fault: str = "",
    ) -> Exchange:
        """Record a request and its response, and return them as recorded. `at` is seconds since the run began."""
        headers = self._redactor.headers(response.headers)
        body = self._redactor.body(response.body, PAGE if kind == "page" else "response body")
        exchange = Exchange(
            id=f"{self._prefix}x{next(self._exchanges)}",
            kind=kind,
            order=order,
            case=case,
            mode=mode,
            method=request.method,
            url=self._redactor.text(request.url).value,
            request_headers=self._redactor.headers(request.headers).value,
            request_body=_sent(self._redactor.body(request.body).value),
            status=response.status,
            response_headers=headers.value,
            response_body=Body.of(body.value, truncated=response.truncated),
            at=at,
            seconds=response.seconds,
            error=self._redactor.text(response.error).value,
            fault=fault,
            leaks=headers.leaks + body.leaks,
        )
        return self._append(exchange)

    def callback(self, *, order: str, case: str, mode: Mode, arrival: Arrival, at: float, answered: int) -> Callback:
        """Record what reached the inbox, and return it as recorded. `at` is seconds since the run began."""
        path = self._redactor.text(arrival.path, "callback path")
        query = self._redactor.text(arrival.query, "callback query")
        headers = self._redactor.headers(arrival.headers)
        verification = self._verify(arrival)
        body = self._redactor.body(arrival.body, CALLBACK_BODY)
        before = arrival.captured.leaks if arrival.captured else ()
        callback = Callback(
            id=f"{self._prefix}n{next(self._callbacks)}",
            order=order,
            case=case,
            mode=mode,
            method=arrival.method,
            path=path.value,
            query=query.value,
            headers=headers.value,
            body=Body.of(body.value),
            at=at,
            answered=answered,
            peer=arrival.peer,
            signature=verification.signature,
            uncovered=verification.uncovered,
            leaks=tuple(dict.fromkeys(before + path.leaks + query.leaks + headers.leaks + body.leaks)),
        )
        return self._append(callback)

    def _append(self, masked: R) -> R:
        line = _encoded(masked)
        record = msgspec.json.decode(line, type=type(masked))
        with self._lock:
            if not self._closed:
                self._records.append(record)
                if self._file:
                    self._file.write(self._chain.sealed(line) + b"\n")
                    self._file.flush()
        return record


def _sent(masked: bytes) -> Body:
    if len(masked) <= MOST_SENT:
        return Body.of(masked)
    return Body(text=masked[:MOST_SENT].decode(errors="ignore"), size=len(masked), truncated=True)


def write_journal(path: Path, records: Iterable[Record]) -> None:
    """Write records that are masked already as one sealed journal. Raises `OSError`."""
    chain = Chain()
    with path.open("wb") as file:
        file.writelines(chain.sealed(_encoded(record)) + b"\n" for record in records)


def _encoded(record: msgspec.Struct) -> bytes:
    """One line of JSON. What JSON cannot hold is spelled out: a record must not fail for what a target sent."""
    try:
        return msgspec.json.encode(record)
    except ValueError:
        return msgspec.json.encode(_spelled_out(msgspec.to_builtins(record)))


def _spelled_out(value: Any) -> Any:
    """The value with lone surrogates and numbers beyond Python's limit for digits written as escapes."""
    match value:
        case str():
            return value.encode(errors="backslashreplace").decode()
        case dict():
            return {_spelled_out(name): _spelled_out(member) for name, member in value.items()}
        case list() | tuple():
            return [_spelled_out(element) for element in value]
        case int():
            return value if value.bit_length() < 4096 else hex(value)
        case _:
            return value
