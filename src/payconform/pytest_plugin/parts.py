"""`--shard i/n`: one of n parts of a plan, for jobs that run side by side and are judged together afterwards."""

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

_T = TypeVar("_T")


class Part(NamedTuple):
    """Part `number` (from 1) of `parts`; of one, it is the whole."""

    number: int = 1
    parts: int = 1

    @classmethod
    def named(cls, text: str) -> "Part | None":
        """The part that a text such as `2/3` names, None when it names none."""
        found = re.fullmatch(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", text)
        return cls(int(found[1]), int(found[2])) if found and int(found[1]) <= int(found[2]) else None

    def __str__(self) -> str:
        return f"{self.number}/{self.parts}" if self.parts > 1 else ""

    @property
    def prefix(self) -> str:
        """What goes before the ids of its records, so that those of all parts differ."""
        return f"s{self.number}-" if self.parts > 1 else ""

    def split(self, everything: Sequence[_T]) -> tuple[list[_T], list[_T]]:
        """What this part has of everything, and what is left to the others: the same for all parts that see the same.

        Neighbours go to different parts, because cases that stand together take a similar time.
        """
        own = [one for place, one in enumerate(everything) if place % self.parts == self.number - 1]
        others = [one for place, one in enumerate(everything) if place % self.parts != self.number - 1]
        return own, others
