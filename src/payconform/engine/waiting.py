"""What a run waits for at the moment, for whoever shows progress."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Awaited = Literal["replies", "callbacks", "redeliveries", "silences"]


class Waiting:
    """How many of each are being waited for: `counts`."""

    def __init__(self) -> None:
        self.counts: Counter[Awaited] = Counter()

    @contextmanager
    def during(self, kind: Awaited, count: int = 1) -> Iterator[None]:
        self.counts[kind] += count
        try:
            yield
        finally:
            self.counts[kind] -= count
