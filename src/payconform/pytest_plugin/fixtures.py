"""The same target and inbox for plain test functions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from payconform.assembly import Run
from payconform.authoring.make import Make
from payconform.authoring.steps import Create, Pay, Silence, TerminalCallback, UnmetError
from payconform.model.clause import Mode
from payconform.model.evidence import Callback, Journey
from payconform.model.order import Order
from payconform.model.profile import Profile, Role
from payconform.model.reply import Reply
from payconform.pytest_plugin.session import SESSION


class Target:
    """The target of the run. What it does is recorded and judged like the steps of a case.

    A prerequisite that is missing skips the test as inconclusive.
    """

    def __init__(self, run: Run, name: str) -> None:
        self._run = run
        self._name = name

    @property
    def profile(self) -> Profile:
        return self._run.profile

    def order(self, mode: Mode | str = Mode.CARD, **choices: Any) -> Order:
        """A valid order of a mode; `choices` as in `payconform.authoring.Make.order`."""
        maker: Make = self._run.runner.make(Mode(mode), f"{self._name} {self._run.runner.clock()}")
        return maker.order(**choices)

    def create(self, order: Order) -> Reply:
        """Send an order to the create-order endpoint."""
        reply: Reply = self._perform(Create(order))
        return reply

    def pay(self, order: Order, reply: Reply, role: Role | str = Role.APPROVED, *, reject: bool = False) -> Journey:
        """Let the profile's payer act on the page that a reply names."""
        journey: Journey = self._perform(Pay(order, reply.pay_url, Role(role), reject))
        return journey

    def _perform(self, step: object) -> Any:
        with _inconclusive():
            return self._run.runner.perform(step, self._name)


class Inbox:
    """Where the callbacks of the run arrive."""

    def __init__(self, run: Run, name: str) -> None:
        self._run = run
        self._name = name

    def terminal_callback(self, order: Order) -> Callback | None:
        """Wait for the order's terminal callback; None when the profile's deadline passes."""
        with _inconclusive():
            callback: Callback | None = self._run.runner.perform(TerminalCallback(order), self._name)
        return callback

    def silence(self, order: Order) -> tuple[Callback, ...]:
        """Listen for the profile's quiet window; answers what was heard of the order so far."""
        with _inconclusive():
            heard: tuple[Callback, ...] = self._run.runner.perform(Silence((order,)), self._name)
        return heard


@contextmanager
def _inconclusive() -> Iterator[None]:
    try:
        yield
    except UnmetError as unmet:
        pytest.skip(f"inconclusive: {unmet}")


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Target:
    """The target of the run, for plain test functions."""
    return Target(request.config.stash[SESSION].run(), request.node.nodeid)


@pytest.fixture
def inbox(request: pytest.FixtureRequest) -> Inbox:
    """The inbox of the run, for plain test functions."""
    return Inbox(request.config.stash[SESSION].run(), request.node.nodeid)
