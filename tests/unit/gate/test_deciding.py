"""What a gate lets through, rule by rule."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from payconform.contract.register import clauses
from payconform.gate.claim import Claim
from payconform.gate.deciding import rule
from payconform.model.clause import Judged, Level, Mode
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.ruling import Policy, Waiver
from payconform.report.verdict import Decision

MakeClaim = Callable[..., Claim]
Found = Callable[..., Finding]
MakeWaiver = Callable[..., Waiver]


def test_what_is_kept_passes(claim: MakeClaim, found: Found, now: datetime) -> None:
    ruling = rule(claim(found(Outcome.PASSED)), Policy(), now=now)
    assert (ruling.verdict, ruling.exit_code, ruling.passes) == (Verdict.CONFORMANT, ExitCode.CONFORMANT, True)
    assert not ruling.objections
    assert not ruling.waived
    assert not ruling.deviations


def test_a_failed_finding_stops_a_release(claim: MakeClaim, found: Found, now: datetime) -> None:
    failed = found(Outcome.FAILED)
    ruling = rule(claim(failed), Policy(), now=now)
    assert (ruling.verdict, ruling.exit_code) == (Verdict.NON_CONFORMANT, ExitCode.NON_CONFORMANT)
    assert ruling.deviations == (failed,)
    assert ruling.reason == "1 blocking finding failed: RS-05 (card)."


@pytest.mark.parametrize(
    ("outcome", "level", "policy", "code"),
    [
        (Outcome.FAILED, Level.IMPLIED, Policy(failed=(Level.DOCUMENTED,)), 0),
        (Outcome.FAILED, Level.DOCUMENTED, Policy(failed=(Level.DOCUMENTED,)), 1),
        (Outcome.WARNED, Level.DOCUMENTED, Policy(), 0),
        (Outcome.WARNED, Level.DOCUMENTED, Policy(warned=(Level.DOCUMENTED,)), 1),
        (Outcome.WARNED, Level.ADVISORY, Policy(warned=(Level.DOCUMENTED,)), 0),
    ],
)
def test_the_policy_says_which_levels_block(
    claim: MakeClaim, found: Found, now: datetime, *, outcome: Outcome, level: Level, policy: Policy, code: int
) -> None:
    assert rule(claim(found(outcome, level=level)), policy, now=now).exit_code == code


def test_a_waived_finding_stops_nothing_and_stays_told(claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime) -> None:
    ruling = rule(claim(found(Outcome.FAILED)), Policy(), [waiver()], now=now)
    assert (ruling.verdict, ruling.exit_code) == (Verdict.WITH_WARNINGS, ExitCode.CONFORMANT)
    assert ruling.waived == (waiver(),)
    assert ruling.deviations == ()
    assert ruling.reason.endswith("1 known deviation is waived.")


@pytest.mark.parametrize("other", [{"mode": Mode.TOKEN}, {"clause": "RS-01"}, {"target": "Another"}])
def test_a_waiver_of_something_else_covers_nothing(
    claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime, other: dict[str, Any]
) -> None:
    ruling = rule(claim(found(Outcome.FAILED)), Policy(), [waiver(**other)], now=now)
    assert (ruling.exit_code, ruling.waived) == (ExitCode.NON_CONFORMANT, ())


def test_a_waiver_holds_to_the_end_of_its_day_in_utc(claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime) -> None:
    failed = claim(found(Outcome.FAILED))
    last = datetime(2026, 3, 11, 0, 59, tzinfo=timezone(timedelta(hours=1)))
    assert rule(failed, Policy(), [waiver()], now=last).passes
    assert not rule(failed, Policy(), [waiver()], now=last + timedelta(minutes=1)).passes
    assert rule(failed, Policy(), [waiver()], now=now).passes


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_OBSERVED, None])
def test_an_expired_waiver_fails_whatever_became_of_its_clause(
    claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime, outcome: Outcome | None
) -> None:
    findings = [found(outcome)] if outcome else []
    ruling = rule(claim(*findings), Policy(), [waiver(expiry=date(2026, 3, 9))], now=now)
    assert ruling.exit_code is ExitCode.NON_CONFORMANT
    assert "The waiver of RS-05 in card mode (Ada, PAY-1) expired on 2026-03-09." in [one.reason for one in ruling.objections]


@pytest.mark.parametrize("expiry", [date(2026, 3, 9), date(2027, 1, 1)])
def test_a_waiver_of_a_clause_that_is_kept_is_stale(
    claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime, expiry: date
) -> None:
    ruling = rule(claim(found(Outcome.PASSED)), Policy(), [waiver(expiry=expiry)], now=now)
    assert (ruling.verdict, ruling.exit_code) == (Verdict.CONFORMANT, ExitCode.NON_CONFORMANT)
    assert "is stale" in ruling.reason


def test_a_waiver_of_a_clause_that_was_not_seen_waits(claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime) -> None:
    assert rule(claim(found(Outcome.NOT_OBSERVED)), Policy(), [waiver()], now=now).passes


def test_what_a_failure_hid_comes_out_when_it_is_waived(
    claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime
) -> None:
    open_too = claim(found(Outcome.FAILED), found(Outcome.INCONCLUSIVE, "CB-02"))
    assert rule(open_too, Policy(), now=now).exit_code is ExitCode.NON_CONFORMANT
    assert rule(open_too, Policy(), [waiver()], now=now).exit_code is ExitCode.INCONCLUSIVE


def test_a_waived_positive_control_still_leaves_its_mode_open(
    claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime
) -> None:
    ruling = rule(claim(found(Outcome.FAILED, "EP-01"), found(Outcome.PASSED)), Policy(), [waiver("EP-01")], now=now)
    assert ruling.exit_code is ExitCode.INCONCLUSIVE
    assert "No plain valid order was accepted in card mode" in ruling.reason


@pytest.mark.parametrize(
    "policy",
    [
        Policy(inconclusive_clauses=("RS-05",)),
        Policy(inconclusive_levels=(Level.IMPLIED,)),
        Policy(inconclusive_modes=(Mode.CARD,)),
    ],
)
def test_the_policy_says_what_may_stay_inconclusive(claim: MakeClaim, found: Found, now: datetime, policy: Policy) -> None:
    unclear = claim(found(Outcome.INCONCLUSIVE))
    assert rule(unclear, Policy(), now=now).exit_code is ExitCode.INCONCLUSIVE
    assert rule(unclear, policy, now=now).passes


def test_a_run_that_saw_nothing_passes_nothing(claim: MakeClaim, found: Found, now: datetime) -> None:
    nothing = claim(found(Outcome.NOT_OBSERVED, "EP-01"), controlled=())
    assert rule(nothing, Policy(), now=now).exit_code is ExitCode.NOTHING_OBSERVED


@pytest.mark.parametrize(
    ("code", "complete", "expected"),
    [
        (ExitCode.INTERRUPTED, True, 2),
        (ExitCode.HARNESS_ERROR, True, 3),
        (ExitCode.INTERRUPTED, False, 2),
        (ExitCode.INCONCLUSIVE, False, 6),
        (ExitCode.CONFORMANT, False, 6),
        (ExitCode.NON_CONFORMANT, False, 1),
    ],
)
def test_no_policy_mends_a_run_that_is_not_whole(
    claim: MakeClaim, found: Found, now: datetime, *, code: ExitCode, complete: bool, expected: int
) -> None:
    verdict = Verdict.NON_CONFORMANT if code is ExitCode.NON_CONFORMANT else Verdict.INCONCLUSIVE
    decision = Decision(verdict, code, "Why.")
    generous = Policy(failed=(Level.ADVISORY,), inconclusive_modes=tuple(Mode))
    ruling = rule(claim(found(Outcome.PASSED), decision=decision, complete=complete), generous, now=now)
    assert (ruling.exit_code, ruling.reason) == (expected, "Why.")


@pytest.mark.parametrize(
    ("started_at", "said"),
    [
        ("2026-03-09T12:00:00+00:00", ""),
        ("2026-03-03T11:00:00+00:00", "too old"),
        ("2026-03-03T14:00:00+01:00", ""),
        ("2026-03-11T12:00:00+00:00", "in the future"),
        ("yesterday", "does not say when"),
        ("2026-03-09T12:00:00", "does not say when"),
    ],
)
def test_the_policy_bounds_the_age_of_evidence(claim: MakeClaim, found: Found, now: datetime, started_at: str, said: str) -> None:
    ruling = rule(claim(found(Outcome.PASSED), started_at=started_at), Policy(max_age_days=7), now=now)
    assert ruling.exit_code is (ExitCode.INCONCLUSIVE if said else ExitCode.CONFORMANT)
    assert said in ruling.reason


def whole_plan(found: Found) -> list[Finding]:
    return [found(Outcome.PASSED, one.id) for one in clauses().values() if one.judged is Judged.CASE and Mode.CARD in one.modes]


@pytest.mark.parametrize(
    ("least", "plan", "passes"),
    [("quick", "default", True), ("default", "default", True), ("deep", "default", False), ("quick", "other", False)],
)
def test_the_policy_names_the_least_plan(
    claim: MakeClaim, found: Found, now: datetime, least: Any, plan: str, *, passes: bool
) -> None:
    ruling = rule(claim(*whole_plan(found), plan=plan), Policy(plan=least), now=now)
    assert ruling.passes is passes
    assert passes or "The plan of the run is" in ruling.reason


def test_a_plan_of_which_clauses_were_left_out_is_not_that_plan(claim: MakeClaim, found: Found, now: datetime) -> None:
    findings = [finding for finding in whole_plan(found) if finding.clause != "DC-20"]
    ruling = rule(claim(*findings), Policy(plan="quick"), now=now)
    assert ruling.exit_code is ExitCode.INCONCLUSIVE
    assert ruling.reason == "The run left out the cases of 1 finding: DC-20 (card)."


@pytest.mark.parametrize(
    ("outcomes", "wanted", "said"),
    [
        ({Mode.CARD: Outcome.PASSED}, "RS-05", ""),
        ({Mode.CARD: Outcome.WARNED}, "RS-05", ""),
        ({Mode.CARD: Outcome.PASSED, Mode.TOKEN: Outcome.NOT_APPLICABLE}, "RS-05", ""),
        ({Mode.CARD: Outcome.PASSED, Mode.TOKEN: Outcome.NOT_OBSERVED}, "RS-05", "in token mode"),
        ({Mode.CARD: Outcome.PASSED, Mode.TOKEN: Outcome.NOT_OBSERVED}, "RS-05/card", ""),
        ({Mode.CARD: Outcome.NOT_APPLICABLE}, "RS-05/card", "in card mode"),
        ({Mode.CARD: Outcome.NOT_APPLICABLE}, "RS-05", "was not observed,"),
        ({}, "RS-05", "was not observed,"),
    ],
)
def test_the_policy_names_clauses_that_must_have_been_seen(
    claim: MakeClaim, found: Found, now: datetime, *, outcomes: dict[Mode, Outcome], wanted: str, said: str
) -> None:
    findings = [found(outcome, mode=mode) for mode, outcome in outcomes.items()]
    ruling = rule(claim(*findings), Policy(observed=(wanted,)), now=now)
    assert ruling.exit_code is (ExitCode.INCONCLUSIVE if said else ExitCode.CONFORMANT)
    assert said in ruling.reason


def test_what_got_worse_since_the_baseline_blocks_unless_it_is_waived(
    claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime
) -> None:
    before, after = claim(found(Outcome.PASSED)), claim(found(Outcome.WARNED))
    assert rule(after, Policy(), now=now).passes
    ruling = rule(after, Policy(), now=now, baseline=before)
    assert (ruling.exit_code, ruling.reason) == (1, "1 regression since the baseline: RS-05 (card).")
    assert [finding.clause for finding in ruling.deviations] == ["RS-05"]
    assert rule(after, Policy(), [waiver()], now=now, baseline=before).passes
    assert rule(after, Policy(regressions=False), now=now, baseline=before).passes
    assert rule(before, Policy(), now=now, baseline=after).passes


def test_vanished_cases_block_where_the_policy_says_so(claim: MakeClaim, found: Found, now: datetime) -> None:
    before, after = claim(found(Outcome.PASSED)), claim(found(Outcome.PASSED), cases=frozenset({"b", "c"}))
    assert rule(after, Policy(), now=now, baseline=before).passes
    ruling = rule(after, Policy(vanished_cases=True), now=now, baseline=before)
    assert (ruling.exit_code, ruling.reason) == (1, "1 case of the baseline did not run: a.")


def test_all_objections_are_told_and_the_target_s_come_first(
    claim: MakeClaim, found: Found, waiver: MakeWaiver, now: datetime
) -> None:
    policy = Policy(max_age_days=0.1, observed=("CB-02",))
    ruling = rule(claim(found(Outcome.PASSED)), policy, [waiver()], now=now)
    assert [one.exit_code for one in ruling.objections] == [1, 6, 6]
    assert "stale" in ruling.reason
