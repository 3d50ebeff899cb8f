"""The options of a run, checked before anything is collected: a mistake is one line and exit code 4."""

import hashlib
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from payconform.claims import baseline
from payconform.gate.claim import Claim
from payconform.gate.files import load_policy, load_waivers
from payconform.journal.reading import JournalError
from payconform.model.profile import Profile
from payconform.model.ruling import Policy, Waiver
from payconform.profile.loading import load, refuse_live
from payconform.profile.mistakes import FileError, ProfileError
from payconform.pytest_plugin.parts import Part
from payconform.sandbox.profile import sandbox_profile

_T = TypeVar("_T")
MOST_SEED = 2**31
WHO_RUNS_A_JOB = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN")


class Options(NamedTuple):
    """What the command line asked for. `profile` is None for the embedded sandbox, and `profile_sha256` then "".

    `policy` is None where neither a policy, waivers nor a baseline were given: then the verdict alone makes the exit code. With
    `captured` callbacks nothing is sent: they are judged, beside `orders` if any are given, and on a cluster if it has a
    `scheduler`.
    """

    profile: Profile | None
    reports: Path
    seed: int
    plan: str
    shards: Path | None
    worker: str
    part: Part
    profile_sha256: str
    run_by: str
    policy: Policy | None
    waivers: tuple[Waiver, ...]
    baseline: Claim | None
    captured: tuple[str, ...]
    orders: tuple[str, ...]
    scheduler: str
    command: tuple[str, ...]

    @classmethod
    def of(cls, config: pytest.Config) -> "Options":
        worker: dict[str, Any] = getattr(config, "workerinput", {})
        given = config.getoption("seed")
        return cls(
            profile=_profile(config),
            reports=_reports(config),
            seed=worker.get("payconform_seed", secrets.randbelow(MOST_SEED) if given is None else given),
            plan=config.getoption("plan"),
            shards=Path(worker["payconform_shards"]) if worker else None,
            worker=worker.get("workerid", ""),
            part=_part(config),
            policy=_policy(config),
            waivers=_waivers(config),
            baseline=_baseline(config),
            command=tuple(worker.get("mainargv", sys.argv)),
            profile_sha256=_profile_sha256(config),
            captured=_captured(config),
            orders=tuple(config.getoption("orders") or ()),
            scheduler=config.getoption("scheduler") or "",
            run_by=config.getoption("run_by") or next(filter(None, map(os.environ.get, WHO_RUNS_A_JOB)), ""),
        )


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("payconform", "conformance of a card-payment provider")
    group.addoption("--profile", metavar="FILE", help="the profile of the target (default: the embedded sandbox)")
    group.addoption("--reports", metavar="DIR", help="where reports are written (default: reports/ of the root directory)")
    group.addoption("--seed", type=int, metavar="N", help="the seed of everything drawn at random (default: a new one)")
    group.addoption("--plan", choices=("quick", "default", "deep"), default="default", help="how much is asked of the target")
    group.addoption("--shard", metavar="I/N", help="run the I-th of N parts of the plan; payconform report joins their journals")
    group.addoption("--policy", metavar="FILE", help="let the exit code follow a gate's policy, as payconform gate does")
    group.addoption("--baseline", metavar="FILE", help="the last certified run: reports tell what changed, what got worse blocks")
    group.addoption("--waivers", metavar="FILE", help="known deviations, and until when they are borne")
    group.addoption("--captured", action="extend", nargs="+", metavar="PATH", help="judge captured callbacks, and send nothing")
    group.addoption("--orders", action="append", metavar="FILE", help="what was sent: a journal, CSV, JSON lines or Parquet")
    group.addoption("--scheduler", metavar="ADDRESS", help="the Dask cluster that judges what is --captured")
    group.addoption("--run-by", metavar="NAME", help="who runs it, for the reports (default: whom the CI job names)")
    group.addoption("--allow-live", action="store_true", help="accept a target that is not declared a sandbox")


def _profile(config: pytest.Config) -> Profile | None:
    given = config.getoption("profile")
    if given is None:
        return None
    try:
        profile = load(config.invocation_params.dir / given, os.environ)
        if not config.getoption("captured"):  # what is only judged cannot do harm
            refuse_live(profile, allow_live=config.getoption("allow_live"))
    except ProfileError as error:
        raise pytest.UsageError(str(error)) from None
    return profile


def _captured(config: pytest.Config) -> tuple[str, ...]:
    paths = config.getoption("captured")
    if paths is None:
        for name in ("orders", "scheduler"):
            if config.getoption(name):
                raise pytest.UsageError(f"--{name}: it is for captured callbacks: name them with --captured PATH")
        return ()
    if "-" in paths:
        raise pytest.UsageError("--captured -: standard input belongs to pytest; payconform validate reads it")
    for name, given in (("--shard", config.getoption("shard")), ("-n", config.getoption("numprocesses", None))):
        if given:
            raise pytest.UsageError(f"{name}: captured callbacks are judged as a whole, on all cores without it: leave it out")
    return tuple(paths)


def _profile_sha256(config: pytest.Config) -> str:
    """The digest of the profile's file as it stands, with the names of its secrets' variables, as sha256sum gives it."""
    given = config.getoption("profile")
    return "" if given is None else hashlib.sha256((config.invocation_params.dir / given).read_bytes()).hexdigest()


def _part(config: pytest.Config) -> Part:
    given = config.getoption("shard")
    part = Part() if given is None else Part.named(given)
    if part is None:
        raise pytest.UsageError(f"--shard: {given!r} is not a part of a plan; allowed is I/N such as 1/3, with I from 1 to N")
    return part


def _policy(config: pytest.Config) -> Policy | None:
    policy, others = config.getoption("policy"), config.getoption("waivers") or config.getoption("baseline")
    if (policy or others) and config.getoption("shard"):
        raise pytest.UsageError(
            "--shard: a part of a plan passes no gate; give --policy, --waivers and --baseline to payconform gate"
        )
    if policy is None:
        return Policy() if others else None
    return _loaded(load_policy, config.invocation_params.dir / policy)


def _waivers(config: pytest.Config) -> tuple[Waiver, ...]:
    given = config.getoption("waivers")
    return () if given is None else _loaded(load_waivers, config.invocation_params.dir / given)


def _baseline(config: pytest.Config) -> Claim | None:
    given = config.getoption("baseline")
    if given is None or hasattr(config, "workerinput"):
        return None
    profile = _profile(config) or (None if config.getoption("captured") else sandbox_profile(""))
    return _loaded(lambda path: baseline(path, profile.target.name if profile else None), config.invocation_params.dir / given)


def _loaded(load_file: Callable[[Path], _T], path: Path) -> _T:
    try:
        return load_file(path)
    except (FileError, JournalError) as error:
        raise pytest.UsageError(str(error)) from None


def _reports(config: pytest.Config) -> Path:
    given = config.getoption("reports")
    return config.rootpath / "reports" if given is None else config.invocation_params.dir / given
