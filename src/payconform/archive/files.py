"""Opens the files of an archive, wherever they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from payconform.archive.mistakes import InputError


def is_url(path: str) -> bool:
    """Whether a path is a URL that fsspec has to open."""
    return "://" in path


def opened(path: str) -> BinaryIO:
    """A file for reading, at its beginning. Raises `OSError`, or what a file system of fsspec raises in its stead."""
    if not is_url(path):
        return Path(path).open("rb")
    filesystem, inner = _filesystem(path)
    return cast(BinaryIO, filesystem.open(inner, "rb"))


def files_below(path: str) -> list[tuple[str, int]]:
    """The file of that path, or the files of that folder and those below it, with their sizes, sorted by path.

    What a folder hides behind a leading dot is left out. Raises `InputError`.
    """
    return sorted(_below_url(path) if is_url(path) else _below(Path(path)))


def _below(path: Path) -> Iterator[tuple[str, int]]:
    try:
        if not path.is_dir():
            yield str(path), path.stat().st_size
            return
        for found in path.rglob("*"):
            if found.is_file() and not any(part.startswith(".") for part in found.relative_to(path).parts):
                yield str(found), found.stat().st_size
    except OSError as error:
        raise InputError(f"{error.filename or path}: cannot be read: {(error.strerror or str(error)).lower()}") from None


def _below_url(path: str) -> Iterator[tuple[str, int]]:
    filesystem, inner = _filesystem(path)
    try:
        listed = filesystem.find(inner, detail=True)
    except Exception as error:  # noqa: BLE001 -- every file system has errors of its own
        raise InputError(f"{path}: cannot be read: {error}") from None
    if not listed:
        raise InputError(f"{path}: there is no such file or folder")
    for name, about in listed.items():
        yield filesystem.unstrip_protocol(name), int(about.get("size") or 0)


def _filesystem(path: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 -- an extra
    except ImportError:
        raise InputError(f"{path}: a URL needs fsspec: pip install 'payconform[archives]'") from None
    try:
        found: tuple[Any, str] = url_to_fs(path)
    except (ImportError, ValueError) as error:
        raise InputError(f"{path}: cannot be opened: {error}") from None
    return found
