"""The index of a folder of runs: one self-contained HTML page with the history of each target."""

from collections.abc import Sequence

from msgspec import Struct

from payconform.model.finding import Outcome
from payconform.report.history import PastRun, TargetHistory, histories
from payconform.report.page import Page, rendered
from payconform.report.register import Register, published

DEVIATIONS_SHOWN = 400
TREND_HEIGHT = 72.0
TREND_STEP = 28.0
_STACKED = (Outcome.FAILED, Outcome.INCONCLUSIVE, Outcome.WARNED)


class Segment(Struct, frozen=True):
    """A part of a column of the trend."""

    outcome: Outcome
    x: float
    y: float
    height: float


class Trend(Struct, frozen=True):
    """A column for each run shown: its findings that ask for attention, stacked; `most` is the tallest column's count."""

    segments: tuple[Segment, ...]
    most: int
    width: float


def index_html(runs: Sequence[PastRun], left_out: Sequence[str] = (), register: Register | None = None) -> str:
    """The page. `left_out` says of files that are no runs why."""
    targets = histories(runs, register or published())
    trends = {history.name: trend(history) for history in targets}
    return rendered(
        Page("index", "payconform: index of runs"),
        targets=targets,
        trends=trends,
        count=len(runs),
        left_out=left_out,
        deviations_shown=DEVIATIONS_SHOWN,
        trend_height=TREND_HEIGHT,
        trend_step=TREND_STEP,
    )


def trend(history: TargetHistory) -> Trend:
    columns = [[(outcome, run.count(outcome)) for outcome in _STACKED] for run in history.shown]
    most = max((sum(count for _, count in column) for column in columns), default=0)
    segments: list[Segment] = []
    for place, column in enumerate(columns):
        y = TREND_HEIGHT
        for outcome, count in column:
            height = round(TREND_HEIGHT * count / most, 1) if most else 0.0
            y -= height
            if count:
                segments.append(Segment(outcome, place * TREND_STEP, round(y, 1), height))
    return Trend(tuple(segments), most, TREND_STEP * len(columns))
