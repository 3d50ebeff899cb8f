"""The verdict of a run, decided from its records, and the document that tells it to a pipeline."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from payconform.model.clause import Mode
from payconform.model.finding import ExitCode, Finding, Outcome, Verdict
from payconform.model.ruling import Ruling
from payconform.model.run import Ended, Footer, Header, Plan, Record
from payconform.report.account import Account
from payconform.report.register import Register, published
from payconform.report.text import clip, visible
from payconform.report.wording import VERDICTS, amount

POSITIVE_CONTROL = "EP-01"
"""The clause that a complete, valid order is accepted. Without it in a mode, that mode's refusals prove nothing."""

_TEXT_LIMIT, _KEY_LIMIT = 4_000, 100


class Decision(Struct, frozen=True):
    """What a run adds up to, as its footer will say it. `reason` is one plain sentence."""

    verdict: Verdict
    exit_code: ExitCode
    reason: str


def decide(records: Sequence[Record], *, interrupted: bool = False, flaw: str = "", register: Register | None = None) -> Decision:
    """Decide what a run adds up to; the first rule that speaks wins, and only the last two are conformant.

    `records` need no footer yet; `interrupted` says that the run was stopped, `flaw` why its evidence is not whole.
    """
    register = register or published()
    findings = [record for record in records if isinstance(record, Finding)]
    plans = [record for record in records if isinstance(record, Plan)]
    planned = [case for plan in plans for case in plan.cases if not case.skip and not case.background]
    dialect = next((record.target.dialect for record in records if isinstance(record, Header)), "guide")
    return (
        _flawed(flaw, interrupted=interrupted)
        or _stopped(records, interrupted=interrupted)
        or _harness_error(records, findings)
        or _broken_clauses(findings)
        or _part_of_a_plan(records)
        or _unfinished(Account(records))
        or weigh(
            findings,
            controlled={case.mode for case in planned if POSITIVE_CONTROL in case.clauses},
            is_strict=lambda finding: register.is_strict(finding.clause, dialect),
        )
    )


def weigh(findings: Sequence[Finding], *, controlled: Collection[Mode], is_strict: Callable[[Finding], bool]) -> Decision:
    """Decide what findings of a whole run without trouble of its own add up to; the first rule that speaks wins.

    `controlled` are the modes whose positive control was planned; a finding that is strict must not stay inconclusive.
    """
    return (
        _broken_clauses(findings)
        or _nothing_seen(findings)
        or _strict_unjudged([finding for finding in findings if is_strict(finding)])
        or _uncontrolled_modes(controlled, findings)
        or _kept(findings)
    )


def conclusion(account: Account) -> Decision:
    """What reports say of a journal: the gate's ruling where there is one, else its footer's verdict.

    Without a footer the run was cut off, whatever it found.
    """
    footer, ruling = account.footer, account.ruling
    if ruling is not None:
        return Decision(ruling.verdict, ruling.exit_code, ruling.reason)
    if footer is None:
        return Decision(
            Verdict.INCONCLUSIVE,
            ExitCode.INTERRUPTED,
            "The journal has no footer: the run was cut off, so it certifies nothing.",
        )
    code = ExitCode(footer.exit_code) if footer.exit_code in set(ExitCode) else ExitCode.HARNESS_ERROR
    return Decision(footer.verdict, code, footer.reason)


def is_stopped(account: Account) -> bool:
    """Whether a gate stops a release for what the verdict alone does not say, such as a waiver that is stale."""
    return bool(account.ruling and not account.ruling.passes and account.ruling.verdict is not Verdict.NON_CONFORMANT)


def headline(account: Account) -> tuple[str, str]:
    """The sign and the words that stand above a report: the verdict, or that the gate stops the release all the same."""
    wording = VERDICTS[conclusion(account).verdict]
    if is_stopped(account):
        return VERDICTS[Verdict.NON_CONFORMANT].sign, f"Stopped by the gate: {wording.word.lower()}"
    return wording.sign, wording.word


def _flawed(flaw: str, *, interrupted: bool) -> Decision | None:
    if not flaw:
        return None
    code = ExitCode.INTERRUPTED if interrupted else ExitCode.INCONCLUSIVE
    return _inconclusive(code, f"The journal is not whole, so it certifies nothing: {flaw}.")


def _stopped(records: Iterable[Record], *, interrupted: bool) -> Decision | None:
    if not interrupted and not any(isinstance(record, Footer) and record.interrupted for record in records):
        return None
    return _inconclusive(ExitCode.INTERRUPTED, "The run was interrupted before all its cases had ended.")


def _harness_error(records: Iterable[Record], findings: Sequence[Finding]) -> Decision | None:
    findings_lost = _with(findings, Outcome.ERROR)
    cases_lost = [record for record in records if isinstance(record, Ended) and record.error]
    if not findings_lost and not cases_lost:
        return None
    where = f"in {amount(len(cases_lost), 'case')}" if cases_lost else f"while judging {_places(findings_lost)}"
    return _inconclusive(ExitCode.HARNESS_ERROR, f"The harness itself broke {where}, so the run cannot be trusted.")


def _broken_clauses(findings: Sequence[Finding]) -> Decision | None:
    broken = [finding for finding in _with(findings, Outcome.FAILED) if finding.blocking]
    if not broken:
        return None
    reason = f"{amount(len(broken), 'blocking finding')} failed: {_places(broken)}."
    return Decision(Verdict.NON_CONFORMANT, ExitCode.NON_CONFORMANT, reason)


def _part_of_a_plan(records: Iterable[Record]) -> Decision | None:
    shard = next((record.shard for record in records if isinstance(record, Header)), "")
    if not shard:
        return None
    return _inconclusive(
        ExitCode.INCONCLUSIVE, f"This is shard {shard} of the plan: only all shards together, judged as one, certify anything."
    )


