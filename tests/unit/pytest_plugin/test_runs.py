"""The plugin as its users meet it: verdicts, exit codes, selection, and nothing that leaks."""

import base64
import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import payconform.sandbox.mutants
import payconform.sandbox.variants  # noqa: F401 -- both enter theirs in the catalogue
from payconform.cli import main
from payconform.contract.register import clauses
from payconform.model.clause import Level, Mode
from payconform.model.finding import Outcome
from payconform.model.run import Plan
from payconform.sandbox.cards import TEST_CARDS
from payconform.sandbox.catalogue import MUTANTS, VARIANTS
from payconform.sandbox.server import Sandbox

ROOT = Path(__file__).parents[3]
Run = Callable[..., Any]


def profile_at(path: Path, url: str, **replaced: str) -> Path:
    """The sandbox's own profile for another address, with some of its text replaced."""
    text = re.sub(r"http://127\.0\.0\.1:8642", url, (ROOT / "profiles" / "sandbox.toml").read_text())
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


@contextmanager
def silent_target() -> Iterator[str]:
    """A target that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def canned_target(reply: bytes) -> Iterator[str]:
    """A target that answers every request with the same bytes."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):  # who has read enough hangs up
                    connection.settimeout(1)
                    _read_request(connection)
                    connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stopped.set()


def _read_request(connection: socket.socket) -> None:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)


def test_embedded_sandbox_is_conformant(default_run: Any) -> None:
    assert default_run.code == 0, default_run.output
    assert "CONFORMANT" in default_run.output
    assert json.loads((default_run.reports / "verdict.json").read_text())["verdict"] == "conformant"


ASKED_ONCE = {"EP-05"}  # a body that is no object has no mode


def test_every_documented_and_implied_clause_with_a_case_is_observed_and_passed(default_run: Any) -> None:
    outcomes = {(found.clause, found.mode): found.outcome for found in default_run.findings}
    judged = [clause for clause in clauses().values() if clause.judged.value in ("case", "invariant")]
    wanted = [clause for clause in judged if clause.level in (Level.DOCUMENTED, Level.IMPLIED)]
    assert len(wanted) > 80
    not_passed = [
        (clause.id, mode)
        for clause in wanted
        for mode in (clause.modes[:1] if clause.id in ASKED_ONCE else clause.modes)
        if outcomes.get((clause.id, mode)) != Outcome.PASSED
    ]
    assert not not_passed


def test_all_reports_are_written(default_run: Any) -> None:
    names = {path.name for path in default_run.reports.iterdir()}
    badge = {"badge.json", "badge.svg"}
    pipeline = {"verdict.json", "junit.xml", "summary.md", "results.sarif", "allure-results"}
    assert names == {"journal.ndjson", "compliance.html"} | pipeline | badge


def test_no_artefact_holds_card_data(default_run: Any) -> None:
    texts = [path.read_bytes() for path in default_run.reports.rglob("*") if path.is_file()] + [default_run.output.encode()]
    for card in TEST_CARDS:
        number = card.number
        forms = {number, " ".join(re.findall("....", number)), "-".join(re.findall("....", number))}
        forms.add(base64.b64encode(number.encode()).decode())
        assert not [form for form in forms for text in texts if form.encode() in text]
        assert not [
            text for text in texts if re.search(rb'"(cvv|cvc)\\*": *\\*"[0-9]{3,4}', text) or re.search(rb"(cvv|cvc)=[0-9]", text)
        ]


def test_a_clause_is_selected_by_its_id(run_suites: Run) -> None:
    told = run_suites("suites", "-k", "DC-20")
    assert told.code == 0
    (plan,) = [record for record in told.records if isinstance(record, Plan)]
    assert {clause for case in plan.cases for clause in case.clauses} >= {"DC-20"}
    assert len(plan.cases) == 1


def test_an_invariant_alone_brings_its_evidence(run_suites: Run) -> None:
    told = run_suites("suites", "-k", "RS-05")
    assert told.code == 0, told.output
    assert [found.outcome for found in told.findings if found.clause == "RS-05"] == [Outcome.PASSED] * 3


def test_nothing_selected_is_nothing_observed(run_suites: Run) -> None:
    assert run_suites("suites", "-k", "no-such-clause").code == 5


