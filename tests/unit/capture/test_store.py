"""The store: what was committed is there, for whoever reads beside the writer."""

import json
import sqlite3
import stat
from pathlib import Path

import pytest

from payconform.capture.store import MOST_BYTES, Row, Shelf, Store, StoreError, exported
from payconform.model.capture import Arming


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "callbacks.db"


def keep(store: Store, *rows: Row) -> None:
    store.begin()
    store.keep(rows)
    store.commit()


def row(number: int, *, arming: int = 1, at: float = 0.0, size: int = 0) -> Row:
    return Row(arming, f"/a/{number}", at, json.dumps({"n": number, "pad": "x" * size}).encode())


def test_everything_survives_the_writer(path: Path) -> None:
    store = Store(path)
    assert store.arm(Arming(path="/a/", prefix=True, refuse_first=1), 0.0) == 1
    keep(store, row(1), row(1), row(2))
    assert [json.loads(line)["n"] for line in exported(path)] == [1, 1, 2], "read beside the writer"
    store.close()
    again = Store(path)
    assert (again.name, again.armings()) == (store.name, {1: Arming(path="/a/", prefix=True, refuse_first=1)})
    assert again.counts(1) == {"/a/1": 2, "/a/2": 1}
    again.close()
    assert [json.loads(line)["n"] for line in exported(path, page=2)] == [1, 1, 2]


def test_nothing_of_a_transaction_that_was_rolled_back_is_there(path: Path) -> None:
    store = Store(path)
    store.begin()
    store.keep([row(1)])
    store.roll_back()
    store.roll_back()
    assert list(exported(path)) == []
    store.close()


def test_a_disarmed_path_keeps_its_records_and_its_id(path: Path) -> None:
    store = Store(path)
    first = store.arm(Arming(path="/a"), 0.0)
    keep(store, row(1, arming=first))
    assert store.disarm("/a")
    assert not store.disarm("/a")
    assert (store.armings(), Shelf(path).arming("/a"), Shelf(path).arming("/b")) == ({}, first, None)
    assert store.arm(Arming(path="/a", status=204), 1.0) == first
    assert store.armings() == {first: Arming(path="/a", status=204)}
    store.close()


def test_records_come_by_offset_and_in_portions(path: Path) -> None:
    store = Store(path)
    keep(store, row(1), row(2, arming=2), row(3), row(4, size=MOST_BYTES), row(5))
    shelf = Shelf(path)
    assert [found.offset for found in shelf.records(1, 0, 10)] == [1, 3, 4], "the large one ends the portion"
    assert [found.offset for found in shelf.records(1, 4, 10)] == [5]
    assert [found.offset for found in shelf.records(None, 1, 2)] == [2, 3]
    store.close()


def test_the_old_is_forgotten_and_offsets_are_not_used_again(path: Path) -> None:
    store = Store(path)
    old, new = store.arm(Arming(path="/old"), 1.0), store.arm(Arming(path="/new"), 1.0)
    keep(store, row(1, arming=old, at=1.0), row(2, arming=old, at=2.0), row(3, arming=new, at=9.0))
    assert [store.forget(5.0, 1), store.forget(5.0, 1), store.forget(5.0, 1)] == [1, 1, 0]
    assert list(store.armings()) == [new], "an arming with records left is in use"
    assert store.forget(10.0, 10) == 1
    keep(store, row(4))
    assert [found.offset for found in Shelf(path).records(None, 0, 10)] == [4]
    store.close()


def test_only_its_owner_may_read_a_store(path: Path) -> None:
    store = Store(path)
    keep(store, row(1))
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    store.close()


def test_a_commit_is_on_the_disk(path: Path) -> None:
    store = Store(path)
    connection = store._connection
    assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    assert connection.execute("pragma synchronous").fetchone() == (2,)
    store.close()


def test_what_is_no_store_is_one_line(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"no database " * 100)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("create table t (c)")
    connection.close()
    for file, said in {path: "not a database", other: "is no store of callbacks", tmp_path / "no" / "x": "No such file"}.items():
        with pytest.raises(StoreError, match=said) as caught:
            Store(file)
        assert "\n" not in str(caught.value)
    with pytest.raises(StoreError, match="cannot be read as a store"):
        list(exported(path))
