"""Whoever waits for the next record of an arming."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

EVERY = None
"""Stands for all armings."""


class Waiting:
    """Wakes those that wait when something was committed; used in the event loop alone."""

    def __init__(self) -> None:
        self._events: dict[int | None, asyncio.Event] = defaultdict(asyncio.Event)
        self._ending = False

    def ticket(self, arming: int | None) -> asyncio.Event:
        """Is set with the next record of an arming. Take it before looking into the store, so that none slips between."""
        event = self._events[arming]
        if self._ending:
            event.set()
        return event

    def wake(self, armings: Iterable[int]) -> None:
        """Records of these armings were committed."""
        for arming in (*armings, EVERY):
            event = self._events.pop(arming, None)
            if event is not None:
                event.set()

    def end(self) -> None:
        """Wake everybody, now and from now on: the service stops."""
        self._ending = True
        for event in self._events.values():
            event.set()
