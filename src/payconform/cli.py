"""The `payconform` command: what is done outside pytest."""

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

from payconform.commands.arguments import Misconfigured
from payconform.journal.reading import JournalError
from payconform.model.finding import ExitCode
from payconform.profile.mistakes import FileError
from payconform.report.text import visible

USAGE = """usage: payconform COMMAND … (payconform COMMAND --help)

commands:
  diff       tell what changed from one run to another
  gate       let a release pass or stop it, by policy, waivers and baseline
  index      write an index page over the runs in a folder
  judge      judge a run again from its journal, offline
  receive    capture callbacks on a public host
  report     write every report from one journal or several
  run        run the conformance suites against a target, by pytest
  sandbox    run the embedded provider, for merchants to develop against
  sign       sign a journal with an SSH key
  validate   judge captured callbacks, one or an archive of any size
  verify     say whether a journal is the one that was written, and who signed it
"""

COMMANDS = {
    "diff": "payconform.commands.diff",
    "gate": "payconform.commands.gate",
    "index": "payconform.commands.index",
    "judge": "payconform.commands.judge",
    "receive": "payconform.capture.command",
    "report": "payconform.commands.report",
    "run": "payconform.commands.run",
    "sandbox": "payconform.sandbox.command",
    "sign": "payconform.commands.sign",
    "validate": "payconform.archive.command",
    "verify": "payconform.commands.verify",
}
"""The module of each command, imported when it is called: what one needs (a server, say), only its user pays for."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the answer is its exit code, 4 with one line for a mistake of the user."""
    name, *rest = (sys.argv[1:] if argv is None else list(argv)) or ["--help"]
    if name in ("-h", "--help"):
        sys.stdout.write(USAGE)
        return ExitCode.CONFORMANT
    if name not in COMMANDS:
        sys.stderr.write(f"payconform: there is no command {name!r}; there is {', '.join(COMMANDS)}\n")
        return ExitCode.MISCONFIGURED
    try:
        return int(import_module(COMMANDS[name]).run(rest))
    except (Misconfigured, FileError, JournalError) as error:
        sys.stderr.write(f"payconform {name}: {visible(str(error))}\n")  # it may cite a journal
        return ExitCode.MISCONFIGURED
    except BrokenPipeError:  # whoever read the output has seen enough
        sys.stdout = None
        return ExitCode.CONFORMANT
    except Exception:  # noqa: BLE001 -- Python's own exit code would be that of a target that is not conformant
        traceback.print_exc()
        return ExitCode.HARNESS_ERROR
