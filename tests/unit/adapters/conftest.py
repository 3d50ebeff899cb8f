"""A server that misbehaves byte by byte, and a way to ask it."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from payconform.adapters.transport import HttpTransport
from payconform.model.message import Request, Response

Script = Callable[[socket.socket], None]
Ask = Callable[..., Response]
Serve = Callable[[Script | bytes], "RawServer"]


class RawServer:
    """Accepts connections, reads one request at a time from each, and lets a script write whatever it likes."""

    def __init__(self, script: Script) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._script = script
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            while request := _read_request(connection):
                self.requests.append(request)
                self._script(connection)

    def close(self) -> None:
        for opened in [self._listener, *self._open]:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self._threads:
            thread.join(2)


def _read_request(connection: socket.socket) -> bytes:
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = connection.recv(65536)
        if not piece:
            return b""
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as cleanup:

        def start(script: Script | bytes) -> RawServer:
            server = RawServer(script if callable(script) else lambda connection: _write_and_end(connection, script))
            cleanup.callback(server.close)
            return server

        yield start


def _write_and_end(connection: socket.socket, answer: bytes) -> None:
    connection.sendall(answer)
    connection.shutdown(socket.SHUT_WR)


@pytest.fixture
def ask() -> Iterator[Ask]:
    with ExitStack() as cleanup:

        def send(url: str, *, timeout_s: float = 5, max_bytes: int = 1_000_000, **request: object) -> Response:
            transport = HttpTransport(timeout_s, max_bytes)
            cleanup.callback(transport.close)
            return transport.send(Request(**{"method": "POST", "url": url, "body": b"{}", **request}))  # type: ignore[arg-type]

        yield send
