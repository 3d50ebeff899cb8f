"""Judges an archive from its paths to its verdict, whoever asks: the command line or pytest."""

import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from payconform.archive import cluster
from payconform.archive.evidence import Restorer, offending_lines
from payconform.archive.files import is_url
from payconform.archive.findings import findings
from payconform.archive.journal import About, write_journal
from payconform.archive.lists import Lists
from payconform.archive.looking import Assumptions
from payconform.archive.mistakes import InputError
from payconform.archive.parts import Part, percentiles
from payconform.archive.places import Piece, Source
from payconform.archive.placing import Placing
from payconform.archive.progress import Progress
from payconform.archive.sources import STANDARD_INPUT, pieces, sources, spooled
from payconform.archive.work import PARTITION, Task, alone, partitions, together
from payconform.contract.register import reading_defaults
from payconform.model.clause import Mode
from payconform.model.finding import Finding
from payconform.model.profile import Profile
from payconform.model.run import Footer, Record, TargetSummary
from payconform.report.text import one_line
from payconform.report.wording import amount, duration

JOURNAL = "journal.ndjson"
OFFENDING = "offending.jsonl"
UNCALLED = "never-called-back.txt"
_MOST_DAMAGES = 10


class Asked(Struct, frozen=True, kw_only=True):
    """What is to be judged, and how.

    A `profile` tells target, dialect, readings, secret and deadline where nothing else here does. `workers` is a number of
    processes (0: as many as there are cores), `scheduler` the address of a Dask cluster that is to do it instead.
    """

    paths: tuple[str, ...]
    orders: tuple[str, ...] = ()
    profile: Profile | None = None
    dialect: str = ""
    mode: Mode = Mode.UNKNOWN
    secret: str = ""
    deadline_s: float = 0.0
    workers: int = 0
    scheduler: str = ""

    def __repr__(self) -> str:
        return f"Asked({', '.join(self.paths)})"


class Judgement:
    """What came of an archive: its findings, and what reports are made of. `single`: it was one callback."""

    def __init__(self, asked: Asked, task: Task, cut: Sequence[Piece], part: Part, *, lists: Lists, seconds: float) -> None:
        self.part = part
        self.dialect = task.assumptions.dialect
        self.single = part.records == 1 and not part.damages
        self._lists = lists
        self._seconds = seconds
        self._about = _about(asked, task, part)
        self._placing = Placing(cut, part.lines)
        self._restorer = Restorer(task.assumptions, self._placing)
        self.findings: tuple[Finding, ...] = findings(
            part, self._about.modes, self.dialect, self._placing, with_orders=self._about.with_orders
        )

    def close(self) -> None:
        """Close what was opened to read callbacks again."""
        self._restorer.close()

    def records(self, journal: Path | None) -> tuple[Record, ...]:
        """The records of the journal, which is written if a path is given."""
        return write_journal(journal, self._about, self.part, self.findings, restorer=self._restorer, seconds=self._seconds)

    def write_lists(self, folder: Path) -> list[Path]:
        """Write the offending callbacks, and the orders that were never called back, if there are any."""
        offending = offending_lines(self._lists.offenders(), self._restorer, self._placing)
        uncalled = (f"{one_line(name)}\n".encode() for name in self._lists.uncalled())
        return [*_written(folder / OFFENDING, offending), *_written(folder / UNCALLED, uncalled)]

    def notes(self) -> Iterator[str]:
        """What stands in no finding, a line each: the orders, what could not be read."""
        part = self.part
        if self._about.with_orders:
            strangers = amount(part.strangers, "callback")
            yield f"{amount(part.orders, 'order')}, {part.uncalled_count:,} never called back, {strangers} of none of them"
        if part.latencies:
            found = percentiles(part.latencies).items()
            yield "from an order to its callback: " + ", ".join(f"{name} {duration(seconds)}" for name, seconds in found)
        for damage in part.damages[:_MOST_DAMAGES]:
            yield f"not read: {one_line(self._placing.words(damage.place))} {one_line(damage.what)}"
        if part.damaged > _MOST_DAMAGES:
            yield f"not read: {part.damaged - _MOST_DAMAGES:,} more places"


@contextmanager
def judgement(asked: Asked) -> Iterator[Judgement]:
    """Judge an archive. What lists are made of is kept on disk until the end of the context.

    Raises `InputError` for what the user has to mend, `WorkError` when the work could not be done.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="payconform-") as name:
        folder = Path(name)
        spool = spooled(sys.stdin.buffer, folder) if STANDARD_INPUT in asked.paths else ""
        found = _found(asked, spool)
        cut = pieces(found)
        task = _task(asked, found, cut)
        part = _worked(asked, task, cut, folder)
        with closing(Judgement(asked, task, cut, part, lists=Lists(folder), seconds=time.monotonic() - began)) as judged:
            yield judged


def footer_of(records: Sequence[Record]) -> Footer:
    return next(record for record in records if isinstance(record, Footer))


def _written(path: Path, lines: Iterable[bytes]) -> list[Path]:
    """Write lines as they come, and answer where they are; nothing is written where there are none."""
    lines = iter(lines)
    first = next(lines, None)
    if first is None:
        return []
    with path.open("wb") as file:
        file.write(first)
        file.writelines(lines)
    return [path]


def _task(asked: Asked, found: Sequence[Source], cut: Sequence[Piece]) -> Task:
    profile = asked.profile
    assumptions = Assumptions(
        dialect=asked.dialect or (profile.target.dialect if profile else "guide"),
        mode=asked.mode,
        readings=reading_defaults() | (profile.readings if profile else {}),
        secret=asked.secret or (profile.auth.secret if profile else ""),
    )
    # The journal of a run tells its orders too.
    orders = asked.orders or tuple(source.path for source in found if source.form == "journal")
    deadline = asked.deadline_s or (profile.callbacks.deadline_s if profile else 0.0)
    size = cluster.PARTITION if asked.scheduler else PARTITION
    return Task(assumptions, partitions(cut, size), orders, deadline or None)


def _found(asked: Asked, spool: str) -> list[Source]:
    """What there is to judge; a cluster's workers have to find it too, wherever they were started."""
    found = sources(asked.paths, spool)
    if not asked.scheduler:
        return found
    if spool:
        raise InputError("standard input cannot be judged on a cluster: its workers read the files themselves")
    absolute = (source.path if is_url(source.path) else str(Path(source.path).absolute()) for source in found)
    return [msgspec.structs.replace(source, path=path) for source, path in zip(found, absolute, strict=True)]


def _worked(asked: Asked, task: Task, cut: Sequence[Piece], folder: Path) -> Part:
    workers = asked.workers or os.cpu_count() or 1
    with Progress(sum(piece.size for piece in cut), task.partitions) as progress:
        if asked.scheduler:
            part = cluster.on_cluster(task, cut, progress, folder, asked.scheduler)
        elif workers == 1 or len(cut) == 1:
            part = alone(task, cut, progress, folder)
        else:
            part = together(task, cut, progress, folder, workers)
    part.settle()
    return part


def _about(asked: Asked, task: Task, part: Part) -> About:
    profile = asked.profile
    target = TargetSummary(
        name=profile.target.name if profile else "captured callbacks",
        environment=profile.target.environment if profile else "unknown",
        base_url=profile.target.base_url if profile else ", ".join(asked.paths),
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
