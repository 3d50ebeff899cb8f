"""Blocking calls beside the event loop."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[[], T]) -> T:
    """Await a blocking call in a daemon thread of its own.

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

    threading.Thread(target=work, daemon=True).start()
    return await future
