"""The options of the machinery's own tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

REPORTS = Path(__file__).parents[1] / "reports"

# How long an example takes says more of the machine than of the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full-matrix", action="store_true", help="run every mutant, and every variant with every case")
    parser.addoption("--kills", type=int, default=5, metavar="N", help="how often the capture service is killed under load")


@pytest.fixture(scope="session", autouse=True)
def reports_of_runs_stay() -> Iterator[None]:
    """The reports of whoever ran the suites here are not for tests to write over."""
    before = stamps()
    yield
    assert stamps() == before, "a test wrote into reports/"


def stamps() -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in REPORTS.iterdir()}
