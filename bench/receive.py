"""Measures what it costs the capture service to be sure: `python -m bench.receive`.

The same server with the same masking answers once when a record is on disk and once without writing it, in turns, so that a
busy machine slows both. Goals: at least 60 % of the rate, and a 99th percentile below 100 ms.
"""

import argparse
import os
import platform
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import httpx

from bench.load import ROOT, Load, generator, load
from payconform.adapters.listening import address_of, listen
from payconform.capture.server import serve
from payconform.capture.service import Service, Settings
from payconform.capture.store import Row

CONNECTIONS = (1, 16, 64)
LEAST_SHARE = 0.6
MOST_P99_MS = 100.0
TOKEN = "PAYCONFORM_TOKEN"


class Nowhere:
    """Keeps nothing, at once."""

    async def keep(self, row: Row) -> None:
        """Forget a row."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, and say with the exit code whether the goals are met."""
    options = _parse(argv)
    if options.serve:
        _serve(options.serve, options.store)
        return 0
    print(_head(options))
    print("| connections | without disk, per s | on disk, per s | share | p50 on disk, ms | p99 on disk, ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    met = [_row(connections, _measured(connections, options.rounds, options.seconds)) for connections in CONNECTIONS]
    return 0 if met[-1] else 1


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.receive", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each kind; the median counts")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each round")
    parser.add_argument("--serve", choices=("disk", "nowhere"), help=argparse.SUPPRESS)
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _measured(connections: int, rounds: int, seconds: float) -> dict[str, list[Load]]:
    measured: dict[str, list[Load]] = {"nowhere": [], "disk": []}
    for _ in range(rounds):
        for kind, loads in measured.items():
            with _serving(kind) as url:
                load(f"{url}/bench/callbacks/o1?order=o1", connections, 1.0)
                loads.append(load(f"{url}/bench/callbacks/o1?order=o1", connections, seconds))
    return measured


def _row(connections: int, measured: dict[str, list[Load]]) -> bool:
    without, disk = (median(one.rate for one in measured[kind]) for kind in ("nowhere", "disk"))
    p50, p99 = (median(getattr(one, name) for one in measured["disk"]) for name in ("p50", "p99"))
    print(f"| {connections} | {without:,.0f} | {disk:,.0f} | {disk / without:.0%} | {p50:.1f} | {p99:.1f} |", flush=True)
    failed = sum(one.failed for loads in measured.values() for one in loads)
    if failed:
        print(f"\n{failed} requests failed", flush=True)
    return disk / without >= LEAST_SHARE and p99 < MOST_P99_MS and not failed


def _head(options: argparse.Namespace) -> str:
    parts = "httptools and uvloop" if find_spec("uvloop") and find_spec("httptools") else "h11 and asyncio"
    return (
        f"Measured {datetime.now(UTC).date()} on {os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()} with {parts}, {generator()} beside it, "
        f"{options.rounds} rounds of {options.seconds:g} s each:\n"
    )


@contextmanager
def _serving(kind: str) -> Iterator[str]:
    """A server in a process of its own, with a prefix armed; its URL."""
    token = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(dir=ROOT, prefix=".bench-") as folder:
        command = [sys.executable, "-m", "bench.receive", "--serve", kind, "--store", f"{folder}/callbacks.db"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, TOKEN: token}) as process:  # noqa: S603
            try:
                url = process.stdout.readline().strip() if process.stdout else ""
                arming = {"path": "/bench/", "prefix": True}
                httpx.put(f"{url}/api/armings", json=arming, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
                yield url
            finally:
                process.terminate()


def _serve(kind: str, store: Path) -> None:
    settings = Settings(store=store, token=os.environ[TOKEN])
    service = Service(settings) if kind == "disk" else Service(settings, journal=lambda _: Nowhere())
    listener = listen("127.0.0.1:0")
    print(address_of(listener), flush=True)
    serve(service, listener)


if __name__ == "__main__":
    sys.exit(main())
