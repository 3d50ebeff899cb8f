"""Sends requests within the target's limits and the profile's budget, and has every exchange recorded."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial

from payconform.authoring.steps import UnmetError
from payconform.contract import ENDPOINT_PATH
from payconform.engine.limiter import Limiter, retry_after_s
from payconform.engine.ports import ExchangeKind, Ports
from payconform.engine.threads import in_thread
from payconform.engine.waiting import Waiting
from payconform.model.evidence import Exchange
from payconform.model.message import Request, Response
from payconform.model.order import Order
from payconform.model.profile import Profile

MOST_THROTTLED = 6
POLL_S = 0.02
NOT_ENDED = "the run ended before the case did"


class Sender:
    """Sends what the cases of a run ask; `clock` gives seconds since the run began."""

    def __init__(self, profile: Profile, ports: Ports, limiter: Limiter, waiting: Waiting, clock: Callable[[], float]) -> None:
        self._profile = profile
        self._ports = ports
        self._limiter = limiter
        self._waiting = waiting
        self._clock = clock
        self._requests = 0
        self._ranks: dict[str, int] = {}
        self._is_closed = False
        self._endpoint = profile.target.base_url + ENDPOINT_PATH

    def rank(self, cases: Iterable[str]) -> None:
        """Have the requests of cases go before those of cases named later, and after those of whoever was never named.

        So what a case has begun goes on before another begins, and whoever has most to wait for does so beside all others.
        """
        for case in cases:
            self._ranks.setdefault(case, len(self._ranks) + 1)

    def order_request(self, order: Order) -> Request:
        """The request of an order, without credentials."""
        headers = (("Content-Type", "application/json"), ("Accept", "application/json"), *self._profile.target.headers.items())
        body = json.dumps(order.document, ensure_ascii=False, separators=(",", ":")).encode()
        return Request(method="POST", url=self._endpoint, headers=headers, body=body)

    async def send(
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
        for attempt in range(MOST_THROTTLED):
            self._spend(1)
            sent = request if kind == "page" else seal(request)
            async with self._turn(case):
                exchange, response = await in_thread(partial(self._exchange, kind, sent, order, case, fault))
            if not _put_off(response):
                return exchange, response
            self._limiter.pause(retry_after_s(response.header("retry-after"), attempt))
        raise UnmetError(f"the target put off the request {MOST_THROTTLED} times (HTTP {response.status})")

    async def send_together(self, orders: Sequence[Order], case: str) -> list[tuple[Exchange, Response]]:
        """Send orders at the same time, or none of them."""
        if self._limiter.concurrency < len(orders):
            raise UnmetError(f"the profile allows {self._limiter.concurrency} requests at once, {len(orders)} are needed")
        self._spend(len(orders))
        requests = [self._ports.signer.sign(self.order_request(order)) for order in orders]
        async with self._turn(case, len(orders)):
            at, send = self._clock(), self._ports.transport.send
            responses = await asyncio.gather(*(in_thread(partial(send, request)) for request in requests))
            return [
                (await in_thread(partial(self._record, "create", (request, response), order, case, order.fault, at=at)), response)
                for order, request, response in zip(orders, requests, responses, strict=True)
            ]

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Send nothing new meanwhile: whoever wants to is told that the run has ended."""
        self._is_closed = True
        try:
            yield
        finally:
            self._is_closed = False

    async def nothing_is_under_way(self) -> None:
        """Wait until every reply has come and is recorded."""
        while self._waiting.counts["replies"]:  # noqa: ASYNC110 -- nobody sets an event
            await asyncio.sleep(POLL_S)

    @asynccontextmanager
    async def _turn(self, case: str, count: int = 1) -> AsyncIterator[None]:
        """The time of requests from when they may be sent to when their replies are recorded."""
        async with self._limiter.turn(count, self._ranks.get(case, 0)):
            if self._is_closed:
                raise UnmetError(NOT_ENDED)
            with self._waiting.during("replies", count):
                yield

    def _spend(self, count: int) -> None:
        """Take requests from the budget of the profile. The requests that ended one are not sent."""
        limits = self._profile.limits
        if limits.requests and self._requests + count > limits.requests:
            raise UnmetError(f"the profile's budget of {limits.requests} requests is spent (limits.requests)")
        if limits.seconds and self._clock() > limits.seconds:
            raise UnmetError(f"the profile's budget of {limits.seconds:g} s is spent (limits.seconds)")
        self._requests += count

    def _exchange(self, kind: ExchangeKind, request: Request, order: Order, case: str, fault: str) -> tuple[Exchange, Response]:
        """Send and record in one thread, because both take their time: masking a large body does too."""
        at = self._clock()
        response = self._ports.transport.send(request)
        came_to: ExchangeKind = "throttled" if _put_off(response) else kind
        return self._record(came_to, (request, response), order, case, fault, at=at), response

    def _record(
        self, kind: ExchangeKind, sent: tuple[Request, Response], order: Order, case: str, fault: str, *, at: float
    ) -> Exchange:
        request, response = sent
        return self._ports.recorder.exchange(
            kind=kind, order=order.id, case=case, mode=order.mode, request=request, response=response, at=at, fault=fault
        )


def _put_off(response: Response) -> bool:
    return response.status == 429 or (response.status == 503 and bool(response.header("retry-after")))
