"""The run of one pytest session: begun by its first case or fixture, ended with a verdict and reports."""

import shutil
import tempfile
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from payconform.adapters.receiver import ReceiverError
from payconform.adapters.service_inbox import ServiceRefusedError, ServiceUnreachedError
from payconform.adapters.signers import SignerError
from payconform.assembly import Run, conclude_shards
from payconform.authoring.cases import Case
from payconform.authoring.controls import the_plain_order
from payconform.contract.register import clauses
from payconform.early_end import EarlyEnd
from payconform.engine.judge import of_case
from payconform.engine.sending import NOT_ENDED
from payconform.gate.claim import of_records
from payconform.gate.deciding import rule
from payconform.gate.differences import since
from payconform.gate.telling import ruling_text
from payconform.journal.reading import last_seal
from payconform.judging import exit_code_of_part
from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.finding import ExitCode, Finding, Observation, Outcome
from payconform.model.ruling import Ruling, Since
from payconform.model.run import Footer, Record
from payconform.pytest_plugin.options import Options
from payconform.pytest_plugin.outcomes import outcome_of
from payconform.pytest_plugin.progress import Progress
from payconform.report.terminal import summary
from payconform.report.write import write_reports
from payconform.sandbox.profile import sandbox_profile
from payconform.sandbox.server import Sandbox

SESSION = pytest.StashKey["Session"]()
JOURNAL = "journal.ndjson"
KEPT_EXITS = (ExitCode.INTERRUPTED, ExitCode.HARNESS_ERROR, ExitCode.MISCONFIGURED)
WATCH_S = 0.2


class Entry(NamedTuple):
    """What an item of pytest stands for: a case, or (with None) an invariant, by its clause, in a mode."""

    node: str
    mode: Mode
    case: Case | None
    invariant: str = ""


