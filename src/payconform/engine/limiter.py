"""Holds a target's rate and concurrency, for all cases together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from payconform.engine.ranked_lock import RankedLock

LONGEST_PAUSE_S = 60.0


class Limiter:
    """Lets at most `concurrency` requests be under way and starts at most `per_second` of them.

    A pause that the target asks for holds every case, because the limit it names is the merchant's and not the case's.
    """

    def __init__(self, per_second: float, concurrency: int) -> None:
        self.concurrency = concurrency
        self._interval = 1 / per_second
        self._slots = asyncio.Semaphore(concurrency)
        self._gathering = RankedLock()
        self._next_start = 0.0

    @asynccontextmanager
    async def turn(self, count: int = 1, rank: int = 0) -> AsyncIterator[None]:
        """Wait for `count` turns to be had at the same moment; of those that wait the lowest `rank` comes next."""
        taken = 0
        try:
            async with self._gathering.held(rank):  # one at a time, lest two gatherings each hold half and wait for ever
                for _ in range(count):
                    await self._slots.acquire()
                    taken += 1
                await self._start(count)
            yield
        finally:
            for _ in range(taken):
                self._slots.release()

    def pause(self, seconds: float) -> None:
        """Start nothing for a while."""
        until = asyncio.get_running_loop().time() + min(seconds, LONGEST_PAUSE_S)
        self._next_start = max(self._next_start, until)

    async def _start(self, count: int) -> None:
        loop = asyncio.get_running_loop()
        while (wait := self._next_start - loop.time()) > 0:  # noqa: ASYNC110 -- time passes, nobody sets an event
            await asyncio.sleep(wait)
        self._next_start = loop.time() + count * self._interval


def retry_after_s(value: str, attempt: int) -> float:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3); without one, twice as long at each attempt."""
    if value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        return max(0.0, (until - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone
        return float(2**attempt) / 2
