"""The store of a capture service: one SQLite file in which a committed record survives a crash of process and machine.

Write-ahead log with full synchronisation: a transaction is in the file, on the disk, when its commit returns.
"""

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

import msgspec

from payconform.model.capture import Arming

FORMAT = 1
BUSY_S = 10.0
MOST_BYTES = 4_000_000  # of one answer, so that neither side has to hold more
_TABLES = """
create table identity (name text not null);
create table armings (id integer primary key autoincrement, path text not null unique, arming blob not null,
                      active integer not null, armed_at real not null);
create table records (offset integer primary key autoincrement, arming integer not null, path text not null,
                      received_at real not null, record blob not null);
create index records_by_arming on records (arming, offset);
create index records_by_time on records (received_at);
"""


class StoreError(Exception):
    """A file cannot be used as a store; the text is one line."""


class Row(NamedTuple):
    """A record to be stored: under which arming, at which path as it came, when (Unix time), and its JSON."""

    arming: int
    path: str
    received_at: float
    record: bytes


class Found(NamedTuple):
    """A record in the store."""

    offset: int
    received_at: float
    record: bytes


class Store:
    """The connection that writes; only one thread at a time may use it. Raises `StoreError` when it cannot be opened."""

    def __init__(self, path: Path) -> None:
        try:
            _create(path)
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_S)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = full")
            self._prepare(path)
            (self.name,) = self._connection.execute("select name from identity").fetchone()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{path}: cannot be used as a store: {getattr(error, 'strerror', None) or error}") from None

    def begin(self) -> None:
        self._connection.execute("begin immediate")

    def commit(self) -> None:
        """Returns when everything since `begin` is on the disk."""
        self._connection.execute("commit")

    def roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("rollback")

    def keep(self, rows: Iterable[Row]) -> None:
        self._connection.executemany("insert into records (arming, path, received_at, record) values (?, ?, ?, ?)", rows)

    def arm(self, arming: Arming, now: float) -> int:
        """Arm a path, or change how an armed one answers; its id stays the same."""
        (name,) = self._connection.execute(
            "insert into armings (path, arming, active, armed_at) values (?, ?, 1, ?) "
            "on conflict (path) do update set arming = excluded.arming, active = 1, armed_at = excluded.armed_at returning id",
            (arming.path, msgspec.json.encode(arming), now),
        ).fetchone()
        return int(name)

    def disarm(self, path: str) -> bool:
        """Listen to a path no more; its records stay until they are forgotten. False when it was not armed."""
        changed = self._connection.execute("update armings set active = 0 where path = ? and active", (path,))
        return changed.rowcount > 0

    def forget(self, before: float, most: int) -> int:
        """Delete up to `most` of the records from before a time, and armings of before then that have none left."""
        deleted = self._connection.execute(
            "delete from records where offset in (select offset from records where received_at < ? limit ?)", (before, most)
        ).rowcount
        if deleted < most:
            self._connection.execute(
                "delete from armings where armed_at < ? and id not in (select arming from records)", (before,)
            )
        return deleted

    def armings(self) -> dict[int, Arming]:
        """What is armed, by id."""
        rows = self._connection.execute("select id, arming from armings where active order by id")
        return {name: msgspec.json.decode(arming, type=Arming) for name, arming in rows}

    def counts(self, arming: int) -> dict[str, int]:
        """How many records each path of an arming has."""
        return dict(self._connection.execute("select path, count(*) from records where arming = ? group by path", (arming,)))

    def close(self) -> None:
        self._connection.close()

    def _prepare(self, path: Path) -> None:
        (found,) = self._connection.execute("pragma user_version").fetchone()
        if found == 0 and not self._connection.execute("select 1 from sqlite_master").fetchone():
            identity = f"insert into identity values ('{token_hex(8)}');"  # noqa: S608 -- made here, of hexadecimal digits
            self._connection.executescript(f"begin immediate; {_TABLES} {identity} pragma user_version = {FORMAT}; commit;")
        elif found != FORMAT:
            raise StoreError(f"{path}: is no store of callbacks that this version reads")


class Shelf:
    """Reads a store beside its writer, from any thread: every question has a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def arming(self, path: str) -> int | None:
        """The id of a path that is armed, or was and is not forgotten."""
        with closing(self._open()) as connection:
            found = connection.execute("select id from armings where path = ?", (path,)).fetchone()
        return found[0] if found else None

    def records(self, arming: int | None, after: int, most: int) -> list[Found]:
        """Records behind an offset in the order they came, of one arming or (None) of all; fewer when they are large."""
        found, size = [], 0
        with closing(self._open()) as connection:
            wanted = "arming = ? and" if arming is not None else "? is null and"
            rows = connection.execute(
                f"select offset, received_at, record from records where {wanted} offset > ? order by offset limit ?",  # noqa: S608
                (arming, after, most),
            )
            for row in rows:
                found.append(Found(*row))
                size += len(found[-1].record)
                if size > MOST_BYTES:
                    break
        return found

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)


def exported(path: Path, page: int = 1000) -> Iterator[bytes]:
    """Every record of a store as JSON, in the order they came; for a store that is in use or not. Raises `StoreError`."""
    shelf, after = Shelf(path), 0
    try:
        while found := shelf.records(None, after, page):
            yield from (row.record for row in found)
            after = found[-1].offset
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be read as a store: {error}") from None


def _create(path: Path) -> None:
    """Make the file if there is none, for its owner alone; what SQLite puts beside it is as private as the file."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, stat.S_IRUSR | stat.S_IWUSR))
