"""The two tools that are compared, each run against one provider with a budget."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from bench.subjects import ROOT, SEED, asked_of, of_plan, serving
from payconform.authoring import Case
from payconform.model.evidence import Exchange
from payconform.model.finding import Finding, Outcome
from payconform.model.message import Request
from payconform.model.profile import Profile
from payconform.sandbox.catalogue import Mutant, Variant
from payconform.sandbox.order import CardDetails
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.server import Sandbox

PATIENCE_S = 240.0
CONFIG = "schemathesis/schemathesis.toml"
EXAMPLES = 100  # its own default, beside the cases of its coverage phase; five times as many found no more
FAILURES = 1  # the exit code of schemathesis that says a check failed
STORED_CARD = CardDetails("4242424242424242", 12, 2035, "123")


class Measured(Struct, frozen=True, kw_only=True):
    """What one tool made of one provider. `alarmed`: it found fault; `seconds`: wall-clock time.

    `requests` are those to the endpoint, `pages` those by which a payer went through hosted pages.
    """

    name: str
    alarmed: bool
    requests: int
    pages: int
    seconds: float


Tool = Callable[[Mutant | Variant], Measured]


def suites(cases: Sequence[Case], plan: str, *, first_only: bool = False) -> Tool:
    """The suites in this process, by a plan, to their end or to the first fault. What a command takes to start is added."""
    start_s = _start_of_the_command()
    chosen = of_plan(cases, plan)

    def measure(entry: Mutant | Variant) -> Measured:
        with serving(entry) as url:
            began = time.monotonic()
            records = asked_of(entry.profile(url), chosen, plan, first_only=first_only)
            seconds = time.monotonic() - began + start_s
        alarmed = any(_alarms(record, entry) for record in records if isinstance(record, Finding))
        sent = Counter(record.kind == "page" for record in records if isinstance(record, Exchange))
        return Measured(name=entry.name, alarmed=alarmed, requests=sent[False], pages=sent[True], seconds=seconds)

    return measure


def _alarms(finding: Finding, entry: Mutant | Variant) -> bool:
    """A failed finding does, and so does a warning that the clause the mutant breaks is broken."""
    broken = entry.clauses if isinstance(entry, Mutant) else ()
    return finding.outcome is Outcome.FAILED or (finding.outcome is Outcome.WARNED and finding.clause in broken)


def _start_of_the_command() -> float:
    """Seconds. The first start compiles what it imports, so the second counts; a run of schemathesis has its own every time."""
    command = [sys.executable, "-m", "pytest", "suites", "--collect-only", "--quiet"]
    for _ in range(2):
        began = time.monotonic()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 -- our own command
    return time.monotonic() - began


def brief_configuration(folder: Path) -> str:
    """Ours, but that a phase too ends at its first failure, which only a configuration can say; written to a folder."""
    ours = (ROOT / CONFIG).read_text()
    brief = ours.replace("continue-on-failure = true", "continue-on-failure = false")
    if brief == ours:
        raise ValueError(f"{CONFIG} no longer says that a phase goes on after a failure")
    (folder / "schemathesis.toml").write_text(brief)
    return str(folder / "schemathesis.toml")


def schemathesis(config: str = CONFIG, *ending: str) -> Tool:
    """The command line with our hooks, all its checks that apply, a token that pays, and the rate the target takes.

    `ending` are options that say when it ends.
    """

    def measure(entry: Mutant | Variant) -> Measured:
        with Sandbox(entry.provider, entry.settings) as sandbox:
            tally = Tally(sandbox)
            profile = entry.profile(sandbox.url)
            environment = os.environ | _environment(profile, sandbox.provider.store(STORED_CARD))
            began = time.monotonic()
            code = _exit_code(_command(profile, config, *ending), environment)
            seconds = time.monotonic() - began
            alarmed = code == FAILURES
            return Measured(name=entry.name, alarmed=alarmed, requests=tally.requests, pages=0, seconds=seconds)

    return measure


class Tally:
    """Counts the requests that reach a sandbox's endpoint."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.requests = 0
        self._create = sandbox.provider.create
        sandbox.provider.create = self._counted  # type: ignore[method-assign]  # any provider, whatever its class

    async def _counted(self, request: Request) -> HttpReply:
        self.requests += 1
        return await self._create(request)


def _command(profile: Profile, config: str, *ending: str) -> list[str]:
    tuned = ["--max-examples", str(EXAMPLES), "--seed", str(SEED), *ending]
    rate = ["--rate-limit", f"{int(profile.limits.requests_per_second)}/s"]
    where = ["--config-file", config, "run", "schemas/openapi.json", "--url", profile.target.base_url]
    return [sys.executable, "-m", "schemathesis.cli", *where, *tuned, *rate]


def _environment(profile: Profile, token: str) -> dict[str, str]:
    nobody = "http://127.0.0.1:9/callbacks"  # the discard port: this tool cannot hear callbacks
    credentials = {"LESSPAY2_APP_ID": profile.auth.app_id, "LESSPAY2_SECRET": profile.auth.secret}
    return {"PAYCONFORM_TOKEN": token, "PAYCONFORM_NOTIFY_URL": nobody, **credentials}


def _exit_code(command: Sequence[str], environment: dict[str, str]) -> int | None:
    """None when it did not end in time."""
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=PATIENCE_S)  # noqa: S603 -- our own command
    except subprocess.TimeoutExpired:
        return None
    return done.returncode
