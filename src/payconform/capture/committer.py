"""Group commit: one thread writes whatever came while the last commit was under way, and only then says that it is kept."""

import asyncio
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

from payconform.capture.store import Row, Store

T = TypeVar("T")
MOST_A_COMMIT = 500


class NotKeptError(Exception):
    """Something could not be written to disk. The text is one line for the log, not for the sender."""


class Journal(Protocol):
    """Where records are kept before anybody is answered."""

    async def keep(self, row: Row) -> None:
        """Returns when the record is on disk. Raises `NotKeptError`."""
        ...


class _Job:
    """A row to insert, or an act on the store, and who waits for it."""

    __slots__ = ("act", "answer", "row", "waiting")

    def __init__(self, waiting: "asyncio.Future[Any]", row: Row | None, act: Callable[[Store], Any] | None) -> None:
        self.waiting = waiting
        self.row = row
        self.act = act
        self.answer: Any = None


class Committer:
    """Writes to a store from one thread. Made and used in an event loop; `close` may be called from any thread.

    `on_commit` is told in the loop of each commit: its rows, and the seconds it took. `failing` says why the latest commit
    failed, "" when it did not.
    """

    def __init__(self, store: Store, on_commit: Callable[[list[Row], float], None]) -> None:
        self._store = store
        self._on_commit = on_commit
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="payconform-committer", daemon=True)
        self.failing = ""
        self._thread.start()

    async def keep(self, row: Row) -> None:
        """Returns when the record is on disk. Raises `NotKeptError`."""
        waiting = self._loop.create_future()
        self._jobs.put(_Job(waiting, row, None))
        await waiting

    async def act(self, act: Callable[[Store], T]) -> T:
        """What `act` returns, when what it did to the store is on disk. Raises `NotKeptError`."""
        waiting: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(waiting, None, act))
        return await waiting

    def close(self) -> None:
        """Write what is still waiting, and end."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        going = True
        while going:
            batch = self._batch()
            going = None not in batch
            jobs = [job for job in batch if job is not None]
            if jobs:
                self._commit(jobs)

    def _batch(self) -> list[_Job | None]:
        batch = [self._jobs.get()]
        try:
            while len(batch) < MOST_A_COMMIT:
                batch.append(self._jobs.get_nowait())
        except Empty:
            pass
        return batch

    def _commit(self, jobs: list[_Job]) -> None:
        began, failure = time.perf_counter(), ""
        try:
            self._store.begin()
            self._write(jobs)
            self._store.commit()
        except Exception as error:  # noqa: BLE001 -- whatever it was, nothing of this batch is kept, and the next may be
            failure = f"{type(error).__name__}: {error}"
            self._give_up()
        self.failing = failure
        self._loop.call_soon_threadsafe(self._tell, jobs, failure, time.perf_counter() - began)

    def _write(self, jobs: list[_Job]) -> None:
        """The rows between two acts go in at once; the order of all is kept."""
        rows: list[Row] = []
        for job in jobs:
            if job.row is not None:
                rows.append(job.row)
            elif job.act is not None:
                self._store.keep(rows)
                rows = []
                job.answer = job.act(self._store)
        self._store.keep(rows)

    def _give_up(self) -> None:
        try:
            self._store.roll_back()
        except Exception as error:  # noqa: BLE001 -- the next `begin` tells again if it still cannot
            self.failing = str(error)

    def _tell(self, jobs: list[_Job], failure: str, seconds: float) -> None:
        for job in jobs:
            if job.waiting.done():  # whoever waited has gone
                continue
            if failure:
                job.waiting.set_exception(NotKeptError(failure))
            else:
                job.waiting.set_result(job.answer)
        self._on_commit([] if failure else [job.row for job in jobs if job.row is not None], seconds)
