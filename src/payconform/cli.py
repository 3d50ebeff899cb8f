"""The `payconform` command: what is done outside pytest."""

import sys
from collections.abc import Callable, Sequence

from payconform.model.finding import ExitCode

USAGE = """usage: payconform COMMAND …

commands:
  receive    capture callbacks on a public host (payconform receive --help)
  sandbox    run the embedded provider, for merchants to develop against (payconform sandbox --help)
  validate   judge captured callbacks, one or an archive of any size (payconform validate --help)

The conformance suites are run by pytest: pytest suites --profile FILE
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the answer is its exit code, 4 with one line for a command there is not."""
    name, *rest = (sys.argv[1:] if argv is None else list(argv)) or ["--help"]
    if name in ("-h", "--help"):
        sys.stdout.write(USAGE)
        return ExitCode.CONFORMANT
    command = COMMANDS.get(name)
    if command is None:
        sys.stderr.write(f"payconform: there is no command {name!r}; there is {', '.join(COMMANDS)}\n")
        return ExitCode.MISCONFIGURED
    try:
        return command(rest)
    except BrokenPipeError:  # whoever read the output has seen enough
        sys.stdout = None
        return ExitCode.CONFORMANT


def _sandbox(argv: Sequence[str]) -> int:
    from payconform.sandbox.command import run  # noqa: PLC0415 -- a server is only paid for by who starts one

    return run(argv)


def _receive(argv: Sequence[str]) -> int:
    from payconform.capture.command import run  # noqa: PLC0415 -- as above

    return run(argv)


def _validate(argv: Sequence[str]) -> int:
    from payconform.archive.command import run  # noqa: PLC0415 -- as above

    return run(argv)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {"receive": _receive, "sandbox": _sandbox, "validate": _validate}
