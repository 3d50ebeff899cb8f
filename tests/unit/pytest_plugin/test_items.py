"""What an item tells pytest."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from payconform.model.finding import Outcome
from payconform.pytest_plugin.items import BrokenClauseError, ClauseItem


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.INCONCLUSIVE])
def test_words_of_a_target_are_shown_and_not_obeyed(outcome: Outcome) -> None:
    item = cast("Any", SimpleNamespace(user_properties=[]))
    with pytest.raises((BrokenClauseError, pytest.skip.Exception)) as told:
        ClauseItem.say(item, outcome, "observed  \x1b]0;title\x07 " + "x" * 100_000)
    assert r"observed  \x1b]0;title\x07 xxx" in str(told.value)
    assert len(str(told.value)) < 10_000