def test_collecting_starts_nothing(run_suites: Run) -> None:
    told = run_suites("suites", "--collect-only", "-q")
    assert told.code == 0
    assert "DC-20" in told.output
    assert not told.reports.exists()


def test_workers_come_to_the_same_verdict(run_suites: Run, default_run: Any) -> None:
    told = run_suites("suites", "-n", "2")
    assert told.code == 0, told.output
    expected = {(found.clause, found.mode, found.outcome) for found in default_run.findings}
    assert {(found.clause, found.mode, found.outcome) for found in told.findings} == expected


def test_plain_tests_share_target_and_inbox(run_suites: Run, tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "def test_paid(target, inbox):\n"
        "    order = target.order('card')\n"
        "    assert target.create(order).accepted\n"
        "    assert inbox.terminal_callback(order) is not None\n"
        "def test_wrong(target):\n"
        "    assert not target.create(target.order('cashier')).accepted\n"
    )
    told = run_suites(str(tmp_path), "-c", str(ROOT / "pyproject.toml"), f"--rootdir={ROOT}", "-p", "payconform.pytest_plugin")
    assert told.code == 1, told.output
    assert "1 failed, 1 passed" in told.output
    assert ("CB-07", Mode.CARD, Outcome.PASSED) in {(found.clause, found.mode, found.outcome) for found in told.findings}


@pytest.mark.parametrize(
    ("mistake", "word"),
    [
        ({"requests_per_second": "request_per_second"}, "requests_per_second"),
        ({'environment = "sandbox"': 'environment = "live"'}, "--allow-live"),
        ({"[target]": "[target"}, "line"),
    ],
)
def test_a_mistaken_profile_is_one_line(run_suites: Run, tmp_path: Path, mistake: dict[str, str], word: str) -> None:
    told = run_suites("suites", "--profile", str(profile_at(tmp_path / "mine.toml", "http://127.0.0.1:1", **mistake)))
    lines = [line for line in told.output.splitlines() if line.strip()]
    assert told.code == 4
    assert len(lines) == 1
    assert word in lines[0]


def test_a_dead_target_is_inconclusive(run_suites: Run, tmp_path: Path) -> None:
    told = run_suites("suites", "--profile", str(profile_at(tmp_path / "mine.toml", "http://127.0.0.1:1")))
    assert told.code == 6
    assert told.footer.exit_code == 6
    assert not [found for found in told.findings if found.outcome in (Outcome.PASSED, Outcome.FAILED)]


