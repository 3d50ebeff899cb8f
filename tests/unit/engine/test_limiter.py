"""The limiter holds rate, concurrency and the pauses a target asks for."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from payconform.engine.limiter import Limiter, retry_after_s


def test_starts_are_spaced_by_the_rate() -> None:
    async def starts() -> list[float]:
        limiter, moments = Limiter(per_second=50, concurrency=10), []

        async def one() -> None:
            async with limiter.turn():
                moments.append(asyncio.get_running_loop().time())

        await asyncio.gather(*(one() for _ in range(5)))
        return moments

    moments = asyncio.run(starts())
    assert moments[-1] - moments[0] >= 4 / 50 * 0.95


def test_no_more_than_the_concurrency_are_under_way() -> None:
    async def most_at_once() -> int:
        limiter, under_way, most = Limiter(per_second=10_000, concurrency=3), 0, 0

        async def one() -> None:
            nonlocal under_way, most
            async with limiter.turn():
                under_way += 1
                most = max(most, under_way)
                await asyncio.sleep(0.01)
                under_way -= 1

        await asyncio.gather(*(one() for _ in range(12)))
        return most

    assert asyncio.run(most_at_once()) == 3


def test_gatherings_do_not_wait_for_each_other() -> None:
    async def gather() -> None:
        limiter = Limiter(per_second=10_000, concurrency=4)

        async def four() -> None:
            async with limiter.turn(4):
                await asyncio.sleep(0.01)

        async with asyncio.timeout(2):
            await asyncio.gather(four(), four(), four())

    asyncio.run(gather())


@pytest.mark.parametrize("count", [1, 3])
def test_who_is_cut_off_while_waiting_for_a_turn_takes_none_along(count: int) -> None:
    async def cut_off() -> None:
        limiter = Limiter(per_second=10_000, concurrency=3)
        limiter.pause(60)
        pacing = asyncio.create_task(_turn(limiter, count))
        queueing = asyncio.create_task(_turn(limiter, 3))
        await asyncio.sleep(0.01)
        pacing.cancel()
        queueing.cancel()
        await asyncio.gather(pacing, queueing, return_exceptions=True)
        assert limiter._slots._value == 3, "and none too many is given back"

    asyncio.run(cut_off())


def test_of_those_that_wait_the_lowest_rank_comes_next() -> None:
    async def order() -> list[int]:
        limiter, came = Limiter(per_second=10_000, concurrency=1), []

        async def one(rank: int) -> None:
            async with limiter.turn(rank=rank):
                came.append(rank)
                await asyncio.sleep(0.01)

        await asyncio.gather(*map(one, (4, 3, 5, 1, 2)))
        return came

    assert asyncio.run(order()) == [4, 3, 1, 2, 5], "the second had nobody else to wait with"


async def _turn(limiter: Limiter, count: int) -> None:
    async with limiter.turn(count):
        pass


def test_a_pause_holds_everyone() -> None:
    async def waited() -> float:
        limiter, loop = Limiter(per_second=10_000, concurrency=4), asyncio.get_running_loop()
        began = loop.time()
        limiter.pause(0.2)
        async with limiter.turn():
            return loop.time() - began

    assert asyncio.run(waited()) >= 0.19


@pytest.mark.parametrize(("value", "attempt", "expected"), [("3", 0, 3.0), ("", 0, 0.5), ("", 2, 2.0), ("soon", 1, 1.0)])
def test_retry_after_in_seconds_or_without(value: str, attempt: int, expected: float) -> None:
    assert retry_after_s(value, attempt) == expected


def test_retry_after_as_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert 28 <= retry_after_s(soon, 0) <= 30
