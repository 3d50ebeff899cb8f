"""`payconform run`: the conformance suites that come with payconform, from any folder and without a checkout."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from payconform.commands.screen import say
from payconform.contract import folder
from payconform.model.finding import ExitCode

USAGE = """usage: payconform run [--profile FILE] [--policy FILE] [--waivers FILE] [options of pytest]

Run the conformance suites that come with payconform, by pytest, and write the reports. The exit code is that of the verdict, or
with --policy, --waivers or --baseline that of the gate. Without --profile the target is the embedded sandbox.

  --profile FILE        the profile of the target
  --reports DIR         where the reports go (default: reports)
  --policy FILE         what blocks, and what must have been seen
  --waivers FILE        known deviations, and until when they are borne
  --baseline FILE       the last certified run: reports tell what changed since, and what got worse blocks
  --plan NAME           quick, default or deep
  --shard I/N           the I-th of N parts of the plan; payconform report joins their journals
  --seed N              send the same requests again
  --run-by NAME         who runs it, for the reports
  --allow-live          accept a target that is not declared a sandbox
  -k WORD, -m MODE      by clause, by mode; -x, -q, -n and all others as pytest has them (pytest --help)
  FILE                  tests of your own, which run beside the suites
"""


def run(argv: Sequence[str]) -> int:
    if any(word in ("-h", "--help") for word in argv):
        say(USAGE)
        return ExitCode.CONFORMANT
    import pytest  # noqa: PLC0415 -- the help needs none of it

    return int(pytest.main([*_of_pytest(suites()), *argv]))


def suites() -> Path:
    """The folder with the suites: inside the installed package, else that of the repository the package runs from."""
    installed = folder.PACKAGE / "suites"
    return installed if installed.is_dir() else folder.PACKAGE.parents[1] / "suites"


def _of_pytest(suites: Path) -> list[str]:
    """Options by which nothing around the suites matters, as where the package lies below a project with tests of its own."""
    configuration = Path(str(files("payconform.pytest_plugin") / "run.ini"))
    return [
        str(suites),
        *("-p", "payconform.pytest_plugin"),
        *("-c", str(configuration)),
        f"--rootdir={Path.cwd()}",
        f"--confcutdir={suites}",
    ]
