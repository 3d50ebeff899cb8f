"""Observations, the findings they add up to, and the verdict."""

from enum import IntEnum, StrEnum

from msgspec import Struct

from payconform.model.clause import Level, Mode


class Outcome(StrEnum):
    """What came of a clause in a mode. Only PASSED is a pass."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    INCONCLUSIVE = "inconclusive"
    NOT_OBSERVED = "not_observed"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"


class Verdict(StrEnum):
    """The answer of a run."""

    CONFORMANT = "conformant"
    WITH_WARNINGS = "conformant with warnings"
    NON_CONFORMANT = "non-conformant"
    INCONCLUSIVE = "inconclusive"


class ExitCode(IntEnum):
    """What the process tells a pipeline."""

    CONFORMANT = 0
    NON_CONFORMANT = 1
    INTERRUPTED = 2
    HARNESS_ERROR = 3
    MISCONFIGURED = 4
    NOTHING_OBSERVED = 5
    INCONCLUSIVE = 6


class Observation(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="observation", tag_field="type"):
    """What one look at one piece of evidence says of one clause.

    `outcome` is passed, failed, warned, inconclusive or error; `evidence` holds ids of exchanges, callbacks and journeys.
    """

    clause: str
    mode: Mode
    outcome: Outcome
    expected: str
    observed: str
    evidence: tuple[str, ...] = ()
    case: str = ""


class Frequency(Struct, frozen=True):
    """How often the clause was broken among the times it was seen."""

    failed: int
    seen: int


class Finding(Struct, frozen=True, kw_only=True, tag="finding", tag_field="type"):
    """A clause in a mode, judged on everything a run saw of it.

    `exchanges`, `callbacks` and `journeys` point into the journal; `cases` are the cases that produced what decided it.
    `reason` explains not observed, not applicable and inconclusive. `first` and `last` are when captured callbacks broke the
    clause (ISO 8601 in UTC), "" where no time is known.
    """

    clause: str
    level: Level
    mode: Mode
    outcome: Outcome
    blocking: bool
    expected: str = ""
    observed: str = ""
    reason: str = ""
    exchanges: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ()
    journeys: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    frequency: Frequency = Frequency(0, 0)
    first: str = ""
    last: str = ""
