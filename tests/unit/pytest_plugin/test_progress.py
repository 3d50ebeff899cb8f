"""The line that says how far a run is."""

import re
from collections import Counter
from inspect import getsource
from types import SimpleNamespace
from typing import Any

from payconform.authoring import controls
from payconform.engine import performer
from payconform.pytest_plugin.progress import NOUNS, Progress


def test_whatever_the_runner_waits_for_has_a_name() -> None:
    kinds = set(re.findall(r'_waiting_for\("(\w+)"', getsource(performer)))
    assert kinds == set(NOUNS)


def test_a_line_says_what_is_done_and_what_is_waited_for() -> None:
    runner: Any = SimpleNamespace(done=lambda case: case.mode == "card", waiting=Counter(replies=1, redeliveries=2))
    line = Progress(None, controls.the_plain_order.cases, runner).line()
    assert line == "cashier 0/1 · card 1/1 · token 0/1 · waiting for 1 reply, 2 redeliveries"
