"""`payconform validate`: judges captured callbacks."""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from payconform.archive.checklist import checklist
from payconform.archive.judgement import JOURNAL, Asked, Judgement, footer_of, judgement
from payconform.archive.mistakes import InputError
from payconform.archive.work import WorkError
from payconform.contract.register import SIGNING_DIALECT
from payconform.journal.reading import last_seal
from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.finding import ExitCode
from payconform.profile.loading import load
from payconform.profile.mistakes import ProfileError
from payconform.report.terminal import summary
from payconform.report.write import write_reports

DESCRIPTION = """Judge captured callbacks: one in a file, or an archive of any size.

PATH is a file, a folder, a URL that fsspec opens, or - for standard input: JSON, JSON lines (plain, gzip, zstd), HAR, Parquet
with a column named body, the store of payconform receive, or the journal of a run. A record is the body of a callback or an
envelope with what came with it."""
_USUAL_REPORTS = "reports"


def run(argv: Sequence[str]) -> int:
    """Judge what the arguments name; the exit code of the process, as a live run has it."""
    try:
        options = parse(argv)
        return _judge(options)
    except (InputError, ProfileError) as error:
        sys.stderr.write(f"payconform validate: {error}\n")
        return ExitCode.MISCONFIGURED
    except WorkError as error:
        sys.stderr.write(f"payconform validate: {error}\n")
        return ExitCode.HARNESS_ERROR
    except KeyboardInterrupt:
        sys.stderr.write("payconform validate: interrupted; nothing is certified\n")
        return ExitCode.INTERRUPTED


def parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="payconform validate",
        description=DESCRIPTION,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--profile", metavar="FILE", help="take target, dialect, readings and secret from a profile")
    parser.add_argument("--dialect", choices=("guide", SIGNING_DIALECT), help="which contract the provider keeps (guide)")
    parser.add_argument("--mode", choices=[mode.value for mode in PAYING_MODES], help="how all their orders paid, if you know")
    parser.add_argument("--orders", action="append", metavar="FILE", help="what was sent: a journal, CSV, JSON lines or Parquet")
    parser.add_argument("--deadline", type=_seconds, metavar="S", help="how long a terminal callback may take (with --orders)")
    parser.add_argument("--secret-env", metavar="NAME", help="the environment variable with the secret that signs callbacks")
    parser.add_argument("--reports", metavar="DIR", help="where reports go (reports; for a single callback nowhere)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="the Dask cluster that does it, such as tcp://10.0.0.5:8786")
    parser.add_argument("--workers", type=_count, metavar="N", help="processes (as many as there are cores)")
    return parser.parse_args(argv)


def _judge(options: argparse.Namespace) -> int:
    asked = Asked(
        paths=tuple(options.paths),
        orders=tuple(options.orders or ()),
        profile=load(Path(options.profile), os.environ) if options.profile else None,
        dialect=options.dialect or "",
        mode=Mode(options.mode) if options.mode else Mode.UNKNOWN,
        secret=_secret(options.secret_env),
        deadline_s=options.deadline or 0.0,
        workers=options.workers or 0,
        scheduler=options.scheduler or "",
    )
    with judgement(asked) as found:
        reports = Path(options.reports or _USUAL_REPORTS) if options.reports or not found.single else None
        return _concluded(found, reports)


def _concluded(found: Judgement, reports: Path | None) -> int:
    """Write the reports, tell the terminal, and answer the exit code."""
    written: list[Path] = []
    if reports:
        reports.mkdir(parents=True, exist_ok=True)
    records = found.records(reports / JOURNAL if reports else None)
    if reports:
        seal = last_seal(reports / JOURNAL)
        written = [*write_reports(records, reports, seal=seal), reports / JOURNAL, *found.write_lists(reports)]
    footer = footer_of(records)
    if found.single:
        said = f"{footer.verdict.value} (exit code {footer.exit_code}): {footer.reason}"
        sys.stdout.write(f"{checklist(found.part, found.dialect)}\n{said}\n")
    else:
        width, color = shutil.get_terminal_size().columns, sys.stdout.isatty()
        sys.stdout.write(summary(records, written, width=width, color=color))
        sys.stdout.writelines(f"{note}\n" for note in found.notes())
    return footer.exit_code


def _secret(name: str | None) -> str:
    if name is None:
        return ""
    if not os.environ.get(name):
        raise InputError(f"--secret-env {name}: there is no such environment variable, or it is empty")
    return os.environ[name]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to 1024")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds
