"""Bodies that come slowly or in parts, and connections that ask nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from payconform.capture import server, wire
from payconform.capture.server import Server
from payconform.capture.service import Service, Settings

SCOPE: dict[str, Any] = {"headers": [(b"host", b"a")]}


def arriving(*messages: dict[str, Any] | None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Gives one message after the other; None and the end stand for waiting."""
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        message = waiting.pop(0) if waiting else None
        if message is None:
            await asyncio.sleep(60)
        return message or {}

    return receive


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def read(*messages: dict[str, Any] | None) -> bytes:
    return asyncio.run(wire.read_body(SCOPE, arriving(*messages)))


def test_a_body_in_parts_is_put_together() -> None:
    assert read(part(b"a"), part(b""), part(b"bc", more=False)) == b"abc"
    assert read(part(b"abc", more=False)) == b"abc"


def test_a_slow_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BODY_S", 0.05)
    with pytest.raises(wire.SlowError):
        read(None)
    with pytest.raises(wire.SlowError):
        read(part(b"a"), None)


def test_a_large_body_is_given_up_as_soon_as_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_BODY_BYTES", 10)
    with pytest.raises(wire.TooLargeError):
        read(part(b"x" * 11, more=False))
    with pytest.raises(wire.TooLargeError):
        read(part(b"x" * 6), part(b"x" * 6), None)
    with pytest.raises(wire.TooLargeError):
        asyncio.run(wire.read_body({"headers": [(b"content-length", b"11")]}, arriving(None)))
    assert read(part(b"x" * 5), part(b"x" * 5, more=False)) == b"x" * 10


def test_a_sender_that_has_gone_is_no_request() -> None:
    with pytest.raises(wire.GoneError):
        read(part(b"a"), {"type": "http.disconnect"})


def test_what_is_refused_unread_is_let_in_for_a_moment_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "DRAIN_S", 0.05)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(wire.refuse_and_close(arriving(part(b"x"), None), send, 413, "too large\n"))
    assert (sent[0]["status"], (b"connection", b"close") in sent[0]["headers"]) == (413, True)
    assert [message.get("more_body") for message in sent[1:]] == [True, None]


class Connection:
    """What the sweep looks at: whether a request is under way."""

    def __init__(self, *, answered: bool | None) -> None:
        self.cycle = None if answered is None else SimpleNamespace(response_complete=answered)
        self.transport = SimpleNamespace(close=self._close)
        self.closed = False

    def _close(self) -> None:
        self.closed = True


def test_connections_that_ask_nothing_are_closed(tmp_path: Any) -> None:
    sweeping = Server(Service(Settings(store=tmp_path / "c.db", token="t" * 16)))
    silent, answered, busy = Connection(answered=None), Connection(answered=True), Connection(answered=False)
    connections: Any = {silent, answered, busy}
    sweeping.server_state.connections = connections
    sweeping._sweep(100.0)
    sweeping._sweep(100.0 + server.IDLE_S)
    assert not silent.closed
    answered.cycle = SimpleNamespace(response_complete=False)
    sweeping._sweep(101.0 + server.IDLE_S)
    answered.cycle = SimpleNamespace(response_complete=True)
    sweeping._sweep(102.0 + server.IDLE_S)
    assert (silent.closed, answered.closed, busy.closed) == (True, False, False)
