"""Claims made by hand, of clauses that the register knows."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from payconform.gate.claim import Claim
from payconform.model.clause import Level, Mode
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.ruling import Waiver
from payconform.model.run import TargetSummary
from payconform.report.verdict import Decision

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TARGET = TargetSummary(name="Provider", environment="sandbox", base_url="https://p.example", dialect="guide")

MakeClaim = Callable[..., Claim]


def found(outcome: Outcome, clause: str = "RS-05", mode: Mode = Mode.CARD, **more: Any) -> Finding:
    fields = {"level": Level.IMPLIED, "blocking": outcome is Outcome.FAILED, "expected": "one id", "observed": "two", **more}
    return Finding(clause=clause, mode=mode, outcome=outcome, **fields)


def claim(*findings: Finding, **more: Any) -> Claim:
    """The claim of a whole run. Its plain order was accepted unless the findings say otherwise."""
    fields: dict[str, Any] = {
        "target": TARGET,
        "decision": Decision(Verdict.CONFORMANT, ExitCode.CONFORMANT, "All kept."),
        "complete": True,
        "plan": "default",
        "modes": (Mode.CARD,),
        "started_at": "2026-03-10T00:00:00+00:00",
        "suite_version": "0.1.0",
        "run_by": "",
        "controlled": (Mode.CARD,),
        "cases": frozenset({"a", "b"}),
        **more,
    }
    control = () if any(finding.clause == "EP-01" for finding in findings) else (found(Outcome.PASSED, "EP-01"),)
    return Claim(findings=(*control, *findings), **fields)


def waiver(clause: str = "RS-05", mode: Mode = Mode.CARD, **more: Any) -> Waiver:
    fields = {
        "target": "Provider",
        "reason": "known",
        "owner": "Ada",
        "ticket": "PAY-1",
        "expiry": date(2026, 3, 10),
        **more,
    }
    return Waiver(clause=clause, mode=mode, **fields)


@pytest.fixture(name="claim")
def claim_fixture() -> MakeClaim:
    return claim


@pytest.fixture(name="found")
def found_fixture() -> Callable[..., Finding]:
    return found


@pytest.fixture(name="waiver")
def waiver_fixture() -> Callable[..., Waiver]:
    return waiver


@pytest.fixture
def now() -> datetime:
    return NOW
