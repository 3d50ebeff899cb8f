"""How pytest shows outcomes it has no word for."""

import pytest

from payconform.model.finding import Outcome

PROPERTY = "payconform_outcome"

Word = str | tuple[str, dict[str, bool]]

WORDING: dict[Outcome, tuple[str, str, Word]] = {
    Outcome.PASSED: ("passed", ".", "PASSED"),
    Outcome.FAILED: ("failed", "F", "FAILED"),
    Outcome.WARNED: ("warned", "w", ("WARNED", {"yellow": True})),
    Outcome.INCONCLUSIVE: ("inconclusive", "?", ("INCONCLUSIVE", {"purple": True})),
    Outcome.NOT_OBSERVED: ("not observed", "-", ("NOT OBSERVED", {"yellow": True})),
    Outcome.NOT_APPLICABLE: ("not applicable", "-", ("NOT APPLICABLE", {"cyan": True})),
    Outcome.ERROR: ("harness error", "E", ("HARNESS ERROR", {"red": True})),
}


def outcome_of(report: pytest.TestReport) -> Outcome | None:
    """The outcome of a case or an invariant; None for a plain test."""
    said = dict(report.user_properties).get(PROPERTY) if hasattr(report, "user_properties") else None
    return Outcome(str(said)) if said else None


def wording(outcome: Outcome) -> tuple[str, str, Word]:
    """Category, letter and word of an outcome, as pytest's reporter wants them."""
    return WORDING[outcome]
