"""The service whole: store, committer, captures and API for as long as a server runs."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from payconform.capture.api import Api, Desk
from payconform.capture.application import Capture
from payconform.capture.armed import Armed, ArmedPaths
from payconform.capture.committer import Committer, Journal, NotKeptError
from payconform.capture.masking import Masker
from payconform.capture.metrics import Metrics
from payconform.capture.store import Row, Shelf, Store
from payconform.capture.waiting import Waiting
from payconform.capture.wire import Receive, Scope, Send

FORGET_EVERY_S = 60.0
FORGET_AT_ONCE = 2000


class Settings(Struct, frozen=True, kw_only=True):
    """How a service is run. `secret` verifies signatures, "" when they are not verified; `retention_s` None keeps for ever."""

    store: Path
    token: str
    secret: str = ""
    retention_s: float | None = None

    def __repr__(self) -> str:
        return f"Settings(store={self.store})"


class Service:
    """An ASGI application with a lifespan. Raises `StoreError` when the store cannot be opened.

    `journal` says where captures are kept, for measuring what keeping costs; by default in the store.
    """

    def __init__(self, settings: Settings, journal: Callable[[Committer], Journal] = lambda committer: committer) -> None:
        self._settings = settings
        self._store = Store(settings.store)
        self._journal = journal
        self._waiting = Waiting()
        self._metrics = Metrics()
        self._armed = ArmedPaths()
        self._committer: Committer | None = None
        self._capture: Capture | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._capture is not None:
            await self._capture(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    def end_waiting(self) -> None:
        """Answer those that wait for records, because the service is about to stop."""
        self._waiting.end()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        committer = self._begin()
        forgetting = asyncio.create_task(self._forget(committer))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        forgetting.cancel()
        with suppress(asyncio.CancelledError):
            await forgetting
        await asyncio.to_thread(committer.close)
        self._store.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _begin(self) -> Committer:
        for name, arming in self._store.armings().items():
            self._armed.arm(Armed(name, arming), self._store.counts(name) if arming.refuse_first else {})
        committer = Committer(self._store, self._committed)
        desk = Desk(
            store=self._store.name,
            armed=self._armed,
            committer=committer,
            shelf=Shelf(self._settings.store),
            waiting=self._waiting,
            metrics=self._metrics,
        )
        api = Api(desk, self._settings.token).application()
        masker = Masker(self._settings.secret, (self._settings.token,))
        self._capture = Capture(self._armed, self._journal(committer), masker, self._metrics, api)  # type: ignore[arg-type]
        return committer

    def _committed(self, rows: list[Row], seconds: float) -> None:
        self._metrics.commits.add(seconds)
        self._waiting.wake({row.arming for row in rows})

    async def _forget(self, committer: Committer) -> None:
        """Forget what is older than the retention time, a little at once, so that callbacks do not wait for it."""
        if self._settings.retention_s is None:
            return
        while True:
            before = time.time() - self._settings.retention_s
            with suppress(NotKeptError):
                while await committer.act(lambda store: store.forget(before, FORGET_AT_ONCE)) == FORGET_AT_ONCE:  # noqa: B023 -- it is awaited here
                    pass
                self._armed.keep_only(await committer.act(lambda store: store.armings()))
            await asyncio.sleep(min(FORGET_EVERY_S, self._settings.retention_s))
