"""The claims of files: of journals, and of a verdict.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from payconform.gate.claim import Claim, ClaimError, of_records, of_verdict
from payconform.journal.reading import Journal, read
from payconform.judging import as_recorded
from payconform.model.run import Record
from payconform.model.wire import load_json
from payconform.profile.mistakes import FileError


class Named(NamedTuple):
    """A claim, and the records behind it; none where a verdict.json was named."""

    claim: Claim
    records: tuple[Record, ...]


def of_file(path: Path) -> Named:
    """The claim of a verdict.json or of a journal. Raises `FileError` or `JournalError`."""
    document = _document(path)
    if document is None:
        return of_journals({str(path): read(path)})
    try:
        return Named(of_verdict(document), ())
    except ClaimError as error:
        raise FileError(f"{path}: {error}") from None


def of_journals(journals: Mapping[str, Journal]) -> Named:
    """The claim of a journal, or of several as one run. Raises `JournalError`."""
    records = as_recorded(journals)
    return Named(of_records(records), records)


def baseline(path: Path, target: str | None) -> Claim:
    """The claim to compare with: of a whole run against the same target, None where its name is not known yet.

    Raises `FileError` or `JournalError`.
    """
    earlier = of_file(path).claim
    if not earlier.complete:
        raise FileError(f"{path}: is no baseline: {earlier.decision.reason}")
    if target not in (None, earlier.target.name):
        raise FileError(f"{path}: is no baseline: it is of {earlier.target.name!r}, the evidence of {target!r}")
    return earlier


def _document(path: Path) -> Any:
    """The object that a file holds as a whole, None where it holds anything else, as a journal does."""
    try:
        document = load_json(path.read_bytes())
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) and "verdict" in document and "type" not in document else None
