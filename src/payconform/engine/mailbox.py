"""Where callbacks wait for the cases that ask for them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from payconform.model.evidence import Callback


class Mailbox:
    """Callbacks by order, in the sequence of their arrival. A callback may come before anyone asks (X-43)."""

    def __init__(self) -> None:
        self._by_order: dict[str, list[Callback]] = defaultdict(list)
        self._arrival = asyncio.Event()

    def deliver(self, callback: Callback) -> None:
        """Take in a callback and wake whoever waits for one; called in the event loop."""
        self._by_order[callback.order].append(callback)
        arrival, self._arrival = self._arrival, asyncio.Event()
        arrival.set()

    def of(self, order: str) -> tuple[Callback, ...]:
        """Everything heard of an order so far."""
        return tuple(self._by_order.get(order, ()))

    async def first(self, order: str, wanted: Callable[[Callback], bool], deadline_s: float) -> Callback | None:
        """The first wanted callback of an order, or None when the deadline passes."""
        try:
            async with asyncio.timeout(deadline_s):
                while (found := self._found(order, wanted)) is None:
                    await self._arrival.wait()
                return found
        except TimeoutError:
            return self._found(order, wanted)

    def _found(self, order: str, wanted: Callable[[Callback], bool]) -> Callback | None:
        return next((callback for callback in self.of(order) if wanted(callback)), None)
