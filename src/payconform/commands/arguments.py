"""Arguments of a command, and the journals they name: every mistake is one line."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from payconform.journal.reading import Journal, read


class Misconfigured(Exception):  # noqa: N818 -- it is named as the exit code is
    """What the user asked for cannot be had; the message is the one line the user reads."""


class Parser(argparse.ArgumentParser):
    """A parser that raises `Misconfigured` instead of ending the process, and wants options by their full names."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(prog=f"payconform {command}", description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise Misconfigured(f"{message}; see {self.prog} --help")


def journals(paths: Sequence[Path]) -> dict[str, Journal]:
    """The journals at these paths, by the names that messages call them by. Raises `Misconfigured` or `JournalError`."""
    seen: dict[Path, Path] = {}
    for path in paths:
        if path.resolve() in seen:
            raise Misconfigured(f"{path}: is given twice")
        seen[path.resolve()] = path
    return {str(path): read(path) for path in paths}
