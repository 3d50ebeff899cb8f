"""The `sandbox` command: what it prints, how it ends, and what it says to a mistake."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from payconform.sandbox.command import run
from payconform.sandbox.mutants import MUTANTS
from payconform.sandbox.server import Sandbox
from payconform.sandbox.variants import VARIANTS

COMMAND = "import sys; from payconform.sandbox.command import run; sys.exit(run(sys.argv[1:]))"


@pytest.fixture
def serving(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    arguments = [sys.executable, "-c", COMMAND, "--port", "0", *request.param]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:  # noqa: S603 - our own command
        yield process
        process.kill()


def read_until(process: subprocess.Popen[str], end: str) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or end not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], "the command ended early"
    return "".join(lines)


@pytest.mark.parametrize("serving", [()], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_how_to_begin_and_stops_cleanly(serving: subprocess.Popen[str], number: signal.Signals) -> None:
    greeting = read_until(serving, "Ctrl-C")
    url = greeting.split()[2]
    assert "approved            4242424242424242  12/2035  cvv 123" in greeting
    assert f"curl {url}/api/global/v1/pay/create-order" in greeting
    assert httpx.get(f"{url}/cashier/none").status_code == 404
    serving.send_signal(number)
    assert serving.wait(2) == 0


@pytest.mark.parametrize("serving", [("--variant", "lesspay2", "--latency", "0.01")], indirect=True)
def test_a_signing_sandbox_tells_its_credentials(serving: subprocess.Popen[str]) -> None:
    greeting = read_until(serving, "Ctrl-C")
    assert "It is lesspay2" in greeting
    assert "app id" in greeting
    assert "secret" in greeting


def test_list_names_every_mutant_and_variant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--list"]) == 0
    listed = {line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")}
    assert listed == MUTANTS.keys() | VARIANTS.keys()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--mutant", "nobody"], "there is no mutant 'nobody'"),
        (["--variant", "nobody"], "there is no variant 'nobody'"),
        (["--port", "70000"], "'70000' is not a port"),
        (["--latency", "soon"], "'soon' is not a number of seconds"),
        (["--callback-delay", "-1"], "'-1' is not a number of seconds"),
        (["--quiet"], "unrecognized arguments: --quiet"),
        (["--mutant", "a", "--variant", "b"], "not allowed with"),
    ],
)
def test_a_mistake_gets_one_clear_line(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(argv) == 4
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_taken_port_gets_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as sandbox:
        port = sandbox.url.rpartition(":")[2]
        assert run(["--port", port]) == 4
    assert capsys.readouterr().err == f"payconform sandbox: cannot listen on 127.0.0.1:{port}: Address already in use\n"
