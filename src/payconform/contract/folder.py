"""The folder that holds the contract as data, beside the package when installed and at the root of a checkout."""

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


@cache
def folder() -> Path:
    """The `schemas` folder: inside the installed package, else that of the repository the package runs from."""
    installed = PACKAGE / "schemas"
    return installed if installed.is_dir() else PACKAGE.parents[1] / "schemas"


def read(path: str) -> bytes:
    """The bytes of one file, by its path below the folder, such as `clauses/readings.json`."""
    return (folder() / path).read_bytes()


def paths(pattern: str) -> tuple[str, ...]:
    """The paths below the folder that match a glob pattern, sorted."""
    return tuple(sorted(path.relative_to(folder()).as_posix() for path in folder().glob(pattern)))
