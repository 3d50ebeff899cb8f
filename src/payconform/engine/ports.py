"""What the engine needs of the outside, as protocols: it has no network code of its own."""

from collections.abc import Callable, Generator, Sequence
from math import inf
from typing import Literal, NamedTuple, Protocol

from payconform.model.clause import Mode
from payconform.model.evidence import Callback, Exchange, Journey
from payconform.model.message import Arrival, Errand, Landing, Request, Response
from payconform.model.order import Order
from payconform.model.run import Record

ExchangeKind = Literal["create", "probe", "page", "throttled", "forged"]


class Transport(Protocol):
    """Sends one request and blocks until its response; trouble is in the response, never raised."""

    def send(self, request: Request) -> Response: ...


class Signer(Protocol):
    """Adds to a request whatever the target's authentication wants, for exactly these bytes."""

    def sign(self, request: Request) -> Request: ...


class Payer(Protocol):
    """Acts on hosted pages as a generator without I/O: it yields requests, receives responses, and returns where it ended."""

    def __call__(self, errand: Errand) -> Generator[Request, Response, Landing]: ...


class Recorder(Protocol):
    """Writes the journal, masked at capture, from any thread."""

    @property
    def records(self) -> Sequence[Record]:
        """Everything written so far."""
        ...

    def conceal(self, secret: str) -> None: ...

    def write(self, record: Record) -> None: ...

    def order(self, order: Order, case: str) -> None: ...

    def journey(self, journey: Journey, sent: bytes) -> None: ...

    def exchange(
        self,
        *,
        kind: ExchangeKind,
        order: str,
        case: str,
        mode: Mode,
        request: Request,
        response: Response,
        at: float,
        fault: str,
    ) -> Exchange: ...

    def callback(self, *, order: str, case: str, mode: Mode, arrival: Arrival, at: float, answered: int) -> Callback: ...


class Ports(NamedTuple):
    """The outside of one run.

    `inbox_url` is where the target reaches the harness, without a trailing slash; `prefix` keeps the ids of shards apart.
    `heard_until` gives the `time.monotonic` up to which all that reached the inbox has been handed on.
    """

    transport: Transport
    signer: Signer
    payer: Payer
    recorder: Recorder
    inbox_url: str
    prefix: str = ""
    heard_until: Callable[[], float] = lambda: inf
