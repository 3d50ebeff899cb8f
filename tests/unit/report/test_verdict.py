"""The verdict: every rule, which rule wins, and the document that tells it."""

import json
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from payconform.contract.schemas import violations
from payconform.model.clause import Mode
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.run import Ended, PlannedCase, Record
from payconform.report.account import Account
from payconform.report.register import Register
from payconform.report.verdict import Decision, conclusion, decide, verdict_document

Build = Callable[..., list[Record]]
Found = Callable[..., Finding]
Decide = Callable[..., Decision]
CONTROL = PlannedCase(id="control[card]", title="The plain order.", mode=Mode.CARD, clauses=("EP-01",))


@pytest.fixture
def deciding(journal: Build, register: Register) -> Decide:
    def run(*findings: Finding, interrupted: bool = False, **parts: Sequence[Record] | Sequence[PlannedCase]) -> Decision:
        return decide(journal(findings, complete=False, **parts), interrupted=interrupted, register=register)

    return run


def test_only_passes_are_conformant(deciding: Decide, found: Found) -> None:
    decision = deciding(found(Outcome.PASSED), found(Outcome.NOT_OBSERVED, "CB-02"), found(Outcome.NOT_APPLICABLE, "EP-01"))
    assert decision == Decision(Verdict.CONFORMANT, ExitCode.CONFORMANT, "1 finding passed and none failed or warned.")


def test_a_warning_is_named_in_the_verdict_and_does_not_stop_a_release(deciding: Decide, found: Found) -> None:
    decision = deciding(found(Outcome.PASSED), found(Outcome.WARNED, "RS-08"))
    assert (decision.verdict, decision.exit_code) == (Verdict.WITH_WARNINGS, ExitCode.CONFORMANT)


def test_a_failure_that_does_not_block_is_a_warning(deciding: Decide, found: Found) -> None:
    decision = deciding(found(Outcome.PASSED), found(Outcome.FAILED, "RS-08", blocking=False))
    assert decision.verdict is Verdict.WITH_WARNINGS


def test_a_blocking_failure_is_non_conformant_and_names_the_clauses(deciding: Decide, found: Found) -> None:
    decision = deciding(found(Outcome.FAILED), found(Outcome.FAILED, mode=Mode.TOKEN), found(Outcome.PASSED, "EP-01"))
    assert (decision.verdict, decision.exit_code) == (Verdict.NON_CONFORMANT, ExitCode.NON_CONFORMANT)
    assert decision.reason == "2 blocking findings failed: RS-05 (card, token)."


def test_nothing_seen_is_no_pass(deciding: Decide, found: Found) -> None:
    for findings in ((), (found(Outcome.NOT_OBSERVED), found(Outcome.NOT_APPLICABLE, "CB-02"))):
        decision = deciding(*findings)
        assert (decision.verdict, decision.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.NOTHING_OBSERVED)


def test_a_dead_target_is_inconclusive_and_says_why(deciding: Decide, found: Found) -> None:
    decision = deciding(found(Outcome.INCONCLUSIVE, "RS-08", reason="connection refused"))
    assert (decision.verdict, decision.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INCONCLUSIVE)
    assert "connection refused" in decision.reason


def test_a_strict_clause_left_open_is_inconclusive_an_advisory_one_is_not(deciding: Decide, found: Found) -> None:
    passed = found(Outcome.PASSED, "EP-01")
    assert deciding(passed, found(Outcome.INCONCLUSIVE, "RS-05")).exit_code is ExitCode.INCONCLUSIVE
    assert deciding(passed, found(Outcome.INCONCLUSIVE, "RS-08")).exit_code is ExitCode.CONFORMANT


def test_a_clause_the_register_does_not_know_is_taken_to_block(deciding: Decide, found: Found) -> None:
    assert deciding(found(Outcome.PASSED), found(Outcome.INCONCLUSIVE, "ZZ-01")).exit_code is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([], ExitCode.INCONCLUSIVE),
        ([("EP-01", Mode.CARD)], ExitCode.CONFORMANT),
        ([("EP-01", Mode.TOKEN)], ExitCode.INCONCLUSIVE),
    ],
)
def test_a_mode_needs_its_positive_control(
    deciding: Decide, found: Found, findings: list[tuple[str, Mode]], code: ExitCode
) -> None:
    passed = [found(Outcome.PASSED, clause, mode) for clause, mode in findings]
    ended = [Ended(case=CONTROL.id, at=1.0)]
    assert deciding(found(Outcome.PASSED), *passed, cases=[CONTROL], ended=ended).exit_code is code


