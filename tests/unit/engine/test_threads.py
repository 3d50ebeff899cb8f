"""Blocking calls beside the event loop take no more threads than are busy at once."""

import asyncio
import multiprocessing
import threading
from time import monotonic, sleep

import pytest

from payconform.engine.threads import in_thread

AT_ONCE = 8


def test_calls_one_after_the_other_share_a_thread() -> None:
    async def drive() -> set[threading.Thread]:
        used = set[threading.Thread]()
        for _ in range(20):
            used.add(await in_thread(threading.current_thread))
            await asyncio.sleep(0.001)  # lets the thread come back
        return used

    assert len(asyncio.run(drive())) < 5


def test_calls_at_the_same_time_do_not_wait_for_each_other() -> None:
    together = threading.Barrier(AT_ONCE)

    async def drive() -> None:
        await asyncio.wait_for(asyncio.gather(*(in_thread(lambda: together.wait(5)) for _ in range(AT_ONCE))), 10)

    asyncio.run(drive())


def test_what_a_call_raises_is_raised_where_it_is_awaited() -> None:
    def fail() -> None:
        raise ValueError("not so")

    async def drive() -> int:
        with pytest.raises(ValueError, match="not so"):
            await in_thread(fail)
        return await in_thread(lambda: 7)  # by a thread that has seen a failure

    assert asyncio.run(drive()) == 7


def test_a_call_that_hangs_holds_up_neither_the_loop_nor_later_calls() -> None:
    released = threading.Event()

    async def drive() -> int:
        hanging = asyncio.ensure_future(in_thread(lambda: released.wait(10)))
        await asyncio.sleep(0.01)
        hanging.cancel()
        return await in_thread(lambda: 7)

    began = monotonic()
    assert asyncio.run(drive()) == 7
    assert monotonic() - began < 5
    released.set()
    sleep(0.01)  # its loop is closed by now: it says so to nobody


def seven() -> None:
    assert asyncio.run(asyncio.wait_for(in_thread(lambda: 7), 5)) == 7


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    seven()
    child = multiprocessing.get_context("fork").Process(target=seven)
    child.start()
    child.join(10)
    assert child.exitcode == 0
