"""What some of an archive comes to. Parts add up, in whatever order they come."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from payconform.archive.places import Damage, Place
from payconform.engine.tally import MOST_EVIDENCE, Tally
from payconform.model.evidence import Callback, Signature

MOST_DAMAGES = 10_000
"""How many places that cannot be read are kept; all are counted."""


class Row(Struct, array_like=True, gc=False):
    """What a sound callback, whose order goes by its request_id, has to do with others. An unsound one comes as a whole."""

    order: str
    status: str
    number: int
    amount: str
    pay_order_id: str
    kind: int
    at: float | None
    piece: int
    line: int
    byte: int
    callback: Callback | None = None

    @property
    def place(self) -> Place:
        return Place(self.piece, self.line, self.byte)


class Owner(Struct, array_like=True, gc=False):
    """Which request_id a callback names with a pay_order_id, and where."""

    pay_order_id: str
    request_id: str
    piece: int
    line: int
    byte: int

    @property
    def place(self) -> Place:
        return Place(self.piece, self.line, self.byte)


class Claim(Struct, array_like=True, gc=False):
    """A callback that waits for its order: a sound one as it was recorded, with its shape, any other as a whole."""

    order: str
    shape: int
    signature: Signature
    at: float | None
    piece: int
    line: int
    byte: int
    record: bytes = b""
    callback: Callback | None = None

    @property
    def place(self) -> Place:
        return Place(self.piece, self.line, self.byte)


class Offender(Struct, frozen=True):
    """A callback that breaks clauses."""

    place: Place
    clauses: tuple[str, ...]
    callback: Callback


class Part(Struct):
    """What some of an archive comes to. `size` is in bytes as they are stored, `partitions` how many of them were judged.

    `rows` and `owners` are for the clauses across records, by partition; `offenders` and `uncalled` are for lists. As all four
    grow with the archive, whoever gathers parts takes these from them and keeps them on disk.

    Beside orders: `uncalled` are those without a terminal callback, `strangers` counts callbacks of no order that was listed,
    `latencies` how often so many seconds (to three digits) passed from an order to its first terminal callback.
    """

    tally: Tally = msgspec.field(default_factory=lambda: Tally(MOST_EVIDENCE))
    lines: dict[int, int] = {}
    records: int = 0
    size: int = 0
    partitions: int = 0
    first: float | None = None
    last: float | None = None
    damages: list[Damage] = []
    damaged: int = 0
    offenders: list[Offender] = []
    rows: dict[int, list[bytes]] = {}
    owners: dict[int, list[bytes]] = {}
    orders: int = 0
    uncalled: list[str] = []
    uncalled_count: int = 0
    strangers: int = 0
    latencies: dict[float, int] = {}

    def add(self, other: "Part") -> None:
        """Take over what another part found, but for its rows and owners."""
        self.tally.merge(other.tally)
        for piece, lines in other.lines.items():
            self.lines[piece] = self.lines.get(piece, 0) + lines
        self.records += other.records
        self.size += other.size
        self.partitions += other.partitions
        self.heard(other.first)
        self.heard(other.last)
        self.orders += other.orders
        self.uncalled += other.uncalled
        self.uncalled_count += other.uncalled_count
        self.strangers += other.strangers
        for latency, times in other.latencies.items():
            self.latencies[latency] = self.latencies.get(latency, 0) + times
        self.damages += other.damages
        self.damaged += other.damaged
        self.offenders += other.offenders
        if len(self.damages) > 2 * MOST_DAMAGES:
            self.settle()

    def settle(self) -> None:
        """Keep the first damages, in the order of the archive."""
        self.damages = sorted(self.damages, key=lambda damage: damage.place)[:MOST_DAMAGES]

    def heard(self, at: float | None) -> None:
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)


def name_of(place: Place) -> str:
    """The id of a callback before it has one in a journal."""
    return f"{place.piece}.{place.line}.{place.byte}-n"


def percentiles(latencies: Mapping[float, int]) -> dict[str, float]:
    """The median, the 90th and 99th percentile, and the longest, of values with how often each came."""
    count = sum(latencies.values())
    wanted = {"median": 0.5, "90 %": 0.9, "99 %": 0.99, "longest": 1.0}
    found: dict[str, float] = {}
    below = 0
    for value in sorted(latencies):
        below += latencies[value]
        for name, share in wanted.items():
            if name not in found and below >= share * count:
                found[name] = value
    return found
