"""`payconform run` gates a release from a folder that holds nothing but what a user puts there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from payconform.cli import main
from payconform.commands.run import suites
from payconform.journal.reading import read
from payconform.model.run import Header

SOURCE = Path(__file__).parents[3] / "src"
PATIENCE_S = 240.0


def payconform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a shell starts it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    start = "import sys; from payconform.cli import main; sys.argv[0] = 'payconform'; sys.exit(main())"
    return subprocess.run(  # noqa: S603 -- our own interpreter and our own arguments
        [sys.executable, "-c", start, *arguments],
        cwd=folder,
        env=kept | ({"PYTHONPATH": str(SOURCE)} if SOURCE.is_dir() else {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_one_command_gates_a_release_from_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text('[evidence]\nmax_age_days = 1\nobserved = ["EP-01", "CB-02/card"]\n')
    done = payconform(tmp_path, "run", "--plan", "quick", "--policy", "policy.toml", "-q", "--seed=1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASSED THE GATE" in done.stdout
    assert "Warning" not in done.stdout
    verdict = json.loads((tmp_path / "reports" / "verdict.json").read_text("utf-8"))
    assert verdict["gate"]["passes"]
    assert len({finding["clause"] for finding in verdict["findings"]}) > 100
    assert sorted(path.name for path in tmp_path.iterdir()) == ["policy.toml", "reports"]


@pytest.fixture
def surrounded(tmp_path: Path) -> Path:
    """A project whose own settings would break any run of pytest, and a test of its own."""
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--no-such-option"\n')
    (tmp_path / "test_own.py").write_text(
        "def test_one_thing(target):\n    assert target.create(target.order('card')).accepted\n"
    )
    return tmp_path


def test_settings_around_it_do_not_matter_and_own_tests_run_beside_it(surrounded: Path) -> None:
    done = payconform(surrounded, "run", "-q", "-k", "RQ-01 or test_one_thing", "test_own.py", "--seed=1", "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    header = read(surrounded / "reports" / "journal.ndjson").records[0]
    assert isinstance(header, Header)
    assert header.command.startswith("payconform run -q -k")
    assert header.seed == 1


def test_a_mistake_is_one_line(tmp_path: Path) -> None:
    done = payconform(tmp_path, "run", "--profile", "none.toml")
    assert done.returncode == 4
    assert [line for line in (done.stdout + done.stderr).splitlines() if line.strip()] == [
        f"ERROR: {tmp_path / 'none.toml'}: there is no such file; give the path of a profile, such as profiles/example.toml"
    ]


def test_help_is_of_the_run_and_not_of_pytest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--help"]) == 0
    assert capsys.readouterr().out.count("\n") < 30
    assert (suites() / "endpoint").is_dir()
