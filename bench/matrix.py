"""Which clauses each mutant fails, and that no lawful variant fails any: `python -m bench.matrix` writes `docs/matrix.md`.

Every case of the suites runs against every provider, once a seed. Runs wait most of their time, so several go at once.
"""

import argparse
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from msgspec import Struct

from bench.subjects import ROOT, cases, mutants, run_suites, variants
from payconform.authoring import Case
from payconform.model.finding import Finding, Outcome
from payconform.sandbox.catalogue import Mutant, Variant

HEAD = """\
# Matrix: what each mutant fails

Every case of the suites, by the default plan, against every mutant and every lawful variant of the sandbox: measured {date} on
{cores} cores with Python {python}, by `tox run -e bench-matrix`, with the seeds {seeds}.

| seed | mutants whose clause failed or warned | variants with a failed finding |
| --- | --- | --- |
{totals}

## Mutants

*Breaks* is what the mutant was made to break, *fails* and *warns* what the run with seed {first} said of it.{missed}

| mutant | breaks | fails | warns |
| --- | --- | --- | --- |
{mutants}

## Variants

Ways in which a provider may differ where the documentation is silent: none of them may fail.

| variant | how it differs | fails | warns |
| --- | --- | --- | --- |
{variants}
"""


class Ran(Struct, frozen=True, kw_only=True):
    """What one run said of a provider: the clauses that failed and those that warned in any mode."""

    entry: Mutant | Variant
    seed: int
    failed: tuple[str, ...]
    warned: tuple[str, ...]

    @property
    def caught(self) -> bool:
        """Whether a clause that the mutant breaks failed, or warned where it is advisory."""
        broken = self.entry.clauses if isinstance(self.entry, Mutant) else ()
        return bool(set(broken) & {*self.failed, *self.warned})


def ran(entry: Mutant | Variant, chosen: Sequence[Case], seed: int) -> Ran:
    findings = [record for record in run_suites(entry, chosen, seed=seed) if isinstance(record, Finding)]
    one = Ran(entry=entry, seed=seed, failed=_named(findings, Outcome.FAILED), warned=_named(findings, Outcome.WARNED))
    trouble = not one.caught if isinstance(entry, Mutant) else bool(one.failed)
    print(f"seed {seed}: {entry.name}{': NOT AS IT SHOULD BE' if trouble else ''}", file=sys.stderr, flush=True)
    return one


def _named(findings: Iterable[Finding], outcome: Outcome) -> tuple[str, ...]:
    return tuple(sorted({finding.clause for finding in findings if finding.outcome is outcome}))


def page(broken: Sequence[Ran], lawful: Sequence[Ran]) -> str:
    """The page of the documentation, Markdown."""
    seeds = list(dict.fromkeys(one.seed for one in broken))
    missed = [f"`{one.entry.name}` with seed {one.seed}" for one in broken if not one.caught]
    return HEAD.format(
        date=datetime.now(UTC).date(),
        cores=os.cpu_count(),
        python=platform.python_version(),
        seeds=", ".join(map(str, seeds)),
        totals="\n".join(_total(seed, broken, lawful) for seed in seeds),
        first=seeds[0],
        missed=f" Missed: {', '.join(missed)}." if missed else "",
        mutants=_rows([one for one in broken if one.seed == seeds[0]]),
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
    about = " ".join(one.entry.clauses) if isinstance(one.entry, Mutant) else one.entry.statement
    return f"| {one.entry.name} | {about} | {' '.join(one.failed)} | {' '.join(one.warned)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.matrix", description=__doc__, allow_abbrev=False)
    parser.add_argument("--jobs", type=int, default=4, metavar="N", help="runs at once (default: %(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], metavar="N", help="a run for each (default: 1 2 3)")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every N-th mutant and variant (default: all)")
    options = parser.parse_args()
    chosen = cases()
    entries = [(entry, seed) for seed in options.seeds for entry in (*mutants(options.sample), *variants(options.sample))]
    with ThreadPoolExecutor(options.jobs) as pool:
        every = list(pool.map(lambda pair: ran(pair[0], chosen, pair[1]), entries))
    target = ROOT / "docs" / "matrix.md"
    target.write_text(
        page(
            [one for one in every if isinstance(one.entry, Mutant)],
            [one for one in every if isinstance(one.entry, Variant)],
        )
    )


if __name__ == "__main__":
    main()
