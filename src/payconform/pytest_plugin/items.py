"""What pytest collects: an item for every case, and one for every invariant in every mode."""

from collections.abc import Iterator
from typing import Any

import pytest

from payconform.authoring.cases import Case, CaseFamily, Invariants
from payconform.contract.register import clauses
from payconform.model.clause import Mode
from payconform.model.finding import Finding, Observation, Outcome
from payconform.pytest_plugin.outcomes import PROPERTY
from payconform.pytest_plugin.session import SESSION, Entry, Session
from payconform.report.text import clip, visible

_TEXT_LIMIT = 4_000


class BrokenClauseError(Exception):
    """A clause is broken; the text is for the terminal."""


class ClauseItem(pytest.Item):
    """An item that reports what the run found out; it does nothing to the target itself."""

    mode: Mode
    case: Case | None = None
    clause: str = ""

    @property
    def entry(self) -> Entry:
        return Entry(self.nodeid, self.mode, self.case, self.clause)

    def is_in(self, plan: str) -> bool:
        """Whether a plan has the item."""
        raise NotImplementedError

    def mark(self, mode: Mode, *, hears: bool) -> None:
        self.add_marker(mode.value)
        if hears:
            self.add_marker("callback")

    @property
    def run_session(self) -> Session:
        return self.config.stash[SESSION]

    def say(self, outcome: Outcome, reason: str) -> None:
        """End the item with an outcome of ours, in the nearest that pytest has."""
        self.user_properties.append((PROPERTY, outcome.value))
        reason = visible(clip(reason, _TEXT_LIMIT))  # it holds words of the target, and pytest prints them as they are
        if outcome in (Outcome.FAILED, Outcome.ERROR):
            raise BrokenClauseError(reason)
        if outcome not in (Outcome.PASSED, Outcome.WARNED):
            pytest.skip(reason)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, BrokenClauseError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, None, str]:
        return self.path, None, self.name


class CaseItem(ClauseItem):
    """One case of a suite."""

    def __init__(self, *, case: Case, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case: Case = case
        self.mode = case.mode
        self.mark(case.mode, hears=case.hears)

    def is_in(self, plan: str) -> bool:
        return self.case.is_in(plan)

    def is_left_to_another(self) -> bool:
        """Whether an item of another mode asks the same: the run says so in its findings, and this one needs no line."""
        return self.case.left_to(self.run_session.modes, self.run_session.options.plan) is not None

    def runtest(self) -> None:
        outcome, said = self.run_session.of_case(self.case)
        self.say(outcome, "\n".join(_told(observation) for observation in said))


class InvariantItem(ClauseItem):
    """One clause in one mode, judged on everything the run recorded."""

    def __init__(self, *, clause: str, mode: Mode, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.clause = clause
        self.mode = mode
        self.mark(mode, hears=clause.startswith("CB-"))

    def is_in(self, plan: str) -> bool:  # noqa: ARG002 -- every plan judges all of its evidence
        return True

    def runtest(self) -> None:
        finding = self.run_session.of_invariant(self.clause, self.mode)
        self.say(finding.outcome, finding.reason or _summary(finding))


class CapturedItem(InvariantItem):
    """One clause, judged on captured callbacks in whatever mode their orders paid."""

    def mark(self, mode: Mode, *, hears: bool) -> None:  # noqa: ARG002 -- the mode is not known before they are read
        if hears:
            self.add_marker("callback")


def collect(collector: pytest.Module, name: str, obj: object) -> list[pytest.Item] | None:
    """The items of a declaration in a suite; None for any other object."""
    judges = collector.config.stash[SESSION].judges
    match obj:
        case CaseFamily() if judges is not None:
            return []
        case Invariants() if judges is not None:
            return [
                CapturedItem.from_parent(collector, name=f"{name}[{clause}]", clause=clause, mode=Mode.UNKNOWN)
                for clause in obj.clauses
                if clause in judges
            ]
        case CaseFamily():
            return [_unique(CaseItem.from_parent(collector, name=case.id, case=case)) for case in obj.cases]
        case Invariants():
            return list(_invariants(collector, name, obj))
        case _:
            return None


def _invariants(collector: pytest.Module, name: str, declared: Invariants) -> Iterator[pytest.Item]:
    for clause in declared.clauses:
        for mode in clauses()[clause].modes:
            yield InvariantItem.from_parent(collector, name=f"{name}[{clause}-{mode.value}]", clause=clause, mode=mode)


def _unique(item: CaseItem) -> CaseItem:
    """Two cases of one id would be one in the journal."""
    for other in item.run_session.collected:
        if other.case and other.case.id == item.case.id and other.node != item.nodeid:
            raise pytest.Collector.CollectError(f"{item.nodeid} and {other.node} have one name: rename one of them")
    return item


def _told(observation: Observation) -> str:
    if not observation.expected:  # the reason why the case could not tell
        return observation.observed
    clause = clauses()[observation.clause]
    lines = [f"{clause.id} ({clause.section}): {clause.statement}"]
    lines += [f"  expected  {observation.expected}", f"  observed  {observation.observed}"]
    return "\n".join(lines)


def _summary(finding: Finding) -> str:
    clause = clauses()[finding.clause]
    often = f"{finding.frequency.failed} of {finding.frequency.seen}"
    head = f"{clause.id} ({clause.section}): {clause.statement}"
    return f"{head}\n  expected  {finding.expected}\n  observed  {finding.observed}\n  how often {often}"
