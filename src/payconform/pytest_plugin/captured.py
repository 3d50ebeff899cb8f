"""A session that judges captured callbacks: the judgement of `payconform validate`, with pytest's items and exit codes."""

from collections.abc import Collection, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any, NoReturn

import pytest

from payconform.archive.findings import judged_clauses
from payconform.archive.judgement import Asked, Judgement, judgement
from payconform.archive.mistakes import InputError
from payconform.archive.work import WorkError
from payconform.contract.register import clauses
from payconform.engine.judge import unjudged
from payconform.model.clause import Mode
from payconform.model.finding import ExitCode, Finding, Outcome
from payconform.model.run import Record
from payconform.pytest_plugin.options import Options
from payconform.pytest_plugin.session import JOURNAL, Session
from payconform.report.wording import OUTCOMES

_WORST_FIRST = tuple(OUTCOMES)


class CapturedSession(Session):
    """Nothing is sent. The first item has everything judged; from then on items only report."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        super().__init__(config, options)
        self._judgement: Judgement | None = None
        self._kept = ExitStack()

    @property
    def judges(self) -> Collection[str]:
        return judged_clauses(with_orders=True)

    def run(self) -> NoReturn:
        """There is none: a plain test that would send something is left undecided."""
        pytest.skip("inconclusive: captured callbacks are judged, and nothing is sent")

    def begin(self) -> None:
        """Judge the archive, once."""
        if self._judgement is not None:
            return
        options = self.options
        asked = Asked(paths=options.captured, orders=options.orders, profile=options.profile, scheduler=options.scheduler)
        capture = self._config.pluginmanager.getplugin("capturemanager")
        try:
            with capture.global_and_fixture_disabled() if capture else nullcontext():  # for the progress bar
                self._judgement = self._kept.enter_context(judgement(asked))
        except InputError as error:
            pytest.exit(f"payconform: {error}", returncode=ExitCode.MISCONFIGURED)
        except WorkError as error:
            pytest.exit(f"payconform: {error}", returncode=ExitCode.HARNESS_ERROR)

    def of_invariant(self, clause: str, mode: Mode) -> Finding:
        """The worst that is said of a clause in any mode."""
        said = [finding for finding in self._judgement.findings if finding.clause == clause] if self._judgement else []
        beside = unjudged(clauses()[clause], mode, Outcome.NOT_OBSERVED, "it shows beside the orders that were sent (--orders)")
        return min(said, key=lambda finding: _WORST_FIRST.index(finding.outcome), default=beside)

    def finish(self, exitstatus: int) -> int:
        """As for a run; what lists were made of is no longer needed."""
        with self._kept:
            return super().finish(exitstatus)

    def tell(self, terminal: Any) -> None:
        """As for a run, and what stands in no finding."""
        super().tell(terminal)
        for note in self._judgement.notes() if self._judgement else ():
            terminal.write_line(note)

    def _close(self, *, interrupted: bool) -> Sequence[Record]:  # noqa: ARG002 -- what was judged was judged whole
        if self._judgement is None:
            return ()
        self.options.reports.mkdir(parents=True, exist_ok=True)
        return self._judgement.records(self.options.reports / JOURNAL)

    def _write_lists(self) -> Sequence[Path]:
        return self._judgement.write_lists(self.options.reports) if self._judgement else ()
