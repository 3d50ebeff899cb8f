"""A capture service in a process of its own, as it is run."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = "import sys; from payconform.capture.command import run; sys.exit(run(sys.argv[1:]))"
TOKEN = "a-token-of-enough-letters"
SECRET = "s3cr3t-of-the-application"


class Running:
    """The service under test: start it, ask it, kill it, start it again on the same store."""

    def __init__(self, store: Path, *arguments: str) -> None:
        self.store = store
        self._arguments = ("--store", str(store), *arguments)
        self._port = 0
        self._client = httpx.Client(timeout=10, trust_env=False)

    def start(self) -> None:
        """Returns when it takes connections; after the first time at the same port."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PAYCONFORM_TOKEN": TOKEN, "APP_SECRET": SECRET}
        command = [sys.executable, "-c", COMMAND, "--bind", f"127.0.0.1:{self._port}", *self._arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603 - our own
        line = self.process.stdout.readline() if self.process.stdout else ""
        self.url = line.split()[-1]
        self._port = int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        self.process.kill()
        self.wait()
        self._client.close()
        self._client = httpx.Client(timeout=10, trust_env=False)

    def wait(self) -> int:
        """How it ended."""
        code = self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A question to the API, with the token."""
        return self._client.request(method, self.url + path, headers={"Authorization": f"Bearer {TOKEN}"}, **options)

    def arm(self, path: str, **answer: Any) -> None:
        self.ask("PUT", "/api/armings", json={"path": path, **answer}).raise_for_status()

    def send(self, path: str, **options: Any) -> httpx.Response:
        """A callback."""
        return self._client.post(self.url + path, **options)

    def exported(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ask("GET", "/api/export").text.splitlines()]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A service of its own."""
    service = Running(tmp_path / "callbacks.db")
    service.start()
    yield service
    service.kill()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One service for all tests of a module, which verifies signatures; each test takes a path of its own."""
    service = Running(tmp_path_factory.mktemp("capture") / "callbacks.db", "--secret-env", "APP_SECRET")
    service.start()
    yield service
    service.kill()
