"""`payconform validate`: judges captured callbacks."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from payconform.archive.checklist import checklist
from payconform.archive.cluster import on_cluster
from payconform.archive.evidence import Restorer, offending_lines
from payconform.archive.files import is_url
from payconform.archive.findings import findings
from payconform.archive.journal import About, write_journal
from payconform.archive.looking import Assumptions
from payconform.archive.mistakes import InputError
from payconform.archive.parts import MOST_OFFENDERS, Part, percentiles
from payconform.archive.places import Piece, Source
from payconform.archive.placing import Placing
from payconform.archive.progress import Progress
from payconform.archive.sources import STANDARD_INPUT, pieces, sources, spooled
from payconform.archive.work import Task, WorkError, alone, partitions, together
from payconform.contract.register import SIGNING_DIALECT, reading_defaults
from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.finding import ExitCode
from payconform.model.profile import Profile
from payconform.model.run import Footer, Record, TargetSummary
from payconform.profile.loading import load
from payconform.profile.mistakes import ProfileError
from payconform.report.terminal import summary
from payconform.report.text import one_line
from payconform.report.wording import amount, duration
from payconform.report.write import write_reports

DESCRIPTION = """Judge captured callbacks: one in a file, or an archive of any size.

PATH is a file, a folder, a URL that fsspec opens, or - for standard input: JSON, JSON lines (plain, gzip, zstd), HAR, Parquet
with a column named body, the store of payconform receive, or the journal of a run. A record is the body of a callback or an
envelope with what came with it."""
JOURNAL = "journal.ndjson"
OFFENDING = "offending.jsonl"
UNCALLED = "never-called-back.txt"
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
    began = time.monotonic()
    profile = load(Path(options.profile), os.environ) if options.profile else None
    assumptions = _assumptions(options, profile)
    spool = spooled(sys.stdin.buffer) if STANDARD_INPUT in options.paths else ""
    try:
        found = _found(options, spool)
        cut = pieces(found)
        orders = tuple(options.orders or (source.path for source in found if source.form == "journal"))
        deadline = options.deadline or (profile.callbacks.deadline_s if profile else None)
        task = Task(assumptions, partitions(cut), orders, deadline)
        part = _worked(options, task, cut)
        about = _about(options, profile, task, part)
        return _concluded(options, part, cut, about, time.monotonic() - began)
    finally:
        if spool:
            Path(spool).unlink()


def _found(options: argparse.Namespace, spool: str) -> list[Source]:
    """What there is to judge; a cluster's workers have to find it too, wherever they were started."""
    found = sources(options.paths, spool)
    if not options.scheduler:
        return found
    if spool:
        raise InputError("standard input cannot be judged on a cluster: its workers read the files themselves")
    absolute = (source.path if is_url(source.path) else str(Path(source.path).absolute()) for source in found)
    return [msgspec.structs.replace(source, path=path) for source, path in zip(found, absolute, strict=True)]


def _worked(options: argparse.Namespace, task: Task, cut: Sequence[Piece]) -> Part:
    workers = options.workers or os.cpu_count() or 1
    read_as_written = all(not piece.source.compression and piece.source.form in ("lines", "document") for piece in cut)
    size = sum(source.size for source in {piece.source.path: piece.source for piece in cut}.values())
    with Progress(size if read_as_written else None) as progress:
        if options.scheduler:
            part = on_cluster(task, cut, progress, options.scheduler)
        elif workers == 1 or len(cut) == 1:
            part = alone(task, cut, progress)
        else:
            part = together(task, cut, progress, workers)
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
        written = [*write_reports(records, reports), reports / JOURNAL]
        if part.offenders:
            (reports / OFFENDING).write_bytes(b"".join(offending_lines(part.offenders, restorer, placing)))
            written.append(reports / OFFENDING)
    if single:
        sys.stdout.write(checklist(part, dialect) + "\n" + _verdict(records) + "\n")
    else:
        _tell(records, written, part, placing)
        if about.with_orders and reports:
            sys.stdout.writelines(f"{line}\n" for line in _correlated(part, reports))
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


def _correlated(part: Part, reports: Path) -> Iterator[str]:
    """What came of the orders, a line each; those that were never called back are listed in a file."""
    strangers = amount(part.strangers, "callback")
    yield f"{amount(part.orders, 'order')}, {part.uncalled_count:,} never called back, {strangers} of none of them"
    if part.latencies:
        found = percentiles(part.latencies)
        yield "from an order to its callback: " + ", ".join(f"{name} {duration(seconds)}" for name, seconds in found.items())
    if part.uncalled:
        (reports / UNCALLED).write_text("".join(f"{one_line(name)}\n" for name in sorted(part.uncalled)), encoding="utf-8")
        yield f"the request_id of each that was never called back: {reports / UNCALLED}"


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


def _about(options: argparse.Namespace, profile: Profile | None, task: Task, part: Part) -> About:
    name = profile.target.name if profile else "captured callbacks"
    target = TargetSummary(
        name=name,
        environment=profile.target.environment if profile else "unknown",
        base_url=profile.target.base_url if profile else ", ".join(options.paths),
        dialect=task.assumptions.dialect,
    )
    heard = {mode for _, mode in part.tally.places} | {task.assumptions.mode}
    return About(
        target=target,
        modes=tuple(mode for mode in Mode if mode in heard),
        assumptions=task.assumptions,
        with_orders=bool(task.orders),
        orders=part.orders,
        deadline_s=task.deadline_s or 0.0,
    )


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
