"""Whole runs whose callbacks go to a capture service, as a user starts them."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import payconform.sandbox.mutants  # noqa: F401 -- enters them in the catalogue
from payconform.journal.reading import read
from payconform.model.evidence import Callback
from payconform.model.finding import Finding, Outcome
from payconform.model.run import Header, Record
from payconform.sandbox.catalogue import MUTANTS
from payconform.sandbox.server import Sandbox

if TYPE_CHECKING:
    from tests.unit.capture.conftest import Running

ROOT = Path(__file__).parents[3]
TOKEN = "a-token-of-enough-letters"
NUMBER = b"4242424242424242"


def run(tmp_path: Path, target: str, service: str, token: str = TOKEN) -> tuple[int, str, Sequence[Record]]:
    """The exit code of a quick run, what it printed, and its records."""
    profile = (ROOT / "profiles" / "sandbox.toml").read_text().replace("http://127.0.0.1:8642", target)
    inbox = f'inbox = "service"\nservice_url = "{service}"\ntoken_env = "CAPTURE_TOKEN"'
    (tmp_path / "p.toml").write_text(profile.replace('inbox = "receiver"', inbox))
    command = [sys.executable, "-m", "pytest", "suites", "-q", "-p", "no:cacheprovider", "--plan", "quick", "--seed", "1"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    done = subprocess.run(  # noqa: S603 -- our own interpreter and arguments
        [*command, f"--reports={tmp_path}", f"--profile={tmp_path}/p.toml"],
        cwd=ROOT,
        env=kept | {"PYTHONPATH": str(ROOT / "src"), "CAPTURE_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    journal = tmp_path / "journal.ndjson"
    return done.returncode, done.stdout + done.stderr, read(journal).records if journal.exists() else ()


def test_a_conforming_target_passes(tmp_path: Path, running: "Running") -> None:
    with Sandbox() as sandbox:
        code, output, records = run(tmp_path, sandbox.url, running.url)
    assert code == 0, output
    callbacks = [record for record in records if isinstance(record, Callback)]
    assert callbacks
    assert all(callback.path.startswith(f"/callbacks/{callback.order}") for callback in callbacks)
    assert [record.inbox for record in records if isinstance(record, Header)] == ["service"]
    assert TOKEN not in (tmp_path / "journal.ndjson").read_text()


def test_card_data_in_callbacks_is_found_though_nobody_stored_it(tmp_path: Path, running: "Running") -> None:
    mutant = MUTANTS["callback-carries-spaced-number"]
    with Sandbox(mutant.provider, mutant.settings) as sandbox:
        code, output, records = run(tmp_path, sandbox.url, running.url)
    assert code == 1, output
    failed = {record.clause for record in records if isinstance(record, Finding) and record.outcome is Outcome.FAILED}
    assert failed == {"PC-01"}
    running.kill()
    stored = b"".join(file.read_bytes() for file in running.store.parent.glob("callbacks.db*"))
    assert b"424242******4242" in stored
    assert NUMBER not in stored.replace(b" ", b"")


@pytest.mark.parametrize(("token", "wanted"), [("a-wrong-token-in-fact", 4), (TOKEN, 6)])
def test_a_service_that_cannot_be_used_ends_the_run_in_one_line(
    tmp_path: Path, running: "Running", token: str, wanted: int
) -> None:
    if wanted == 6:
        running.kill()
    code, output, records = run(tmp_path, "http://127.0.0.1:9", running.url, token)
    assert (code, records) == (wanted, ())
    assert len([line for line in output.splitlines() if "payconform: the capture service" in line]) == 1
    assert "Traceback" not in output
