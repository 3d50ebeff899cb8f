"""Decides whether a release passes: a pure function of claim, policy, waivers, baseline and time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from payconform.contract.register import applies, clauses, severity
from payconform.gate.claim import Claim
from payconform.gate.differences import differences, place_of
from payconform.model.clause import Judged, Severity
from payconform.model.finding import ExitCode, Finding, Outcome
from payconform.model.ruling import Objection, Place, Policy, Ruling, Waiver
from payconform.report.verdict import Decision, weigh
from payconform.report.wording import amount

_BROKEN = (Outcome.FAILED, Outcome.WARNED)
_SEEN = (Outcome.PASSED, *_BROKEN)
_PLANS = ("quick", "default", "deep")
_SKEW = timedelta(hours=1)
_MOST_NAMED = 6


def rule(claim: Claim, policy: Policy, waivers: Sequence[Waiver] = (), *, now: datetime, baseline: Claim | None = None) -> Ruling:
    """Rule on a release. Waivers of other targets are passed over.

    Evidence that is not whole, and trouble of the run itself, stop it whatever the policy says. Otherwise every objection is
    told, what speaks against the target first.
    """
    if not claim.complete or claim.decision.exit_code in (ExitCode.INTERRUPTED, ExitCode.HARNESS_ERROR, ExitCode.MISCONFIGURED):
        return _as_it_stands(claim)
    own = [waiver for waiver in waivers if waiver.target == claim.target.name]
    held = {waiver.place: waiver for waiver in own if not _has_expired(waiver, now)}
    findings = [_under(policy, finding) for finding in claim.findings]
    changed = differences(baseline, claim) if baseline else None
    worse = {change.place for change in changed.regressions} if changed and policy.regressions else set()
    blocking = [finding for finding in findings if finding.blocking or place_of(finding) in worse]
    deviations = tuple(finding for finding in blocking if place_of(finding) not in held)
    decision = _weighed(claim, policy, [_excused(finding, held) for finding in findings])
    broken = {place_of(finding) for finding in findings if finding.outcome in _BROKEN}
    waived = tuple(waiver for place, waiver in held.items() if place in broken)
    objections = [
        *_of_decision(decision),
        *_of_waivers(own, claim, now),
        *_of_regressions([finding for finding in deviations if place_of(finding) in worse]),
        *_of_vanished(changed.vanished_cases or () if changed and policy.vanished_cases else ()),
        *_of_evidence(claim, policy, now),
    ]
    objections.sort(key=lambda objection: objection.exit_code)  # 1 speaks of the target, 5 and 6 of what was not seen
    return Ruling(
        verdict=decision.verdict,
        exit_code=objections[0].exit_code if objections else ExitCode.CONFORMANT,
        reason=objections[0].reason if objections else decision.reason + _waived(waived),
        objections=tuple(objections),
        waived=waived,
        expired=tuple(waiver for waiver in own if _has_expired(waiver, now)),
        deviations=deviations,
    )


def _as_it_stands(claim: Claim) -> Ruling:
    """No policy mends evidence that is not whole."""
    code = claim.decision.exit_code
    objection = Objection(ExitCode.INCONCLUSIVE if code is ExitCode.CONFORMANT else code, claim.decision.reason)
    return Ruling(verdict=claim.decision.verdict, exit_code=objection.exit_code, reason=objection.reason, objections=(objection,))


def _waived(waived: Sequence[Waiver]) -> str:
    return f" {amount(len(waived), 'known deviation')} {'is' if len(waived) == 1 else 'are'} waived." if waived else ""


def _under(policy: Policy, finding: Finding) -> Finding:
    """The finding with the outcome that the policy gives to a breach of its level."""
    if finding.outcome is Outcome.FAILED and finding.level not in policy.failed:
        return msgspec.structs.replace(finding, outcome=Outcome.WARNED, blocking=False)
    if finding.outcome is Outcome.WARNED and finding.level in policy.warned:
        return msgspec.structs.replace(finding, outcome=Outcome.FAILED, blocking=True)
    return finding


def _excused(finding: Finding, held: dict[Place, Waiver]) -> Finding:
    if finding.outcome is not Outcome.FAILED or place_of(finding) not in held:
        return finding
    return msgspec.structs.replace(finding, outcome=Outcome.WARNED, blocking=False)


def _weighed(claim: Claim, policy: Policy, findings: Sequence[Finding]) -> Decision:
    def is_strict(finding: Finding) -> bool:
        known = clauses().get(finding.clause)
        strict = known is None or severity(known, claim.target.dialect) is Severity.STRICT
        return strict and not _may_be_inconclusive(finding, policy)

    controlled = [mode for mode in claim.controlled if mode not in policy.inconclusive_modes]
    return weigh(findings, controlled=controlled, is_strict=is_strict)


def _may_be_inconclusive(finding: Finding, policy: Policy) -> bool:
    return (
        finding.clause in policy.inconclusive_clauses
        or finding.level in policy.inconclusive_levels
        or finding.mode in policy.inconclusive_modes
    )


def _of_decision(decision: Decision) -> Iterator[Objection]:
    if decision.exit_code is not ExitCode.CONFORMANT:
        yield Objection(decision.exit_code, decision.reason)


def _has_expired(waiver: Waiver, now: datetime) -> bool:
    return waiver.expiry < now.astimezone(UTC).date()


def _of_waivers(own: Sequence[Waiver], claim: Claim, now: datetime) -> Iterator[Objection]:
    passed = {place_of(finding) for finding in claim.findings if finding.outcome is Outcome.PASSED}
    for waiver in own:
        name = f"The waiver of {waiver.clause} in {waiver.mode.value} mode ({waiver.owner}, {waiver.ticket})"
        if waiver.place in passed:
            yield Objection(ExitCode.NON_CONFORMANT, f"{name} is stale: the clause is kept now, so take the waiver out.")
        elif _has_expired(waiver, now):
            yield Objection(ExitCode.NON_CONFORMANT, f"{name} expired on {waiver.expiry.isoformat()}.")


def _of_regressions(worse: Sequence[Finding]) -> Iterator[Objection]:
    if worse:
        names = _named([f"{finding.clause} ({finding.mode.value})" for finding in worse])
        yield Objection(ExitCode.NON_CONFORMANT, f"{amount(len(worse), 'regression')} since the baseline: {names}.")


def _of_vanished(cases: Sequence[str]) -> Iterator[Objection]:
    if cases:
        reason = f"{amount(len(cases), 'case')} of the baseline did not run: {_named(cases)}."
        yield Objection(ExitCode.NON_CONFORMANT, reason)


def _of_evidence(claim: Claim, policy: Policy, now: datetime) -> Iterator[Objection]:
    reasons = (_too_old(claim, policy, now), _too_small(claim, policy), *_unobserved(claim, policy))
    return (Objection(ExitCode.INCONCLUSIVE, reason) for reason in reasons if reason)


def _too_old(claim: Claim, policy: Policy, now: datetime) -> str:
    if policy.max_age_days is None:
        return ""
    try:
        age = now - datetime.fromisoformat(claim.started_at)
    except (ValueError, TypeError):  # no time, or one without its zone
        return "The evidence does not say when it was taken, and the policy bounds its age."
    if age < -_SKEW:
        return f"The evidence is dated in the future ({claim.started_at}), so its age is unknown."
    if age > timedelta(days=policy.max_age_days):
        return f"The evidence of {claim.started_at} is too old: the policy wants at most {policy.max_age_days:g} days."
    return ""


def _too_small(claim: Claim, policy: Policy) -> str:
    """A run below the plan that the policy wants, by its name or because cases were left out of it."""
    if not policy.plan:
        return ""
    if claim.plan not in _PLANS or _PLANS.index(claim.plan) < _PLANS.index(policy.plan):
        return f"The plan of the run is {claim.plan!r}, and the policy wants at least {policy.plan!r}."
    there = {place_of(finding) for finding in claim.findings}
    missing = [
        f"{clause.id} ({mode.value})"
        for clause in clauses().values()
        if clause.judged is Judged.CASE and applies(clause, claim.target.dialect)
        for mode in clause.modes
        if mode in claim.modes and (clause.id, mode) not in there
    ]
    return f"The run left out the cases of {amount(len(missing), 'finding')}: {_named(missing)}." if missing else ""


def _unobserved(claim: Claim, policy: Policy) -> Iterator[str]:
    """The clauses that the policy wants to have been seen, and were not; a mode the target lacks is not missed."""
    for wanted in policy.observed:
        name, _, mode = wanted.partition("/")
        asked = [finding for finding in claim.findings if finding.clause == name and mode in ("", finding.mode.value)]
        if not mode:
            asked = [finding for finding in asked if finding.outcome is not Outcome.NOT_APPLICABLE]
        unseen = [finding.mode.value for finding in asked if finding.outcome not in _SEEN]
        if unseen or not asked:
            where = f" in {' and '.join(unseen)} mode" if unseen else ""
            yield f"{wanted} was not observed{where}, and the policy wants it to be."


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
