"""An index over the runs of a folder, and what changed since an earlier run, at the command line."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from lxml import html

from payconform.cli import main
from payconform.model.finding import Finding, Outcome
from payconform.model.run import Header, Record

Write = Callable[..., Path]
Records = tuple[Record, ...]


def _later(records: Records) -> list[Record]:
    """The same run on a later day, with one clause broken."""
    out: list[Record] = []
    for record in records:
        if isinstance(record, Header):
            out.append(msgspec.structs.replace(record, started_at="2099-01-01T00:00:00+00:00"))
        elif isinstance(record, Finding) and (record.clause, record.mode) == ("RS-05", "card"):
            out.append(msgspec.structs.replace(record, outcome=Outcome.FAILED, blocking=True))
        else:
            out.append(record)
    return out


def test_reports_and_bare_journals_become_one_history(
    recorded: Path, records: Records, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "runs"
    (folder / "a b").mkdir(parents=True)
    main(["report", str(recorded), "--reports", str(folder / "a b")])
    write("runs/later.ndjson", *_later(records))
    write("runs/nonsense.ndjson")
    (folder / "other.ndjson").write_text("{}\n")
    capsys.readouterr()
    assert main(["index", str(folder)]) == 0
    assert capsys.readouterr().out == f"{folder / 'index.html'}: 2 runs, 1 target\n"
    document = html.document_fromstring((folder / "index.html").read_text(encoding="utf-8"))
    text = " ".join(document.text_content().split())
    assert "Index of 2 runs" in text
    assert "other.ndjson: is not a journal" in text
    assert str(folder) not in text
    assert "./a%20b/compliance.html" in document.xpath("//a/@href")
    (row,) = document.xpath("//table[contains(@class, 'deviations')]/tbody/tr")
    assert "RS-05" in row.text_content()
    assert row.text_content().count("01 January 2099") == 2
    assert main(["index", str(folder)]) == 0


@pytest.mark.parametrize("made", [True, False])
def test_a_folder_without_runs_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], *, made: bool) -> None:
    folder = tmp_path / "runs"
    if made:
        folder.mkdir()
        (folder / "note.ndjson").write_text("nonsense")
    assert main(["index", str(folder)]) == 4
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert ("holds no run" if made else "there is no such folder") in said


def test_a_report_tells_what_changed_since_the_baseline(recorded: Path, records: Records, write: Write, tmp_path: Path) -> None:
    broken = write("later.ndjson", *_later(records))
    main(["report", str(broken), "--reports", str(tmp_path / "new"), "--baseline", str(recorded)])
    document = html.document_fromstring((tmp_path / "new" / "compliance.html").read_text(encoding="utf-8"))
    (since,) = document.xpath("//section[@class='since']")
    assert "1 got worse: RS-05 (card)" in " ".join(since.text_content().split())
    main(["report", str(broken), "--reports", str(tmp_path / "alone")])
    assert "No earlier run was given" in (tmp_path / "alone" / "compliance.html").read_text(encoding="utf-8")


def test_the_report_cites_the_seal_that_verify_prints(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", str(recorded), "--reports", str(tmp_path)])
    capsys.readouterr()
    main(["verify", str(recorded)])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("seal")]
    assert f">{line.rpartition(' ')[2]}<" in (tmp_path / "compliance.html").read_text(encoding="utf-8")
