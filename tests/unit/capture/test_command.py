"""The `receive` command: how it begins and ends, and what it says to a mistake."""

import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from payconform.capture.command import parse, run

if TYPE_CHECKING:
    from tests.unit.capture.conftest import Running

ENVIRON = {"PAYCONFORM_TOKEN": "a-token-of-enough-letters", "SHORT": "short", "EMPTY": " ", "BLANKS": "a token with blanks in it"}


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--token-env", "NONE"], "--token-env names NONE, which is not set"),
        (["--token-env", "EMPTY"], "--token-env names EMPTY, which is empty"),
        (["--token-env", "the-token-itself"], "--token-env names an environment variable, which is not set"),
        (["--token-env", "SHORT"], "the token in SHORT must have at least 16 printable characters"),
        (["--token-env", "BLANKS"], "the token in BLANKS must have at least 16 printable characters"),
        (["--secret-env", "NONE"], "--secret-env names NONE, which is not set"),
        (["--bind", "8643"], "cannot listen on '8643': expected host:port"),
        (["--bind", "192.0.2.1:1"], "cannot listen on 192.0.2.1:1"),
        (["--retention", "0d"], "'0d' is not a time such as 90s, 30m, 12h or 7d"),
        (["--retention", "week"], "'week' is not a time such as"),
        (["--bind", "127.0.0.1:0", "--store", "no/such/folder.db"], "no/such/folder.db: cannot be used as a store: No such file"),
        (["--quiet"], "unrecognized arguments: --quiet"),
    ],
)
def test_a_mistake_gets_one_clear_line(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(argv, ENVIRON) == 4
    error = capsys.readouterr().err
    assert error.startswith("payconform receive: ")
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43200), ("7d", 604800), ("forever", None)])
def test_retention_is_a_time(text: str, seconds: float | None) -> None:
    assert parse(["--retention", text]).retention == seconds


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_answers_what_is_under_way(running: "Running", number: signal.Signals) -> None:
    running.arm("/slow", delay_s=0.6)
    answers: list[int] = []
    asked: list[float] = []

    def wait_for_records() -> None:
        running.ask("GET", "/api/records?path=/slow&after=9&wait=20")
        asked.append(time.monotonic())

    threads = [threading.Thread(target=lambda: answers.append(running.send("/slow").status_code))]
    threads.append(threading.Thread(target=wait_for_records))
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    began = time.monotonic()
    running.process.send_signal(number)
    assert running.process.wait(5) == 0
    for thread in threads:
        thread.join(5)
    assert answers == [200]
    assert asked[0] - began < 2
    assert not running.store.with_name(f"{running.store.name}-wal").exists(), "the log was folded into the store"


def test_it_goes_on_where_it_stopped(running: "Running") -> None:
    running.arm("/again", refuse_first=2)
    assert [running.send("/again").status_code] == [500]
    running.kill()
    running.start()
    assert [running.send("/again").status_code for _ in range(2)] == [500, 200], "what was armed and refused is not forgotten"
    assert len(running.exported()) == 3


def test_what_is_old_is_forgotten(tmp_path: Path, running: "Running") -> None:
    short = type(running)(tmp_path / "short.db", "--retention", "1s")
    short.start()
    try:
        short.arm("/brief")
        short.send("/brief")
        assert len(short.exported()) == 1
        deadline = time.monotonic() + 10
        while (short.exported() or short.ask("GET", "/api/armings").json()["armings"]) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert short.exported() == []
        assert short.send("/brief").status_code == 404
    finally:
        short.kill()
