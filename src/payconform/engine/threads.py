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
_idle: "list[SimpleQueue[Work]]" = []
"""Of each thread that has nothing to do, where it waits for work: a loop that starts a thread stands still until it runs."""


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
    try:
        inbox = _idle.pop()
    except IndexError:
        inbox = SimpleQueue()
        threading.Thread(target=_serve, args=(inbox,), name="payconform-worker", daemon=True).start()
    inbox.put(work)


def _serve(inbox: "SimpleQueue[Work]") -> None:
    while True:
        inbox.get()()
        _idle.append(inbox)
