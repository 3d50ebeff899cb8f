"""The progress of judging: a bar on a terminal, lines elsewhere, with rate, time left and what was found so far."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow.parquet import write_table

from payconform.archive import progress
from payconform.archive.parts import Part

Body = Callable[..., bytes]


def har(bodies: list[bytes]) -> bytes:
    entries = [{"request": {"method": "POST", "url": "https://m.example", "postData": {"text": raw.decode()}}} for raw in bodies]
    return json.dumps({"log": {"entries": entries}}).encode()


def parquet(bodies: list[bytes]) -> bytes:
    written = io.BytesIO()
    write_table(pa.table({"body": [raw.decode() for raw in bodies]}), written)
    return written.getvalue()


FORMS: dict[str, Callable[[list[bytes]], bytes]] = {
    "lines": b"\n".join,
    "gzip": lambda bodies: gzip.compress(b"\n".join(bodies)),
    "list": lambda bodies: b"[" + b",".join(bodies) + b"]",
    "HAR": har,
    "Parquet": parquet,
}


@pytest.mark.parametrize("form", FORMS)
def test_elsewhere_than_on_a_terminal_lines_tell_how_it_gets_on(
    form: str, body: Body, tmp_path: Path, validate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY_S", -1.0)
    path = tmp_path / "callbacks"
    path.write_bytes(FORMS[form]([body(number, target_amount=5.0 if number < 3 else "5.00") for number in range(1, 9)]))
    lines = validate(path).err.splitlines()
    assert lines[-1].startswith("100%  0.0 s left, ")
    assert lines[-1].endswith("/s, 8 callbacks; broken: CB-09 2")
    assert lines[-2].startswith(" 85%  "), "all is read, and callbacks are to be compared with each other"


def test_a_short_job_says_nothing(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks"
    path.write_bytes(body(1))
    assert validate(path).err == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_renews_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    with progress.Progress(1000, 2) as bar:
        bar(Part(records=7, size=500))
        bar(Part(records=7, size=500))
        bar(Part(partitions=1))
        shown = bar._bar.fp.getvalue()
    assert "\n" not in shown
    assert shown.startswith("\r  0 %|")


def test_what_is_left_goes_by_what_was_done() -> None:
    bar = progress.Progress(1000, 2)
    assert bar.line(0.0) == "0 callbacks"
    bar(Part(records=6000, size=500))
    assert bar.line(60.0) == "81.2 s left, 100/s, 6,000 callbacks"
