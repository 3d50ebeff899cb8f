"""What the matrix is made of: the cases of the suites, and one run of them against a mutant or a variant."""

import importlib.util
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from payconform.assembly import Run
from payconform.authoring import Case, CaseFamily, Invariants
from payconform.model.profile import Profile
from payconform.model.run import Record
from payconform.sandbox.catalogue import Mutant, Variant
from payconform.sandbox.server import Sandbox

SUITES = Path(__file__).parents[2] / "suites"
SEED = 1

Declaration = CaseFamily | Invariants
Conduct = Callable[[Mutant | Variant, Sequence[Case], str], tuple[Record, ...]]


@pytest.fixture(scope="session")
def declarations() -> tuple[Declaration, ...]:
    """Everything that the suites declare."""
    return tuple(_declarations(_module(path) for path in sorted(SUITES.rglob("test_*.py"))))


@pytest.fixture(scope="session")
def every_case(declarations: Sequence[Declaration]) -> tuple[Case, ...]:
    """Every case of the suites."""
    return tuple(case for declared in declarations if isinstance(declared, CaseFamily) for case in declared.cases)


@pytest.fixture(scope="session")
def conduct() -> Conduct:
    """Runs cases against a sandbox with one mutant or variant, and answers the records of the run."""
    return _conduct


def _conduct(entry: Mutant | Variant, cases: Sequence[Case], plan: str) -> tuple[Record, ...]:
    with Sandbox(entry.provider, entry.settings) as sandbox:
        profile = entry.profile(sandbox.url)
        if isinstance(entry, Variant):
            profile = _waiting(profile, deadline_s=30.0)
        elif plan == "quick":
            profile = _waiting(profile, deadline_s=1.5)
        else:
            profile = _waiting(profile, deadline_s=15.0, quiet_window_s=3.0)
        run = Run(profile, None, seed=SEED, plan_name=plan)
        asked = run.plan(cases)
        run.runner.start(asked)
        for case in asked:
            run.runner.ended(case)
        return run.conclude()


def _waiting(profile: Profile, deadline_s: float, quiet_window_s: float = 1.0) -> Profile:
    """The same profile with less patience, for a mutant that never sends what is awaited, or with more, for whoever sends all.

    Tests run side by side: whoever sends hundreds of orders meanwhile may send a callback seconds late, and would at full speed.
    """
    callbacks = msgspec.structs.replace(profile.callbacks, deadline_s=deadline_s, quiet_window_s=quiet_window_s)
    limits = msgspec.structs.replace(profile.limits, requests_per_second=200.0)
    return msgspec.structs.replace(profile, callbacks=callbacks, limits=limits)


def _module(path: Path) -> ModuleType:
    name = "matrix." + ".".join(path.relative_to(SUITES).with_suffix("").parts)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _declarations(modules: Iterable[ModuleType]) -> Iterable[Declaration]:
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, (CaseFamily, Invariants)):
                yield value
