"""What the service counts, in Prometheus' text format."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Literal

Refusal = Literal["unarmed", "too large", "slow", "token", "not kept"]

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Durations:
    """A histogram of seconds."""

    def __init__(self) -> None:
        self._buckets = [0] * (len(BOUNDS_S) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        self._buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self._sum += seconds

    def lines(self, name: str) -> Iterator[str]:
        yield f"# TYPE {name} histogram"
        total = 0
        for bound, number in zip((*map(str, BOUNDS_S), "+Inf"), self._buckets, strict=True):
            total += number
            yield f'{name}_bucket{{le="{bound}"}} {total}'
        yield f"{name}_sum {self._sum:.6f}"
        yield f"{name}_count {total}"


class Metrics:
    """Since the process began."""

    def __init__(self) -> None:
        self.answered: Counter[int] = Counter()
        self.refused: Counter[Refusal] = Counter()
        self.leaks: Counter[str] = Counter()
        self.commits = Durations()
        self.acknowledged = Durations()

    def text(self, *, armed: int, healthy: bool) -> str:
        """All of it; `armed` is how many paths are listened to."""
        return "\n".join(self._lines(armed=armed, healthy=healthy)) + "\n"

    def _lines(self, *, armed: int, healthy: bool) -> Iterator[str]:
        yield from _counter("payconform_callbacks_total", "answered", self.answered)
        yield from _counter("payconform_refused_total", "reason", self.refused)
        yield from _counter("payconform_leaks_total", "what", self.leaks)
        yield from self.commits.lines("payconform_commit_seconds")
        yield from self.acknowledged.lines("payconform_acknowledged_seconds")
        yield "# TYPE payconform_armed_paths gauge"
        yield f"payconform_armed_paths {armed}"
        yield "# TYPE payconform_healthy gauge"
        yield f"payconform_healthy {int(healthy)}"


def _counter(name: str, label: str, counted: "Counter[int] | Counter[str] | Counter[Refusal]") -> Iterator[str]:
    yield f"# TYPE {name} counter"
    for value, number in counted.items():
        yield f'{name}{{{label}="{value}"}} {number}'
