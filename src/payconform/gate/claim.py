"""What a journal or a verdict.json claims of a target, as far as a gate needs it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from payconform.contract.schemas import violations
from payconform.model.clause import Mode
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.run import Ended, Plan, Record, TargetSummary
from payconform.report.account import Account
from payconform.report.verdict import POSITIVE_CONTROL, Decision, conclusion


class ClaimError(Exception):
    """A document is no verdict of a run. One line, without the name of the file."""


class Claim(Struct, frozen=True, kw_only=True):
    """The outcome of one run. `decision` is what it came to without policy; `complete` says that its evidence is whole.

    `controlled` are the modes whose positive control the run planned. `cases` are those that ran, None where it is not told.
    """

    target: TargetSummary
    decision: Decision
    complete: bool
    plan: str
    modes: tuple[Mode, ...]
    started_at: str
    suite_version: str
    run_by: str
    findings: tuple[Finding, ...]
    controlled: tuple[Mode, ...]
    cases: frozenset[str] | None = None


def of_records(records: Sequence[Record]) -> Claim:
    """The claim of a run whose records hold findings and footer."""
    account = Account(records)
    header = account.header
    asked = [case for plan in records if isinstance(plan, Plan) for case in plan.cases if not case.background and not case.skip]
    ended = {record.case for record in records if isinstance(record, Ended)}
    controlled = {case.mode for case in asked if POSITIVE_CONTROL in case.clauses}
    return Claim(
        target=header.target,
        decision=conclusion(account),
        complete=account.is_whole,
        plan=header.plan,
        modes=header.modes,
        started_at=header.started_at,
        suite_version=header.suite_version,
        run_by=header.run_by,
        findings=tuple(account.findings),
        controlled=tuple(mode for mode in Mode if mode in controlled),
        cases=frozenset(case.id for case in asked if case.id in ended),
    )


def of_verdict(document: Any) -> Claim:
    """The claim of a verdict.json. Raises `ClaimError`."""
    if wrong := violations("formats/verdict", document):
        raise ClaimError(f"is no verdict: {wrong[0].path or '/'} {wrong[0].message}")
    try:
        findings = tuple(msgspec.convert({**entry, "type": "finding"}, Finding) for entry in document["findings"])
        modes = tuple(map(Mode, document.get("modes", sorted({finding.mode for finding in findings}))))
        target = msgspec.convert(document["target"], TargetSummary)
    except (msgspec.ValidationError, ValueError) as error:
        raise ClaimError(f"is no verdict: {error}") from None
    controls = {finding.mode for finding in findings if _is_planned_control(finding)}
    return Claim(
        target=target,
        decision=Decision(Verdict(document["verdict"]), ExitCode(document["exit_code"]), str(document.get("reason", ""))),
        complete=document.get("complete") is True,
        plan=str(document.get("plan", "")),
        modes=modes,
        started_at=str(document.get("started_at", "")),
        suite_version=str(document.get("suite_version", "")),
        run_by=str(document.get("run_by", "")),
        findings=findings,
        controlled=tuple(mode for mode in Mode if mode in controls),
    )


def _is_planned_control(finding: Finding) -> bool:
    return finding.clause == POSITIVE_CONTROL and finding.outcome is not Outcome.NOT_APPLICABLE
