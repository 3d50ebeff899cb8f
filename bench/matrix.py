"""Which clauses each mutant fails, and that no lawful variant fails any: `python -m bench.matrix` writes `docs/matrix.md`.

Every case of the suites runs against every provider, once a seed. Runs wait half of their time, so several go at once.
"""

import argparse
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache
from itertools import repeat

from msgspec import Struct, structs

from bench.subjects import ROOT, cases, mutants, run_suites, variants
from payconform.authoring import Case
from payconform.model.finding import Finding, Outcome
from payconform.model.profile import Profile
from payconform.sandbox.catalogue import MUTANTS, VARIANTS

PATIENCE_S = 30.0
"""For callbacks of lawful variants: one that is late because the machine is busy is not late."""
PER_SECOND = 200.0
"""Requests of one run: at full speed, runs that share a machine hold up each other's callbacks."""

HEAD = """\
# Matrix: what each mutant fails

Every case of the suites, by the default plan, against every mutant and every lawful variant of the sandbox: measured {date} on
{cores} cores with Python {python}, by `tox run -e bench-matrix` (seeds: {seeds}).

| seed | mutants whose clause failed or warned | variants with a failed finding |
| --- | --- | --- |
{totals}

## Mutants

*Breaks* is what the mutant was made to break, *fails* and *warns* what the run with seed {first} said of it.{missed}

| mutant | breaks | fails | warns |
| --- | --- | --- | --- |
{mutants}

## Variants

Ways in which a provider may differ where the documentation is silent: none of them may fail. As several runs shared the machine,
callbacks of these were waited for {patience:g} s, and every run sent {per_second:g} requests a second at most.

| variant | how it differs | fails | warns |
| --- | --- | --- | --- |
{variants}
"""


class Ran(Struct, frozen=True, kw_only=True):
    """What one run said of a provider: the clauses that failed and those that warned in any mode."""

    name: str
    seed: int
    failed: tuple[str, ...]
    warned: tuple[str, ...]

    @property
    def caught(self) -> bool:
        """Whether a clause that the mutant breaks failed, or warned where it is advisory."""
        return bool(set(MUTANTS[self.name].clauses) & {*self.failed, *self.warned})


def ran(name: str, seed: int) -> Ran:
    """One run, in a process of its own choice: what processes hand each other is names."""
    entry = MUTANTS.get(name) or VARIANTS[name]
    records = run_suites(entry, _cases(), seed=seed, adapt=_calm if name in MUTANTS else _patient)
    findings = [record for record in records if isinstance(record, Finding)]
    one = Ran(name=name, seed=seed, failed=_named(findings, Outcome.FAILED), warned=_named(findings, Outcome.WARNED))
    if name in MUTANTS:
        trouble = [] if one.caught else ["missed"]
    else:
        trouble = [f"{finding.clause} {finding.observed}" for finding in findings if finding.outcome is Outcome.FAILED]
    print(f"seed {seed}: {name}{': NOT AS IT SHOULD BE' if trouble else ''}", *trouble, sep="\n  ", file=sys.stderr, flush=True)
    return one


def _calm(profile: Profile) -> Profile:
    return structs.replace(profile, limits=structs.replace(profile.limits, requests_per_second=PER_SECOND))


def _patient(profile: Profile) -> Profile:
    return structs.replace(_calm(profile), callbacks=structs.replace(profile.callbacks, deadline_s=PATIENCE_S))


@cache
def _cases() -> tuple[Case, ...]:
    return cases()


def _named(findings: Iterable[Finding], outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted({finding.clause for finding in findings if finding.outcome is outcome}))


def page(broken: Sequence[Ran], lawful: Sequence[Ran]) -> str:
    """The page of the documentation, Markdown."""
    seeds = list(dict.fromkeys(one.seed for one in broken))
    missed = [f"`{one.name}` with seed {one.seed}" for one in broken if not one.caught]
    return HEAD.format(
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        seeds=", ".join(map(str, seeds)),
        totals="\n".join(_total(seed, broken, lawful) for seed in seeds),
        first=seeds[0],
        missed=f" Missed: {', '.join(missed)}." if missed else "",
        mutants=_rows([one for one in broken if one.seed == seeds[0]]),
        patience=PATIENCE_S,
        per_second=PER_SECOND,
        variants=_rows([one for one in lawful if one.seed == seeds[0]]),
    )


def _total(seed: int, broken: Sequence[Ran], lawful: Sequence[Ran]) -> str:
    mutants_of = [one for one in broken if one.seed == seed]
    variants_of = [one for one in lawful if one.seed == seed]
    caught, blamed = sum(one.caught for one in mutants_of), sum(bool(one.failed) for one in variants_of)
    return f"| {seed} | {caught} of {len(mutants_of)} | {blamed} of {len(variants_of)} |"


def _rows(several: Iterable[Ran]) -> str:
    return "\n".join(_row(one) for one in several)


def _row(one: Ran) -> str:
    about = " ".join(MUTANTS[one.name].clauses) if one.name in MUTANTS else VARIANTS[one.name].statement
    return f"| {one.name} | {about} | {' '.join(one.failed)} | {' '.join(one.warned)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.matrix", description=__doc__, allow_abbrev=False)
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="runs at once (default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], metavar="N", help="a run for each (default: 1 2 3)")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every N-th mutant and variant (default: all)")
    options = parser.parse_args()
    names = [entry.name for entry in mutants(options.sample)] + [entry.name for entry in variants(options.sample)]
    every: list[Ran] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for seed in options.seeds:  # written after each, as all of them take an hour
            every += pool.map(ran, names, repeat(seed))
            broken = [one for one in every if one.name in MUTANTS]
            (ROOT / "docs" / "matrix.md").write_text(page(broken, [one for one in every if one.name in VARIANTS]))


if __name__ == "__main__":
    main()
