"""The work of judging an archive in portions that any process can do, and how one machine does them."""

import multiprocessing
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol
from zlib import crc32

import msgspec
from msgspec import Struct

from payconform.archive.across import Across
from payconform.archive.beside import Beside, Span
from payconform.archive.looking import Assumptions
from payconform.archive.orders import sent_orders
from payconform.archive.parts import Part
from payconform.archive.places import Piece, Source
from payconform.archive.sent import Sent
from payconform.archive.sift import Sifter
from payconform.archive.sources import PIECE
from payconform.archive.spill import Spill

PARTITION = 64 << 20
"""Bytes of an archive whose rows share a partition."""

_MOST_PARTITIONS = 4096
_PORTIONS = 64
"""Into how many portions an archive goes for each worker, if they are large enough: many end together, few spill together."""

_MOST_PIECES = 500
_BATCH = 10_000
_EXPANSION = 8
"""How much larger than its file a compressed archive is taken to be."""


class WorkError(Exception):
    """The work could not be done, for no fault of the archive; one line."""


class Task(Struct, frozen=True):
    """What every portion of the work needs to know. `orders` are the lists of what was sent, if any were given.

    `deadline_s` is how long a terminal callback may take, None where nobody said.
    """

    assumptions: Assumptions
    partitions: int
    orders: tuple[str, ...] = ()
    deadline_s: float | None = None


class Watcher(Protocol):
    """Told of each part as it comes."""

    def __call__(self, part: Part, /) -> None: ...


def portions(pieces: Sequence[Piece], most: int = PIECE) -> list[list[Piece]]:
    """The pieces in portions of at most so many bytes, so that a folder of small files is no heap of tiny tasks."""
    made: list[list[Piece]] = []
    size = most
    for piece in pieces:
        weight = piece.size
        if size + weight > most or len(made[-1]) == _MOST_PIECES:
            made.append([])
            size = 0
        made[-1].append(piece)
        size += weight
    return made


def partitions(pieces: Iterable[Piece], size: int = PARTITION) -> int:
    """Into how many partitions the rows of an archive go, so that one of about that size fits into memory easily."""
    sources = {piece.source.name: piece.source for piece in pieces}
    whole = sum(source.size * (_EXPANSION if is_packed(source) else 1) for source in sources.values())
    return min(whole // size + 1, _MOST_PARTITIONS)


def is_packed(source: Source) -> bool:
    """Whether a file is smaller than what is read from it."""
    return bool(source.compression) or source.form == "parquet"


def sifted(task: Task, portion: Iterable[Piece]) -> Iterator[Part]:
    """The parts of a portion, as its blocks are read."""
    sifter = _sifter(msgspec.json.encode(task))
    for piece in portion:
        yield from sifter.sift(piece)


@lru_cache(maxsize=1)
def _sifter(task: bytes) -> Sifter:
    """Made once a process: what it compiles is worth keeping."""
    asked = msgspec.json.decode(task, type=Task)
    return Sifter(asked.assumptions, asked.partitions, beside=bool(asked.orders))


def listed(task: Task) -> Iterator[tuple[dict[int, list[bytes]], float | None]]:
    """The orders that were sent, in batches by partition, and when the first of each batch was sent."""
    batch: list[Sent] = []
    for sent in sent_orders(task.orders):
        batch.append(sent)
        if len(batch) == _BATCH:
            yield _batched(batch, task.partitions)
            batch = []
    yield _batched(batch, task.partitions)


def _batched(batch: Iterable[Sent], count: int) -> tuple[dict[int, list[bytes]], float | None]:
    kept: dict[int, list[Sent]] = defaultdict(list)
    for sent in batch:
        kept[crc32(sent.request_id.encode(errors="replace")) % count].append(sent)
    since = min((sent.at for sent in batch if sent.at is not None), default=None)
    return {partition: [msgspec.msgpack.encode(orders)] for partition, orders in kept.items()}, since


def judged(task: Task, span: Span, rows: Sequence[bytes], owners: Sequence[bytes], orders: Sequence[bytes]) -> Part:
    """What a partition comes to."""
    across = Across(task.assumptions)
    part = Beside(task.assumptions, span).judge(orders, rows) if task.orders else across.of_orders(rows)
    part.add(across.of_owners(owners))
    part.partitions = 1
    return part


def alone(task: Task, pieces: Sequence[Piece], watch: Watcher, folder: Path) -> Part:
    """All of it in this process; what it lists is in the folder."""
    since, whole = _spilled(task, folder), Part()
    spill = Spill(folder)
    for part in sifted(task, pieces):
        watch(part)
        whole.add(spill.take(part))
    spill.flush()
    span = Span(since, whole.last, task.deadline_s)
    for partition in range(task.partitions):
        part = _across(task, span, folder, partition)
        watch(part)
        whole.add(part)
    return whole


def together(task: Task, pieces: Sequence[Piece], watch: Watcher, folder: Path, workers: int) -> Part:
    """As `alone`, in as many processes as there are workers. Raises `WorkError` when one of them dies."""
    whole = Part()

    def take(part: Part) -> None:
        watch(part)
        whole.add(part)

    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            since = _spilled(task, folder)
            most = max(PIECE, sum(piece.size for piece in pieces) // (workers * _PORTIONS))
            _done(pool, [partial(_sift, task, folder, portion) for portion in portions(pieces, most)], take, 3 * workers)
            span = Span(since, whole.last, task.deadline_s)
            calls = [partial(_across, task, span, folder, partition) for partition in range(task.partitions)]
            _done(pool, calls, take, 3 * workers)
    except BrokenProcessPool:
        raise WorkError("a worker process died; the machine may have run out of memory: try --workers 1") from None
    return whole


def _spilled(task: Task, folder: Path) -> float | None:
    """Put the orders on disk, and answer when the first was sent."""
    spill, times = Spill(folder), []
    for batch, since in listed(task) if task.orders else ():
        spill.write("orders", batch)
        times += [] if since is None else [since]
    spill.flush()
    return min(times, default=None)


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


def _sift(task: Task, folder: Path, portion: Sequence[Piece]) -> Part:
    spill, whole = Spill(folder), Part()
    for part in sifted(task, portion):
        whole.add(spill.take(part))
    spill.flush()
    return whole


def _across(task: Task, span: Span, folder: Path, partition: int) -> Part:
    spill = Spill(folder)
    part = judged(task, span, spill.read("rows", partition), spill.read("owners", partition), spill.read("orders", partition))
    spill.take(part)
    spill.flush()
    return part
