"""Every planted fault is found with its clause, and nothing else, however the work is divided."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from payconform.archive import judgement, sources, work

COUNT = 12_000
SHARE = 0.02


@pytest.fixture(scope="module")
def planted(planting: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, str]]:
    path = tmp_path_factory.mktemp("archive") / "callbacks.jsonl"
    found = planting.plant(path, COUNT, SHARE)
    assert {one.fault for one in found} == {fault.name for fault in planting.faults()}
    return path, {one.line: one.clause for one in found}


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many pieces and partitions, so that what belongs together is far apart."""
    monkeypatch.setattr(sources, "PIECE", 200_000)
    monkeypatch.setattr(sources.pieces, "__defaults__", (200_000,))
    monkeypatch.setattr(work.portions, "__defaults__", (200_000,))
    monkeypatch.setattr(judgement, "PARTITION", 1_000_000)


def without_times(verdict: dict[str, Any]) -> dict[str, Any]:
    counts = {name: count for name, count in verdict["counts"].items() if name != "seconds"}
    return {**verdict, "counts": counts, "started_at": "", "ended_at": ""}


def test_every_fault_is_found_and_nothing_else(planted: tuple[Path, dict[int, str]], validate: Any) -> None:
    path, expected = planted
    one = validate(path, "--dialect", "lesspay2", "--workers", 1)
    assert one.code == 1
    assert {line for _, line in one.offending} == set(expected)
    assert [(line, clause) for line, clause in expected.items() if clause not in one.offending[str(path), line]] == []
    assert one.verdict["counts"]["callbacks"] >= COUNT

    two = validate(path, "--dialect", "lesspay2", "--workers", 2)
    assert two.lists == one.lists
    assert without_times(two.verdict) == without_times(one.verdict)


def test_a_conforming_archive_has_no_finding(planting: ModuleType, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    planting.plant(path, 3_000, 0)
    for dialect in ("guide", "lesspay2"):
        judged = validate(path, "--dialect", dialect, "--workers", 1)
        assert (judged.code, judged.offending) == (0, {})
        assert judged.verdict["verdict"] == "conformant"


def test_beside_its_orders_every_fault_of_the_catalogue_is_found(planting: ModuleType, tmp_path: Path, validate: Any) -> None:
    path, orders = tmp_path / "callbacks.jsonl", tmp_path / "orders.jsonl"
    planted = planting.plant(path, 5_000, 0.03, orders=orders)
    assert {one.fault for one in planted} == {fault.name for fault in planting.faults(with_orders=True)}
    one = validate(path, "--orders", orders, "--dialect", "lesspay2", "--workers", 1)
    assert one.code == 1
    assert {line for _, line in one.offending} == {fault.line for fault in planted}
    assert [fault for fault in planted if fault.clause not in one.offending[str(path), fault.line]] == []
    two = validate(path, "--orders", orders, "--dialect", "lesspay2", "--workers", 2)
    assert two.lists == one.lists
    assert without_times(two.verdict) == without_times(one.verdict)
