"""The line that a waiting run shows."""

from types import SimpleNamespace
from typing import Any, get_args

import pytest

from payconform.engine.waiting import Awaited
from payconform.pytest_plugin.progress import Progress


def line(waiting: dict[Any, int]) -> str:
    runner: Any = SimpleNamespace(waiting=waiting, done=lambda _: False)
    return Progress(None, runner).line()


@pytest.mark.parametrize("kind", get_args(Awaited))
def test_whatever_is_awaited_has_a_name(kind: str) -> None:
    assert "waiting for 1 " in line({kind: 1})
    assert "waiting for 2 " in line({kind: 2})


def test_several_things_are_listed() -> None:
    assert line({"replies": 1, "redeliveries": 2}).endswith("waiting for 1 reply, 2 redeliveries")
