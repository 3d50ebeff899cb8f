"""What is measured: broken and lawful providers, the cases of the suites, and one run of all cases against a provider."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import payconform.sandbox.mutants
import payconform.sandbox.variants  # noqa: F401 -- both enter theirs in the catalogue
from payconform.assembly import Run
from payconform.authoring import Case, CaseFamily
from payconform.early_end import EarlyEnd
from payconform.engine.invariants import RULES
from payconform.model.clause import Mode
from payconform.model.profile import Profile
from payconform.model.run import Record
from payconform.sandbox.catalogue import MUTANTS, VARIANTS, Mutant, Variant
from payconform.sandbox.server import Sandbox

ROOT = Path(__file__).parents[1]
SEED = 1
WATCH_S = 0.1
ANYWHERE = frozenset(product(RULES, Mode))

T = TypeVar("T")


def every(step: int, entries: Iterable[T]) -> list[T]:
    """Every step-th entry: the catalogue is in the order of the chapters, so each chapter has its share."""
    return list(entries)[::step]


def mutants(step: int = 1) -> list[Mutant]:
    return every(step, MUTANTS.values())


def variants(step: int = 1) -> list[Variant]:
    return every(step, VARIANTS.values())


def cases() -> tuple[Case, ...]:
    """Every case that the suites declare."""
    declared = (value for module in _modules() for value in vars(module).values() if isinstance(value, CaseFamily))
    return tuple(case for family in declared for case in family.cases)


def of_plan(cases: Sequence[Case], plan: str) -> tuple[Case, ...]:
    """The cases of a plan: the quick one leaves some out."""
    return tuple(case for case in cases if case.is_in(plan))


def run_suites(
    entry: Mutant | Variant,
    chosen: Sequence[Case],
    seed: int = SEED,
    *,
    adapt: Callable[[Profile], Profile] = lambda profile: profile,
) -> tuple[Record, ...]:
    """All records of one run of the cases against a provider of its own, with the profile that fits it, adapted."""
    with Sandbox(entry.provider, entry.settings) as sandbox:
        return asked_of(adapt(entry.profile(sandbox.url)), chosen, seed=seed)


def asked_of(
    profile: Profile, chosen: Sequence[Case], plan: str = "default", seed: int = SEED, *, first_only: bool = False
) -> tuple[Record, ...]:
    """All records of one run of the cases against the target of a profile.

    With `first_only` the run ends early, once anything failed, as with `pytest -x`.
    """
    run = Run(profile, None, seed=seed, plan_name=plan)
    asked = run.plan(chosen)
    if first_only:
        EarlyEnd(run, 1, asked, ANYWHERE).ask(asked, partial(_watch, run))
    else:
        run.runner.start(asked)
        _watch(run, asked)
    return run.conclude()


@contextmanager
def serving(entry: Mutant | Variant) -> Iterator[str]:
    """The address of a provider that runs in a process of its own, so that whoever asks it does not share its time."""
    kind = "--mutant" if isinstance(entry, Mutant) else "--variant"
    payconform = str(Path(sys.executable).with_name("payconform"))
    command = [payconform, "sandbox", "--port", "0", kind, entry.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- our own command
        try:
            greeting = process.stdout.readline() if process.stdout else ""
            yield greeting.split()[-1]
        finally:
            process.terminate()


def _watch(run: Run, asked: Sequence[Case], enough: Callable[[], bool] = lambda: False) -> None:
    for case in asked:
        while not run.runner.ended(case, WATCH_S):
            if enough():
                return


def _modules() -> Iterator[ModuleType]:
    """The modules of the suites, loaded by path as pytest does."""
    suites = ROOT / "suites"
    for path in sorted(suites.rglob("test_*.py")):
        name = "bench_suites." + ".".join(path.relative_to(suites).with_suffix("").parts)
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path.name} cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
