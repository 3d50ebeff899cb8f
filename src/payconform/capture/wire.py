"""Bodies in and answers out, as ASGI has them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

MAX_BODY_BYTES = 1_000_000
BODY_S = 10.0  # for all of a body: a sender that needs longer only holds the connection
DRAIN_S = 2.0


class TooLargeError(Exception):
    """A body is larger than anybody's callback."""


class SlowError(Exception):
    """A body did not come in time."""


class GoneError(Exception):
    """The sender went away before its request was complete."""


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The whole body. Raises `TooLargeError` at once when its length is announced, `SlowError`, or `GoneError`."""
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if int(announced) > MAX_BODY_BYTES:
        raise TooLargeError
    try:
        async with asyncio.timeout(BODY_S):
            return await _read(receive)
    except TimeoutError:
        raise SlowError from None


async def _read(receive: Receive) -> bytes:
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise TooLargeError
        return body
    parts = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise GoneError
        parts += message.get("body", b"")
        if len(parts) > MAX_BODY_BYTES:
            raise TooLargeError
        if not message.get("more_body", False):
            return bytes(parts)
        message = await receive()


async def answer(send: Send, status: int, content_type: bytes, body: bytes) -> None:
    """A complete answer. Statuses that have no body by definition get none."""
    if status < 200 or status in (204, 304):
        body = b""
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    """Refuse a request; what still comes of it is dropped."""
    body = text.encode()
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def refuse_and_close(receive: Receive, send: Send, status: int, text: str) -> None:
    """Refuse a request whose body is not read, and close the connection.

    The body is let in for a moment: closed at once, the connection would be reset, and the refusal might never be read.
    """
    body = text.encode()
    head = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    try:
        async with asyncio.timeout(DRAIN_S):
            while (await receive()).get("more_body", False):
                pass
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b""})
