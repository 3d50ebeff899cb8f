"""Measures how fast archives are judged, against parsing and schema validation alone, and whether every planted fault is found.

    python -m bench.archives [--callbacks 1000000] [--rounds 3] [--keep FOLDER]

Every measurement is a process of its own, one after the other, on the same archive, in rounds of which the best counts. That of
the full judgement is the whole command, from its start to its last report; that of the others is their loop alone. Rates are by
the time that processors worked for it, so that a machine that others use too falsifies them less; seconds are those of the clock.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.planting import Planted, plant

SHARE = 0.001
SAMPLE = 20_000  # of the loop with jsonschema, which takes minutes for a million
COMMAND = "import sys; from payconform.cli import main; sys.exit(main())"
TICK_S = 0.2


class Measured(NamedTuple):
    """What one way came to: callbacks, seconds by the clock and of the processors, and its largest memory (MB, all processes)."""

    name: str
    records: int
    seconds: float
    worked: float
    megabytes: float

    @property
    def rate(self) -> float:
        """Callbacks in a second of one processor."""
        return self.records / self.worked


def orjson_loop(path: Path) -> tuple[int, float, float]:
    import orjson  # noqa: PLC0415 -- each loop pays for its own

    def parsed(line: bytes) -> bool:
        try:
            orjson.loads(line)
        except ValueError:
            return False
        return True

    return _looped(path, parsed)


def rs_loop(path: Path) -> tuple[int, float, float]:
    import jsonschema_rs  # noqa: PLC0415 -- as above
    import orjson  # noqa: PLC0415 -- as above

    from payconform.contract.schemas import schema  # noqa: PLC0415 -- as above

    validator = jsonschema_rs.validator_for(schema("callback/payment"))

    def valid(line: bytes) -> bool:
        try:
            return bool(validator.is_valid(orjson.loads(line)))
        except ValueError:
            return False

    return _looped(path, valid)


def jsonschema_loop(path: Path) -> tuple[int, float, float]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 -- as above

    from payconform.contract.schemas import schema  # noqa: PLC0415 -- as above

    validator = Draft202012Validator(schema("callback/payment"))

    def valid(line: bytes) -> bool:
        try:
            return bool(validator.is_valid(json.loads(line)))
        except ValueError:
            return False

    return _looped(path, valid, SAMPLE)


LOOPS = {"orjson": orjson_loop, "orjson + jsonschema-rs": rs_loop, "jsonschema": jsonschema_loop}


def _looped(path: Path, look: Callable[[bytes], bool], most: int = sys.maxsize) -> tuple[int, float, float]:
    count = 0
    began, idle = time.perf_counter(), time.process_time()
    with path.open("rb") as file:
        for line in file:
            look(line)
            count += 1
            if count >= most:
                break
    return count, time.perf_counter() - began, time.process_time() - idle


def of_loop(name: str, path: Path) -> Measured:
    """One loop, in a process of its own."""
    told, _, _, megabytes = _watched([sys.executable, "-m", "bench.archives", "--loop", name, "--archive", str(path)])
    count, seconds, worked = json.loads(told)
    return Measured(name, count, seconds, worked, megabytes)


def of_judgement(path: Path, workers: int, reports: Path) -> Measured:
    """The full judgement, as a user starts it."""
    asked = ["validate", str(path), "--dialect", "lesspay2", "--workers", str(workers), "--reports", str(reports)]
    _, seconds, worked, megabytes = _watched([sys.executable, "-c", COMMAND, *asked], fails=True)
    count = json.loads((reports / "verdict.json").read_bytes())["counts"]["callbacks"]
    return Measured(f"full judgement, {workers} core{'s' * (workers > 1)}", count, seconds, worked, megabytes)


def _watched(command: Sequence[str], *, fails: bool = False) -> tuple[str, float, float, float]:
    """What a command says, its seconds by the clock and of the processors, and the largest memory of it and its children."""
    began, idle, most = time.perf_counter(), _worked(), 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- our own
        tree = psutil.Process(process.pid)
        while process.poll() is None:
            most = max(most, _resident(tree))
            time.sleep(TICK_S)
        told = process.stdout.read() if process.stdout else ""
    if process.returncode != fails:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return told, time.perf_counter() - began, _worked() - idle, most / 1e6


def _worked() -> float:
    """Seconds that processors worked for children that have ended, and for theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _resident(tree: psutil.Process) -> int:
    """Memory of a process and its children, pages that they share counted once each."""
    total = 0
    try:
        for process in (tree, *tree.children(recursive=True)):
            total += process.memory_full_info().pss
    except psutil.Error:  # one of them ended meanwhile
        pass
    return total


def _best(measured: Sequence[Measured]) -> Measured:
    """The least time, by the clock and of the processors, and the most memory."""
    return measured[0]._replace(
        seconds=min(one.seconds for one in measured),
        worked=min(one.worked for one in measured),
        megabytes=max(one.megabytes for one in measured),
    )


def missed(planted: Sequence[Planted], reports: Path) -> tuple[int, int, int]:
    """How many planted lines were found with their clause, how many were not, and how many others were found."""
    found = {record["line"]: record["clauses"] for record in map(json.loads, (reports / "offending.jsonl").open())}
    named = [one for one in planted if one.clause in found.get(one.line, ())]
    return len(named), len(planted) - len(named), len(found.keys() - {one.line for one in planted})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callbacks", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a folder that keeps the archive and the reports")
    parser.add_argument("--loop", choices=LOOPS, help=argparse.SUPPRESS)
    parser.add_argument("--archive", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.loop:
        print(json.dumps(LOOPS[options.loop](options.archive)))
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure(options.callbacks, options.rounds, options.keep or Path(folder))


def _measure(callbacks: int, rounds: int, folder: Path) -> None:
    archive = folder / "callbacks.jsonl"
    planted = plant(archive, callbacks, SHARE)
    size = archive.stat().st_size
    print(f"{platform.platform()}, Python {platform.python_version()}, {psutil.cpu_count()} cores")
    print(f"{callbacks:,} callbacks, {size / callbacks:.0f} bytes each, {len(planted):,} of them broken\n")
    reports = {workers: folder / f"reports-{workers}" for workers in (1, 2)}
    measured = []
    for _ in range(rounds):
        measured += [of_loop(name, archive) for name in LOOPS]
        measured += [of_judgement(archive, workers, where) for workers, where in reports.items()]
    by_name = {one.name: _best([other for other in measured if other.name == one.name]) for one in measured}
    plain, slow = by_name["orjson + jsonschema-rs"].rate, by_name["jsonschema"].rate
    print("| | callbacks | seconds | µs of a processor each | of the orjson + jsonschema-rs loop | MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for one in by_name.values():
        speed = f"{one.seconds:.1f} | {1e6 / one.rate:.2f} | {one.rate / plain:.0%} | {one.megabytes:.0f}"
        print(f"| {one.name} | {one.records:,} | {speed} |")
    single, double = (by_name[f"full judgement, {cores}"] for cores in ("1 core", "2 cores"))
    faster = single.seconds / double.seconds
    print(f"\none core is {single.rate / slow:.0f} times jsonschema; two are {faster:.2f} times one by the clock")
    print(f"machine load: {', '.join(f'{load:.1f}' for load in psutil.getloadavg())}")
    for workers, where in reports.items():
        found, lost, others = missed(planted, where)
        print(f"{workers} worker(s): {found:,} planted faults found, {lost} missed, {others} alarms on conforming callbacks")


if __name__ == "__main__":
    main()
