"""The options of a run, checked before anything is collected: a mistake is one line and exit code 4."""

import os
import secrets
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from payconform.model.profile import Profile
from payconform.profile.loading import load, refuse_live
from payconform.profile.mistakes import ProfileError

MOST_SEED = 2**31


class Options(NamedTuple):
    """What the command line asked for. `profile` is None for the embedded sandbox."""

    profile: Profile | None
    reports: Path
    seed: int
    plan: str
    shards: Path | None
    worker: str

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
        )


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("payconform", "conformance of a card-payment provider")
    group.addoption("--profile", metavar="FILE", help="the profile of the target (default: the embedded sandbox)")
    group.addoption("--reports", metavar="DIR", help="where reports are written (default: reports/ of the root directory)")
    group.addoption("--seed", type=int, metavar="N", help="the seed of everything drawn at random (default: a new one)")
    group.addoption("--plan", choices=("quick", "default", "deep"), default="default", help="how much is asked of the target")
    group.addoption("--allow-live", action="store_true", help="accept a target that is not declared a sandbox")


def _profile(config: pytest.Config) -> Profile | None:
    given = config.getoption("profile")
    if given is None:
        return None
    try:
        profile = load(config.invocation_params.dir / given, os.environ)
        refuse_live(profile, allow_live=config.getoption("allow_live"))
    except ProfileError as error:
        raise pytest.UsageError(str(error)) from None
    return profile


def _reports(config: pytest.Config) -> Path:
    given = config.getoption("reports")
    return config.rootpath / "reports" if given is None else config.invocation_params.dir / given