def _unfinished(account: Account) -> Decision | None:
    """A case that was begun for its evidence alone is missed as well: what it would have shown, nobody knows."""
    if not account.unfinished:
        return None
    return _inconclusive(
        ExitCode.INCONCLUSIVE, f"The run ended before {amount(len(account.unfinished), 'case')} did, so it certifies nothing."
    )


def _nothing_seen(findings: Sequence[Finding]) -> Decision | None:
    if _with(findings, Outcome.PASSED, Outcome.FAILED, Outcome.WARNED):
        return None
    unclear = _with(findings, Outcome.INCONCLUSIVE)
    if unclear:
        because = unclear[0].reason or "no reason was recorded"
        reason = f"No clause could be judged: {amount(len(unclear), 'finding')} stayed inconclusive ({because})."
        return _inconclusive(ExitCode.INCONCLUSIVE, reason)
    return _inconclusive(ExitCode.NOTHING_OBSERVED, "Nothing was observed: no clause was exercised in any mode.")


def _strict_unjudged(strict: Sequence[Finding]) -> Decision | None:
    unclear = _with(strict, Outcome.INCONCLUSIVE)
    if not unclear:
        return None
    reason = f"{amount(len(unclear), 'strict finding')} stayed inconclusive: {_places(unclear)}."
    return _inconclusive(ExitCode.INCONCLUSIVE, reason)


def _uncontrolled_modes(controlled: Collection[Mode], findings: Sequence[Finding]) -> Decision | None:
    accepted = {finding.mode for finding in _with(findings, Outcome.PASSED) if finding.clause == POSITIVE_CONTROL}
    missing = [mode.value for mode in Mode if mode in controlled and mode not in accepted]
    if not missing:
        return None
    reason = f"No plain valid order was accepted in {' and '.join(missing)} mode, so its refusals prove nothing."
    return _inconclusive(ExitCode.INCONCLUSIVE, reason)


def _kept(findings: Sequence[Finding]) -> Decision:
    passed = amount(len(_with(findings, Outcome.PASSED)), "finding")
    warned = len(_with(findings, Outcome.WARNED, Outcome.FAILED))
    if warned:
        reason = f"{passed} passed and none that blocks failed; {amount(warned, 'finding')} warned."
        return Decision(Verdict.WITH_WARNINGS, ExitCode.CONFORMANT, reason)
    return Decision(Verdict.CONFORMANT, ExitCode.CONFORMANT, f"{passed} passed and none failed or warned.")


def _inconclusive(code: ExitCode, reason: str) -> Decision:
    return Decision(Verdict.INCONCLUSIVE, code, reason)


def _with(findings: Iterable[Finding], *outcomes: Outcome) -> list[Finding]:
    return [finding for finding in findings if finding.outcome in outcomes]


def _places(findings: Sequence[Finding], most: int = 6) -> str:
    """The clauses of findings with their modes, shortened: `RS-05 (card, token), CB-02 (card) and 3 more clauses`."""
    modes: dict[str, list[str]] = {}
    for finding in findings:
        modes.setdefault(finding.clause, []).append(finding.mode.value)
    named = [f"{clause} ({', '.join(names)})" for clause, names in modes.items()]
    more = len(named) - most
    return ", ".join(named[:most]) + (f" and {amount(more, 'more clause')}" if more > 0 else "")


def verdict_document(account: Account) -> dict[str, Any]:
    """The content of verdict.json: verdict, target, counts, and the findings in the register's order."""
    decision = conclusion(account)
    header = account.header
    counted = Counter(finding.outcome for finding in account.findings)
    document = {
        "verdict": decision.verdict.value,
        "exit_code": int(decision.exit_code),
        "reason": decision.reason,
        "complete": account.is_whole,
        "target": msgspec.to_builtins(header.target),
        "suite_version": header.suite_version,
        "contract_version": header.contract_version,
        "judged_with": account.footer.judged_with if account.footer else "",
        "profile_sha256": header.profile_sha256,
        "run_by": header.run_by,
        "shard": header.shard,
        "started_at": header.started_at,
        "ended_at": account.footer.ended_at if account.footer else "",
        "seed": header.seed,
        "plan": header.plan,
        "modes": [mode.value for mode in header.modes],
        "readings": dict(header.readings),
        "counts": msgspec.to_builtins(account.counts),
        "outcomes": {outcome.value: counted[outcome] for outcome in Outcome},
        "findings": [_finding_entry(finding) for finding in account.findings],
        **(_gate_entries(account.ruling) if account.ruling else {}),
    }
    return {key: _shown(value) for key, value in document.items()}


def _gate_entries(ruling: Ruling) -> dict[str, Any]:
    """What a gate adds: whether it lets the release pass, everything it objects to, and the waivers that were needed."""
    return {
        "gate": {"passes": ruling.passes, "objections": [objection.reason for objection in ruling.objections]},
        "waived": [msgspec.to_builtins(waiver) for waiver in ruling.waived],
    }


def _finding_entry(finding: Finding) -> dict[str, Any]:
    entry: dict[str, Any] = msgspec.to_builtins(finding)
    del entry["type"]  # the journal's mark of a record's kind
    return entry


def _shown(value: Any) -> Any:
    """A JSON value whose texts every strict parser can read (no half characters) and whose size is bounded."""
    if isinstance(value, str):
        return visible(clip(value, _TEXT_LIMIT))
    if isinstance(value, dict):
        return {visible(clip(key, _KEY_LIMIT)): _shown(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(member) for member in value]
    return value
