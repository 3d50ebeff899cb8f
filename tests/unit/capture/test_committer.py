"""Nothing is said to be kept before its commit has returned."""

import asyncio
import threading
from pathlib import Path

import pytest

from payconform.capture.committer import Committer, NotKeptError
from payconform.capture.store import Row, Store, exported
from payconform.model.capture import Arming

ROW = Row(1, "/a", 0.0, b"{}")


class SlowStore(Store):
    """A store whose commits wait until they are let go, or fail as the disk does that is full."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.go = threading.Event()
        self.commits = 0
        self.full = False

    def commit(self) -> None:
        self.go.wait(5)
        if self.full:
            raise OSError("no space left on device")
        super().commit()
        self.commits += 1


def test_whoever_waits_hears_only_after_the_commit(tmp_path: Path) -> None:
    async def scenario() -> None:
        store, told = SlowStore(tmp_path / "c.db"), []
        committer = Committer(store, lambda rows, _seconds: told.append(len(rows)))
        waiting = [asyncio.create_task(committer.keep(ROW)) for _ in range(50)]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in waiting)
        store.go.set()
        await asyncio.gather(*waiting)
        assert sum(told) == 50
        assert store.commits <= 2, "what came meanwhile is committed at once"
        await asyncio.to_thread(committer.close)
        assert len(list(exported(tmp_path / "c.db"))) == 50
        store.close()

    asyncio.run(scenario())


def test_a_commit_that_fails_keeps_nothing_and_the_next_may_succeed(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = SlowStore(tmp_path / "c.db")
        store.go.set()
        committer = Committer(store, lambda _rows, _seconds: None)
        store.full = True
        with pytest.raises(NotKeptError, match="no space left"):
            await committer.keep(ROW)
        assert "no space left" in committer.failing
        store.full = False
        await committer.keep(ROW)
        assert committer.failing == ""
        assert len(list(exported(tmp_path / "c.db"))) == 1
        await asyncio.to_thread(committer.close)
        store.close()

    asyncio.run(scenario())


def test_acts_and_rows_keep_their_order(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = SlowStore(tmp_path / "c.db")
        committer = Committer(store, lambda _rows, _seconds: None)
        first = asyncio.create_task(committer.keep(ROW))
        await asyncio.sleep(0.05)
        armed = asyncio.create_task(committer.act(lambda store: store.arm(Arming(path="/a"), 0.0)))
        second = asyncio.create_task(committer.keep(ROW))
        counted = asyncio.create_task(committer.act(lambda store: store.counts(1)))
        await asyncio.sleep(0.05)
        store.go.set()
        assert (await armed, await counted) == (1, {"/a": 2})
        await asyncio.gather(first, second)
        await asyncio.to_thread(committer.close)
        store.close()

    asyncio.run(scenario())


def test_what_waits_is_written_before_the_end(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = SlowStore(tmp_path / "c.db")
        committer = Committer(store, lambda _rows, _seconds: None)
        waiting = [asyncio.create_task(committer.keep(ROW)) for _ in range(5)]
        waiting[0].cancel()
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(committer.close))
        store.go.set()
        await closing
        await asyncio.gather(*waiting, return_exceptions=True)
        assert len(list(exported(tmp_path / "c.db"))) >= 4
        store.close()

    asyncio.run(scenario())
