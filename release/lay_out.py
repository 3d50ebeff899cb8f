"""Lays the tests out beside an installed payconform, so that they run against what its wheel carries and no source is near.

`python release/lay_out.py FOLDER` fills FOLDER with the tests and what they read of the repository; schemas and suites are those
that are installed.
"""

import shutil
import sys
from pathlib import Path

import payconform

ROOT = Path(__file__).parents[1]
TAKEN = (
    "tests",
    "profiles",
    "policies",
    "ci",
    "docs",
    "schemathesis",
    "bench",
    "release",
    "conftest.py",
    "pyproject.toml",
    "README.md",
)
"""What the tests read. Mutants, browser and the rules of the repository are no matter of the wheel."""

LEFT = ("mutants", "browser", "rules", "__pycache__")
CARRIED = ("schemas", "suites")


def lay_out(folder: Path) -> None:
    package = Path(payconform.__file__).parent
    if not all((package / name).is_dir() for name in CARRIED):
        sys.exit(f"{package}: is no installed payconform, or its wheel lacks {' or '.join(CARRIED)}")
    for name in TAKEN:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*LEFT))
        elif source.is_file():
            shutil.copy(source, folder / name)
    for name in CARRIED:
        shutil.copytree(package / name, folder / name)


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
