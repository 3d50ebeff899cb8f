"""`-x` and `--maxfail`: a run that ends early asks little more of its target, and says what it did not ask."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import payconform.sandbox.mutants  # noqa: F401 -- it enters its own in the catalogue
from payconform.model.finding import Outcome
from payconform.model.run import Ended, Plan
from payconform.sandbox.catalogue import MUTANTS
from payconform.sandbox.server import Sandbox
from tests.unit.pytest_plugin.test_runs import profile_at

Run = Callable[..., Any]

WAIVER = f"""
[[waivers]]
target = "Embedded sandbox"
clause = "DC-11"
mode = "card"
reason = "the provider mends it in its next release"
owner = "Ada"
ticket = "PAY-1"
expiry = {datetime.now(UTC).date() + timedelta(days=20)}
"""
OWN_TEST = """
def test_our_order_is_taken(target):
    assert target.create(target.order("card")).accepted
"""


def against(name: str, run_suites: Run, tmp_path: Path, *arguments: str) -> Any:
    with Sandbox(MUTANTS[name].provider) as sandbox:
        return run_suites("suites", *arguments, "--profile", str(profile_at(tmp_path / "mine.toml", sandbox.url)))


@pytest.mark.parametrize(
    ("mutant", "clause"),
    [("expiry-year-not-required", "DC-11"), ("card-token-is-empty", "CB-16")],
    ids=["of a case", "of an invariant"],
)
def test_the_first_failure_ends_the_run(mutant: str, clause: str, run_suites: Run, default_run: Any, tmp_path: Path) -> None:
    told = against(mutant, run_suites, tmp_path, "-x")
    assert told.code == 1, told.output
    assert "1 failed" in told.output
    assert clause in {found.clause for found in told.findings if found.outcome is Outcome.FAILED}
    assert told.footer.counts.requests < default_run.footer.counts.requests / 2


def test_what_was_not_asked_is_inconclusive(run_suites: Run, tmp_path: Path) -> None:
    told = against("card-token-is-empty", run_suites, tmp_path, "-x")
    (plan,) = (record for record in told.records if isinstance(record, Plan))
    unfinished = _unfinished(told)
    unasked = [case for case in plan.cases if case.id in unfinished]
    outcomes = {(found.clause, found.mode): found.outcome for found in told.findings}
    assert unasked
    assert not any(outcomes[clause, case.mode] is Outcome.PASSED for case in unasked for clause in case.clauses)
    assert "inconclusive" in told.output


def test_a_plain_test_still_reaches_the_target(run_suites: Run, tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(OWN_TEST)
    told = against("card-token-is-empty", run_suites, tmp_path, str(tmp_path / "test_own.py"), "-x", "-v")
    assert "test_our_order_is_taken PASSED" in told.output


def test_a_target_without_fault_is_asked_all(run_suites: Run, default_run: Any) -> None:
    told = run_suites("suites", "-x")
    assert told.code == 0, told.output
    assert _outcomes(told) == _outcomes(default_run)


def test_fewer_failures_than_allowed_end_nothing(run_suites: Run, tmp_path: Path) -> None:
    told = against("expiry-year-not-required", run_suites, tmp_path, "-k", "DC-11 or DC-10", "--maxfail", "50")
    assert told.code == 1
    assert not _unfinished(told)
    assert _document(told)["complete"] is True


def test_a_case_that_nobody_selected_ends_nothing(run_suites: Run, tmp_path: Path) -> None:
    told = against("expiry-year-not-required", run_suites, tmp_path, "-k", "RS-05", "-x")
    assert told.code == 0, told.output
    assert not _unfinished(told)


def test_a_run_that_ended_early_is_not_whole_and_no_waiver_excuses_it(run_suites: Run, tmp_path: Path) -> None:
    waivers, policy = tmp_path / "waivers.toml", tmp_path / "policy.toml"
    waivers.write_text(WAIVER)
    policy.write_text('[evidence]\nobserved = ["DC-11"]\n')
    gate = ("--waivers", str(waivers), "--policy", str(policy))
    told = against("expiry-year-not-required", run_suites, tmp_path, "-k", "DC-11 or RS-05", "-x", *gate)
    assert told.code == 1, told.output
    assert _unfinished(told)
    assert _document(told)["complete"] is False
    assert told.code == 1, told.output


def _unfinished(told: Any) -> set[str]:
    (plan,) = (record for record in told.records if isinstance(record, Plan))
    return {case.id for case in plan.cases if not case.skip} - {
        record.case for record in told.records if isinstance(record, Ended)
    }


def _document(told: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((told.reports / "verdict.json").read_text())
    return document


def _outcomes(told: Any) -> dict[Any, Outcome]:
    return {(found.clause, found.mode): found.outcome for found in told.findings}
