"""Killed at any moment under load, the service has everything that it acknowledged."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from tests.unit.capture.conftest import Running

SENDERS = 8


class Senders:
    """Send callbacks of which each names itself, one after the other over kept connections, whatever becomes of the service."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._numbers = count(1)
        self._stopping = threading.Event()
        self.acknowledged: list[int] = []
        self._threads = [threading.Thread(target=self._send_all, daemon=True) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)

    def _send_all(self) -> None:
        while not self._stopping.is_set():
            connection = http.client.HTTPConnection(self._address, timeout=5)
            try:
                while not self._stopping.is_set():
                    self._send(connection, next(self._numbers))
            except (OSError, http.client.HTTPException):
                self._stopping.wait(0.02)
            finally:
                connection.close()

    def _send(self, connection: http.client.HTTPConnection, number: int) -> None:
        connection.request("POST", f"/load/{number}", body=json.dumps({"number": number}))
        response = connection.getresponse()
        if (response.status, response.read()) == (200, b"SUCCESS"):
            self.acknowledged.append(number)


def test_nothing_acknowledged_is_lost_when_the_service_is_killed(running: "Running", pytestconfig: pytest.Config) -> None:
    kills, moments = pytestconfig.getoption("kills"), random.Random()  # noqa: S311 -- no secret
    running.arm("/load/", prefix=True)
    senders = Senders(running.url)
    under_load = 0
    for _ in range(kills):
        before = len(senders.acknowledged)
        time.sleep(moments.uniform(0.05, 0.6))
        running.kill()
        under_load += len(senders.acknowledged) > before
        running.start()
    time.sleep(0.3)
    senders.stop()
    exported = running.exported()
    kept = Counter(int(record["path"].rpartition("/")[2]) for record in exported)
    lost = set(senders.acknowledged) - kept.keys()
    print(f"{len(senders.acknowledged)} acknowledged, {len(exported)} kept, {len(lost)} lost in {kills} kills")  # noqa: T201 -- with -s
    assert lost == set()
    assert set(kept.values()) == {1}
    assert all(json.loads(record["body"])["number"] == int(record["path"].rpartition("/")[2]) for record in exported)
    assert under_load >= kills * 0.6, "most kills must come while callbacks are acknowledged"
