"""Has an archive judged by a Dask cluster, whose workers read its files themselves.

The portions of the work are those of one machine, and so is what they come to. A worker that dies costs no more than time: Dask
has others do again what it had done.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import payconform
from payconform.archive.beside import Span
from payconform.archive.lists import Lists
from payconform.archive.mistakes import InputError
from payconform.archive.parts import Part
from payconform.archive.places import Piece
from payconform.archive.sources import PIECE
from payconform.archive.spill import Kind
from payconform.archive.work import Task, Watcher, WorkError, judged, listed, portions, sifted
from payconform.report.text import one_line

CONNECT_S = 20

PARTITION = 256 << 20
"""Bytes of an archive whose rows share a partition. With `_PORTIONS` it bounds the number of tasks, which is their product."""

_PORTIONS = 200

Kept = dict[Kind, dict[int, list[bytes]]]
"""What a portion passes on, by kind and partition."""


def on_cluster(task: Task, pieces: Sequence[Piece], watch: Watcher, folder: Path, scheduler: str) -> Part:
    """All of it on the cluster of that scheduler, such as tcp://10.0.0.5:8786; what it lists is in the folder of this machine.

    Raises `InputError` when there is no such cluster, `WorkError` when it does not get the work done.
    """
    whole, lists = Part(), Lists(folder)
    with _connected(scheduler) as client:
        from distributed import as_completed  # noqa: PLC0415 -- there is a client, so there is the package

        most = max(PIECE, sum(piece.size for piece in pieces) // _PORTIONS)
        sifting = [client.submit(_sift, task, portion, pure=False) for portion in portions(pieces, most)]
        told = [client.submit(_part, done) for done in sifting]
        for future in as_completed(told):
            part = future.result()
            watch(part)
            whole.add(lists.take(part))
        orders, since = _orders(task)
        span = Span(since, whole.last, task.deadline_s)
        judging = [
            client.submit(
                _judge, task, span, [client.submit(_of_partition, done, partition) for done in sifting], orders.get(partition, [])
            )
            for partition in range(task.partitions)
        ]
        for future in as_completed(judging):
            part = future.result()
            watch(part)
            whole.add(lists.take(part))
    lists.flush()
    return whole


def _sift(task: Task, portion: Sequence[Piece]) -> tuple[Part, Kept]:
    whole = Part()
    kept: Kept = {"rows": defaultdict(list), "owners": defaultdict(list)}
    for part in sifted(task, portion):
        for kind, partitions in (("rows", part.rows), ("owners", part.owners)):
            for partition, blobs in partitions.items():
                kept[kind][partition] += blobs  # type: ignore[index]  # the two kinds there are
        part.rows, part.owners = {}, {}
        whole.add(part)
    return whole, kept


def _part(done: tuple[Part, Kept]) -> Part:
    return done[0]


def _of_partition(done: tuple[Part, Kept], partition: int) -> tuple[list[bytes], list[bytes]]:
    return done[1]["rows"].get(partition, []), done[1]["owners"].get(partition, [])


def _judge(task: Task, span: Span, kept: Iterable[tuple[list[bytes], list[bytes]]], orders: list[bytes]) -> Part:
    rows, owners = [], []
    for more_rows, more_owners in kept:
        rows += more_rows
        owners += more_owners
    return judged(task, span, rows, owners, orders)


def _orders(task: Task) -> tuple[dict[int, list[bytes]], float | None]:
    """The orders by partition, and when the first was sent."""
    found: dict[int, list[bytes]] = defaultdict(list)
    times = []
    for batch, since in listed(task) if task.orders else ():
        for partition, blobs in batch.items():
            found[partition] += blobs
        times += [] if since is None else [since]
    return dict(found), min(times, default=None)


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    try:
        from distributed import Client  # noqa: PLC0415 -- an extra
        from distributed.client import FutureCancelledError as CancelledError  # noqa: PLC0415 -- as above
        from distributed.scheduler import KilledWorker  # noqa: PLC0415 -- as above
    except ImportError:
        raise InputError("--scheduler needs Dask: pip install 'payconform[cluster]'") from None
    try:
        client = Client(scheduler, timeout=CONNECT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(f"--scheduler {scheduler}: there is no scheduler: {str(error).splitlines()[0]}") from None
    try:
        with client:
            _see_workers(client, scheduler)
            yield client
    except KilledWorker as error:
        raise WorkError(f"the cluster lost too many workers: {str(error).splitlines()[0]}") from None
    except CancelledError as error:
        raise WorkError(f"the cluster gave up: {str(error).splitlines()[0]}") from None


def _see_workers(client: Any, scheduler: str) -> None:
    """Refuse a cluster that cannot do the work: without workers, or with others than ours."""
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        raise InputError(f"--scheduler {scheduler}: the cluster has no workers") from None
    try:
        versions = set(client.run(_version).values())
    except Exception as error:  # noqa: BLE001 -- whatever a worker says that cannot import what it is sent
        why = one_line(str(error))
        raise InputError(f"--scheduler {scheduler}: its workers need payconform[archives,cluster] too: {why}") from None
    if versions != {payconform.__version__}:
        told = ", ".join(sorted(versions))
        raise InputError(f"--scheduler {scheduler}: the workers have payconform {told}, and this is {payconform.__version__}")


def _version() -> str:
    return payconform.__version__
