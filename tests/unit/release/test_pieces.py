"""The ready pieces for CI do what they say: their scripts run here, with a payconform that writes down what it was asked."""

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from payconform.cli import COMMANDS
from payconform.model.finding import ExitCode

CI = Path(__file__).parents[3] / "ci"
INPUT = re.compile(r"\$\{\{ inputs\.([a-z-]+) \}\}")
PATIENCE_S = 30.0


class Ran(NamedTuple):
    """What came of a step: its exit code, the words that payconform was given, and the outputs of the step."""

    code: int
    words: list[str]
    outputs: str
    said: str


def action(name: str) -> Any:
    return yaml.safe_load((CI / "github" / name / "action.yml").read_text("utf-8"))


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A folder for PATH with a payconform that writes its words down, a line each, and exits as CODE says."""
    program = tmp_path / "bin" / "payconform"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho " ::error::said by a provider"\nprintf "%s\\n" "$@" > "$WORDS"\nexit "${CODE:-0}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program.parent


def shell(script: str, folder: Path, stand_in: Path, **environment: str) -> Ran:
    """Run a script as GitHub runs it: bash that stops at the first error."""
    words, outputs = folder / "words", folder / "outputs"
    outputs.touch()
    path = os.pathsep.join((str(stand_in), os.environ["PATH"]))
    told = {"PATH": path, "WORDS": str(words), "GITHUB_OUTPUT": str(outputs), **environment}
    done = subprocess.run(  # noqa: S603 -- a script of ours
        ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder, env=told, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    return Ran(done.returncode, words.read_text().splitlines() if words.exists() else [], outputs.read_text(), done.stdout)


def step(name: str, identifier: str, folder: Path, stand_in: Path, code: int = 0, **given: str) -> Ran:
    """Run a step of an action with these inputs, all others at their defaults."""
    document = action(name)
    inputs = {key: str(value.get("default", "")) for key, value in document["inputs"].items()} | given
    (found,) = [step for step in document["runs"]["steps"] if step.get("id") == identifier]
    told = {key: INPUT.sub(lambda match: inputs[match[1]], value) for key, value in found["env"].items()}
    return shell(found["run"], folder, stand_in, CODE=str(code), **told)


def test_the_run_action_hands_its_inputs_on(tmp_path: Path, stand_in: Path) -> None:
    ran = step(
        "run",
        "run",
        tmp_path,
        stand_in,
        profile="my profile.toml",
        policy="p.toml",
        baseline="my b.ndjson",
        arguments="-k\nRS-05 or EP-01\n",
    )
    options = [
        "--plan",
        "default",
        "--reports",
        "reports",
        "--profile",
        "my profile.toml",
        "--policy",
        "p.toml",
        "--baseline",
        "my b.ndjson",
    ]
    assert (ran.code, ran.words) == (0, ["run", *options, "-k", "RS-05 or EP-01"])
    assert ran.outputs == "exit-code=0\n"


@pytest.mark.parametrize("code", list(ExitCode))
def test_a_run_alone_ends_as_payconform_does_and_a_shard_leaves_findings_to_the_gate(
    tmp_path: Path, stand_in: Path, code: ExitCode
) -> None:
    alone = step("run", "run", tmp_path, stand_in, code)
    assert (alone.code, alone.outputs) == (code, f"exit-code={int(code)}\n")
    shard = step("run", "run", tmp_path, stand_in, code, shard="2/4")
    left = code in (ExitCode.NON_CONFORMANT, ExitCode.NOTHING_OBSERVED, ExitCode.INCONCLUSIVE)
    assert shard.code == (0 if left else code)
    assert shard.words[-2:] == ["--shard", "2/4"]


@pytest.mark.parametrize("name", ["run", "gate"])
def test_nothing_that_is_printed_is_a_command_of_the_runner(tmp_path: Path, stand_in: Path, name: str) -> None:
    (tmp_path / "journal.ndjson").touch()
    said = step(name, name, tmp_path, stand_in, 0, journals="journal.ndjson").said.splitlines()
    token = said[0].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", token)
    assert said[1:] == [" ::error::said by a provider", f"::{token}::"]


def test_no_input_is_a_command(tmp_path: Path, stand_in: Path) -> None:
    evil = '"; touch evil; echo "$(touch evil)`touch evil`'
    ran = step("run", "run", tmp_path, stand_in, profile=evil, shard=evil, arguments=evil)
    assert ran.words.count(evil) == 3
    step("gate", "gate", tmp_path, stand_in, journals=evil, policy=evil)
    assert not (tmp_path / "evil").exists()
    for name in ("run", "gate"):
        assert not [step for step in action(name)["runs"]["steps"] if "${{" in step.get("run", "")]


def test_the_gate_action_finds_the_journals_of_all_shards(tmp_path: Path, stand_in: Path) -> None:
    for number in (1, 2):
        journal = tmp_path / f"my shards/payconform-shard-{number}" / "journal.ndjson"
        journal.parent.mkdir(parents=True)
        journal.touch()
    (tmp_path / "rerun.ndjson").touch()
    ran = step("gate", "gate", tmp_path, stand_in, 6, journals="my shards/*/journal.ndjson\nrerun.ndjson", baseline="b.ndjson")
    paths = [f"my shards/payconform-shard-{number}/journal.ndjson" for number in (1, 2)]
    assert ran.words == ["gate", *paths, "rerun.ndjson", "--reports", "reports", "--baseline", "b.ndjson"]
    assert (ran.code, ran.outputs) == (6, "exit-code=6\n")


def test_a_gate_without_journals_stops(tmp_path: Path, stand_in: Path) -> None:
    ran = step("gate", "gate", tmp_path, stand_in, journals="shards/*/journal.ndjson")
    assert (ran.code, ran.words, ran.outputs) == (6, [], "exit-code=6\n")
    assert "::error title=payconform::There is no journal" in ran.said


def test_the_template_of_gitlab_shares_a_plan_and_judges_it_as_one(tmp_path: Path, stand_in: Path) -> None:
    template = yaml.safe_load((CI / "gitlab" / "payconform.gitlab-ci.yml").read_text("utf-8"))
    told = {key: str(value) for key, value in template["variables"].items()}
    told |= {"CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "4", "CI_PIPELINE_IID": "17"}
    (script,) = template["payconform-shard"]["script"]
    shard = shell(script, tmp_path, stand_in, **told).words
    assert shard[shard.index("--shard") + 1] == "2/4"
    assert shard[shard.index("--reports") + 1] == "shards/2"
    assert template["payconform-shard"]["allow_failure"]["exit_codes"] == [1, 5, 6]
    for number in (1, 2):
        (tmp_path / "shards" / str(number)).mkdir(parents=True)
        (tmp_path / "shards" / str(number) / "journal.ndjson").touch()
    (script,) = template["payconform-gate"]["script"]
    gate = shell(script, tmp_path, stand_in, **told).words
    assert gate[:3] == ["gate", "shards/1/journal.ndjson", "shards/2/journal.ndjson"]
    assert "--baseline" not in gate
    gate = shell(script, tmp_path, stand_in, **told | {"PAYCONFORM_BASELINE": "my b.ndjson"}).words
    assert gate[gate.index("--baseline") + 1] == "my b.ndjson"
    assert template["payconform-gate"]["artifacts"]["reports"] == {"junit": "reports/junit.xml"}


def test_the_jenkinsfile_runs_every_shard_and_gathers_them() -> None:
    text = (CI / "jenkins" / "Jenkinsfile").read_text("utf-8")
    (shards,) = re.findall(r"SHARDS = '(\d+)'", text)
    (values,) = re.findall(r"values ((?:'\d+'(?:, )?)+)", text)
    assert re.findall(r"\d+", values) == [str(number) for number in range(1, int(shards) + 1)]
    assert "code in [0, 1, 5, 6]" in text
    assert "--baseline certified.ndjson" in text
    for opening, closing in ("{}", "()", "[]"):
        assert text.count(opening) == text.count(closing)


@pytest.mark.parametrize("path", sorted(path for path in CI.rglob("*") if path.is_file()), ids=lambda path: path.name)
def test_pieces_call_only_commands_that_there_are(path: Path) -> None:
    called = set(re.findall(r"(?:^|/|\s)payconform (run|gate|[a-z]+) (?=[-\"$s])", path.read_text("utf-8"), re.MULTILINE))
    assert called <= set(COMMANDS)
