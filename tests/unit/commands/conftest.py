"""A journal of a real, small run: the plain order of each mode, against the embedded sandbox."""

from collections.abc import Callable
from pathlib import Path

import pytest

from payconform.assembly import Run
from payconform.authoring.controls import the_plain_order
from payconform.journal.reading import read
from payconform.journal.recorder import write_journal
from payconform.model.run import Record
from payconform.sandbox.profile import sandbox_profile
from payconform.sandbox.server import Sandbox

Write = Callable[..., Path]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journal of a conformant run. Do not change it."""
    path = tmp_path_factory.mktemp("recorded") / "journal.ndjson"
    with Sandbox() as sandbox:
        run = Run(sandbox_profile(sandbox.url), path, seed=1)
        run.runner.start(run.plan(the_plain_order.cases))
        for case in the_plain_order.cases:
            run.runner.ended(case)
        run.conclude()
    return path


@pytest.fixture(scope="session")
def records(recorded: Path) -> tuple[Record, ...]:
    """What that journal holds."""
    return read(recorded).records


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes records as a sealed journal of their own."""

    def to(name: str, *records: Record) -> Path:
        write_journal(tmp_path / name, records)
        return tmp_path / name

    return to
