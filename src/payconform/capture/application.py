"""The service as an ASGI application: captures what comes to armed paths, and hands the rest on or refuses it."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec

from payconform.capture.armed import Armed, ArmedPaths
from payconform.capture.committer import Journal, NotKeptError
from payconform.capture.masking import Masker
from payconform.capture.metrics import Metrics
from payconform.capture.store import Row
from payconform.capture.wire import (
    GoneError,
    Receive,
    Scope,
    Send,
    SlowError,
    TooLargeError,
    answer,
    read_body,
    refuse,
    refuse_and_close,
)
from payconform.model.address import path_of
from payconform.model.capture import CallbackRecord
from payconform.model.message import Arrival

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGE_BYTES = 20_000
OWN_PATHS = ("/api/", "/health", "/metrics")


class Capture:
    """Answers a request to an armed path when its record is on disk, and never before.

    Paths that are not armed go to `otherwise` when they are the service's own, and are refused when they are not.
    """

    def __init__(self, armed: ArmedPaths, journal: Journal, masker: Masker, metrics: Metrics, otherwise: Application) -> None:
        self._armed = armed
        self._journal = journal
        self._masker = masker
        self._metrics = metrics
        self._otherwise = otherwise
        self._masking_large = asyncio.Lock()
        self._encode = msgspec.json.Encoder().encode

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        path = path_of(scope["raw_path"].decode("latin-1"))
        armed = self._armed.find(path)
        if armed is not None:
            await self._capture(armed, path, scope, receive, send)
        elif path.startswith(OWN_PATHS):
            await self._otherwise(scope, receive, send)
        else:
            self._metrics.refused["unarmed"] += 1
            await refuse(send, 404, "nothing is expected here\n")

    async def _capture(self, armed: Armed, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(scope, receive)
        except GoneError:
            return
        except (TooLargeError, SlowError) as error:
            await self._refuse_body(error, receive, send)
            return
        began, arrived = time.perf_counter(), time.time()
        status = self._armed.status(armed, path)
        record = await self._record(_arrival(scope, path, body), arrived, status)
        try:
            await self._journal.keep(Row(armed.id, record.path, arrived, self._encode(record)))
        except NotKeptError:
            self._metrics.refused["not kept"] += 1
            await refuse(send, 503, "it could not be stored; send it again\n", (b"retry-after", b"5"))
            return
        self._metrics.acknowledged.add(time.perf_counter() - began)
        self._metrics.answered[status] += 1
        self._metrics.leaks.update(leak.what for leak in record.leaks)
        arming = armed.arming
        if arming.delay_s:
            await asyncio.sleep(arming.delay_s)
        body_back = "" if status != arming.status else arming.body  # the word that acknowledges must not stand in a refusal
        await answer(send, status, arming.content_type.encode(), body_back.encode())

    async def _record(self, arrival: Arrival, arrived: float, status: int) -> CallbackRecord:
        """Masked in a thread when it is large, one at a time: it takes a while, and others shall not wait for it."""
        if len(arrival.body) <= LARGE_BYTES:
            return self._masker.record(arrival, arrived, status)
        async with self._masking_large:
            return await asyncio.to_thread(self._masker.record, arrival, arrived, status)

    async def _refuse_body(self, error: TooLargeError | SlowError, receive: Receive, send: Send) -> None:
        if isinstance(error, TooLargeError):
            self._metrics.refused["too large"] += 1
            await refuse_and_close(receive, send, 413, "too large\n")
        else:
            self._metrics.refused["slow"] += 1
            await refuse(send, 408, "too slow\n", (b"connection", b"close"))


def _arrival(scope: Scope, path: str, body: bytes) -> Arrival:
    client = scope.get("client")
    return Arrival(
        method=scope["method"],
        path=path,
        query=scope["query_string"].decode("latin-1"),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]),
        body=body,
        peer=client[0] if client else "",
    )
