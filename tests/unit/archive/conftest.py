"""Archives to judge, and one way to judge them."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

from payconform.archive.command import run
from payconform.archive.judgement import OFFENDING, UNCALLED

ROOT = Path(__file__).parents[3]
SAMPLE: dict[str, Any] = json.loads((ROOT / "tests/data/documentation/callback.json").read_bytes())


class Judged(NamedTuple):
    """What came of judging: exit code, output, verdict.json, the offending records by file and line, and the lists as written."""

    code: int
    out: str
    err: str
    verdict: dict[str, Any]
    offending: dict[tuple[str, int], list[str]]
    reports: Path
    lists: dict[str, bytes]

    def outcome(self, clause: str, mode: str = "unknown") -> str | None:
        found = (one["outcome"] for one in self.verdict["findings"] if (one["clause"], one["mode"]) == (clause, mode))
        return next(found, None)


Validate = Callable[..., Judged]


@pytest.fixture
def validate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Validate:
    """Runs `payconform validate` with reports in a folder of the test."""

    def judge(*arguments: object) -> Judged:
        reports = tmp_path / "reports"
        code = run([*map(str, arguments), "--reports", str(reports)])
        out, err = capsys.readouterr()
        verdict = reports / "verdict.json"
        offending = reports / OFFENDING
        records = [json.loads(line) for line in offending.read_bytes().splitlines()] if offending.exists() else []
        return Judged(
            code,
            out,
            err,
            json.loads(verdict.read_bytes()) if verdict.exists() else {},
            {(record["source"], record["line"]): record["clauses"] for record in records},
            reports,
            {path.name: path.read_bytes() for path in map(reports.joinpath, (OFFENDING, UNCALLED)) if path.exists()},
        )

    return judge


@pytest.fixture(scope="session")
def planting() -> ModuleType:
    """The maker of archives with faults that the benchmark uses."""
    spec = importlib.util.spec_from_file_location("planting", ROOT / "bench/planting.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def sample() -> dict[str, Any]:
    """The callback of the documentation."""
    return SAMPLE


def body(number: int = 1, **members: Any) -> bytes:
    """The callback of the documentation with ids of its own, as one line."""
    own = {"request_id": f"M{number}", "pay_order_id": f"P{number}"}
    return json.dumps(SAMPLE | own | members).encode()


@pytest.fixture(name="body", scope="session")
def body_fixture() -> Callable[..., bytes]:
    return body
