"""What Allure is told of a run: one item per planned case, and one per clause and mode that no case was planned for."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from payconform.model.clause import Clause, Mode
from payconform.model.finding import Finding, Observation, Outcome
from payconform.model.run import Ended, PlannedCase
from payconform.report.account import Account, by_case
from payconform.report.rerun import case_command, command
from payconform.report.wording import OUTCOMES, waived

EVIDENCE_PER_ITEM = 20
_WORST_FIRST = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.INCONCLUSIVE,
    Outcome.WARNED,
    Outcome.NOT_OBSERVED,
    Outcome.PASSED,
    Outcome.NOT_APPLICABLE,
)


class Item(Struct, frozen=True, kw_only=True):
    """One result. `evidence` holds ids in the order of time and `left` how many more there are.

    `start` and `stop` are seconds of the run. `waived` tells of the waivers that its clauses needed, "" without any.
    """

    id: str
    title: str
    mode: Mode
    clauses: tuple[Clause, ...]
    outcome: Outcome
    message: str
    again: str
    evidence: tuple[str, ...]
    left: int = 0
    start: float = 0.0
    stop: float = 0.0
    waived: str = ""


class Told(Struct, frozen=True):
    """What came of a case: its outcome, why, and the evidence that says so."""

    outcome: Outcome
    why: str
    evidence: tuple[str, ...] = ()


def items(account: Account) -> Iterable[Item]:
    """The planned cases in the plan's order, then what was judged on the evidence of all of them."""
    moments = _moments(account)
    for case in account.cases.values():
        yield _item_of_case(account, case, moments.get(case.id, {}))
    planned = {(clause, case.mode) for case in account.cases.values() for clause in case.clauses}
    for finding in account.findings:
        if (finding.clause, finding.mode) not in planned:
            yield _item_of_finding(account, finding)


def _moments(account: Account) -> dict[str, dict[str, float]]:
    """For each case, when each piece of its evidence was taken; journeys belong to the moment of their last exchange."""
    moments: dict[str, dict[str, float]] = {}
    for case, exchanges in by_case(account.exchanges.values()).items():
        moments.setdefault(case, {}).update({exchange.id: exchange.at for exchange in exchanges})
    for case, callbacks in by_case(account.callbacks.values()).items():
        moments.setdefault(case, {}).update({callback.id: callback.at for callback in callbacks})
    for case, journeys in by_case(account.journeys.values()).items():
        times = moments.setdefault(case, {})
        times.update({journey.id: max((times.get(name, 0.0) for name in journey.exchanges), default=0.0) for journey in journeys})
    return moments


def _item_of_case(account: Account, case: PlannedCase, moments: Mapping[str, float]) -> Item:
    told = _told(account, case)
    # What decided the outcome comes first where not everything can be shown.
    pointed = [name for name in told.evidence if name in moments]
    chosen = list(dict.fromkeys([*pointed, *moments]))[:EVIDENCE_PER_ITEM]
    start = min(moments.values(), default=0.0)
    ended = account.ended.get(case.id)
    return Item(
        id=case.id,
        title=case.title or case.id,
        mode=case.mode,
        clauses=tuple(account.register.clauses[clause] for clause in case.clauses if clause in account.register.clauses),
        outcome=told.outcome,
        message=_message(told),
        again=case_command(account, case),
        evidence=tuple(sorted(chosen, key=lambda name: moments[name])),
        left=len(moments) - len(chosen),
        start=start,
        stop=max(start, ended.at if ended else start),
        waived=_waived(account, [finding for finding in account.findings if _is_about(finding, case)]),
    )


def _item_of_finding(account: Account, finding: Finding) -> Item:
    clause = account.clause(finding)
    told = _of_finding(finding)
    times = [record.at for name in told.evidence if (record := account.exchanges.get(name) or account.callbacks.get(name))]
    return Item(
        id=f"{finding.clause}-{finding.mode.value}",
        title=clause.statement,
        mode=finding.mode,
        clauses=(clause,),
        outcome=finding.outcome,
        message=_message(told),
        again=command(account, finding),
        evidence=told.evidence[:EVIDENCE_PER_ITEM],
        left=max(0, len(told.evidence) - EVIDENCE_PER_ITEM),
        start=min(times, default=0.0),
        stop=max(times, default=0.0),
        waived=_waived(account, [finding]),
    )


def _waived(account: Account, findings: Iterable[Finding]) -> str:
    return "\n".join(waived(waiver) for finding in findings if (waiver := account.waiver(finding)))


def _message(told: Told) -> str:
    """Why an item did not pass, with the outcome in front, by which Allure sorts results into categories."""
    return "" if told.outcome is Outcome.PASSED else f"{OUTCOMES[told.outcome].word}: {told.why}"


def _told(account: Account, case: PlannedCase) -> Told:
    if case.skip:
        return Told(Outcome.NOT_APPLICABLE, case.skip)
    said = [_weighed(account, observation) for observation in account.observations.get(case.id, [])]
    said += _trouble(account.ended.get(case.id))
    # A case may only bring about what invariants judge; their findings then speak for it.
    said = said or [_of_finding(finding) for finding in account.findings if _is_about(finding, case)]
    return min(
        said, key=lambda told: _WORST_FIRST.index(told.outcome), default=Told(Outcome.NOT_OBSERVED, "nothing was said of it")
    )


def _is_about(finding: Finding, case: PlannedCase) -> bool:
    return finding.clause in case.clauses and finding.mode is case.mode


def _of_finding(finding: Finding) -> Told:
    compared = finding.expected and finding.observed
    why = f"expected {finding.expected}; observed {finding.observed}" if compared else finding.observed
    return Told(finding.outcome, finding.reason or why, (*finding.exchanges, *finding.callbacks, *finding.journeys))


def _weighed(account: Account, observation: Observation) -> Told:
    """An observation as its clause's severity has it: what breaks an advisory clause warns."""
    why = f"{observation.clause}: expected {observation.expected}; observed {observation.observed}"
    strict = account.is_strict(observation.clause)
    outcome = Outcome.WARNED if observation.outcome is Outcome.FAILED and not strict else observation.outcome
    return Told(outcome, why, observation.evidence)


def _trouble(ended: Ended | None) -> list[Told]:
    if ended is None:
        return [Told(Outcome.INCONCLUSIVE, "the run ended before the case did")]
    if ended.error:
        return [Told(Outcome.ERROR, ended.error)]
    return [Told(Outcome.INCONCLUSIVE, ended.trouble)] if ended.trouble else []
