"""Listens for the callbacks of orders: until the last word, for a while, or again and again."""

import asyncio
import time
from collections.abc import Callable

from payconform.authoring.steps import Redeliveries, Silence, TerminalCallback, Unacknowledged, UnmetError
from payconform.engine.mailbox import Mailbox
from payconform.engine.ports import Ports
from payconform.engine.waiting import Waiting
from payconform.model.evidence import Awaited, Callback
from payconform.model.evidence import Silence as SilenceRecord
from payconform.model.message import Answer
from payconform.model.notification import Notification
from payconform.model.profile import Profile

INBOX_PATIENCE_S = 15.0


class Listener:
    """Listens for the cases of a run; `clock` gives seconds since the run began.

    `unacknowledged` tells of orders, by id, what their terminal callbacks are answered instead of an acknowledgement.
    """

    def __init__(self, profile: Profile, ports: Ports, mailbox: Mailbox, waiting: Waiting, clock: Callable[[], float]) -> None:
        self._profile = profile
        self._ports = ports
        self._mailbox = mailbox
        self._waiting = waiting
        self._clock = clock
        self.unacknowledged: dict[str, Answer] = {}

    async def terminal_callback(self, step: TerminalCallback, case: str) -> Callback | None:
        if self._profile.callbacks.inbox == "none":
            raise UnmetError("the profile has no inbox, so no callback can be heard")
        order, since, deadline = step.order, self._clock(), self._profile.callbacks.deadline_s
        with self._waiting.during("callbacks"):
            callback = await self._mailbox.first(order.id, _is_terminal, deadline)
            if callback is None:
                await self._hear_all()
                callback = await self._mailbox.first(order.id, _is_terminal, 0)
        heard = callback.id if callback else ""
        self._ports.recorder.write(Awaited(order=order.id, case=case, since=since, until=self._clock(), callback=heard))
        return callback

    async def silence(self, step: Silence, case: str) -> tuple[Callback, ...]:
        if self._profile.callbacks.inbox == "none":
            return ()
        since = self._clock()
        with self._waiting.during("silences"):
            await asyncio.sleep(self._profile.callbacks.quiet_window_s)
            await self._hear_all()
        for order in step.orders:
            self._ports.recorder.write(SilenceRecord(order=order.id, case=case, since=since, until=self._clock()))
        return tuple(callback for order in step.orders for callback in self._mailbox.of(order.id))

    async def leave_unacknowledged(self, step: Unacknowledged, _case: str) -> None:
        self.unacknowledged[step.order.id] = step.answer

    async def redeliveries(self, step: Redeliveries, _case: str) -> tuple[Callback, ...]:
        def terminal() -> tuple[Callback, ...]:
            return tuple(callback for callback in self._mailbox.of(step.order.id) if Notification(callback).terminal)

        with self._waiting.during("redeliveries"):
            answer = self.unacknowledged.get(step.order.id, Answer())
            within_s = self._profile.callbacks.redelivery_s + answer.after_s
            await self._mailbox.first(step.order.id, lambda _: len(terminal()) >= step.enough, within_s)
        self.unacknowledged.pop(step.order.id, None)
        return terminal()

    async def _hear_all(self) -> None:
        """Wait until all that has reached the inbox by now is in the mailbox: only then is silence the target's.

        Raises `UnmetError` when the inbox is out of reach.
        """
        now = time.monotonic()
        while self._ports.heard_until() < now:
            if time.monotonic() > now + INBOX_PATIENCE_S:
                raise UnmetError("the capture service could not be reached while a callback was awaited")
            await asyncio.sleep(0.05)
        await asyncio.sleep(0)  # what was handed on last is delivered by this loop first


def _is_terminal(heard: Callback) -> bool:
    return Notification(heard).terminal
