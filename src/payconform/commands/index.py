"""`payconform index`: an index page over the runs in a folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from payconform.claims import of_file
from payconform.commands.arguments import Misconfigured, Parser
from payconform.commands.reporting import JOURNAL
from payconform.commands.screen import say
from payconform.gate.claim import Claim
from payconform.journal.reading import JournalError
from payconform.model.finding import ExitCode
from payconform.model.run import Header
from payconform.profile.mistakes import FileError
from payconform.report.history import PastRun
from payconform.report.index import index_html
from payconform.report.wording import amount
from payconform.report.write import replace

DESCRIPTION = """Write FOLDER/index.html over all runs below a folder: verdicts, trend, the history of each clause, and when each
deviation was first and last seen. A run is a folder of reports (its verdict.json is read), or else a journal (*.ndjson)."""

INDEX, REPORT, VERDICT = "index.html", "compliance.html", "verdict.json"


def run(argv: Sequence[str]) -> int:
    parser = Parser("index", DESCRIPTION)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    folder: Path = parser.parse_args(argv).folder
    if not folder.is_dir():
        raise Misconfigured(f"{folder}: there is no such folder")
    runs, left_out = _read(folder)
    if not runs:
        raise Misconfigured(
            f"{folder}: holds no run: neither a {VERDICT} nor a journal (*.ndjson)" + "".join(f"; {why}" for why in left_out[:1])
        )
    try:
        written = replace(folder / INDEX, index_html(runs, left_out).encode())
    except OSError as error:
        raise Misconfigured(f"{error.filename or folder}: cannot be written: {error.strerror}") from None
    say(f"{written}: {amount(len(runs), 'run')}, {amount(len({run.target.name for run in runs}), 'target')}\n")
    return ExitCode.CONFORMANT


def _read(folder: Path) -> tuple[list[PastRun], list[str]]:
    """The runs below a folder, and of files that are none why."""
    runs: list[PastRun] = []
    left_out: list[str] = []
    for path in _evidence(folder):
        name = path.relative_to(folder).as_posix()
        try:
            found = of_file(path)
        except (FileError, JournalError) as error:
            left_out.append(str(error).replace(str(path), name))
            continue
        if found.records and not isinstance(found.records[0], Header):
            left_out.append(f"{name}: tells of no run: it was cut off before its header")
        else:
            runs.append(_past(found.claim, _address(folder, path)))
    return runs, left_out


def _evidence(folder: Path) -> Iterator[Path]:
    """What tells of the runs: of a folder with a verdict its verdict, of any other its journals."""
    for directory in sorted({path.parent for pattern in (VERDICT, "*.ndjson") for path in folder.rglob(pattern)}):
        verdict = directory / VERDICT
        yield from [verdict] if verdict.is_file() else sorted(directory.glob("*.ndjson"))


def _address(folder: Path, evidence: Path) -> str:
    """Where the index finds the report of a run: beside its verdict, or beside a journal of the usual name."""
    report = evidence.with_name(REPORT)
    if evidence.name not in (VERDICT, JOURNAL) or not report.is_file():
        return ""
    return f"./{quote(report.relative_to(folder).as_posix())}"


def _past(claim: Claim, address: str) -> PastRun:
    return PastRun(
        target=claim.target,
        verdict=claim.decision.verdict,
        complete=claim.complete,
        plan=claim.plan,
        started_at=claim.started_at,
        suite_version=claim.suite_version,
        run_by=claim.run_by,
        findings=claim.findings,
        address=address,
    )
