"""`payconform validate`: judges captured callbacks."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from payconform.archive.checklist import checklist
from payconform.archive.evidence import Restorer, offending_lines
from payconform.archive.findings import findings
from payconform.archive.journal import About, write_journal
from payconform.archive.looking import Assumptions
from payconform.archive.mistakes import InputError
from payconform.archive.parts import MOST_OFFENDERS, Part
from payconform.archive.places import Piece
from payconform.archive.placing import Placing
from payconform.archive.progress import Progress
from payconform.archive.sources import STANDARD_INPUT, pieces, sources, spooled
from payconform.archive.work import Task, WorkError, alone, partitions, together
from payconform.contract.register import SIGNING_DIALECT, reading_defaults
from payconform.journal.reading import last_seal
from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.finding import ExitCode
from payconform.model.profile import Profile
from payconform.model.run import Footer, Record, TargetSummary
from payconform.profile.loading import load
from payconform.profile.mistakes import ProfileError
from payconform.report.terminal import summary
from payconform.report.text import one_line
from payconform.report.write import write_reports

DESCRIPTION = """Judge captured callbacks: one in a file, or an archive of any size.

PATH is a file, a folder, a URL that fsspec opens, or - for standard input: JSON, JSON lines (plain, gzip, zstd), HAR, Parquet
with a column named body, the store of payconform receive, or the journal of a run. A record is the body of a callback or an
envelope with what came with it."""
JOURNAL = "journal.ndjson"
OFFENDING = "offending.jsonl"
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
    parser.add_argument("--secret-env", metavar="NAME", help="the environment variable with the secret that signs callbacks")
    parser.add_argument("--reports", metavar="DIR", help="where reports go (reports; for a single callback nowhere)")
    parser.add_argument("--workers", type=_count, metavar="N", help="processes (as many as there are cores)")
    return parser.parse_args(argv)


def _judge(options: argparse.Namespace) -> int:
    began = time.monotonic()
    profile = load(Path(options.profile), os.environ) if options.profile else None
    assumptions = _assumptions(options, profile)
    spool = spooled(sys.stdin.buffer) if STANDARD_INPUT in options.paths else ""
    try:
        cut = pieces(sources(options.paths, spool))
        part = _worked(cut, assumptions, options.workers or os.cpu_count() or 1)
        return _concluded(options, part, cut, _about(options, profile, assumptions), time.monotonic() - began)
    finally:
        if spool:
            Path(spool).unlink()


def _worked(cut: Sequence[Piece], assumptions: Assumptions, workers: int) -> Part:
    task = Task(assumptions, partitions(cut))
    read_as_written = all(not piece.source.compression and piece.source.form in ("lines", "document") for piece in cut)
    size = sum(source.size for source in {piece.source.path: piece.source for piece in cut}.values())
    with Progress(size if read_as_written else None) as progress:
        part = alone(task, cut, progress) if workers == 1 or len(cut) == 1 else together(task, cut, progress, workers)
    part.settle()
    return part


def _concluded(options: argparse.Namespace, part: Part, cut: Sequence[Piece], about: About, seconds: float) -> int:
    """Write the reports, tell the terminal, and answer the exit code."""
    placing = Placing(cut, part.lines)
    restorer = Restorer(about.assumptions, placing)
    dialect = about.assumptions.dialect
    found = findings(part, about.modes, dialect, placing, with_orders=about.with_orders)
    single = part.records == 1 and not part.damages
    reports = Path(options.reports or _USUAL_REPORTS) if options.reports or not single else None
    if reports:
        reports.mkdir(parents=True, exist_ok=True)
    records = write_journal(reports / JOURNAL if reports else None, about, part, found, restorer=restorer, seconds=seconds)
    written: list[Path] = []
    if reports:
        written = [*write_reports(records, reports, seal=last_seal(reports / JOURNAL)), reports / JOURNAL]
        if part.offenders:
            (reports / OFFENDING).write_bytes(b"".join(offending_lines(part.offenders, restorer, placing)))
            written.append(reports / OFFENDING)
    if single:
        sys.stdout.write(checklist(part, dialect) + "\n" + _verdict(records) + "\n")
    else:
        _tell(records, written, part, placing)
    return _footer(records).exit_code


def _tell(records: Sequence[Record], written: Sequence[Path], part: Part, placing: Placing) -> None:
    color = sys.stdout.isatty()
    sys.stdout.write(summary(records, written, width=shutil.get_terminal_size().columns, color=color))
    for damage in part.damages[:10]:
        sys.stdout.write(f"not read: {one_line(placing.words(damage.place))} {one_line(damage.what)}\n")
    if part.damaged > 10:
        sys.stdout.write(f"not read: {part.damaged - 10:,} more places\n")
    if len(part.offenders) >= MOST_OFFENDERS:
        sys.stdout.write(f"{OFFENDING} holds the first {MOST_OFFENDERS:,} offending callbacks\n")


def _verdict(records: Sequence[Record]) -> str:
    footer = _footer(records)
    return f"{footer.verdict.value} (exit code {int(footer.exit_code)}): {footer.reason}"


def _footer(records: Sequence[Record]) -> Footer:
    return next(record for record in records if isinstance(record, Footer))


def _assumptions(options: argparse.Namespace, profile: Profile | None) -> Assumptions:
    dialect = options.dialect or (profile.target.dialect if profile else "guide")
    readings = reading_defaults() | (profile.readings if profile else {})
    mode = Mode(options.mode) if options.mode else Mode.UNKNOWN
    return Assumptions(dialect=dialect, mode=mode, readings=readings, secret=_secret(options, profile))


def _secret(options: argparse.Namespace, profile: Profile | None) -> str:
    name = options.secret_env
    if name is None:
        return profile.auth.secret if profile else ""
    if not os.environ.get(name):
        raise InputError(f"--secret-env {name}: there is no such environment variable, or it is empty")
    return os.environ[name]


def _about(options: argparse.Namespace, profile: Profile | None, assumptions: Assumptions) -> About:
    name = profile.target.name if profile else "captured callbacks"
    target = TargetSummary(
        name=name,
        environment=profile.target.environment if profile else "unknown",
        base_url=profile.target.base_url if profile else ", ".join(options.paths),
        dialect=assumptions.dialect,
    )
    return About(target=target, modes=(assumptions.mode,), assumptions=assumptions)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to 1024")
    return int(text)
