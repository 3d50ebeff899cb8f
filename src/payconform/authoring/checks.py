"""Checks: pure statements about evidence, made inside a script or an invariant."""

from msgspec import Struct

from payconform.authoring.steps import Evidence, UnmetError
from payconform.model.clause import Mode
from payconform.model.finding import Observation, Outcome
from payconform.model.reply import Reply


class Check(Struct, frozen=True, kw_only=True):
    """One statement about one clause; it becomes an `Observation` where the case or the evidence gives it a mode."""

    clause: str
    outcome: Outcome
    expected: str
    observed: str
    evidence: tuple[str, ...] = ()

    def observed_in(self, mode: Mode, case: str) -> Observation:
        return Observation(
            clause=self.clause,
            mode=mode,
            outcome=self.outcome,
            expected=self.expected,
            observed=self.observed,
            evidence=self.evidence,
            case=case,
        )


def check(clause: str, *evidence: Evidence | None, holds: object, expected: str, observed: str, advisory: bool = False) -> Check:
    """Say whether the evidence keeps a clause. An advisory check warns where it does not hold."""
    broken = Outcome.WARNED if advisory else Outcome.FAILED
    return Check(
        clause=clause,
        outcome=Outcome.PASSED if holds else broken,
        expected=expected,
        observed=observed,
        evidence=tuple(_id(item) for item in evidence if item is not None),
    )


def require(holds: object, reason: str) -> None:
    """Stop the case as inconclusive, with a reason, unless a prerequisite holds."""
    if not holds:
        raise UnmetError(reason)


def _id(item: Evidence) -> str:
    return item.exchange.id if isinstance(item, Reply) else item.id
