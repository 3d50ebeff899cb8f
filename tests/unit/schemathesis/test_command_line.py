"""`schemathesis run` with the project's hooks and configuration: right verdicts for an API that refuses with HTTP 200."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from payconform.sandbox.catalogue import SIGNED
from payconform.sandbox.mutants import MUTANTS
from payconform.sandbox.order import CardDetails
from payconform.sandbox.provider import Provider
from payconform.sandbox.server import Sandbox
from payconform.sandbox.settings import Signing

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis/schemathesis.toml", "run")
BRIEF = ("--max-examples", "10", "--seed", "1")
CARD = CardDetails("4242424242424242", 12, 2035, "123")


def run_against(sandbox: Sandbox, environment: Mapping[str, str] | None = None, *options: str) -> tuple[int, str]:
    """The exit code and the output of the command line."""
    given = {**os.environ, "PAYCONFORM_NOTIFY_URL": "http://127.0.0.1:9/callbacks", **(environment or {})}
    command = [*COMMAND, "schemas/openapi.json", "--url", sandbox.url, *BRIEF, *options]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 -- our own command
    return done.returncode, done.stdout + done.stderr


def test_the_conforming_sandbox_passes() -> None:
    with Sandbox() as sandbox:
        code, output = run_against(sandbox, {"PAYCONFORM_TOKEN": sandbox.provider.store(CARD)})
        made = {order.terms.mode for order in sandbox.provider.orders.values()}
    assert code == 0, output
    assert made == {"cashier", "card", "token"}


def test_without_a_token_none_is_needed() -> None:
    with Sandbox() as sandbox:
        code, output = run_against(sandbox, None, "--phases", "examples,fuzzing")
    assert code == 0, output


def test_requests_are_signed_when_there_are_credentials() -> None:
    signing = Signing()
    credentials = {"LESSPAY2_APP_ID": signing.app_id, "LESSPAY2_SECRET": signing.secret}
    with Sandbox(Provider, SIGNED) as sandbox:
        code, output = run_against(sandbox, credentials, "--phases", "examples,fuzzing")
    assert code == 0, output
    assert signing.secret not in output


def test_unsigned_requests_to_a_signing_provider_fail() -> None:
    with Sandbox(Provider, SIGNED) as sandbox:
        code, output = run_against(sandbox, None, "--phases", "examples")
    assert code == 1, output
    assert "Schema-valid request rejected" in output


@pytest.mark.parametrize(
    ("name", "phase", "title"),
    [
        ("month-zero-accepted", "coverage", "Schema-violating request accepted"),
        ("order-data-is-an-array", "examples", "Response violates schema"),
    ],
)
def test_mutants_that_it_can_see_fail(name: str, phase: str, title: str) -> None:
    with Sandbox(MUTANTS[name].provider) as sandbox:
        code, output = run_against(sandbox, {"PAYCONFORM_TOKEN": sandbox.provider.store(CARD)}, "--phases", phase)
    assert code == 1, output
    assert title in output
    assert CARD.number not in output
