"""What changed from one run to another."""

from msgspec import Struct

from payconform.gate.claim import Claim
from payconform.model.clause import Mode
from payconform.model.finding import Finding, Outcome
from payconform.model.ruling import Place

_WORSE = {Outcome.PASSED: 0, Outcome.WARNED: 1, Outcome.FAILED: 2}
"""The outcomes that judge a clause, each worse than the one before."""


class Change(Struct, frozen=True):
    """A clause in a mode whose outcome differs; "" stands for no finding."""

    clause: str
    mode: Mode
    before: Outcome | str
    after: Outcome | str

    @property
    def place(self) -> Place:
        return self.clause, self.mode


class Differences(Struct, frozen=True, kw_only=True):
    """Of clauses judged both times, `regressions` got worse and `mended` better; `lost` were judged only before, `new` only now.

    `vanished_cases` ran before and do not run now, `new_cases` the other way round; both are None where a side does not tell.
    """

    regressions: tuple[Change, ...]
    mended: tuple[Change, ...]
    lost: tuple[Change, ...]
    new: tuple[Change, ...]
    vanished_cases: tuple[str, ...] | None
    new_cases: tuple[str, ...] | None


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
