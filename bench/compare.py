"""Compares the suites with schemathesis' command line on the same broken and lawful providers: `python -m bench.compare`.

Prints a line for each run, and writes `docs/benchmark.md`. The tools take turns, so that a busy machine slows both.
"""

import argparse
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from msgspec import Struct

from bench import tools
from bench.subjects import ROOT, cases, mutants, variants
from bench.tools import MAX_EXAMPLES, Measured, Tool
from payconform.sandbox.catalogue import Mutant, Variant

NAMES = ("suites, quick plan", "suites, default plan", "schemathesis")

HEAD = """\
# Benchmark: the suites and schemathesis' command line

Measured {date} on {cores} cores with Python {python} and schemathesis {schemathesis}, by `tox run -e bench`: {extent}.
"""

METHOD = """
The tools meet the same embedded providers in the same run, one after the other. The suites run by their quick plan, which asks
about as much as schemathesis does, and by their default plan, which draws orders until a fault that strikes one in 25 shows;
the start of pytest is added to their time. The quick plan finds the most per request and minute; the default plan finds more
mutants at a lower rate, as what strikes seldom takes many orders to show. Schemathesis runs with the hooks and the
configuration of this repository (see [schemathesis.md](schemathesis.md)), a token that pays, and {examples} examples.

A mutant is caught by a failed finding, by a warning of the clause it breaks, or by a failed check. A variant is lawful:
whoever finds fault with it is wrong. The mutants are this project's own, made clause by clause while the suites were
written, so the share that the suites catch says less than one of mutants that nobody tuned to.
"""


class Comparison(Struct, frozen=True, kw_only=True):
    """A provider, and what each tool made of it, in the order of `NAMES`."""

    entry: Mutant | Variant
    measured: tuple[Measured, ...]


def compare(entries: Sequence[Mutant | Variant], contestants: Sequence[Tool]) -> list[Comparison]:
    """Every tool against every provider, with a line for each."""
    compared = []
    for number, entry in enumerate(entries, 1):
        measured = tuple(tool(entry) for tool in contestants)
        compared.append(Comparison(entry=entry, measured=measured))
        told = "; ".join(_told(name, one) for name, one in zip(NAMES, measured, strict=True))
        print(f"{number}/{len(entries)} {entry.name}: {told}", flush=True)
    return compared


def _told(name: str, measured: Measured) -> str:
    verdict = "fault found" if measured.alarmed else "no fault found"
    return f"{name} {verdict}, {measured.requests} requests, {measured.seconds:.1f} s"


def page(broken: Sequence[Comparison], lawful: Sequence[Comparison], extent: str) -> str:
    """The page of the documentation, Markdown."""
    mutant_rows = ([one.entry.name, _broken(one.entry), *_marks(one, "caught", "–")] for one in broken)
    variant_rows = ([one.entry.name, *_marks(one, "false alarm", "")] for one in lawful)
    return "\n".join(
        (
            HEAD.format(
                date=datetime.now(UTC).date(),
                cores=os.cpu_count(),
                python=platform.python_version(),
                schemathesis=version("schemathesis"),
                extent=extent,
            ),
            *_totals(broken, lawful),
            METHOD.format(examples=MAX_EXAMPLES),
            "## Mutants\n",
            *_table(["mutant", "breaks", *NAMES], mutant_rows),
            "\n## Variants\n",
            *_table(["variant", *NAMES], variant_rows),
            "",
        )
    )


def _totals(broken: Sequence[Comparison], lawful: Sequence[Comparison]) -> list[str]:
    columns = [
        _figures([one.measured[tool] for one in broken], [one.measured[tool] for one in lawful]) for tool in range(len(NAMES))
    ]
    return _table(["", *NAMES], ([label, *(column[label] for column in columns)] for label in columns[0]))


def _figures(broken: Sequence[Measured], lawful: Sequence[Measured]) -> dict[str, str]:
    caught = sum(one.alarmed for one in broken)
    requests = sum(one.requests for one in broken)
    seconds = sum(one.seconds for one in broken)
    return {
        "mutants caught": f"{caught} of {len(broken)} ({caught / len(broken):.0%})",
        "variants falsely alarmed": f"{sum(one.alarmed for one in lawful)} of {len(lawful)}",
        "requests a mutant": f"{requests / len(broken):.0f}",
        "seconds a mutant": f"{seconds / len(broken):.1f}",
        "caught per 1,000 requests": f"{1000 * caught / requests:.2f}",
        "caught per minute": f"{60 * caught / seconds:.2f}",
    }


def _broken(entry: Mutant | Variant) -> str:
    return " ".join(entry.clauses) if isinstance(entry, Mutant) else ""


def _marks(one: Comparison, alarmed: str, calm: str) -> list[str]:
    return [alarmed if measured.alarmed else calm for measured in one.measured]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return [line(heads), line(["---"] * len(heads)), *map(line, rows)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__, allow_abbrev=False)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every N-th mutant (default: all)")
    parser.add_argument("--variant-sample", type=int, default=1, metavar="N", help="every N-th variant (default: all)")
    options = parser.parse_args()
    suites = cases()
    contestants = (tools.suites(suites, "quick"), tools.suites(suites, "default"), tools.schemathesis)
    broken = compare(mutants(options.sample), contestants)
    lawful = compare(variants(options.variant_sample), contestants)
    extent = f"{len(broken)} of {len(mutants())} mutants, {len(lawful)} of {len(variants())} variants"
    text = page(broken, lawful, extent)
    target = ROOT / "docs" / "benchmark.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
