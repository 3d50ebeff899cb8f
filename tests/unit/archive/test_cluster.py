"""A cluster judges as one machine does, also when it loses a worker midway."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from payconform.archive.cluster import on_cluster
from payconform.archive.findings import findings
from payconform.archive.lists import Lists
from payconform.archive.looking import Assumptions
from payconform.archive.parts import Part
from payconform.archive.placing import Placing
from payconform.archive.sources import pieces, sources
from payconform.archive.work import Task, alone
from payconform.model.clause import Mode

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # the cluster ends its threads and sockets in its own time


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as made:
        yield made


def told(part: Part, cut: Any, folder: Path, *, with_orders: bool) -> tuple[Any, ...]:
    part.settle()
    lists = Lists(folder)
    found = findings(part, (Mode.CARD, Mode.UNKNOWN), "lesspay2", Placing(cut, part.lines), with_orders=with_orders)
    orders = part.orders, part.uncalled_count, [*lists.uncalled()], part.strangers, sorted(part.latencies.items())
    offenders = sorted((one.place, one.clauses) for one in lists.offenders())
    return found, offenders, part.records, part.damages, part.lines, orders


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside orders"])
def test_a_worker_that_dies_changes_nothing(
    beside: bool,  # noqa: FBT001
    cluster: Any,
    planting: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("payconform.archive.cluster.PIECE", 200_000)
    path, orders = tmp_path / "callbacks.jsonl", tmp_path / "orders.jsonl"
    planted = planting.plant(path, 6_000, 0.03, orders=orders if beside else None)
    cut = pieces(sources([str(path)]), 200_000)
    task = Task(Assumptions(dialect="lesspay2"), 5, (str(orders),) if beside else ())
    with distributed.Client(cluster) as client:
        client.wait_for_workers(2)  # one of them may still be coming back
        pids = client.run(os.getpid)
        assert len(pids) == 2
    heard: list[Part] = []

    def kill_one(part: Part) -> None:
        heard.append(part)
        if len(heard) == 3:
            os.kill(next(iter(pids.values())), signal.SIGKILL)

    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    part = on_cluster(task, cut, kill_one, ours, cluster.scheduler_address)
    assert len(heard) == len(cut) + task.partitions > 10
    expected = alone(task, cut, lambda _: None, theirs)
    assert told(part, cut, ours, with_orders=beside) == told(expected, cut, theirs, with_orders=beside)
    placing = Placing(cut, part.lines)
    assert {placing.line(one.place) for one in Lists(ours).offenders()} == {one.line for one in planted}


def test_the_whole_verdict_is_that_of_one_machine(cluster: Any, planting: ModuleType, tmp_path: Path, validate: Any) -> None:
    planted = planting.plant(tmp_path / "callbacks.jsonl", 3_000, 0.05)
    arguments = (tmp_path / "callbacks.jsonl", "--dialect", "lesspay2")
    one = validate(*arguments, "--workers", 1)
    many = validate(*arguments, "--scheduler", cluster.scheduler_address)
    assert many.lists == one.lists
    assert {line for _, line in many.offending} == {fault.line for fault in planted}
    assert many.verdict["findings"] == one.verdict["findings"]
    assert (many.code, many.verdict["reason"]) == (one.code, one.verdict["reason"])


def test_the_command_uses_the_cluster(cluster: Any, body: Any, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    path.write_bytes(body(1) + b"\n" + body(2, target_amount=5) + b"\n")
    judged = validate(path, "--scheduler", cluster.scheduler_address)
    assert judged.offending == {(str(path), 2): ["CB-09"]}


def test_without_a_scheduler_there_is_one_line(body: Any, tmp_path: Path, validate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payconform.archive.cluster.CONNECT_S", 0.2)
    path = tmp_path / "callbacks.jsonl"
    path.write_bytes(body(1))
    judged = validate(path, "--scheduler", "tcp://127.0.0.1:1")
    assert judged.code == 4
    assert "there is no scheduler" in judged.err
    assert validate(path, "--scheduler", "nonsense://x").code == 4


def test_a_cluster_that_cannot_do_it_is_one_line(
    cluster: Any, body: Any, tmp_path: Path, validate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "callbacks.jsonl"
    path.write_bytes(body(1))
    monkeypatch.setattr("payconform.__version__", "99.0")
    judged = validate(path, "--scheduler", cluster.scheduler_address)
    assert judged.code == 4
    assert "and this is 99.0" in judged.err
    monkeypatch.setattr("payconform.archive.cluster.CONNECT_S", 0.5)
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as empty:
        judged = validate(path, "--scheduler", empty.scheduler_address)
    assert judged.code == 4
    assert "the cluster has no workers" in judged.err
    assert judged.err.count("\n") == 1
