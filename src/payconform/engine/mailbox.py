"""Where callbacks wait for the cases that ask for them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from payconform.model.evidence import Callback


class Mailbox:
    """Callbacks by order, in the sequence of their arrival. A callback may come before anyone asks (X-43)."""

    def __init__(self) -> None:
        self._by_order: dict[str, list[Callback]] = defaultdict(list)
        self._arrived = asyncio.Condition()

    async def deliver(self, callback: Callback) -> None:
        async with self._arrived:
            self._by_order[callback.order].append(callback)
            self._arrived.notify_all()

    def of(self, order: str) -> tuple[Callback, ...]:
        """Everything heard of an order so far."""
        return tuple(self._by_order.get(order, ()))

    async def first(self, order: str, wanted: Callable[[Callback], bool], deadline_s: float) -> Callback | None:
        """The first wanted callback of an order, or None when the deadline passes."""

        def found() -> Callback | None:
            return next((callback for callback in self.of(order) if wanted(callback)), None)

        try:
            async with asyncio.timeout(deadline_s), self._arrived:
                return await self._arrived.wait_for(found)
        except TimeoutError:
            return found()
