"""What a run waits for at the moment, for whoever shows progress."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class Waiting:
    """How many replies, callbacks, redeliveries and silences are being waited for: `counts`, by these names."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    @contextmanager
    def during(self, kind: str, count: int = 1) -> Iterator[None]:
        self.counts[kind] += count
        try:
            yield
        finally:
            self.counts[kind] -= count
