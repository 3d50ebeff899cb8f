"""The ranked lock goes to the lowest rank that waits, and is never lost."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from payconform.engine.ranked_lock import RankedLock


@given(st.lists(st.integers(0, 5), max_size=12))
def test_the_lowest_rank_comes_first_and_of_equals_who_came_first(ranks: list[int]) -> None:
    async def taken() -> list[tuple[int, int]]:
        lock, order = RankedLock(), []

        async def take(number: int, rank: int) -> None:
            async with lock.held(rank):
                order.append((rank, number))

        async with lock.held(9):
            tasks = [asyncio.create_task(take(number, rank)) for number, rank in enumerate(ranks)]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(taken()) == sorted((rank, number) for number, rank in enumerate(ranks))


@given(cut_off=st.lists(st.booleans(), min_size=1, max_size=8), given_meanwhile=st.booleans())
def test_who_is_cut_off_does_not_keep_it(*, cut_off: list[bool], given_meanwhile: bool) -> None:
    async def others_take_it() -> int:
        lock, taken = RankedLock(), 0

        async def take() -> None:
            nonlocal taken
            async with lock.held(0):
                taken += 1

        async with lock.held(0):
            tasks = [asyncio.create_task(take()) for _ in cut_off]
            await asyncio.sleep(0)
            if not given_meanwhile:
                _cancel(tasks, cut_off)
        if given_meanwhile:  # the first of them was called, and has not run yet
            _cancel(tasks, cut_off)
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(1), lock.held(0):
            return taken

    assert asyncio.run(others_take_it()) == cut_off.count(False)


def _cancel(tasks: list["asyncio.Task[None]"], cut_off: list[bool]) -> None:
    for task, is_cut_off in zip(tasks, cut_off, strict=True):
        if is_cut_off:
            task.cancel()
