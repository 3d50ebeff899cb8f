"""A report in headless Chromium, driven through its debugging pipe."""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from payconform.contract.register import clauses, reading_defaults
from payconform.model.clause import PAYING_MODES, Judged, Mode
from payconform.model.evidence import Body, Exchange
from payconform.model.finding import Finding, Frequency, Outcome
from payconform.model.run import JOURNAL_FORMAT, Counts, Footer, Header, Record, TargetSummary
from payconform.report.verdict import decide
from payconform.report.write import write_reports

CHROMIUM = shutil.which("chromium")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
HOSTILE = "<script>alert(1)</script><img src='https://evil.example/x.png' onerror='alert(2)'> " + "unbroken" * 60
PATIENCE_S = 30.0


class Browser:
    """Chromium with one page. Pipes carry JSON messages that end in a zero byte (Chrome DevTools Protocol)."""

    def __init__(self, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4, and only a shell can put ours there.
        wiring = f'exec "$0" "$@" 3</proc/self/fd/{theirs_in} 4>/proc/self/fd/{theirs_out}'
        self._process = subprocess.Popen(  # noqa: S603 -- nothing in it comes from outside
            ["/bin/sh", "-c", wiring, str(CHROMIUM), *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._numbers = itertools.count(1)
        self._rest = b""
        self._session = ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Ask one thing and wait for its answer; what happens meanwhile is kept in `events`."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        os.write(self._out, json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0")
        while (answer := self._message()).get("id") != number:
            self.events.append(answer)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _message(self) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_S
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "Chromium does not answer"
            self._rest += os.read(self._in, 1 << 20)
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message

    def open(self, path: Path, *, width: int = 1280, scheme: str = "light", script: bool = True, anchor: str = "") -> None:
        self.events.clear()
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=path.as_uri() + anchor)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message())

    def value(self, expression: str) -> Any:
        """What an expression is worth in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def pdf(self) -> bytes:
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def close(self) -> None:
        os.close(self._out)
        os.close(self._in)
        self._process.terminate()
        self._process.wait(PATIENCE_S)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    made = Browser(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run that failed one clause against a hostile provider, and passed the others."""
    return write_reports(_records(), tmp_path_factory.mktemp("reports"))[0]


def _records() -> list[Record]:
    header = Header(
        format=JOURNAL_FORMAT,
        suite_version="0.1.0",
        contract_version="2026-02-28",
        started_at="2026-03-04T09:12:44+00:00",
        seed=7,
        plan="default",
        target=TargetSummary(
            name="Example provider", environment="sandbox", base_url="https://provider.example", dialect="guide"
        ),
        modes=PAYING_MODES,
        roles=("approved",),
        payer="form",
        inbox="receiver",
        quiet_window_s=3.0,
        deadline_s=20.0,
        readings=reading_defaults(),
    )
    body = Body.of(json.dumps({"code": 0, "msg": HOSTILE}).encode())
    exchanges = [
        Exchange(
            id=f"x{number}", kind="create", order="o1", case="c", mode=Mode.CARD, method="POST", url=f"https://provider.example/{HOSTILE}",
            status=200, response_headers=(("X-Evil", HOSTILE),), response_body=body,
        )
        for number in (1, 2)
    ]  # fmt: skip
    records: list[Record] = [header, *exchanges, *_findings()]
    decision = decide(records)
    counts = Counts(requests=2, callbacks=0, seconds=4.0, orders=1, cases=1)
    ended = "2026-03-04T09:12:48+00:00"
    return [
        *records,
        Footer(verdict=decision.verdict, exit_code=decision.exit_code, reason=decision.reason, counts=counts, ended_at=ended),
    ]


def _findings() -> Iterator[Finding]:
    outcomes = {"RS-05": Outcome.FAILED, "RS-08": Outcome.WARNED, "CB-04": Outcome.INCONCLUSIVE, "TK-06": Outcome.NOT_OBSERVED}
    for clause in clauses().values():
        for mode in clause.modes if clause.judged is not Judged.NOT_JUDGED else ():
            outcome = outcomes.get(clause.id, Outcome.PASSED)
            failed = outcome is Outcome.FAILED
            yield Finding(
                clause=clause.id, level=clause.level, mode=mode, outcome=outcome, blocking=failed, expected="one id",
                observed=HOSTILE, exchanges=("x1", "x2") if failed else (), frequency=Frequency(int(failed), 40),
            )  # fmt: skip