@pytest.mark.parametrize("background", [False, True])
def test_a_case_that_did_not_end_is_missed(deciding: Decide, found: Found, background: bool) -> None:  # noqa: FBT001 -- a parameter
    case = PlannedCase(id="c", title="", mode=Mode.CARD, clauses=("RS-05",), background=background)
    decision = deciding(found(Outcome.PASSED), cases=[case])
    assert (decision.exit_code, decision.reason) == (
        ExitCode.INCONCLUSIVE,
        "The run ended before 1 case did, so it certifies nothing.",
    )
    assert deciding(found(Outcome.FAILED, blocking=True), cases=[case]).exit_code is ExitCode.NON_CONFORMANT


def test_a_skipped_control_is_not_missed(deciding: Decide, found: Found) -> None:
    skipped = PlannedCase(id="c", title="", mode=Mode.CARD, clauses=("EP-01",), skip="no such mode")
    assert deciding(found(Outcome.PASSED), cases=[skipped]).exit_code is ExitCode.CONFORMANT


def test_trouble_of_the_harness_is_never_the_providers(deciding: Decide, found: Found) -> None:
    failed = found(Outcome.FAILED)
    assert deciding(failed, found(Outcome.ERROR, "CB-02")).exit_code is ExitCode.HARNESS_ERROR
    assert deciding(failed, ended=[Ended(case="c", at=1.0, error="KeyError")]).exit_code is ExitCode.HARNESS_ERROR


def test_an_interruption_wins_over_everything(deciding: Decide, found: Found) -> None:
    decision = deciding(found(Outcome.FAILED), found(Outcome.ERROR, "CB-02"), interrupted=True)
    assert (decision.verdict, decision.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INTERRUPTED)


def test_a_failure_wins_over_what_stayed_open(deciding: Decide, found: Found) -> None:
    decision = deciding(found(Outcome.FAILED), found(Outcome.INCONCLUSIVE, "CB-02"), cases=[CONTROL])
    assert decision.exit_code is ExitCode.NON_CONFORMANT


def test_many_failures_are_shortened_in_the_reason(deciding: Decide, found: Found) -> None:
    decision = deciding(*(found(Outcome.FAILED, f"ZZ-{number:02}") for number in range(9)))
    assert decision.reason.startswith("9 blocking findings failed: ZZ-00 (card),")
    assert decision.reason.endswith("ZZ-05 (card) and 3 more clauses.")


def test_a_journal_without_footer_certifies_nothing(journal: Build, register: Register, found: Found) -> None:
    decision = conclusion(Account(journal([found(Outcome.PASSED)], complete=False), register))
    assert (decision.verdict, decision.exit_code) == (Verdict.INCONCLUSIVE, ExitCode.INTERRUPTED)
    assert "no footer" in decision.reason


def test_the_document_holds_what_pipelines_rely_on(journal: Build, register: Register, found: Found) -> None:
    findings = [
        found(Outcome.FAILED, "CB-02"),
        found(Outcome.PASSED, "RS-05", Mode.TOKEN),
        found(Outcome.FAILED, "RS-05", exchanges=("x1",)),
    ]
    document = verdict_document(Account(journal(findings), register))
    assert document["verdict"] == "non-conformant"
    assert document["exit_code"] == 1
    assert document["target"] == {
        "name": "Example provider",
        "environment": "sandbox",
        "base_url": "https://provider.example",
        "dialect": "guide",
    }
    assert document["counts"].keys() >= {"requests", "callbacks", "seconds"}
    assert [(entry["clause"], entry["mode"]) for entry in document["findings"]] == [
        ("RS-05", "card"),
        ("RS-05", "token"),
        ("CB-02", "card"),
    ]
    members = {"clause", "level", "mode", "outcome", "blocking", "expected", "observed", "exchanges", "frequency"}
    assert document["findings"][0].keys() >= members
    assert document["findings"][0]["frequency"] == {"failed": 0, "seen": 0}


def test_the_document_is_readable_by_strict_parsers_and_bounded(hostile: list[Record], register: Register) -> None:
    text = json.dumps(verdict_document(Account(hostile, register)), ensure_ascii=False)
    assert len(text.encode()) < 100_000
    assert "\ud800" not in text


def test_an_empty_journal_has_a_document(register: Register) -> None:
    document = verdict_document(Account([], register))
    assert (document["verdict"], document["complete"], document["findings"]) == ("inconclusive", False, [])


def test_the_published_register_decides_where_none_is_given(journal: Build, found: Found) -> None:
    run = partial(decide, journal([found(Outcome.PASSED), found(Outcome.INCONCLUSIVE, "RS-01")], complete=False))
    assert run().exit_code is ExitCode.INCONCLUSIVE


@pytest.mark.parametrize("kind", ["conformant", "hostile"])
def test_the_document_keeps_its_own_schema(request: pytest.FixtureRequest, register: Register, kind: str) -> None:
    document = verdict_document(Account(request.getfixturevalue(kind), register))
    assert violations("formats/verdict", document) == ()


def test_the_document_of_an_empty_journal_keeps_the_schema_too(register: Register) -> None:
    assert violations("formats/verdict", verdict_document(Account([], register))) == ()
