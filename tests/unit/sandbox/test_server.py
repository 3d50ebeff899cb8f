"""Repeats of callbacks, and a clean end."""

import time
from typing import TYPE_CHECKING

import httpx
import pytest

from payconform.contract import ENDPOINT_PATH
from payconform.model.message import Request
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.server import Sandbox
from payconform.sandbox.settings import Settings

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Merchant


def test_a_callback_is_repeated_until_it_is_acknowledged_and_then_no_more(merchant: "Merchant") -> None:
    settings = Settings(callback_delay_s=0, retry_delays_s=(0.1, 0.1, 0.1, 0.1))
    merchant.refusals = 2
    with Sandbox(settings=settings) as sandbox, merchant.client(sandbox.url) as client:
        order = merchant.card_order()
        merchant.create(client, order)
        merchant.callback(order, nth=3)
        time.sleep(0.25)
    first, *others = merchant.callbacks(order)
    assert others == [first, first]


def test_stopping_drops_what_is_pending_at_once(merchant: "Merchant") -> None:
    sandbox = Sandbox(settings=Settings(callback_delay_s=30)).start()
    with merchant.client(sandbox.url) as client:
        for _ in range(20):
            merchant.create(client, merchant.card_order())
    began = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - began < 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(sandbox.url)


def test_a_sandbox_that_was_never_started_leaves_its_port() -> None:
    sandbox = Sandbox()
    sandbox.stop()
    Sandbox(port=port_of(sandbox)).stop()


def test_a_taken_port_is_said_at_once() -> None:
    with Sandbox() as sandbox, pytest.raises(OSError, match="in use"):
        Sandbox(port=port_of(sandbox))


def test_the_provider_is_given_header_names_as_they_were_written(merchant: "Merchant") -> None:
    heard: list[Request] = []

    class Listening(Provider):
        async def create(self, request: Request) -> HttpReply:
            heard.append(request)
            return await super().create(request)

    with Sandbox(Listening) as sandbox, merchant.client(sandbox.url) as client:
        client.post(ENDPOINT_PATH, content=b"{}", headers={"X-Auth-AppId": "one", "x-LOWER": "two", "Empty": ""})
    headers = dict(heard[0].headers)
    assert (headers["X-Auth-AppId"], headers["x-LOWER"], headers["Empty"]) == ("one", "two", "")
    assert not [name for name in headers if "names-as-written" in name]


def port_of(sandbox: Sandbox) -> int:
    return int(sandbox.url.rpartition(":")[2])
