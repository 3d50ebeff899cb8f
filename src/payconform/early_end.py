"""A run that ends as soon as enough has failed, which spares its target whatever else it would have been asked."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

from payconform.assembly import Run
from payconform.authoring.cases import Case
from payconform.contract.register import clauses
from payconform.engine.judge import of_case
from payconform.engine.stages import stages
from payconform.engine.tally import Place
from payconform.model.finding import Outcome

Watch = Callable[[Sequence[Case], Callable[[], bool]], None]
"""Waits for cases that were set going, until all have ended or it is told that this is enough."""

_BROKEN = (Outcome.FAILED, Outcome.ERROR)


class EarlyEnd:
    """Asks a run's cases stage by stage until `most` have failed of those that are `counted` and of the invariants at `places`.

    A case counts when it ends, an invariant between two stages, when there is nothing left to wait for.
    """

    def __init__(self, run: Run, most: int, counted: Iterable[Case], places: Collection[Place]) -> None:
        self._run = run
        self._most = most
        self._counted = {case.id for case in counted}
        self._places = places
        self._outcomes: dict[str, Outcome] = {}

    def ask(self, cases: Sequence[Case], watch: Watch) -> None:
        """Return when all have ended, or it was enough: then what is under way is cut off, and the rest never begun."""
        for stage in stages(cases):
            self._run.runner.start(stage)
            watch(stage, partial(self._cases_are_enough, stage))
            if self._cases_are_enough(stage) or self._all_are_enough(stage):
                self._run.runner.cut_off()
                return

    def _cases_are_enough(self, asked: Sequence[Case]) -> bool:
        return self._failed_cases(asked) >= self._most

    def _all_are_enough(self, asked: Sequence[Case]) -> bool:
        self._run.runner.settle()
        findings = self._run.findings()
        failed = [found for found in findings if found.outcome in _BROKEN and (found.clause, found.mode) in self._places]
        return self._failed_cases(asked) + len(failed) >= self._most

    def _failed_cases(self, asked: Sequence[Case]) -> int:
        records, dialect = self._run.recorder.records, self._run.profile.target.dialect
        for case in asked:
            if case.id in self._counted and case.id not in self._outcomes and self._run.runner.done(case):
                self._outcomes[case.id] = of_case(records, case.id, clauses(), dialect)[0]
        return sum(outcome in _BROKEN for outcome in self._outcomes.values())
