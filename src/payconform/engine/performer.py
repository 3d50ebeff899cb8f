"""Carries out steps: the one place where a case meets the outside, through ports."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from payconform.authoring.steps import (
    Create,
    CreateTogether,
    Forge,
    Open,
    Pay,
    Probe,
    Redeliveries,
    Silence,
    TerminalCallback,
    Unacknowledged,
    UnmetError,
)
from payconform.contract import ENDPOINT_PATH
from payconform.engine.forging import forged, signature_of
from payconform.engine.limiter import Limiter, retry_after_s
from payconform.engine.mailbox import Mailbox
from payconform.engine.ports import ExchangeKind, Ports
from payconform.engine.threads import in_thread
from payconform.model.clause import Mode
from payconform.model.evidence import Awaited, Callback, Exchange, Journey
from payconform.model.evidence import Silence as SilenceRecord
from payconform.model.message import Errand, Landing, Request, Response
from payconform.model.notification import Notification
from payconform.model.order import Order
from payconform.model.profile import Card, Profile
from payconform.model.reply import Reply

MOST_THROTTLED = 6
INBOX_PATIENCE_S = 15.0


class UnreachedError(UnmetError):
    """The network failed before a response: whoever asked may try once more with a fresh order."""


class Performer:
    """Performs the steps of all cases of a run; `clock` gives seconds since the run began.

    `waiting` counts what is being waited for, by kind, for whoever shows progress. `unacknowledged` are the ids of orders
    whose callbacks are not to be acknowledged.
    """

    def __init__(self, profile: Profile, ports: Ports, limiter: Limiter, mailbox: Mailbox, clock: Callable[[], float]) -> None:
        self._profile = profile
        self._ports = ports
        self._limiter = limiter
        self._mailbox = mailbox
        self._clock = clock
        self._journeys = 0
        self._requests = 0
        self._endpoint = profile.target.base_url + ENDPOINT_PATH
        self.owners: dict[str, tuple[str, Mode]] = {}
        self.waiting: Counter[str] = Counter()
        self.unacknowledged: set[str] = set()

    async def perform(self, step: object, case: str) -> Any:
        """What came of a step; `UnmetError` when it could not be had."""
        acts: dict[type, Callable[[Any, str], Awaitable[Any]]] = {
            Create: self._create,
            CreateTogether: self._create_together,
            Probe: self._probe,
            Forge: self._forge,
            Open: self._open,
            Pay: self._pay,
            TerminalCallback: self._terminal_callback,
            Silence: self._silence,
            Unacknowledged: self._leave_unacknowledged,
            Redeliveries: self._redeliveries,
        }
        return await acts[type(step)](step, case)

    def own(self, order: Order, case: str) -> None:
        """Note whose order it is and record it, before anything of it is on the wire."""
        self.owners[order.id] = (case, order.mode)
        self._ports.recorder.order(order, case)

    async def _create(self, step: Create, case: str) -> Reply:
        order = step.order
        self.own(order, case)
        exchange, _ = await self._send("create", self._order_request(order), order, case, order.fault)
        return _reached(exchange)

    async def _create_together(self, step: CreateTogether, case: str) -> tuple[Reply, ...]:
        orders = step.orders
        if self._limiter.concurrency < len(orders):
            raise UnmetError(f"the profile allows {self._limiter.concurrency} requests at once, {len(orders)} are needed")
        self._spend(len(orders))
        for order in orders:
            self.own(order, case)
        requests = [self._ports.signer.sign(self._order_request(order)) for order in orders]
        async with self._limiter.turn(len(orders)):
            with self._waiting_for("replies", len(orders)):
                at = self._clock()
                responses = await asyncio.gather(*(self._transmit(request) for request in requests))
        exchanges = [
            await self._record("create", (request, response), order, case, at=at, fault=order.fault)
            for order, request, response in zip(orders, requests, responses, strict=True)
        ]
        if any(response.status == 429 for response in responses):
            raise UnmetError("the target put off requests made at the same time")
        return tuple(_reached(exchange) for exchange in exchanges)

    async def _probe(self, step: Probe, case: str) -> Reply:
        self.own(step.order, case)
        request = self._order_request(step.order)
        body = request.body if step.body is None else step.body
        sent = Request(method=step.method, url=request.url, headers=request.headers, body=body)
        model = sent if step.signed is None else msgspec.structs.replace(sent, body=step.signed)

        def seal(_: Request) -> Request:
            return msgspec.structs.replace(self._ports.signer.sign(model), body=body)

        exchange, response = await self._send("probe", sent, step.order, case, step.fault, seal=seal)
        return Reply(exchange) if step.may_close and not response.unreached else _reached(exchange)

    async def _forge(self, step: Forge, case: str) -> Reply:
        self.own(step.order, case)
        sent, model = self._order_request(step.order), self._order_request(step.signed or step.order)

        def seal(_: Request) -> Request:
            return msgspec.structs.replace(forged(self._ports.signer.sign(model), step.forgery), body=sent.body)

        right = signature_of(self._ports.signer.sign(sent))
        if right.upper() != signature_of(seal(sent)).upper():
            self._ports.recorder.conceal(right)
            self._ports.recorder.conceal(right.lower())
        fault = step.signed.fault if step.signed else step.forgery.value
        exchange, _ = await self._send("forged", sent, step.order, case, fault, seal=seal)
        return _reached(exchange)

    async def _open(self, step: Open, case: str) -> Exchange:
        _, exchanges = await self._walk(_errand(step.order, step.url, look=True), step.order, case)
        if not exchanges:
            raise UnmetError("the page's address is not one that a browser can open")
        return exchanges[-1]

    async def _pay(self, step: Pay, case: str) -> Journey:
        card = self._profile.card(step.role)
        if card is None or self._profile.payer.kind == "none":
            raise UnmetError(f"nobody can pay with a card of role {step.role.value}: the profile has no such card or no payer")
        errand = msgspec.structs.replace(
            _errand(step.order, step.url), values=card_values(card), reject=step.reject, again=step.again
        )
        landing, exchanges = await self._walk(errand, step.order, case)
        self._journeys += 1
        journey = Journey(
            id=f"{self._ports.prefix}j{self._journeys}",
            order=step.order.id,
            case=case,
            mode=step.order.mode,
            role=step.role.value,
            rejected=step.reject,
            landed=landing.landed,
            final_url=landing.final_url,
            stuck=landing.stuck,
            fault=landing.fault,
            pages=landing.pages,
            exchanges=tuple(exchange.id for exchange in exchanges),
        )
        self._ports.recorder.write(journey)
        return journey

    async def _walk(self, errand: Errand, order: Order, case: str) -> tuple[Landing, list[Exchange]]:
        walk = self._ports.payer(errand)
        exchanges: list[Exchange] = []
        try:
            request = next(walk)
            while True:
                await asyncio.sleep(request.wait_s)
                exchange, response = await self._send("page", request, order, case)
                exchanges.append(exchange)
                request = walk.send(response)
        except StopIteration as end:
            return end.value, exchanges

    async def _terminal_callback(self, step: TerminalCallback, case: str) -> Callback | None:
        if self._profile.callbacks.inbox == "none":
            raise UnmetError("the profile has no inbox, so no callback can be heard")
        order, since, deadline = step.order, self._clock(), self._profile.callbacks.deadline_s
        with self._waiting_for("callbacks"):
            callback = await self._mailbox.first(order.id, _is_terminal, deadline)
            if callback is None:
                await self._hear_all()
                callback = await self._mailbox.first(order.id, _is_terminal, 0)
        heard = callback.id if callback else ""
        self._ports.recorder.write(Awaited(order=order.id, case=case, since=since, until=self._clock(), callback=heard))
        return callback

    async def _silence(self, step: Silence, case: str) -> tuple[Callback, ...]:
        if self._profile.callbacks.inbox == "none":
            return ()
        since = self._clock()
        with self._waiting_for("silences"):
            await asyncio.sleep(self._profile.callbacks.quiet_window_s)
            await self._hear_all()
        for order in step.orders:
            self._ports.recorder.write(SilenceRecord(order=order.id, case=case, since=since, until=self._clock()))
        return tuple(callback for order in step.orders for callback in self._mailbox.of(order.id))

    def _spend(self, count: int) -> None:
        """Take requests from the budget of the profile. The requests that ended one are not sent."""
        limits = self._profile.limits
        if limits.requests and self._requests + count > limits.requests:
            raise UnmetError(f"the profile's budget of {limits.requests} requests is spent (limits.requests)")
        if limits.seconds and self._clock() > limits.seconds:
            raise UnmetError(f"the profile's budget of {limits.seconds:g} s is spent (limits.seconds)")
        self._requests += count

    async def _leave_unacknowledged(self, step: Unacknowledged, _case: str) -> None:
        self.unacknowledged.add(step.order.id)

    async def _redeliveries(self, step: Redeliveries, _case: str) -> tuple[Callback, ...]:
        def terminal() -> tuple[Callback, ...]:
            return tuple(callback for callback in self._mailbox.of(step.order.id) if Notification(callback).terminal)

        with self._waiting_for("redeliveries"):
            within_s = self._profile.callbacks.redelivery_s
            await self._mailbox.first(step.order.id, lambda _: len(terminal()) >= step.enough, within_s)
        self.unacknowledged.discard(step.order.id)
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

    def _order_request(self, order: Order) -> Request:
        headers = (("Content-Type", "application/json"), ("Accept", "application/json"), *self._profile.target.headers.items())
        body = json.dumps(order.document, ensure_ascii=False, separators=(",", ":")).encode()
        return Request(method="POST", url=self._endpoint, headers=headers, body=body)

    async def _send(
        self,
        kind: ExchangeKind,
        request: Request,
        order: Order,
        case: str,
        fault: str = "",
        *,
        seal: Callable[[Request], Request] | None = None,
    ) -> tuple[Exchange, Response]:
        """Send within the target's limits; what it puts off (429, or 503 with Retry-After) is sent again when it says so.

        `seal` gives a request its credentials, anew for every attempt; by default the signer does, and a page needs none.
        """
        seal = seal or self._ports.signer.sign
        self._spend(1)
        for attempt in range(MOST_THROTTLED):
            sent = request if kind == "page" else seal(request)
            async with self._limiter.turn():
                with self._waiting_for("replies"):
                    at = self._clock()
                    response = await self._transmit(sent)
            if not _put_off(response):
                return await self._record(kind, (sent, response), order, case, at=at, fault=fault), response
            await self._record("throttled", (sent, response), order, case, at=at, fault=fault)
            self._limiter.pause(retry_after_s(response.header("retry-after"), attempt))
        raise UnmetError(f"the target put off the request {MOST_THROTTLED} times (HTTP {response.status})")

    async def _transmit(self, request: Request) -> Response:
        return await in_thread(lambda: self._ports.transport.send(request))

    async def _record(
        self, kind: ExchangeKind, sent: tuple[Request, Response], order: Order, case: str, *, at: float, fault: str
    ) -> Exchange:
        """Record beside the event loop, because masking a large body takes its time."""
        request, response = sent
        return await in_thread(
            lambda: self._ports.recorder.exchange(
                kind=kind, order=order.id, case=case, mode=order.mode, request=request, response=response, at=at, fault=fault
            )
        )

    @contextmanager
    def _waiting_for(self, kind: str, count: int = 1) -> Iterator[None]:
        self.waiting[kind] += count
        try:
            yield
        finally:
            self.waiting[kind] -= count


def _errand(order: Order, url: str, *, look: bool = False) -> Errand:
    return Errand(url=url, success_url=order.document["success_url"], fail_url=order.document["fail_url"], values={}, look=look)


def card_values(card: Card) -> dict[str, str | int]:
    """What a page's templates may name, of one card."""
    return {
        "number": card.number,
        "expiry_month": card.expiry_month,
        "expiry_year": card.expiry_year,
        "expiry_yy": f"{card.expiry_year % 100:02d}",
        "cvv": card.cvv,
    }


def _is_terminal(heard: Callback) -> bool:
    return Notification(heard).terminal


def _put_off(response: Response) -> bool:
    return response.status == 429 or (response.status == 503 and bool(response.header("retry-after")))


def _reached(exchange: Exchange) -> Reply:
    if exchange.status is None:
        raise UnreachedError(f"the target could not be reached: {exchange.error}")
    return Reply(exchange)
