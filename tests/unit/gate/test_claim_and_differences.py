"""What journals and verdicts claim, and what changed between two claims."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from payconform.gate.claim import Claim, ClaimError, of_verdict
from payconform.gate.differences import differences
from payconform.gate.telling import differences_text, ruling_text
from payconform.model.clause import Mode
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.ruling import Change, Objection, Ruling, Waiver

MakeClaim = Callable[..., Claim]
Found = Callable[..., Finding]

PASSED, WARNED, FAILED, UNSEEN = Outcome.PASSED, Outcome.WARNED, Outcome.FAILED, Outcome.NOT_OBSERVED
VERDICT: dict[str, Any] = {
    "verdict": "non-conformant",
    "exit_code": 1,
    "reason": "Why.",
    "complete": True,
    "target": {"name": "n", "environment": "sandbox", "base_url": "https://p.example", "dialect": "guide"},
    "counts": {"requests": 1, "callbacks": 0, "seconds": 1.0},
    "findings": [
        {
            "clause": "EP-01",
            "level": "documented",
            "mode": "token",
            "outcome": "failed",
            "blocking": True,
            "expected": "e",
            "observed": "o",
            "exchanges": [],
            "frequency": {"failed": 1, "seen": 1},
        }
    ],
}


def test_a_verdict_claims_what_its_run_claimed() -> None:
    claim = of_verdict(VERDICT)
    assert (claim.decision.verdict, claim.decision.exit_code) == (Verdict.NON_CONFORMANT, ExitCode.NON_CONFORMANT)
    assert (claim.target.name, claim.complete, claim.cases) == ("n", True, None)
    assert (claim.modes, claim.controlled) == ((Mode.TOKEN,), (Mode.TOKEN,))
    assert claim.findings[0].outcome is FAILED


def test_a_verdict_that_does_not_say_that_it_is_whole_is_not() -> None:
    assert not of_verdict({name: value for name, value in VERDICT.items() if name != "complete"}).complete


@pytest.mark.parametrize(
    "change", [{"verdict": "fine"}, {"findings": [{}]}, {"target": {}}, {"exit_code": 9}, {"findings": None}, {"modes": ["all"]}]
)
def test_a_document_that_is_no_verdict_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ClaimError, match=r"^is no verdict: .+$"):
        of_verdict(VERDICT | change)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (PASSED, FAILED, "regressions"),
        (PASSED, WARNED, "regressions"),
        (WARNED, FAILED, "regressions"),
        (FAILED, PASSED, "mended"),
        (FAILED, WARNED, "mended"),
        (PASSED, UNSEEN, "lost"),
        (FAILED, Outcome.INCONCLUSIVE, "lost"),
        (PASSED, None, "lost"),
        (UNSEEN, FAILED, "new"),
        (None, PASSED, "new"),
        (PASSED, PASSED, ""),
        (UNSEEN, Outcome.NOT_APPLICABLE, ""),
        (None, UNSEEN, ""),
    ],
)
def test_every_change_is_of_one_kind(
    claim: MakeClaim, found: Found, before: Outcome | None, after: Outcome | None, kind: str
) -> None:
    old, new = (claim(*([found(outcome)] if outcome else [])) for outcome in (before, after))
    changed = differences(old, new)
    expected = dict.fromkeys(("regressions", "mended", "lost", "new"), ())
    change = (Change("RS-05", Mode.CARD, before or "", after or ""),)
    assert {name: getattr(changed, name) for name in expected} == expected | ({kind: change} if kind else {})


def test_cases_that_vanished_and_new_ones_are_named(claim: MakeClaim) -> None:
    changed = differences(claim(cases=frozenset("abc")), claim(cases=frozenset("bcd")))
    assert (changed.vanished_cases, changed.new_cases) == (("a",), ("d",))


def test_where_a_side_does_not_tell_its_cases_none_has_vanished(claim: MakeClaim) -> None:
    changed = differences(claim(), claim(cases=None))
    assert changed.vanished_cases is changed.new_cases is None
    assert "compare journals" in differences_text(changed, claim(), claim(), width=80)


def test_changes_are_told_in_words(claim: MakeClaim, found: Found) -> None:
    old, new = claim(found(PASSED), cases=frozenset(map(str, range(30)))), claim(found(UNSEEN), cases=frozenset({"x"}))
    told = differences_text(differences(old, new), old, new, width=80)
    assert "No longer judged:\n  RS-05 (card): passed → not observed\n" in told
    assert "and 10 more cases" in told
    assert "New cases:\n  x\n" in told
    assert "Nothing changed." in differences_text(differences(old, old), old, old, width=80)


def test_a_ruling_is_told_with_waivers_to_paste(
    claim: MakeClaim, found: Found, waiver: Callable[..., Waiver], now: datetime
) -> None:
    ruling = Ruling(
        verdict=Verdict.NON_CONFORMANT,
        exit_code=ExitCode.NON_CONFORMANT,
        reason="First.",
        objections=(Objection(ExitCode.NON_CONFORMANT, "First."), Objection(ExitCode.INCONCLUSIVE, "Second.")),
        waived=(waiver("CB-02"),),
        deviations=(found(FAILED, observed='say "two"\x1b'),),
    )
    told = ruling_text(ruling, claim(run_by="Bob"), width=80, now=now)
    assert told.startswith("✗ STOPPED BY THE GATE: non-conformant (exit code 1)\n  First.\n  Second.\n")
    assert "  CB-02 (card) until 2026-03-10 by Ada (PAY-1): known\n" in told
    assert 'reason = "expected one id; observed say \\"two\\"\\\\x1b"\nowner  = "Bob"\n' in told
    assert "expiry = 2026-06-08\n" in told
    assert "\x1b" not in told
