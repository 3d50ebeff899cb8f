"""`pytest suites --captured`: the judgement of `payconform validate`, as pytest tells it."""

import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from payconform.archive.command import run as validate
from payconform.archive.findings import judged_clauses

ROOT = Path(__file__).parents[3]
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Callbacks with faults, and the orders they are about."""
    spec = importlib.util.spec_from_file_location("planting", ROOT / "bench/planting.py")
    assert spec
    assert spec.loader
    planting = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(planting)
    folder = tmp_path_factory.mktemp("archive")
    callbacks, orders = folder / "callbacks.jsonl", folder / "orders.jsonl"
    planting.plant(callbacks, 300, 0.2, orders=orders)
    return callbacks, orders


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "callback.json"
    path.write_bytes((ROOT / "tests/data/documentation/callback.json").read_bytes())
    return path


def without_times(verdict: Path) -> dict[str, Any]:
    document = json.loads(verdict.read_bytes())
    return {name: value for name, value in document.items() if name not in ("started_at", "ended_at", "counts", "target")}


def test_findings_reports_and_exit_code_are_those_of_validate(
    archive: tuple[Path, Path], run_suites: Run, tmp_path: Path
) -> None:
    callbacks, orders = map(str, archive)
    told = run_suites("suites", "--captured", callbacks, "--orders", orders)
    assert validate([callbacks, "--orders", orders, "--reports", str(tmp_path)]) == told.code == 1
    assert without_times(told.reports / "verdict.json") == without_times(tmp_path / "verdict.json")
    assert {path.name for path in told.reports.iterdir()} == {path.name for path in tmp_path.iterdir()}
    for name in ("offending.jsonl", "never-called-back.txt"):
        assert (told.reports / name).read_bytes() == (tmp_path / name).read_bytes()
    assert "from an order to its callback" not in told.output, "nobody said when they were sent"
    assert "286 orders, 8 never called back, 10 callbacks of none of them" in told.output


def test_each_clause_is_one_item(run_suites: Run, sound: Path) -> None:
    told = run_suites("suites", "--captured", str(sound), "-v")
    items = [line.partition("[")[2].partition("]")[0] for line in told.output.splitlines() if "::" in line]
    assert sorted(items) == sorted(judged_clauses(with_orders=True))
    assert "members[CB-05] PASSED" in told.output
    assert "token[CB-17] NOT OBSERVED" in told.output
    assert told.code == 0


def test_several_archives_and_a_selection(run_suites: Run, sound: Path, archive: tuple[Path, Path]) -> None:
    told = run_suites("suites", "--captured", str(sound), str(archive[0]), "-k", "CB-05")
    assert told.code == 1, "the verdict is about all that was judged, whatever items are shown"
    assert "26 deselected" in told.output


def test_a_plain_test_sends_nothing(run_suites: Run, sound: Path, tmp_path: Path) -> None:
    plain = tmp_path / "test_plain.py"
    plain.write_text("def test_it(target):\n    target.create(target.order())\n")
    told = run_suites("suites", str(plain), "--captured", str(sound), "-rs")
    assert told.code == 0
    assert "captured callbacks are judged, and nothing is sent" in told.output


def test_a_profile_of_a_live_target_is_only_judged_by(run_suites: Run, sound: Path, tmp_path: Path) -> None:
    profile = tmp_path / "live.toml"
    text = (ROOT / "profiles/sandbox.toml").read_text()
    assert 'environment = "sandbox"' in text
    profile.write_text(text.replace('environment = "sandbox"', 'environment = "live"'))
    told = run_suites("suites", "--captured", str(sound), "--profile", str(profile))
    assert told.code == 0
    assert json.loads((told.reports / "verdict.json").read_bytes())["target"]["environment"] == "live"


def test_a_waiver_lets_a_known_deviation_pass(run_suites: Run, sound: Path, tmp_path: Path) -> None:
    sound.write_bytes(sound.read_bytes().replace(b'"100.00"', b"100.00"))
    waivers = tmp_path / "waivers.toml"
    waivers.write_text("")
    told = run_suites("suites", "--captured", str(sound), "--waivers", str(waivers))
    assert told.code == 1
    waivers.write_text(re.findall(r"^\[\[waivers\]\]\n(?:\w+ +=.*\n)+", told.output, re.MULTILINE)[0])
    assert 'mode   = "unknown"' in waivers.read_text()
    assert run_suites("suites", "--captured", str(sound), "--waivers", str(waivers)).code == 0


def test_the_journal_of_a_run_is_judged_as_the_run_was(default_run: Any, tmp_path: Path) -> None:
    assert validate([str(default_run.reports / "journal.ndjson"), "--reports", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "verdict.json").read_bytes())["findings"]
    seen = {(one["clause"], one["mode"]): one["outcome"] for one in found if one["frequency"]["seen"]}
    live = {(one.clause, one.mode.value): one.outcome.value for one in default_run.findings}
    own = {place: outcome for place, outcome in seen.items() if place[1] != "unknown"}
    assert len(own) > 40
    assert {place: live[place] for place in own} == own


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--captured", "none.jsonl"), "none.jsonl: cannot be read: no such file or directory"),
        (("--captured", "-"), "standard input belongs to pytest"),
        (("--captured", "README.md", "--shard", "1/2"), "captured callbacks are judged as a whole"),
        (("--captured", "README.md", "-n", "2"), "captured callbacks are judged as a whole"),
        (("--orders", "orders.csv"), "name them with --captured PATH"),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], says: str, run_suites: Run) -> None:
    told = run_suites("suites", *arguments)
    assert told.code == 4
    (line,) = [line for line in told.output.splitlines() if says in line]
    assert "Traceback" not in told.output
    assert line
