"""What the terminal shows while cases run: which mode, how many of how many, waiting for what."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from payconform.authoring.cases import Case
from payconform.engine.runner import Runner
from payconform.engine.waiting import Awaited
from payconform.model.clause import Mode

TICK_S = 0.1
LINE_EVERY_S = 5.0
NOUNS: Mapping[Awaited, tuple[str, str]] = {
    "replies": ("reply", "replies"),
    "callbacks": ("callback", "callbacks"),
    "redeliveries": ("redelivery", "redeliveries"),
    "silences": ("quiet window", "quiet windows"),
}


class Progress:
    """Shows one line that renews itself on a terminal, and a line now and then elsewhere."""

    def __init__(self, terminal: Any, runner: Runner) -> None:
        self._terminal = terminal
        self._cases: list[Case] = []
        self._runner = runner
        self._next_line = time.monotonic() + LINE_EVERY_S

    def watch(self, cases: Sequence[Case], enough: Callable[[], bool] = lambda: False) -> None:
        """Return when every case has ended, or when it is enough; what was watched before stays in the line."""
        self._cases += cases
        while not all(self._runner.done(case) for case in cases) and not enough():
            self._show()
            time.sleep(TICK_S)
        if self._terminal.isatty:
            self._terminal.rewrite("", erase=True)

    def _show(self) -> None:
        if self._terminal.isatty:
            self._terminal.rewrite(self.line()[: self._terminal._tw.fullwidth - 1], erase=True)  # noqa: SLF001 -- its only width
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_EVERY_S
            self._terminal.ensure_newline()
            self._terminal.write_line(self.line())

    def line(self) -> str:
        """Done of all by mode, then what is being waited for."""
        parts = []
        for mode in Mode:
            cases = [case for case in self._cases if case.mode is mode]
            if cases:
                parts.append(f"{mode.value} {sum(map(self._runner.done, cases))}/{len(cases)}")
        waiting = [f"{number} {NOUNS[kind][number != 1]}" for kind, number in self._runner.waiting.items()]
        return " · ".join(parts) + (f" · waiting for {', '.join(waiting)}" if waiting else "")
