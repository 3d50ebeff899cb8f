"""Sends callbacks as fast as they are answered: wrk where it is installed, else this module in a process of its own."""

import asyncio
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

from msgspec import Struct

ROOT = Path(__file__).parents[1]
BODY = (ROOT / "tests" / "data" / "documentation" / "callback.json").read_bytes()
HEADERS = {
    "User-Agent": "Apache-HttpClient/4.5.13 (Java/17)",
    "Content-Type": "application/json;charset=UTF-8",
    "Accept-Encoding": "gzip,deflate",
    "x-auth-signature": hashlib.sha256(BODY).hexdigest().upper(),
}
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class Load(Struct, frozen=True, kw_only=True):
    """What came of it. Times are in milliseconds; `failed` counts answers other than 200 and broken connections."""

    rate: float
    p50: float
    p99: float
    failed: int


def load(url: str, connections: int, seconds: float) -> Load:
    """Send callbacks to one URL over some connections, each waiting for its answer before it sends the next."""
    return _wrk(url, connections, seconds) if shutil.which("wrk") else _python(url, connections, seconds)


def generator() -> str:
    """What sends the load, as a report names it."""
    return "wrk" if shutil.which("wrk") else "a Python process"


def _wrk(url: str, connections: int, seconds: float) -> Load:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f'wrk.method = "POST"\nwrk.body = [[{BODY.decode()}]]\n')
        script.writelines(f'wrk.headers["{name}"] = "{value}"\n' for name, value in HEADERS.items())
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--latency", "-s", script.name, url]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 -- our own command
    failed = sum(int(number) for number in re.findall(r"(?:Non-2xx or 3xx responses: |(?:read|write|timeout) )([0-9]+)", said))
    rate = float(re.findall(r"Requests/sec: +([0-9.]+)", said)[0])
    return Load(rate=rate, p50=_milliseconds(said, "50%"), p99=_milliseconds(said, "99%"), failed=failed)


def _milliseconds(said: str, share: str) -> float:
    value, unit = re.findall(rf"{share} +([0-9.]+)(us|ms|s|m)\b", said)[0]
    return float(value) * UNITS_MS[unit]


def _python(url: str, connections: int, seconds: float) -> Load:
    command = [sys.executable, "-m", "bench.load", url, str(connections), str(seconds)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout  # noqa: S603 -- ourselves
    return Load(**json.loads(said))


class _Sender(asyncio.Protocol):
    """One connection. An answer is complete with its blank line and the seven letters of SUCCESS."""

    def __init__(self, request: bytes, times: list[float]) -> None:
        self._request = request
        self._times = times
        self._heard = b""
        self.failed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 -- what TCP connections have
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, _, body = self._heard.partition(b"\r\n\r\n")
        if len(body) < len(b"SUCCESS"):
            return
        self._times.append(time.perf_counter() - self._sent)
        self.failed += not head.startswith(b"HTTP/1.1 200")
        self._heard = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.failed += exc is not None

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)


async def _send_for(url: str, connections: int, seconds: float) -> Load:
    parts = urlsplit(url)
    headers = {"Host": parts.netloc, "Content-Length": str(len(BODY)), **HEADERS}
    head = f"POST {parts.path}?{parts.query} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = head.encode() + b"\r\n" + BODY
    times: list[float] = []
    loop = asyncio.get_running_loop()
    host, port = parts.hostname or "", parts.port or 80
    made = [await loop.create_connection(lambda: _Sender(request, times), host, port) for _ in range(connections)]
    began = time.perf_counter()
    await asyncio.sleep(seconds)
    cuts = quantiles(times, n=100)
    return Load(
        rate=len(times) / (time.perf_counter() - began),
        p50=cuts[49] * 1000,
        p99=cuts[98] * 1000,
        failed=sum(sender.failed for _, sender in made),
    )


if __name__ == "__main__":
    measured = asyncio.run(_send_for(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
    print(json.dumps({name: getattr(measured, name) for name in measured.__struct_fields__}))
