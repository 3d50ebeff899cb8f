"""Keeps on disk what clauses across records need, in files by partition, so that memory holds one partition at a time.

What is to be listed goes to disk with it.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from struct import Struct as Layout
from typing import Literal

from payconform.archive.lists import Lists
from payconform.archive.parts import Part

MOST_WAITING = 16 << 20
"""Bytes that wait to be written together: with thousands of partitions, opening their files takes longer than writing them."""

Kind = Literal["rows", "owners", "orders"]
_LENGTH = Layout("<Q")


class Spill:
    """A folder that several processes write to; each has files of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lists = Lists(folder)
        self._waiting: dict[tuple[Kind, int], list[bytes]] = defaultdict(list)
        self._size = 0

    def take(self, part: Part) -> Part:
        """Write the rows and owners of a part and what it lists, and answer it without them."""
        self.write("rows", part.rows)
        self.write("owners", part.owners)
        part.rows, part.owners = {}, {}
        return self._lists.take(part)

    def write(self, kind: Kind, partitions: Mapping[int, Iterable[bytes]]) -> None:
        for partition, blobs in partitions.items():
            for blob in blobs:
                self._waiting[kind, partition] += (_LENGTH.pack(len(blob)), blob)
                self._size += len(blob)
        if self._size > MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Make what was written visible to other processes."""
        self._lists.flush()
        for (kind, partition), blobs in self._waiting.items():
            with (self._folder / f"{kind}-{partition}-{os.getpid()}").open("ab") as file:
                file.writelines(blobs)
        self._waiting.clear()
        self._size = 0

    def read(self, kind: Kind, partition: int) -> list[bytes]:
        """All that any process wrote of a partition."""
        blobs = []
        for path in sorted(self._folder.glob(f"{kind}-{partition}-*")):
            with path.open("rb") as file:
                while head := file.read(_LENGTH.size):
                    (length,) = _LENGTH.unpack(head)
                    blobs.append(file.read(length))
        return blobs
