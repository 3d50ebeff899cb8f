"""Adds observations up to findings, whether they come one by one from a run or in millions from an archive."""

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from heapq import merge
from itertools import chain
from typing import Any

from msgspec import Struct

from payconform.contract.register import severity
from payconform.model.clause import Clause, Mode, Severity
from payconform.model.evidence import Callback
from payconform.model.finding import Finding, Frequency, Observation, Outcome

MOST_EVIDENCE = 10
SEEN = (Outcome.PASSED, Outcome.FAILED, Outcome.WARNED)
WORST_FIRST = (Outcome.FAILED, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.WARNED, Outcome.PASSED)
Place = tuple[str, Mode]
Rank = tuple[Any, ...]
"""Where an observation stands among all others: the lowest decides what a finding says."""


class Example(Struct, frozen=True):
    """One observation that a finding may show, with the callbacks it is about where the journal does not hold them yet."""

    rank: Rank
    observation: Observation
    callbacks: tuple[Callback, ...] = ()


class Said(Struct):
    """What was said of a clause in a mode with one outcome: how often, first and last when (seconds since 1970), examples."""

    count: int = 0
    first: float | None = None
    last: float | None = None
    examples: list[Example] = []

    def note(self, count: int, first: float | None, last: float | None) -> None:
        self.count += count
        if first is not None and (self.first is None or first < self.first):
            self.first = first
        if last is not None and (self.last is None or last > self.last):
            self.last = last


class Tally:
    """Observations by clause, mode and outcome. `most` bounds the examples that are kept of each; None keeps all.

    Observations come in any order, and tallies of parts add up to the tally of the whole in whatever order they are merged.
    """

    def __init__(self, most: int | None = None) -> None:
        self.places: dict[Place, dict[Outcome, Said]] = {}
        self._most = most

    def add(self, example: Example, at: float | None = None) -> None:
        """Count one observation."""
        one = example.observation
        said = self._said((one.clause, one.mode), one.outcome)
        said.note(1, at, at)
        insort(said.examples, example, key=_rank)
        if self._most is not None:
            del said.examples[self._most :]

    def count(self, place: Place, outcome: Outcome, times: int) -> None:
        """Count observations that say no more than one that was added."""
        self._said(place, outcome).count += times

    def merge(self, other: "Tally") -> None:
        for place, outcomes in other.places.items():
            for outcome, told in outcomes.items():
                said = self._said(place, outcome)
                said.note(told.count, told.first, told.last)
                if told.examples:
                    said.examples = list(merge(said.examples, told.examples, key=_rank))[: self._most]

    def of(self, place: Place) -> dict[Outcome, Said]:
        """What was said of a clause in a mode, by outcome; empty when nothing was."""
        return self.places.get(place, {})

    def _said(self, place: Place, outcome: Outcome) -> Said:
        return self.places.setdefault(place, {}).setdefault(outcome, Said())


def tallied(said: Iterable[Observation]) -> Tally:
    """The tally of the observations of a run, in their order, with all that they say."""
    tally = Tally()
    for rank, observation in enumerate(said):
        tally.add(Example((rank,), observation))
    return tally


def weigh(observation: Observation, *, strict: bool) -> Outcome:
    """What an observation counts for: breaking an advisory clause warns."""
    return _weighed(observation.outcome, strict=strict)


def finding(clause: Clause, mode: Mode, dialect: str, said: dict[Outcome, Said]) -> Finding:
    """What all that was said of a clause in a mode adds up to; `said` is not empty."""
    strict = severity(clause, dialect) is Severity.STRICT
    weights = [(_weighed(outcome, strict=strict), told) for outcome, told in said.items()]
    worst = min((weight for weight, _ in weights), key=WORST_FIRST.index)
    deciding = [example.observation for example in _in_order(told for weight, told in weights if weight is worst)]
    ids = list(dict.fromkeys(chain.from_iterable(one.evidence for one in deciding)))[:MOST_EVIDENCE]
    broken = [told for weight, told in weights if weight in (Outcome.FAILED, Outcome.WARNED)]
    broken_since = [told.first for told in broken if told.first is not None]
    broken_until = [told.last for told in broken if told.last is not None]
    unclear = worst in (Outcome.INCONCLUSIVE, Outcome.ERROR)
    return Finding(
        clause=clause.id,
        level=clause.level,
        mode=mode,
        outcome=worst,
        blocking=worst is Outcome.FAILED,
        expected=deciding[0].expected,
        observed="" if unclear else deciding[0].observed,
        reason=deciding[0].observed if unclear else "",
        exchanges=_of_kind(ids, "x"),
        callbacks=_of_kind(ids, "n"),
        journeys=_of_kind(ids, "j"),
        cases=tuple(dict.fromkeys(one.case for one in deciding if one.case))[:MOST_EVIDENCE],
        frequency=Frequency(
            failed=sum(told.count for told in broken),
            seen=sum(told.count for weight, told in weights if weight in SEEN),
        ),
        first=_moment(min(broken_since)) if broken_since else "",
        last=_moment(max(broken_until)) if broken_until else "",
    )


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _weighed(outcome: Outcome, *, strict: bool) -> Outcome:
    return Outcome.WARNED if outcome is Outcome.FAILED and not strict else outcome


def _in_order(told: Iterable[Said]) -> Iterator[Example]:
    return merge(*(said.examples for said in told), key=_rank)


def _rank(example: Example) -> Rank:
    return example.rank


def _of_kind(ids: Iterable[str], letter: str) -> tuple[str, ...]:
    """The ids of exchanges (x), callbacks (n) or journeys (j); a shard's prefix ends in a hyphen."""
    return tuple(name for name in ids if name.rpartition("-")[2].startswith(letter))
