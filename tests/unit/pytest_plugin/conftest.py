"""Runs of the suites in a process of their own, as a user starts them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from payconform.journal.reading import read
from payconform.model.finding import Finding
from payconform.model.run import Footer, Record

ROOT = Path(__file__).parents[3]
PATIENCE_S = 240.0


class Told(NamedTuple):
    """What a run told: its exit code, what it printed, and where it wrote its reports."""

    code: int
    output: str
    reports: Path

    @property
    def records(self) -> tuple[Record, ...]:
        return read(self.reports / "journal.ndjson").records

    @property
    def footer(self) -> Footer:
        return next(record for record in self.records if isinstance(record, Footer))

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(record for record in self.records if isinstance(record, Finding))


RunSuites = Callable[..., Told]


def command(reports: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--reports={reports}", "--seed=1", *arguments]


def environment() -> dict[str, str]:
    """Ours without what a surrounding pytest or pytest-xdist tells its children."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    return kept | {"PYTHONPATH": str(ROOT / "src")}


@pytest.fixture(scope="session")
def run_suites(tmp_path_factory: pytest.TempPathFactory) -> RunSuites:
    """Runs the suites with these arguments, and answers what the run told."""

    def run(*arguments: str) -> Told:
        reports = tmp_path_factory.mktemp("run") / "reports"
        done = subprocess.run(  # noqa: S603 -- our own interpreter and our own arguments
            command(reports, *arguments),
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Told(done.returncode, done.stdout + done.stderr, reports)

    return run


@pytest.fixture
def start_suites(tmp_path: Path) -> Callable[..., tuple[subprocess.Popen[bytes], Path]]:
    """Starts the suites and does not wait; answers the process and where it writes its reports."""

    def start(*arguments: str) -> tuple[subprocess.Popen[bytes], Path]:
        reports = tmp_path / "reports"
        output = (tmp_path / "output").open("wb")
        # Whoever is started in the background inherits that SIGINT is ignored, and would pass it on.
        inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
        process = subprocess.Popen(  # noqa: S603 -- as above
            command(reports, *arguments), cwd=ROOT, env=environment(), stdout=output, stderr=subprocess.STDOUT
        )
        signal.signal(signal.SIGINT, inherited)
        output.close()
        return process, reports

    return start


@pytest.fixture(scope="session")
def default_run(run_suites: RunSuites) -> Told:
    """The run of a user who gives no option: everything, against the embedded sandbox."""
    return run_suites()
