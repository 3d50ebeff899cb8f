"""Runs many cases at once on one event loop, in a thread of its own."""

import asyncio
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from itertools import count
from random import Random
from secrets import token_hex
from typing import Any, TypeVar

from payconform.authoring.cases import Case
from payconform.authoring.checks import Check
from payconform.authoring.flows import Script, plain_order, require_accepted, store_card
from payconform.authoring.make import Make
from payconform.authoring.steps import Against, Control, Placed, Settled, StoredCard, Together, UnmetError
from payconform.engine.judge import against
from payconform.engine.limiter import Limiter
from payconform.engine.listening import Listener
from payconform.engine.mailbox import Mailbox
from payconform.engine.performer import Performer, UnreachedError
from payconform.engine.ports import Ports
from payconform.engine.sending import Sender
from payconform.engine.waiting import Awaited, Waiting
from payconform.model.clause import Mode
from payconform.model.message import Answer, Arrival, Captured
from payconform.model.notification import is_terminal
from payconform.model.profile import Profile
from payconform.model.run import Ended

T = TypeVar("T")
STOP_S = 2.0


class Runner:
    """The engine of one run. `examples` is how many orders a case that draws them may draw.

    `start` sets all cases going; `ended` waits for one; `settle` lets late callbacks come; `cut_off` ends what is under way, and
    `stop` the engine too.
    What came of a case is in the journal, not here.
    """

    def __init__(self, profile: Profile, ports: Ports, seed: int, examples: int = 0) -> None:
        self._profile = profile
        self._ports = ports
        self._seed = seed
        self._examples = examples
        self._began = time.monotonic()
        self._numbers = count(1)
        self._prefix = f"o{token_hex(4)}-"
        self._loop = asyncio.new_event_loop()
        self._mailbox = Mailbox()
        self._waiting = Waiting()
        limiter = Limiter(profile.limits.requests_per_second, profile.limits.concurrency)
        self._listener = Listener(profile, ports, self._mailbox, self._waiting, self.clock)
        self._sender = Sender(profile, ports, limiter, self._waiting, self.clock)
        self._performer = Performer(profile, ports, self._sender, self._listener)
        self._shared: dict[str, asyncio.Task[Any]] = {}
        self._cases: dict[str, Future[None]] = {}
        self._before_forging: list[Future[None]] = []
        self._last_heard = 0.0
        self._thread = threading.Thread(target=self._loop.run_forever, name="payconform-runner", daemon=True)
        self._thread.start()

    def clock(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    @property
    def waiting(self) -> dict[Awaited, int]:
        """What is being waited for now, by kind: replies, callbacks, silences."""
        return {kind: number for kind, number in self._waiting.counts.items() if number}

    def start(self, cases: Sequence[Case]) -> None:
        """Set cases going, all at once.

        Those that judge a mode's plain order come first, then those that await redeliveries or draw orders, as they have most
        to wait for; those that forge requests come last, when all others have ended but for those that await redeliveries.
        """
        first_to_last = sorted(cases, key=lambda case: (case.forges, not case.opens, not case.redelivers, not case.draws))
        self._sender.rank(case.id for case in first_to_last)
        for case in first_to_last:
            if case.id not in self._cases:
                self._cases[case.id] = self._submit(self._run_last(case) if case.forges else self._run(case))
                if not (case.forges or case.redelivers):
                    self._before_forging.append(self._cases[case.id])

    def ended(self, case: Case, within_s: float | None = None) -> bool:
        """Wait until a case ended or was cut off, if it was begun; False when it has not within that time."""
        try:
            if case.id in self._cases:
                self._cases[case.id].result(within_s)
        except NotYet:
            return False
        except CancelledError:
            pass
        return True

    def done(self, case: Case) -> bool:
        """Whether a case has ended."""
        return case.id in self._cases and self._cases[case.id].done() and not self._cases[case.id].cancelled()

    def perform(self, step: object, case: str) -> Any:
        """Perform one step for a plain test function, and wait for what comes of it."""
        return self._submit(self._performer.perform(step, case)).result()

    def make(self, mode: Mode, name: str) -> Make:
        """A maker of orders whose choices repeat with the run's seed."""
        random = Random(f"{self._seed}:{name}")  # noqa: S311 -- repeatable on purpose, not a secret
        return Make(
            self._profile,
            mode,
            random,
            self._ports.inbox_url,
            lambda: f"{self._prefix}{next(self._numbers)}",
            examples=self._examples,
        )

    def receive(self, arrival: Arrival) -> Answer:
        """Take in one request that reached the inbox; called in the inbox's thread."""
        _, kind, order, *_ = [*arrival.path.split("/"), "", "", ""]
        case, mode = self._performer.owners.get(order, ("", self._profile.modes[0]))
        if kind != "callbacks" or not case:
            return Answer(status=404, body="no such order") if kind == "callbacks" else Answer(body="You may close this window.")
        answer = self._answer_to(order, arrival)
        captured = arrival.captured or Captured(ago_s=0.0, answered=answer.status)
        at = max(0.0, self.clock() - captured.ago_s)
        callback = self._ports.recorder.callback(
            order=order, case=case, mode=mode, arrival=arrival, at=at, answered=captured.answered
        )
        self._last_heard = self.clock()
        with suppress(RuntimeError):  # the loop is closed: it is recorded, and nobody waits for it any more
            self._loop.call_soon_threadsafe(self._mailbox.deliver, callback)
        return answer

    def _answer_to(self, order: str, arrival: Arrival) -> Answer:
        """A merchant in trouble still acknowledges what is not final, lest a target in sequence never come to the end."""
        acknowledge = self._profile.callbacks.acknowledge
        well = Answer(status=acknowledge.status, body=acknowledge.body)
        return self._listener.unacknowledged.get(order, well) if is_terminal(arrival.body) else well

    def settle(self) -> None:
        """Wait until no callback has come for a quiet window, so that a late one that contradicts an earlier is heard."""
        latest = self.clock() + 2 * self._profile.callbacks.quiet_window_s
        if not self._last_heard:
            return
        while (now := self.clock()) < min(latest, self._last_heard + self._profile.callbacks.quiet_window_s):
            time.sleep(min(0.05, latest - now))

    def cut_off(self) -> None:
        """End the cases that are under way. What was sent already is awaited and recorded, lest the journal lack it."""
        with suppress(NotYet):
            self._submit(self._cut_off()).result(self._profile.limits.request_timeout_s + STOP_S)

    def stop(self) -> None:
        """End everything, promptly."""
        if self._loop.is_closed():
            return
        with suppress(NotYet):
            self._submit(_cancel_others()).result(STOP_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_S)
        if not self._thread.is_alive():
            self._loop.close()

    def _submit(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    async def _cut_off(self) -> None:
        with self._sender.closed():
            await self._sender.nothing_is_under_way()
            await _cancel_others()

    async def _run_last(self, case: Case) -> None:
        await asyncio.gather(*map(asyncio.wrap_future, self._before_forging), return_exceptions=True)
        await self._run(case)

    async def _run(self, case: Case) -> None:
        trouble = error = ""
        try:
            if not case.opens:
                require_accepted((await self._control(case.mode)).reply, "the plain valid order of this mode")
            await self._drive_with_patience(case.write, case.id, case.mode)
            await self._performer.hear_rest(case.id)
        except UnmetError as unmet:
            trouble = str(unmet)
        except Exception as raised:  # noqa: BLE001 -- the harness's own fault must not end the other cases
            error = _told(raised)
        self._ports.recorder.write(Ended(case=case.id, at=self.clock(), trouble=trouble, error=error))

    async def _drive_with_patience(self, write: "Callable[[Make], Script[T]]", name: str, mode: Mode) -> T:
        """Drive a script; when the network fails it, once more from the start with fresh orders."""
        try:
            return await self._drive(write(self.make(mode, name)), name, mode)
        except UnreachedError as unreached:
            if "timed out" in str(unreached) or "refused" in str(unreached):
                raise
            return await self._drive(write(self.make(mode, f"{name}, again")), name, mode)

    async def _drive(self, script: "Script[T]", name: str, mode: Mode) -> T:
        answer: Any = None
        try:
            while True:
                yielded = script.send(answer)
                answer = await self._answer(yielded, name, mode)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            script.close()

    async def _answer(self, yielded: object, name: str, mode: Mode) -> Any:
        match yielded:
            case Check():
                self._ports.recorder.write(yielded.observed_in(mode, name))
                return None
            case Control():
                return await self._control(mode)
            case StoredCard():
                return await self._stored_card()
            case Together(scripts):
                return await self._together(scripts, name, mode)
            case Against(orders):
                return against(self._ports.recorder.records, {order.id for order in orders}, self._profile)
            case _:
                return await self._performer.perform(yielded, name)

    async def _together(self, scripts: "tuple[Script[Any], ...]", name: str, mode: Mode) -> tuple[Any, ...]:
        ended = await asyncio.gather(*(self._drive(script, name, mode) for script in scripts), return_exceptions=True)
        faults = [end for end in ended if isinstance(end, BaseException)]
        faults.sort(key=lambda fault: isinstance(fault, UnmetError))  # the harness's own come before the network's
        if faults and (len(faults) == len(ended) or not isinstance(faults[0], UnmetError)):
            raise faults[0]
        return tuple(None if isinstance(end, BaseException) else end for end in ended)

    async def _control(self, mode: Mode) -> Placed:
        return await self._once(f"control of {mode.value}", plain_order, mode)

    async def _stored_card(self) -> Settled:
        return await self._once("stored card", store_card, Mode.CARD)

    async def _once(self, name: str, write: "Callable[[Make], Script[T]]", mode: Mode) -> T:
        """What a script returns, run once whoever asks; everyone gets the same answer or the same trouble."""
        if name not in self._shared:
            self._shared[name] = self._loop.create_task(self._drive_with_patience(write, name, mode))
        answer: T = await asyncio.shield(self._shared[name])
        return answer


async def _cancel_others() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _told(error: Exception) -> str:
    """An error of the harness as one line: what and where, without the values it had in hand, which may be card data."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})"
