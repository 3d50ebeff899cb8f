"""Capture services to ask: in a process of its own as it is run, or in a thread."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from payconform.adapters.listening import address_of, listen
from payconform.capture.server import Server
from payconform.capture.service import Service as CaptureService
from payconform.capture.service import Settings

ROOT = Path(__file__).parents[3]
COMMAND = "import sys; from payconform.capture.command import run; sys.exit(run(sys.argv[1:]))"
TOKEN = "a-token-of-enough-letters"
SECRET = "s3cr3t-of-the-application"


class Service:
    """A capture service at an address."""

    def __init__(self, url: str = "") -> None:
        self.url = url
        self._client = httpx.Client(timeout=10, trust_env=False)

    def close(self) -> None:
        self._client.close()

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


class Running(Service):
    """A service in a process of its own: start it, kill it, start it again on the same store."""

    def __init__(self, store: Path, *arguments: str) -> None:
        super().__init__()
        self.store = store
        self._arguments = ("--store", str(store), *arguments)
        self._port = 0

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


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A service of its own."""
    service = Running(tmp_path / "callbacks.db")
    service.start()
    yield service
    service.kill()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all tests of a module, which verifies signatures; each test takes a path of its own."""
    store = tmp_path_factory.mktemp("capture") / "callbacks.db"
    server = Server(CaptureService(Settings(store=store, token=TOKEN, secret=SECRET, retention_s=3600.0)))
    with listen("127.0.0.1:0") as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        service = Service(address_of(listener))
        yield service
        service.close()
        server.should_exit = True
        thread.join(10)
