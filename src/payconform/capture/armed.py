"""Which paths are armed, and how each request there is answered."""

from collections import Counter
from collections.abc import Container, Mapping
from typing import NamedTuple

from payconform.model.capture import Arming


class Armed(NamedTuple):
    """An arming and its id in the store."""

    id: int
    arming: Arming


class ArmedPaths:
    """What is armed now. An exact path goes before a prefix, a longer prefix before a shorter."""

    def __init__(self) -> None:
        self._exact: dict[str, Armed] = {}
        self._prefixes: dict[str, Armed] = {}
        self._came: dict[int, Counter[str]] = {}

    def __len__(self) -> int:
        return len(self._exact) + len(self._prefixes)

    def all(self) -> list[Arming]:
        """Every arming, in the order of their paths."""
        return sorted((armed.arming for armed in (*self._exact.values(), *self._prefixes.values())), key=lambda one: one.path)

    def arm(self, armed: Armed, came: Mapping[str, int]) -> None:
        """Listen to a path from now on; `came` is how many requests each of its paths has had."""
        self.disarm(armed.arming.path)
        (self._prefixes if armed.arming.prefix else self._exact)[armed.arming.path] = armed
        if armed.arming.refuse_first:
            self._came[armed.id] = Counter(came)

    def disarm(self, path: str) -> None:
        """Listen to a path no more."""
        for armed in (self._exact.pop(path, None), self._prefixes.pop(path, None)):
            if armed is not None:
                self._came.pop(armed.id, None)

    def keep_only(self, armed: Container[int]) -> None:
        """Listen no more to what is not among these ids."""
        for one in (*self._exact.values(), *self._prefixes.values()):
            if one.id not in armed:
                self.disarm(one.arming.path)

    def find(self, path: str) -> Armed | None:
        """The arming that a raw path falls under."""
        found = self._exact.get(path)
        if found is not None or not self._prefixes:
            return found
        end = len(path)
        while (end := path.rfind("/", 0, end)) >= 0:
            found = self._prefixes.get(path[: end + 1])
            if found is not None:
                return found
        return None

    def status(self, armed: Armed, path: str) -> int:
        """The status for one more request to a path."""
        if not armed.arming.refuse_first or armed.id not in self._came:
            return armed.arming.status
        came = self._came[armed.id]
        came[path] += 1
        return armed.arming.refuse_status if came[path] <= armed.arming.refuse_first else armed.arming.status
