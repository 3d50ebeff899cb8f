"""What changed from one run to another."""

from payconform.gate.claim import Claim
from payconform.model.finding import Finding, Outcome
from payconform.model.ruling import Change, Differences, Place, Since

_WORSE = {Outcome.PASSED: 0, Outcome.WARNED: 1, Outcome.FAILED: 2}
"""The outcomes that judge a clause, each worse than the one before."""


def differences(old: Claim, new: Claim) -> Differences:
    """What changed, in the order of the register."""
    before, after = _outcomes(old), _outcomes(new)
    places = dict.fromkeys((*after, *before))
    changes = [Change(*place, before.get(place, ""), after.get(place, "")) for place in places]
    known = old.cases is not None and new.cases is not None
    was, now = old.cases or frozenset(), new.cases or frozenset()
    return Differences(
        regressions=tuple(change for change in changes if _step(change) > 0),
        mended=tuple(change for change in changes if _step(change) < 0),
        lost=tuple(change for change in changes if change.before in _WORSE and change.after not in _WORSE),
        new=tuple(change for change in changes if change.before not in _WORSE and change.after in _WORSE),
        vanished_cases=tuple(sorted(was - now)) if known else None,
        new_cases=tuple(sorted(now - was)) if known else None,
    )


def since(baseline: Claim, claim: Claim) -> Since:
    """What reports tell of the last certified run."""
    return Since(
        verdict=baseline.decision.verdict,
        started_at=baseline.started_at,
        suite_version=baseline.suite_version,
        differences=differences(baseline, claim),
    )


def place_of(finding: Finding) -> Place:
    return finding.clause, finding.mode


def _outcomes(claim: Claim) -> dict[Place, Outcome]:
    return {place_of(finding): finding.outcome for finding in claim.findings}


def _step(change: Change) -> int:
    """How much worse a clause got that was judged both times, nought for any other."""
    if not isinstance(change.before, Outcome) or not isinstance(change.after, Outcome):
        return 0
    if change.before not in _WORSE or change.after not in _WORSE:
        return 0
    return _WORSE[change.after] - _WORSE[change.before]
