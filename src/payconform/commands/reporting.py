"""What commands do with the records they come to: reports, the account on the terminal, the exit code."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from payconform.claims import baseline
from payconform.commands.arguments import Misconfigured
from payconform.commands.screen import has_color, say
from payconform.gate.claim import of_records
from payconform.gate.differences import since as changed_since
from payconform.journal.reading import last_seal
from payconform.journal.recorder import write_journal
from payconform.model.ruling import Ruling, Since
from payconform.model.run import Record
from payconform.report.account import Account
from payconform.report.terminal import summary
from payconform.report.verdict import conclusion
from payconform.report.write import write_reports

JOURNAL = "journal.ndjson"


def publish(records: Sequence[Record], sources: Sequence[Path], directory: Path, earlier: Path | None = None) -> int:
    """Write the reports, tell the account, and answer the exit code of the verdict.

    `earlier` is the journal of the run to compare with. Raises `Misconfigured`.
    """
    written = write(records, sources, directory, since=_since(earlier, records) if earlier else None)
    say(summary(records, written, width=shutil.get_terminal_size().columns, color=has_color()))
    return conclusion(Account(records)).exit_code


def _since(earlier: Path, records: Sequence[Record]) -> Since:
    claim = of_records(records)
    return changed_since(baseline(earlier, claim.target.name), claim)


def write(
    records: Sequence[Record],
    sources: Sequence[Path],
    directory: Path,
    *,
    ruling: Ruling | None = None,
    since: Since | None = None,
) -> tuple[Path, ...]:
    """Write the reports and answer their paths.

    A journal that was made of several is written beside its reports; a single one stays the evidence it is.
    Raises `Misconfigured` where nothing can be written, or where a source would be overwritten.
    """
    journal = directory / JOURNAL
    if len(sources) > 1 and any(journal.resolve() == source.resolve() for source in sources):
        raise Misconfigured(f"{journal}: is one of the journals and would be overwritten; name another folder with --reports")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        merged = (journal,) if len(sources) > 1 else ()
        if merged:
            write_journal(journal, records)
        seal = last_seal(*(merged or sources))
        written = write_reports(records, directory, ruling=ruling, since=since, seal=seal)
    except OSError as error:
        raise Misconfigured(f"{error.filename or directory}: cannot be written: {error.strerror}") from None
    return (*written, *merged)
