"""Keeps on disk what goes into lists, however long they get: offending callbacks, and orders that were never called back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from payconform.archive.parts import Offender, Part
from payconform.archive.places import Place
from payconform.model.evidence import Callback

MOST_WAITING = 4 << 20
"""Bytes that wait to be written together."""

_PATIENCE_S = 600.0
"""How long a process waits for others that write; each takes no longer than a few megabytes."""

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS offenders (piece INTEGER, line INTEGER, byte INTEGER, said BLOB);
CREATE TABLE IF NOT EXISTS uncalled (name BLOB);
"""
_Said = tuple[tuple[str, ...], Callback]
_decode = msgspec.msgpack.Decoder(_Said).decode


class Lists:
    """A database in a folder that several processes write to, and that sorts. It lives as long as its folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lists"
        self._offenders: list[tuple[int, int, int, bytes]] = []
        self._uncalled: list[tuple[bytes]] = []
        self._size = 0

    def take(self, part: Part) -> Part:
        """Write what a part lists, and answer it without that."""
        for one in part.offenders:
            said = msgspec.msgpack.encode((one.clauses, one.callback))
            self._offenders.append((*one.place, said))
            self._size += len(said)
        for name in part.uncalled:
            self._uncalled.append((name.encode(errors="surrogatepass"),))
            self._size += len(name)
        part.offenders, part.uncalled = [], []
        if self._size > MOST_WAITING:
            self.flush()
        return part

    def flush(self) -> None:
        """Make what was written visible to other processes."""
        if not (self._offenders or self._uncalled):
            return
        with closing(self._opened()) as database, database:
            database.executemany("INSERT INTO offenders VALUES (?, ?, ?, ?)", self._offenders)
            database.executemany("INSERT INTO uncalled VALUES (?)", self._uncalled)
        self._offenders, self._uncalled, self._size = [], [], 0

    def offenders(self) -> Iterator[Offender]:
        """All that were flushed, in the order of the archive; a callback may come several times, with other clauses."""
        with closing(self._opened()) as database:
            # Sorting the places alone is less work than sorting callbacks.
            database.execute("CREATE INDEX IF NOT EXISTS places ON offenders (piece, line, byte)")
            rows = database.execute("SELECT piece, line, byte, said FROM offenders ORDER BY piece, line, byte")
            for piece, line, byte, said in rows:
                yield Offender(Place(piece, line, byte), *_decode(said))

    def uncalled(self) -> Iterator[str]:
        """The request_ids of all that were flushed, sorted."""
        with closing(self._opened()) as database:
            for (name,) in database.execute("SELECT name FROM uncalled ORDER BY name"):
                yield name.decode(errors="surrogatepass")

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_PATIENCE_S)
        database.executescript(_TABLES)
        return database
