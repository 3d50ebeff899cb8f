"""Serves a service until it is told to stop, and cuts off whoever holds a connection without asking anything."""

import signal
import socket
import time
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import uvicorn

from payconform.capture.service import Service

KEEPALIVE_S = 75
IDLE_S = 90.0
"""How long a connection may be open without a complete head of a request: longer than one is kept for reuse."""
CONNECTIONS = 1000
GRACE_S = 10
SWEEP_TICKS = 10  # of the server, which are 0.1 s apart


class Server(uvicorn.Server):
    """Uvicorn, with an eye on idle connections and on those that wait for records when it stops."""

    def __init__(self, service: Service) -> None:
        super().__init__(
            uvicorn.Config(
                service,
                interface="asgi3",
                http="httptools" if find_spec("httptools") else "h11",
                loop="auto",  # uvloop where it is installed
                ws="none",
                lifespan="on",
                proxy_headers=False,  # the peer is who connected, whatever a header claims
                log_config=None,
                log_level="critical",  # scanners and broken clients are no news
                access_log=False,
                server_header=False,
                backlog=2048,
                limit_concurrency=CONNECTIONS,
                timeout_keep_alive=KEEPALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self._service = service
        self._idle_since: dict[Any, float] = {}

    async def on_tick(self, counter: int) -> bool:
        if counter % SWEEP_TICKS == 0:
            self._sweep(time.monotonic())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer whoever waits for records; what is being captured is kept and acknowledged first."""
        self._service.end_waiting()
        await super().shutdown(sockets)

    def _sweep(self, now: float) -> None:
        idle = {one for one in self.server_state.connections if one.cycle is None or one.cycle.response_complete}  # type: ignore[union-attr]
        self._idle_since = {one: self._idle_since.get(one, now) for one in idle}
        for connection, since in self._idle_since.items():
            if now - since > IDLE_S:
                connection.transport.close()


def serve(service: Service, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is under way, and return."""
    # Uvicorn hands the signal on when it has stopped; whoever was asked to stop and did has ended well.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    _allow_many_files()
    Server(service).run([listener])


def _allow_many_files() -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 -- not every system has it

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * CONNECTIONS)), hard))
