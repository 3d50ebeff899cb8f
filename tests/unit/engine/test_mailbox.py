"""Callbacks are kept for whoever asks, before or after they came."""

import asyncio

from payconform.engine.mailbox import Mailbox
from payconform.model.clause import Mode
from payconform.model.evidence import Callback


def callback(number: int, order: str = "o1") -> Callback:
    return Callback(id=f"n{number}", order=order, case="a", mode=Mode.CARD, method="POST", path="/")


def test_a_callback_that_came_first_is_found() -> None:
    mailbox = Mailbox()
    mailbox.deliver(callback(1))
    assert asyncio.run(mailbox.first("o1", lambda _: True, 0.1)) == callback(1)
    assert mailbox.of("o1") == (callback(1),)
    assert mailbox.of("o2") == ()


def test_waiting_ends_with_the_wanted_callback_and_no_other() -> None:
    async def wait() -> Callback | None:
        mailbox, loop = Mailbox(), asyncio.get_running_loop()
        loop.call_later(0.01, mailbox.deliver, callback(1))
        loop.call_later(0.02, mailbox.deliver, callback(2, "o2"))
        loop.call_later(0.03, mailbox.deliver, callback(3))
        return await mailbox.first("o1", lambda heard: heard.id == "n3", 2)

    assert asyncio.run(wait()) == callback(3)


def test_waiting_ends_at_the_deadline() -> None:
    assert asyncio.run(Mailbox().first("o1", lambda _: True, 0.02)) is None
