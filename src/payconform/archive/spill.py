"""Keeps on disk what clauses across records need, in files by partition, so that memory holds one partition at a time."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from struct import Struct as Layout
from typing import BinaryIO, Literal

from payconform.archive.parts import Part

Kind = Literal["rows", "owners", "orders"]
_LENGTH = Layout("<Q")
_MOST_OPEN = 256


class Spill:
    """A folder that several processes write to; each has files of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[Path, BinaryIO] = {}

    def take(self, part: Part) -> Part:
        """Write the rows and owners of a part, and answer it without them."""
        self.write("rows", part.rows)
        self.write("owners", part.owners)
        part.rows, part.owners = {}, {}
        return part

    def write(self, kind: Kind, partitions: Mapping[int, Iterable[bytes]]) -> None:
        for partition, blobs in partitions.items():
            file = self._file(self._folder / f"{kind}-{partition}-{os.getpid()}")
            for blob in blobs:
                file.write(_LENGTH.pack(len(blob)))
                file.write(blob)

    def flush(self) -> None:
        """Make what was written visible to other processes."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def read(self, kind: Kind, partition: int) -> list[bytes]:
        """All that any process wrote of a partition."""
        blobs = []
        for path in sorted(self._folder.glob(f"{kind}-{partition}-*")):
            with path.open("rb") as file:
                while head := file.read(_LENGTH.size):
                    (length,) = _LENGTH.unpack(head)
                    blobs.append(file.read(length))
        return blobs

    def _file(self, path: Path) -> BinaryIO:
        if path not in self._open:
            if len(self._open) >= _MOST_OPEN:
                self.flush()
            self._open[path] = path.open("ab")
        return self._open[path]