@pytest.mark.parametrize(
    "body",
    [b"<html>It works</html>", b'{"code": 0, "msg": "SUCC', b'{"code": 0, "x": "' + b"a" * 10_000_000 + b'"}'],
    ids=["html", "truncated", "10 MB"],
)
def test_a_target_that_answers_otherwise_fails(run_suites: Run, tmp_path: Path, body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with canned_target(head + body) as url:
        told = run_suites("suites", "--profile", str(profile_at(tmp_path / "mine.toml", url)))
    assert told.code == 1, told.output
    assert "EP-01" in {found.clause for found in told.findings if found.outcome is Outcome.FAILED}


def test_a_mutant_fails_its_clause_and_stops_at_the_first(run_suites: Run, tmp_path: Path) -> None:
    mutant = next(mutant for mutant in MUTANTS.values() if mutant.clauses[0] == "CA-06")
    with Sandbox(mutant.provider) as sandbox:
        told = run_suites("suites", "-x", "--profile", str(profile_at(tmp_path / "mine.toml", sandbox.url)))
    assert told.code == 1
    assert "CA-06" in {found.clause for found in told.findings if found.outcome is Outcome.FAILED}
    assert "1 failed" in told.output


def test_rate_limits_are_obeyed_and_no_findings(run_suites: Run, tmp_path: Path) -> None:
    variant = VARIANTS["rate-limited"]
    with Sandbox(variant.provider, variant.settings) as sandbox:
        told = run_suites(
            "suites", "-m", "card", "--plan", "quick", "--profile", str(profile_at(tmp_path / "mine.toml", sandbox.url))
        )
    assert told.code == 0, told.output


def test_interrupting_ends_promptly_with_a_readable_journal(start_suites: Callable[..., Any], tmp_path: Path) -> None:
    with silent_target() as url:
        process, reports = start_suites("suites", "--profile", str(profile_at(tmp_path / "mine.toml", url)))
        journal = reports / "journal.ndjson"
        deadline = time.monotonic() + 30
        while not (journal.exists() and b'"type":"order"' in journal.read_bytes()):
            assert time.monotonic() < deadline, "the run did not begin"
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert process.wait(timeout=20) == 2
    assert time.monotonic() - began < 10
    assert json.loads(journal.read_text().splitlines()[-1])["interrupted"] is True


def test_the_exit_code_follows_the_gate_when_there_is_one(run_suites: Run, tmp_path: Path) -> None:
    mutant = next(mutant for mutant in MUTANTS.values() if mutant.clauses[0] == "CA-06")
    waivers, policy = tmp_path / "waivers.toml", tmp_path / "policy.toml"
    waivers.write_text("")
    policy.write_text('[evidence]\nobserved = ["CA-06"]\n')
    with Sandbox(mutant.provider) as sandbox:
        profile = profile_at(tmp_path / "mine.toml", sandbox.url)
        options = ("suites", "-k", "CA-06", "--profile", str(profile), "--policy", str(policy), "--waivers", str(waivers))
        stopped = run_suites(*options)
        assert stopped.code == 1, stopped.output
        waivers.write_text("\n".join(re.findall(r"\[\[waivers\]\]\n(?:\w+ += .+\n)+", stopped.output)))
        passed = run_suites(*options)
    assert passed.code == 0, passed.output
    assert passed.footer.exit_code == 1, "the journal is evidence, and says what the run came to without waivers"
    verdict = json.loads((passed.reports / "verdict.json").read_text())
    assert (verdict["exit_code"], verdict["verdict"]) == (0, "conformant with warnings")
    assert "CA-06" in {waiver["clause"] for waiver in verdict["waived"]}
    assert "CA-06 failed, waived" in passed.output
    assert "PASSED THE GATE" in passed.output


def test_what_got_worse_since_the_baseline_blocks_and_is_told(run_suites: Run, tmp_path: Path) -> None:
    mutant = next(mutant for mutant in MUTANTS.values() if mutant.clauses[0] == "CB-19")
    options = ("suites", "-k", "CB-19")
    certified = run_suites(*options).reports / "journal.ndjson"
    with Sandbox(mutant.provider) as sandbox:
        profile = profile_at(tmp_path / "mine.toml", sandbox.url)
        assert run_suites(*options, "--profile", str(profile)).code == 0, "it is advisory"
        stopped = run_suites(*options, "--profile", str(profile), "--baseline", str(certified))
    assert stopped.code == 1, stopped.output
    assert "since the baseline: CB-19" in stopped.output
    assert "got worse" in (stopped.reports / "compliance.html").read_text()
    assert run_suites(*options, "--shard", "1/2", "--baseline", str(certified)).code == 4
    assert "cannot be read" in run_suites(*options, "--baseline", str(tmp_path / "none")).output


def test_a_gate_s_mistaken_file_is_one_line(run_suites: Run, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[blok]\n")
    told = run_suites("suites", "--policy", str(tmp_path / "policy.toml"))
    lines = [line for line in told.output.splitlines() if line.strip()]
    assert (told.code, len(lines)) == (4, 1)
    assert "policy.toml: blok: is not a key of a policy" in lines[0]
    assert run_suites("suites", "--shard", "1/2", "--policy", str(tmp_path / "policy.toml")).code == 4


def test_the_least_plan_is_met_by_a_whole_run_of_it(run_suites: Run, default_run: Any, tmp_path: Path) -> None:
    (tmp_path / "quick.toml").write_text('[evidence]\nplan = "quick"\n')
    (tmp_path / "default.toml").write_text('[evidence]\nplan = "default"\n')
    journal = str(default_run.reports / "journal.ndjson")
    assert main(["gate", journal, "--policy", str(tmp_path / "default.toml")]) == 0
    quick = run_suites("suites", "--plan", "quick", "--policy", str(tmp_path / "quick.toml"))
    assert quick.code == 0, quick.output
    assert main(["gate", str(quick.reports / "journal.ndjson"), "--policy", str(tmp_path / "default.toml")]) == 6
