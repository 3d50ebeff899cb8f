"""Blocking calls beside the event loop."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
Work = Callable[[], None]


class _Worker(threading.Thread):
    """Does what it finds in its inbox, and is idle in between."""

    def __init__(self) -> None:
        super().__init__(name="payconform-worker", daemon=True)
        self.inbox: SimpleQueue[Work] = SimpleQueue()

    def run(self) -> None:
        while True:
            self.inbox.get()()
            _idle.append(self)


_idle: list[_Worker] = []
"""Kept, for a loop that starts a thread stands still until it runs."""


async def in_thread(call: Callable[[], T]) -> T:
    """Await a blocking call in a daemon thread: one that is idle, else a new one.

    The standard executors join their threads when Python ends, so a request that hangs would hold up Ctrl-C; these do not.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(act: Callable[[], None]) -> None:
        if not future.done():  # else whoever awaited it has gone
            act()

    def work() -> None:
        act: Callable[[], None]
        try:
            act = partial(future.set_result, call())
        except BaseException as raised:  # noqa: BLE001 -- carried over to the awaiting task
            act = partial(future.set_exception, raised)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, act)

    _hand_over(work)
    return await future


def _hand_over(work: Work) -> None:
    worker = _idle_worker()
    if worker is None:
        worker = _Worker()
        worker.start()
    worker.inbox.put(work)


def _idle_worker() -> _Worker | None:
    """None when all are busy. A process that was forked has none of its parent's threads."""
    try:
        worker = _idle.pop()
    except IndexError:
        return None
    return worker if worker.is_alive() else None
