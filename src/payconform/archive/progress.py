"""Shows how judging gets on: how much, how fast, how long still, and what was found so far."""

import sys
import time
from collections import Counter
from types import TracebackType
from typing import Self

from tqdm import tqdm

from payconform.archive.parts import Part
from payconform.model.finding import Outcome
from payconform.report.wording import amount, duration

LINE_EVERY_S = 10.0
_COMPARING = 0.15
"""About the share of the time that the clauses across records take."""

_MOST_NAMED = 4


class Progress:
    """A bar on standard error that renews itself on a terminal, and a line now and then elsewhere.

    `size` is how many bytes there are to read, `partitions` how many to judge afterwards.
    """

    def __init__(self, size: int, partitions: int) -> None:
        self._byte = (1 - _COMPARING) / max(size, 1)
        self._partition = _COMPARING / partitions
        terminal = sys.stderr.isatty()
        shown = "{percentage:3.0f} %|{bar:10}| {desc}"
        self._bar = tqdm(total=1.0, file=sys.stderr, disable=not terminal, bar_format=shown, leave=False, dynamic_ncols=True)
        self._began = time.monotonic()
        self._next_line = float("inf") if terminal else self._began + LINE_EVERY_S
        self._done = 0.0
        self._records = 0
        self._broken: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.close()

    def __call__(self, part: Part) -> None:
        """Note what one part came to."""
        done = min(1.0, self._done + part.size * self._byte + part.partitions * self._partition)
        step, self._done = done - self._done, done
        self._records += part.records
        for (clause, _), outcomes in part.tally.places.items():
            if Outcome.FAILED in outcomes:
                self._broken[clause] += outcomes[Outcome.FAILED].count
        now = time.monotonic()
        self._bar.set_description_str(self.line(now - self._began), refresh=False)
        self._bar.update(step)
        if now >= self._next_line:
            self._next_line = now + LINE_EVERY_S
            sys.stderr.write(f"{self._done:4.0%}  {self.line(now - self._began)}\n")
            sys.stderr.flush()

    def line(self, seconds: float) -> str:
        """What there is to say after so many seconds, the most important first."""
        left = f"{duration(seconds * (1 / self._done - 1))} left, " if self._done else ""
        rate = f"{self._records / seconds:,.0f}/s, " if seconds else ""
        named = ", ".join(f"{clause} {count:,}" for clause, count in self._broken.most_common(_MOST_NAMED))
        more = len(self._broken) - _MOST_NAMED
        broken = f"; broken: {named}" + (f" and {amount(more, 'more clause')}" if more > 0 else "") if named else ""
        return f"{left}{rate}{amount(self._records, 'callback')}{broken}"
