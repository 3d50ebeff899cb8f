"""The work of judging an archive in portions that any process can do, and how one machine does them."""

import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from payconform.archive.across import Across
from payconform.archive.looking import Assumptions
from payconform.archive.parts import Part
from payconform.archive.places import Piece
from payconform.archive.sift import Sifter
from payconform.archive.sources import PIECE
from payconform.archive.spill import Spill

PARTITION = 64 << 20
"""Bytes of an archive whose rows share a partition."""

_MOST_PARTITIONS = 4096
_MOST_PIECES = 500
_EXPANSION = 8
"""How much larger than its file a compressed archive is taken to be."""


class WorkError(Exception):
    """The work could not be done, for no fault of the archive; one line."""


class Task(Struct, frozen=True):
    """What every portion of the work needs to know."""

    assumptions: Assumptions
    partitions: int


class Watcher(Protocol):
    """Told of each part as it comes."""

    def __call__(self, part: Part, /) -> None: ...


def portions(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces in portions of about one piece's size, so that a folder of small files is no heap of tiny tasks."""
    made: list[list[Piece]] = []
    size = PIECE
    for piece in pieces:
        weight = (piece.stop or piece.source.size) - piece.start
        if size + weight > PIECE or len(made[-1]) == _MOST_PIECES:
            made.append([])
            size = 0
        made[-1].append(piece)
        size += weight
    return made


def partitions(pieces: Iterable[Piece]) -> int:
    """Into how many partitions the rows of an archive go, so that one fits into memory easily."""
    sources = {piece.source.name: piece.source for piece in pieces}
    size = sum(source.size * (_EXPANSION if source.compression or source.form == "parquet" else 1) for source in sources.values())
    return min(size // PARTITION + 1, _MOST_PARTITIONS)


def sifted(task: Task, portion: Iterable[Piece]) -> Iterator[Part]:
    """The parts of a portion, as its blocks are read."""
    sifter = _sifter(msgspec.json.encode(task))
    for piece in portion:
        yield from sifter.sift(piece)


@lru_cache(maxsize=1)
def _sifter(task: bytes) -> Sifter:
    """Made once a process: what it compiles is worth keeping."""
    asked = msgspec.json.decode(task, type=Task)
    return Sifter(asked.assumptions, asked.partitions)


def alone(task: Task, pieces: Sequence[Piece], watch: Watcher) -> Part:
    """All of it in this process."""
    with tempfile.TemporaryDirectory(prefix="payconform-") as folder:
        spill, whole = Spill(Path(folder)), Part()
        for part in sifted(task, pieces):
            watch(part)
            whole.add(spill.take(part))
        spill.flush()
        for partition in range(task.partitions):
            whole.add(_across(task, folder, partition))
        return whole


def together(task: Task, pieces: Sequence[Piece], watch: Watcher, workers: int) -> Part:
    """All of it in as many processes as there are workers. Raises `WorkError` when one of them dies."""
    whole = Part()

    def take(part: Part) -> None:
        watch(part)
        whole.add(part)

    try:
        with (
            tempfile.TemporaryDirectory(prefix="payconform-") as folder,
            ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool,
        ):
            _done(pool, [partial(_sift, task, folder, portion) for portion in portions(pieces)], take, 3 * workers)
            _done(
                pool, [partial(_across, task, folder, partition) for partition in range(task.partitions)], whole.add, 3 * workers
            )
    except BrokenProcessPool:
        raise WorkError("a worker process died; the machine may have run out of memory: try --workers 1") from None
    return whole


def _done(pool: ProcessPoolExecutor, calls: Iterable[Callable[[], Part]], take: Callable[[Part], None], most: int) -> None:
    """Have the calls done, only so many waiting at a time, and take their parts."""
    under_way: set[Future[Part]] = set()
    for call in calls:
        under_way.add(pool.submit(call))
        if len(under_way) >= most:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                take(future.result())
    for future in under_way:
        take(future.result())


def _sift(task: Task, folder: str, portion: Sequence[Piece]) -> Part:
    spill, whole = Spill(Path(folder)), Part()
    for part in sifted(task, portion):
        whole.add(spill.take(part))
    spill.flush()
    return whole


def _across(task: Task, folder: str, partition: int) -> Part:
    spill, across = Spill(Path(folder)), Across(task.assumptions)
    part = across.of_orders(spill.read("rows", partition))
    part.add(across.of_owners(spill.read("owners", partition)))
    return part
