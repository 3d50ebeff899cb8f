"""What the arguments of commands name that compare runs: journals, or a verdict.json."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from payconform.commands.arguments import Misconfigured, journals
from payconform.gate.claim import Claim, ClaimError, of_records, of_verdict
from payconform.judging import as_recorded
from payconform.model.run import Record


class Named(NamedTuple):
    """A claim, and the records behind it; none where a verdict.json was named."""

    claim: Claim
    records: tuple[Record, ...]


def named(paths: Sequence[Path]) -> Named:
    """The claim of a verdict.json, of a journal, or of several journals as one run.

    Raises `Misconfigured` or `JournalError`.
    """
    document = _document(paths[0]) if len(paths) == 1 else None
    if document is None:
        records = as_recorded(journals(paths))
        return Named(of_records(records), records)
    try:
        return Named(of_verdict(document), ())
    except ClaimError as error:
        raise Misconfigured(f"{paths[0]}: {error}") from None


def baseline(path: Path, claim: Claim) -> Claim:
    """The claim to compare with: of a whole run against the same target. Raises `Misconfigured` or `JournalError`."""
    earlier = named([path]).claim
    if not earlier.complete:
        raise Misconfigured(f"{path}: is no baseline: {earlier.decision.reason}")
    if earlier.target.name != claim.target.name:
        raise Misconfigured(f"{path}: is no baseline: it is of {earlier.target.name!r}, the evidence of {claim.target.name!r}")
    return earlier


def _document(path: Path) -> Any:
    """The object that a file holds as a whole, None where it holds anything else, as a journal does."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and "verdict" in document and "type" not in document else None