class Session:
    """What the plugin's hooks share. Nothing is started before a case or a fixture needs it."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.options = options
        self.collected: list[Entry] = []
        self.selected: list[Entry] = []
        self.left_to_others: set[str] = set()
        self._config = config
        self._began = time.monotonic()
        self._run: Run | None = None
        self._sandbox: Sandbox | None = None
        self._cases: list[Case] | None = None
        self._shards: Path | None = None
        self._plain_failures = 0
        self._records: Sequence[Record] = ()
        self._reports: Sequence[Path] = ()
        self._ruling: Ruling | None = None
        self._since: Since | None = None

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The modes of the target; the embedded sandbox has all."""
        return self.options.profile.modes if self.options.profile else PAYING_MODES

    @property
    def judges(self) -> Collection[str] | None:
        """The clauses that what is given is judged by; None where a run makes its own evidence."""
        return None

    def run(self) -> Run:
        """The run of this session, begun if need be."""
        if self._run is None:
            try:
                self._run = self._begin_run()
            except ServiceUnreachedError as error:
                pytest.exit(f"payconform: {error}", returncode=ExitCode.INCONCLUSIVE)
            except (ReceiverError, ServiceRefusedError, SignerError, OSError) as error:
                pytest.exit(f"payconform: {error}", returncode=ExitCode.MISCONFIGURED)
        return self._run

    def begin(self) -> None:
        """Set every selected case going, once, and show how they get on."""
        if self._cases is not None:
            return
        selected, background = self._selected_cases(), self._background()
        run = self.run()
        nodes = {entry.case.id: entry.node for entry in self.collected if entry.case}
        self._cases = run.plan(selected, background, nodes)
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        if terminal is None or self.options.worker:
            run.runner.start(self._cases)
            return
        self._announce(terminal, run)
        if most := int(self._config.getoption("maxfail") or 0):
            left = max(1, most - self._plain_failures)
            places = {(entry.invariant, entry.mode) for entry in self.selected if entry.invariant}
            EarlyEnd(run, left, selected, places).ask(self._cases, Progress(terminal, run.runner).watch)
        else:
            run.runner.start(self._cases)
            Progress(terminal, run.runner).watch(self._cases)

    def of_case(self, case: Case) -> tuple[Outcome, Sequence[Observation]]:
        """What came of a case, when it has ended: its worst outcome, and the observations that decided it."""
        run, profile = self.run(), self.run().profile
        if skip := case.skip(profile, self.options.plan):
            return Outcome.NOT_APPLICABLE, [_unjudged(case, Outcome.NOT_APPLICABLE, skip)]
        self._await(case)
        outcome, said = of_case(run.recorder.records, case.id, clauses(), profile.target.dialect)
        if run.runner.done(case) or outcome is Outcome.FAILED:
            return outcome, said
        return Outcome.INCONCLUSIVE, [_unjudged(case, Outcome.INCONCLUSIVE, NOT_ENDED)]

    def of_invariant(self, clause: str, mode: Mode) -> Finding:
        """What all evidence of the run says of a clause in a mode."""
        none = Finding(clause=clause, level=clauses()[clause].level, mode=mode, outcome=Outcome.NOT_APPLICABLE, blocking=False)
        return next((found for found in self._final_findings if (found.clause, found.mode) == (clause, mode)), none)

    @cached_property
    def _final_findings(self) -> tuple[Finding, ...]:
        run = self.run()
        for case in self._cases or ():
            self._await(case)
        run.runner.settle()
        return run.findings()

    def note(self, report: pytest.TestReport) -> None:
        """Count a plain test that failed: it fails the session beside the verdict."""
        if report.failed and outcome_of(report) is None:
            self._plain_failures += 1

    def finish(self, exitstatus: int) -> int:
        """End the run, write its reports, and answer the exit code of the session."""
        interrupted = exitstatus == ExitCode.INTERRUPTED
        try:
            self._conclude(interrupted=interrupted)
        finally:
            if self._sandbox:
                self._sandbox.stop()
        footer = next((record for record in self._records if isinstance(record, Footer)), None)
        if footer is None or exitstatus in KEPT_EXITS:
            return exitstatus
        code = self._exit_code(footer)
        if self._plain_failures and code in (ExitCode.CONFORMANT, ExitCode.NOTHING_OBSERVED):
            return ExitCode.NON_CONFORMANT
        return code

    def _exit_code(self, footer: Footer) -> int:
        if self._ruling:
            return self._ruling.exit_code
        return exit_code_of_part(self._records) if str(self.options.part) else footer.exit_code

    def _rule(self) -> Ruling | None:
        """What the gate says of the run, where the user gave it something to go by."""
        options = self.options
        if options.policy is None:
            return None
        claim = of_records(self._records)
        return rule(claim, options.policy, options.waivers, now=datetime.now(UTC), baseline=options.baseline)

    def tell(self, terminal: Any) -> None:
        """The table of clauses by mode, the findings, the verdict, and where the reports are."""
        if self._records:
            width, color = terminal._tw.fullwidth, terminal._tw.hasmarkup  # noqa: SLF001 -- the reporter shows neither
            terminal.ensure_newline()
            terminal.section("conformance", sep="=", bold=True)
            verbose = self._config.get_verbosity() > 0
            terminal.write(summary(self._records, self._reports, width=width, color=color, verbose=verbose, ruling=self._ruling))
            if self._ruling:
                claim = of_records(self._records)
                told = ruling_text(self._ruling, claim, width=width, now=datetime.now(UTC), since=self._since)
                terminal.write("\n" + told)

    def send_to_worker(self, workerinput: dict[str, Any]) -> None:
        """Tell a worker of pytest-xdist where its journal goes, and the seed all share."""
        if self._shards is None:
            self._shards = Path(tempfile.mkdtemp(prefix="payconform-"))
        workerinput["payconform_shards"] = str(self._shards)
        workerinput["payconform_seed"] = self.options.seed

    def _begin_run(self) -> Run:
        profile = self.options.profile
        if profile is None:
            self._sandbox = Sandbox().start()
            profile = sandbox_profile(self._sandbox.url)
        prefix = self.options.part.prefix
        if self.options.shards is None:
            self.options.reports.mkdir(parents=True, exist_ok=True)
            journal = self.options.reports / JOURNAL
        else:
            journal = self.options.shards / f"{self.options.worker}.ndjson"
            prefix += f"{self.options.worker}-"
        return Run(
            profile,
            journal,
            seed=self.options.seed,
            plan_name=self.options.plan,
            prefix=prefix,
            profile_sha256=self.options.profile_sha256,
            run_by=self.options.run_by,
            shard=str(self.options.part),
            command=self.options.command,
        )

    def _announce(self, terminal: Any, run: Run) -> None:
        target = run.profile.target
        terminal.ensure_newline()
        terminal.write_line(
            f"payconform: {target.name} ({target.environment}, dialect {target.dialect}) at {target.base_url}, "
            f"{len(self._cases or ())} cases, seed {self.options.seed}"
        )

    def _selected_cases(self) -> list[Case]:
        return [entry.case for entry in self.selected if entry.case]

    def _background(self) -> list[Case]:
        """Cases that give selected invariants their evidence: of each such mode the quick plan, or at least its plain order.

        Shards share them out as they do the others.
        """
        modes = {entry.mode for entry in self.selected if entry.case is None}
        selected = {case.id for case in self._selected_cases()} | self.left_to_others
        known = [entry.case for entry in self.collected if entry.case and entry.mode in modes]
        chosen = [case for case in known if case.quick and case.id not in selected]
        missing = modes - {case.mode for case in known}
        return self.options.part.split(chosen)[0] + [case for case in the_plain_order.cases if case.mode in missing]

    def _await(self, case: Case) -> None:
        while not self.run().runner.ended(case, WATCH_S):
            pass

    def _conclude(self, *, interrupted: bool) -> None:
        self._records = self._close(interrupted=interrupted)
        if self._records:
            self._ruling = self._rule()
            reports, earlier = self.options.reports, self.options.baseline
            self._since = since(earlier, of_records(self._records)) if earlier else None
            seal = last_seal(reports / JOURNAL)
            written = write_reports(self._records, reports, ruling=self._ruling, since=self._since, seal=seal)
            self._reports = (*written, reports / JOURNAL, *self._write_lists())

    def _close(self, *, interrupted: bool) -> Sequence[Record]:
        """Close the journal of whatever was begun, and answer its records; none for a part that others judge."""
        if self._shards is not None:
            return self._conclude_shards(self._shards, interrupted=interrupted)
        if self._run is not None and self.options.worker:
            self._run.runner.settle()
            self._run.abandon()
            self._run.recorder.close()
            return ()
        return self._run.conclude(interrupted=interrupted) if self._run else ()

    def _write_lists(self) -> Sequence[Path]:
        """Write what goes with the reports, and answer where it is."""
        return ()

    def _conclude_shards(self, shards: Path, *, interrupted: bool) -> Sequence[Record]:
        journals = sorted(shards.glob("*.ndjson"))
        records: Sequence[Record] = ()
        if journals:
            self.options.reports.mkdir(parents=True, exist_ok=True)
            seconds = time.monotonic() - self._began
            records = conclude_shards(journals, self.options.reports / JOURNAL, seconds, interrupted=interrupted)
        shutil.rmtree(shards, ignore_errors=True)
        return records


def _unjudged(case: Case, outcome: Outcome, reason: str) -> Observation:
    return Observation(clause=case.clauses[0], mode=case.mode, outcome=outcome, expected="", observed=reason)
