"""Which clauses each mutant fails: `python -m bench.matrix` runs all cases against every mutant and writes `docs/matrix.md`.

Runs wait most of their time, so several go at once.
"""

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from bench.subjects import ROOT, cases, mutants, run_suites
from payconform.authoring import Case
from payconform.model.finding import Finding, Outcome
from payconform.sandbox.catalogue import Mutant

HEAD = """\
# Matrix: what each mutant fails

Every case of the suites against every mutant of the sandbox, as of {date}, by `tox run -e bench-matrix`. *Breaks* is what the
mutant was made to break, *fails* and *warns* what the run said of it; {missed} of {all} mutants failed and warned of nothing.

| mutant | breaks | fails | warns |
| --- | --- | --- | --- |
"""


def row(mutant: Mutant, chosen: Sequence[Case]) -> tuple[str, str, str, str]:
    """A line of the table: the mutant, what it breaks, and what it fails and warns of."""
    findings = [record for record in run_suites(mutant, chosen) if isinstance(record, Finding)]
    return mutant.name, " ".join(mutant.clauses), named(findings, Outcome.FAILED), named(findings, Outcome.WARNED)


def named(findings: Iterable[Finding], outcome: Outcome) -> str:
    """The clauses that have the outcome in any mode."""
    return " ".join(sorted({finding.clause for finding in findings if finding.outcome is outcome}))


def page(rows: Sequence[tuple[str, str, str, str]]) -> str:
    missed = sum(not fails and not warns for _, _, fails, warns in rows)
    head = HEAD.format(date=datetime.now(UTC).date(), missed=missed, all=len(rows))
    return head + "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.matrix", description=__doc__, allow_abbrev=False)
    parser.add_argument("--jobs", type=int, default=6, metavar="N", help="runs at once (default: %(default)s)")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every N-th mutant (default: all)")
    options = parser.parse_args()
    chosen = cases()
    with ThreadPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(lambda mutant: row(mutant, chosen), mutants(options.sample)))
    target = ROOT / "docs" / "matrix.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(page(rows))


if __name__ == "__main__":
    main()
