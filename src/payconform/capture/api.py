"""What whoever holds the token can ask: arm and disarm paths, and fetch what was captured."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from hmac import compare_digest
from typing import Any, NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from payconform.capture.application import OWN_PATHS
from payconform.capture.armed import Armed, ArmedPaths
from payconform.capture.committer import Committer, NotKeptError
from payconform.capture.metrics import CONTENT_TYPE, Metrics
from payconform.capture.store import MOST_BYTES, Found, Shelf
from payconform.capture.waiting import Waiting
from payconform.capture.wire import GoneError, SlowError, TooLargeError, read_body
from payconform.journal.unknown_numbers import may_hold_number
from payconform.model.capture import Arming
from payconform.model.wire import decoder

MOST_RECORDS = 1000
_arming_of: Callable[[bytes], Arming] = decoder(Arming)
LONGEST_WAIT_S = 30.0
JSON_LINES = "application/x-ndjson"

Endpoint = Callable[[Request], Awaitable[Response]]


class Desk(NamedTuple):
    """What the API works with. `store` is the name of the store."""

    store: str
    armed: ArmedPaths
    committer: Committer
    shelf: Shelf
    waiting: Waiting
    metrics: Metrics


class Api:
    """The endpoints. Mistakes are answered with one line of text."""

    def __init__(self, desk: Desk, token: str) -> None:
        self._desk = desk
        self._authorization = f"Bearer {token}".encode()

    def application(self) -> Starlette:
        """The endpoints as an ASGI application."""
        routes = [
            Route("/health", self._health),
            Route("/metrics", self._guarded(self._metrics)),
            Route("/api/armings", self._guarded(self._list), methods=["GET"]),
            Route("/api/armings", self._guarded(self._arm), methods=["PUT", "POST"]),
            Route("/api/armings", self._guarded(self._disarm), methods=["DELETE"]),
            Route("/api/records", self._guarded(self._records)),
            Route("/api/export", self._guarded(self._export)),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: _told, NotKeptError: _not_kept})

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "").encode("latin-1")
            if not compare_digest(given, self._authorization):
                self._desk.metrics.refused["token"] += 1
                raise HTTPException(401, "the token is missing or wrong", {"WWW-Authenticate": "Bearer"})
            return await endpoint(request)

        return guarded

    async def _health(self, _request: Request) -> Response:
        healthy = not self._desk.committer.failing
        return PlainTextResponse("ok\n" if healthy else "the latest commit failed\n", 200 if healthy else 503)

    async def _metrics(self, _request: Request) -> Response:
        text = self._desk.metrics.text(armed=len(self._desk.armed), healthy=not self._desk.committer.failing)
        return Response(text, media_type=CONTENT_TYPE)

    async def _list(self, _request: Request) -> Response:
        return _json({"armings": self._desk.armed.all()})

    async def _arm(self, request: Request) -> Response:
        arming = await _arming(request)
        name, came = await self._desk.committer.act(lambda store: _armed(store.arm(arming, time.time()), arming, store.counts))
        self._desk.armed.arm(Armed(name, arming), came)
        return _json({"store": self._desk.store, "armed": arming.path})

    async def _disarm(self, request: Request) -> Response:
        path = _path(request)
        if path is None:
            raise HTTPException(422, "name the path to disarm: ?path=/…")
        if not await self._desk.committer.act(lambda store: store.disarm(path)):
            raise HTTPException(404, "this path is not armed")
        self._desk.armed.disarm(path)
        return Response(status_code=204)

    async def _records(self, request: Request) -> Response:
        """Records behind an offset; when there are none, after a wait for the next."""
        began = time.monotonic()
        after, most = _whole(request, "after", 0, 2**62), _whole(request, "limit", 100, MOST_RECORDS)
        wait_s = min(_seconds(request, "wait"), LONGEST_WAIT_S)
        arming = await self._arming_of(request)
        ticket = self._desk.waiting.ticket(arming)
        found = await self._found(arming, after, most)
        if not found and wait_s:
            try:
                async with asyncio.timeout(wait_s):
                    await ticket.wait()
            except TimeoutError:
                pass
        waited_s = time.monotonic() - began
        if not found:
            found = await self._found(arming, after, most)
        return _json(_harvest(self._desk.store, after, found, most, waited_s))

    async def _export(self, request: Request) -> Response:
        after = _whole(request, "after", 0, 2**62)
        arming = await self._arming_of(request)
        return StreamingResponse(self._lines(arming, after), media_type=JSON_LINES)

    async def _lines(self, arming: int | None, after: int) -> AsyncIterator[bytes]:
        while found := await self._found(arming, after, MOST_RECORDS):
            yield b"".join(row.record + b"\n" for row in found)
            after = found[-1].offset

    async def _arming_of(self, request: Request) -> int | None:
        """The id of the arming that `path` names, None where it names none."""
        path = _path(request)
        if path is None:
            return None
        arming = await asyncio.to_thread(self._desk.shelf.arming, path)
        if arming is None:
            raise HTTPException(404, "this path is not armed")
        return arming

    async def _found(self, arming: int | None, after: int, most: int) -> list[Found]:
        return await asyncio.to_thread(self._desk.shelf.records, arming, after, most)


def _armed(name: int, arming: Arming, counts: Callable[[int], dict[str, int]]) -> tuple[int, dict[str, int]]:
    return name, counts(name) if arming.refuse_first else {}


async def _arming(request: Request) -> Arming:
    try:
        raw = await read_body(request.scope, request.receive)  # type: ignore[arg-type]  # its messages are the same
    except TooLargeError:
        raise HTTPException(413, "too large") from None
    except (SlowError, GoneError):
        raise HTTPException(408, "too slow") from None
    try:
        arming = _arming_of(raw)
    except ValueError as error:
        raise HTTPException(422, f"this is no arming: {error}") from None
    if arming.path.startswith(OWN_PATHS):
        raise HTTPException(422, f"{arming.path} is the service's own; arm another path")
    if arming.prefix and (not arming.path.endswith("/") or arming.path == "/"):
        raise HTTPException(422, "a prefix must end in / and name at least one folder, as /runs/ does")
    if may_hold_number(arming.path):
        raise HTTPException(422, "the path holds what looks like a card number, which would be masked; arm another path")
    return arming


def _harvest(store: str, after: int, found: list[Found], most: int, waited_s: float) -> dict[str, Any]:
    """The members of `payconform.model.capture.Harvest`; records are put in as they are stored."""
    now = time.time()
    records = [
        {"offset": row.offset, "age_s": max(0.0, now - row.received_at), "record": msgspec.Raw(row.record)} for row in found
    ]
    size = sum(len(row.record) for row in found)
    complete = len(found) < most and size <= MOST_BYTES
    return {
        "store": store,
        "next": found[-1].offset if found else after,
        "complete": complete,
        "waited_s": waited_s,
        "records": records,
    }


def _path(request: Request) -> str | None:
    return request.query_params.get("path")


def _whole(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdecimal()) or len(text) > 20 or int(text) > most:
        raise HTTPException(422, f"{name} must be a whole number up to {most}")
    return int(text)


def _seconds(request: Request, name: str) -> float:
    text = request.query_params.get(name, "0")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise HTTPException(422, f"{name} must be a number of seconds from 0 to 3600")
    return seconds


def _json(content: Any) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")


async def _told(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)


async def _not_kept(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse("it could not be stored; ask again\n", 503)
