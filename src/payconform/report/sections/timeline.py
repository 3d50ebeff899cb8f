"""The run over time: how much was sent and heard in each stretch, and when what needs attention was first seen."""

import math
from collections.abc import Sequence

from msgspec import Struct

from payconform.model.finding import Finding, Outcome
from payconform.report.account import Account

WIDTH, LEFT = 800.0, 130.0
LANE, BAR = 54.0, 36.0
BINS = 160
TENTHS = 10
MARKS = 60
_NEAR = 7.0
_STEPS = (1, 2, 5)


class Bar(Struct, frozen=True):
    x: float
    y: float
    width: float
    height: float


class Lane(Struct, frozen=True):
    """One kind of traffic: a bar for each stretch that has any, how many there are, and how many in the busiest stretch.

    `tenths` are the counts of each tenth of the run.
    """

    name: str
    y: float
    bars: tuple[Bar, ...]
    count: int
    most: int
    tenths: tuple[int, ...]


class Mark(Struct, frozen=True):
    """When the evidence of a finding was first seen; findings of one moment share a mark."""

    x: float
    at: float
    findings: tuple[Finding, ...]


class Tick(Struct, frozen=True):
    x: float
    seconds: float


class Timeline(Struct, frozen=True):
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    seconds: float
    stretch_s: float
    height: float


def timeline(account: Account) -> Timeline | None:
    """The timeline, None where nothing has a time: the journal of captured callbacks, or one without traffic."""
    kinds = {"Endpoint": _moments(account, pages=False), "Hosted pages": _moments(account, pages=True)}
    kinds["Callbacks"] = [callback.at for callback in account.callbacks.values() if not callback.source]
    seconds = max([account.counts.seconds, *(moment for moments in kinds.values() for moment in moments)])
    if seconds <= 0 or not any(kinds.values()):
        return None
    lanes = tuple(
        _lane(name, moments, seconds, LANE * place) for place, (name, moments) in enumerate((k, v) for k, v in kinds.items() if v)
    )
    return Timeline(
        lanes=lanes,
        marks=_marks(account, seconds),
        ticks=_ticks(seconds),
        seconds=seconds,
        stretch_s=seconds / BINS,
        height=LANE * (len(lanes) + 1),
    )


def _moments(account: Account, *, pages: bool) -> list[float]:
    return [exchange.at for exchange in account.exchanges.values() if (exchange.kind == "page") is pages]


def _place(at: float, seconds: float) -> float:
    return round(LEFT + WIDTH * min(1.0, max(0.0, at / seconds)), 1)


def _lane(name: str, moments: Sequence[float], seconds: float, top: float) -> Lane:
    counts, tenths = _counted(moments, seconds, BINS), _counted(moments, seconds, TENTHS)
    most, wide = max(counts), WIDTH / BINS
    tall = [max(1.5, BAR * count / most) for count in counts]
    foot = top + LANE - 8
    bars = (
        Bar(round(LEFT + place * wide, 1), round(foot - tall[place], 1), round(wide - 1, 1), round(tall[place], 1))
        for place, count in enumerate(counts)
        if count
    )
    return Lane(name, foot, tuple(bars), len(moments), most, tuple(tenths))


def _counted(moments: Sequence[float], seconds: float, bins: int) -> list[int]:
    counts = [0] * bins
    for moment in moments:
        counts[min(bins - 1, max(0, int(moment / seconds * bins)))] += 1
    return counts


def _marks(account: Account, seconds: float) -> tuple[Mark, ...]:
    """When failed and warned findings were first seen; marks that would touch become one."""
    seen = sorted(
        (
            (at, place, finding)
            for place, finding in enumerate(account.with_outcome(Outcome.FAILED, Outcome.WARNED))
            if (at := _first_seen(account, finding)) is not None
        ),
        key=lambda entry: entry[:2],
    )
    marks: list[Mark] = []
    for at, _, finding in seen:
        x = _place(at, seconds)
        if marks and (x - marks[-1].x < _NEAR or len(marks) == MARKS):
            marks[-1] = Mark(marks[-1].x, marks[-1].at, (*marks[-1].findings, finding))
        else:
            marks.append(Mark(x, at, (finding,)))
    return tuple(marks)


def _first_seen(account: Account, finding: Finding) -> float | None:
    exchanges = (account.exchanges[name].at for name in finding.exchanges if name in account.exchanges)
    callbacks = (account.callbacks[name].at for name in finding.callbacks if name in account.callbacks)
    return min([*exchanges, *callbacks], default=None)


def _ticks(seconds: float) -> tuple[Tick, ...]:
    """Six to twelve round moments."""
    scale = 10.0 ** math.floor(math.log10(seconds / 6))
    step = max((step * scale for step in _STEPS if step * scale <= seconds / 6), default=scale)
    return tuple(Tick(_place(place * step, seconds), place * step) for place in range(int(seconds / step) + 1))
