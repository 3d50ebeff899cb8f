"""Shows how judging gets on: how much, how fast, how long still, and what was found so far."""

import sys
from collections import Counter
from types import TracebackType
from typing import Self

from tqdm import tqdm

from payconform.archive.parts import Part

_MOST_NAMED = 4


class Progress:
    """A line on standard error while it is a terminal, else nothing. `size` is how many bytes there are, None where unknown."""

    def __init__(self, size: int | None, *, wanted: bool = True) -> None:
        hidden = None if wanted else True  # None: hidden where standard error is no terminal
        self._bar = tqdm(total=size, unit="B", unit_scale=True, file=sys.stderr, disable=hidden, leave=False, dynamic_ncols=True)
        self._records = 0
        self._broken: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.close()

    def __call__(self, part: Part) -> None:
        """Note what one part came to."""
        self._records += part.records
        self._broken.update(clause for offender in part.offenders for clause in offender.clauses)
        named = ", ".join(f"{clause} {count:,}" for clause, count in self._broken.most_common(_MOST_NAMED))
        self._bar.set_postfix_str(f"{self._records:,} callbacks" + (f", broken: {named}" if named else ""), refresh=False)
        self._bar.update(part.size)
