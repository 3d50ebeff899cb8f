"""How long the endpoint took to answer and callbacks took to come, as histograms over a logarithmic scale."""

import math
from collections.abc import Iterable, Sequence

from msgspec import Struct

from payconform.model.evidence import Callback, Exchange
from payconform.report.account import Account
from payconform.report.wording import MODES, duration_ms

WIDTH, HEIGHT, FOOT = 640.0, 150.0, 34.0
BINS = 64
SLOWEST = 3
_AT_THE_ENDPOINT = ("create", "probe", "forged")
_LEAST_S = 0.001


class Spread(Struct, frozen=True):
    """Percentiles of some durations in seconds, by the nearest rank: each is a duration that was measured."""

    name: str
    count: int
    p50: float
    p90: float
    p95: float
    p99: float
    most: float


class Bar(Struct, frozen=True):
    x: float
    y: float
    width: float
    height: float


class Tick(Struct, frozen=True):
    """A place on an axis with its label."""

    x: float
    label: str


class Histogram(Struct, frozen=True):
    """One plot: bars, a scale, lines at percentiles, a row of percentiles for each mode and for all, and the slowest."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[Tick, ...]
    spreads: tuple[Spread, ...]
    slowest: tuple[tuple[str, float], ...]


class Measured(Struct, frozen=True):
    """One duration: whose record it is, in which mode, and how many seconds."""

    id: str
    mode: str
    seconds: float


def of_endpoint(account: Account) -> Histogram | None:
    """From each request to the end of its response; None where nothing was answered."""
    exchanges = (exchange for exchange in account.exchanges.values() if exchange.kind in _AT_THE_ENDPOINT)
    return histogram([Measured(one.id, MODES[one.mode], one.seconds) for one in exchanges if one.status is not None])


def of_callbacks(account: Account) -> Histogram | None:
    """From the last answer that an order had before its first callback, to that callback; None where none was heard."""
    exchanges: dict[str, list[Exchange]] = {}
    for exchange in account.exchanges.values():
        exchanges.setdefault(exchange.order, []).append(exchange)
    first: dict[str, Callback] = {}
    for callback in account.callbacks.values():
        if not callback.source:
            first.setdefault(callback.order, callback)
    delays = ((callback, _delay(callback, exchanges.get(order, ()))) for order, callback in first.items())
    return histogram([Measured(callback.id, MODES[callback.mode], delay) for callback, delay in delays if delay is not None])


def _delay(callback: Callback, exchanges: Iterable[Exchange]) -> float | None:
    # An answer that is still under way when its callback comes has made nobody wait.
    began = [exchange for exchange in exchanges if exchange.at <= callback.at]
    if not began:
        return None
    return max(0.0, callback.at - max(exchange.at + exchange.seconds for exchange in began))


def histogram(measured: Sequence[Measured]) -> Histogram | None:
    if not measured:
        return None
    seconds = sorted(max(one.seconds, 0.0) for one in measured)
    low, high = _decades(seconds)
    everything = spread("All", seconds)
    by_mode = {mode: [one.seconds for one in measured if one.mode == mode] for mode in MODES.values()}
    rows = [spread(mode, sorted(values)) for mode, values in by_mode.items() if values]
    slowest = sorted(measured, key=lambda one: one.seconds, reverse=True)[:SLOWEST]
    lines = [("median", everything.p50), ("p95", everything.p95), ("p99", everything.p99)]
    return Histogram(
        bars=_bars(seconds, low, high),
        ticks=tuple(Tick(_place(10.0**decade, low, high), duration_ms(10.0**decade)) for decade in range(low, high + 1)),
        lines=tuple(Tick(_place(value, low, high), f"{name} {duration_ms(value)}") for name, value in lines),
        spreads=(*rows, everything) if len(rows) > 1 else (everything,),
        slowest=tuple((one.id, one.seconds) for one in slowest),
    )


def spread(name: str, ordered: Sequence[float]) -> Spread:
    """The percentiles of durations in rising order, of which there is at least one."""
    p50, p90, p95, p99 = (ordered[math.ceil(share * len(ordered) / 100) - 1] for share in (50, 90, 95, 99))
    return Spread(name, len(ordered), p50, p90, p95, p99, ordered[-1])


def _decades(ordered: Sequence[float]) -> tuple[int, int]:
    """The powers of ten around some durations."""
    low = math.floor(math.log10(max(ordered[0], _LEAST_S)))
    return low, max(low + 1, math.ceil(math.log10(max(ordered[-1], _LEAST_S))))


def _place(seconds: float, low: int, high: int) -> float:
    return round(WIDTH * min(1.0, max(0.0, (math.log10(max(seconds, _LEAST_S)) - low) / (high - low))), 1)


def _bars(seconds: Iterable[float], low: int, high: int) -> tuple[Bar, ...]:
    counts = [0] * BINS
    for value in seconds:
        counts[min(BINS - 1, int(_place(value, low, high) / WIDTH * BINS))] += 1
    wide, most = WIDTH / BINS, max(counts)
    tall = [max(1.5, HEIGHT * count / most) for count in counts]
    return tuple(
        Bar(round(place * wide, 1), round(HEIGHT - tall[place], 1), round(wide - 1, 1), round(tall[place], 1))
        for place, count in enumerate(counts)
        if count
    )
