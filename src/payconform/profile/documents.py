"""TOML files that users write."""

import tomllib
from pathlib import Path
from typing import Any

from payconform.profile.mistakes import FileError


def read_toml(path: Path, what: str, example: str, error: type[FileError] = FileError) -> dict[str, Any]:
    """The document in a file. `what` it should be and an `example` of a path are for messages. Raises `error`."""
    try:
        return tomllib.loads(path.read_bytes().decode())
    except IsADirectoryError:
        wrong = f"is a directory; name the file of the {what} in it"
    except FileNotFoundError:
        wrong = f"there is no such file; give the path of a {what}, such as {example}"
    except OSError as trouble:
        wrong = f"cannot be read: {trouble.strerror}"
    except UnicodeDecodeError as trouble:
        line = trouble.object[: trouble.start].count(b"\n") + 1
        wrong = f"is not UTF-8 (at line {line}); save it as UTF-8"
    except tomllib.TOMLDecodeError as trouble:
        wrong = f"is not TOML: {trouble}"
    except RecursionError:
        wrong = "is nested too deeply"
    raise error(f"{path}: {wrong}")
