"""The inbox that listens: a small HTTP server for the callbacks of a target and for the browsers it sends back."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from payconform.adapters.listening import ReceiverError, address_of, listen
from payconform.model.address import path_of
from payconform.model.evidence import Headers
from payconform.model.message import Answer, Arrival

__all__ = ["Receiver", "ReceiverError"]

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

MAX_BODY_BYTES = 1_000_000
KEEPALIVE_S = 75  # longer than most clients keep a connection, so that no callback meets one that is just closing
STOP_S = 2.0  # the server looks every 0.1 s whether it should end; more means that it hangs

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
RETURN_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>payconform</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;color:#222}</style></head>
<body><h1>Thank you</h1><p>The payment page sent you back to the test. You may close this window.</p></body></html>
"""


class Receiver:
    """Listens on `bind` ("host:port", port 0 for any) and hands on every request to /callbacks/… and /return/….

    `on_arrival` is called in the server's event loop and has to be quick. A callback is answered with what it returns, a
    browser under /return/ with a small page. Header names reach it in lower case, in the order received, values as latin-1.
    An exception of `on_arrival` is answered with 500; the first one is kept as `failure`.
    """

    def __init__(self, bind: str, public_url: str, on_arrival: Callable[[Arrival], Answer]) -> None:
        self._bind = bind
        self._public_url = public_url.rstrip("/")
        self._on_arrival = on_arrival
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._bound = ""
        self.failure: Exception | None = None

    @property
    def url(self) -> str:
        """What a target reaches the receiver by, without a trailing slash: the public URL, else the bound address."""
        return self._public_url or self._bound

    def start(self) -> None:
        """Begin to listen; connections are taken from the moment this returns. Raises `ReceiverError`."""
        listener = listen(self._bind)
        self._bound = address_of(listener)
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app,
                interface="asgi3",
                proxy_headers=False,  # the peer is who connected, whatever a header claims
                http="h11",
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="critical",  # scanners and broken clients are no news for whoever runs the test
                access_log=False,
                server_header=False,
                timeout_keep_alive=KEEPALIVE_S,
                timeout_graceful_shutdown=0,  # half a request does not hold up the end
            ),
        )
        run = self._server.run
        self._thread = threading.Thread(target=lambda: run([listener]), name="payconform-receiver", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and drop every connection. Does nothing when the receiver is not running."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(STOP_S)
        self._server = self._thread = None

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope["raw_path"].decode("latin-1"))
        if not path.startswith(("/callbacks/", "/return/")):
            await _answer(send, 404, "not found")
            return
        try:
            body = await _read(receive)
        except _DisconnectedError:
            return
        if len(body) > MAX_BODY_BYTES:
            await _answer(send, 413, "too large")
            return
        answer = self._hand_on(_arrival(scope, path, body))
        if path.startswith("/return/"):
            await _answer(send, 200, RETURN_PAGE, content_type=HTML)
        else:
            await asyncio.sleep(answer.after_s)
            await _answer(send, answer.status, answer.body)

    def _hand_on(self, arrival: Arrival) -> Answer:
        try:
            return self._on_arrival(arrival)
        except Exception as error:  # noqa: BLE001 - the server must go on, and its caller learns of it by `failure`
            self.failure = self.failure or error
            return Answer(status=500, body="the receiver failed")


def _arrival(scope: Scope, path: str, body: bytes) -> Arrival:
    headers: Headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    client = scope.get("client")
    return Arrival(
        method=scope["method"],
        path=path,
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        peer=client[0] if client else "",
    )


class _DisconnectedError(Exception):
    """The client went away before its request was complete."""


async def _read(receive: Receive) -> bytes:
    """The whole body, or a beginning longer than `MAX_BODY_BYTES`; the rest is read away, for the client still sends it."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _DisconnectedError
        if len(body) <= MAX_BODY_BYTES:
            body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


async def _answer(send: Send, status: int, text: str, *, content_type: str = TEXT) -> None:
    # These statuses have no body by definition; a server that sends one breaks its connection.
    body = b"" if status < 200 or status in (204, 304) else text.encode()
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
