"""Rules of the repository that no linter knows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py")) + sorted((ROOT / "suites").rglob("*.py"))
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager"}
LONGEST = 400
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|tmp)/\w")


def test_there_are_sources() -> None:
    assert len(SOURCES) > 80


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_is_short_well_named_and_of_no_machine(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= LONGEST
    assert path.stem not in EMPTY_NAMES
    assert not MACHINE_PATH.search(text)
