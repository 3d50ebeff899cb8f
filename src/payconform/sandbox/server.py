"""Runs a provider on loopback: inside a test run, or for as long as a command lasts."""

import socket
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from payconform.sandbox.provider import Provider
from payconform.sandbox.settings import Settings

if TYPE_CHECKING:  # a sandbox that is only looked at should not pay for a server
    import uvicorn

HOST = "127.0.0.1"
BACKLOG = 1024
START_TIMEOUT_S = 10.0
STOP_TIMEOUT_S = 5.0
POLL_S = 0.005


class Sandbox:
    """A provider on a port of its own (`port` 0: any free one), in a thread with its own event loop.

    Raises `OSError` at once when the port is taken. Use it as a context manager, or call `start` and `stop`.
    """

    def __init__(self, provider_class: type[Provider] = Provider, settings: Settings | None = None, port: int = 0) -> None:
        self.provider = provider_class(settings)
        self._socket = _listen(port)
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self.provider.url = self.url
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Serve; returns when the port answers."""
        self._server = server = _server(self.provider)
        self._thread = threading.Thread(target=server.run, args=([self._socket],), name="sandbox", daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError("the sandbox did not start")
            time.sleep(POLL_S)
        return self

    def stop(self) -> None:
        """End at once: requests in flight are cut off, and callbacks not yet delivered are dropped."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(STOP_TIMEOUT_S)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio turns Nagle's delay of 40 ms off only where it is.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _server(provider: Provider) -> "uvicorn.Server":
    import uvicorn  # noqa: PLC0415 - see above

    from payconform.sandbox.application import application  # noqa: PLC0415 - it needs the server's libraries
    from payconform.sandbox.header_names import WrittenNames  # noqa: PLC0415 - as above

    config = uvicorn.Config(
        application(provider),
        loop="asyncio",
        http=WrittenNames,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=0,
    )
    return uvicorn.Server(config)
