"""Compares the suites with schemathesis' command line on the same broken and lawful providers: `python -m bench.compare`.

Prints a line for each run, and writes `docs/benchmark.md`. The tools take turns, so that a busy machine slows both.
"""

import argparse
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from bench import tools
from bench.subjects import ROOT, cases, mutants, variants
from bench.tools import Measured, Tool
from payconform.sandbox.catalogue import Mutant, Variant

SUITES = ("suites, -x", "suites, quick plan", "suites")
OTHERS = ("schemathesis, --max-failures 1", "schemathesis")
NAMES = (*SUITES, *OTHERS)
RATES = ("caught per 1,000 requests to the endpoint", "caught per 1,000 requests, those to pages too", "caught per minute")

HEAD = """\
# Benchmark: the suites and schemathesis' command line

Measured {date} on {cores} cores with Python {python} and schemathesis {schemathesis}, by `tox run -e bench`: {extent}.
"""

METHOD = """
The tools meet the same embedded providers in the same run, one after the other, each in another process than the provider. With
`-x` and `--max-failures 1` each ends at the first fault that it finds, for whoever wants to know whether a provider is broken: a
run that finds nothing asks all that it has. Without, each asks all in any case, for whoever wants to know of every fault: what it
asks after the first is lost on a mutant, which has no other, and the default plan has most to ask, for it draws orders until a
fault that strikes one in 25 shows. Rates of such runs say as much of their sizes as of the tools. The start of pytest is added to
the time of the suites. A payer's requests to hosted pages are counted apart: schemathesis sends none, and finds none of the
faults that show there. It runs with the hooks and the configuration of this repository (see [schemathesis.md](schemathesis.md)),
a token that pays, and {examples} examples.

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
    return f"{name} {verdict}, {measured.requests} requests, {measured.pages} to pages, {measured.seconds:.1f} s"


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
            "",
            *_ratios(broken),
            METHOD.format(examples=tools.EXAMPLES),
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
    return {
        "mutants caught": f"{caught} of {len(broken)} ({caught / len(broken):.0%})",
        "variants falsely alarmed": f"{sum(one.alarmed for one in lawful)} of {len(lawful)}",
        "requests to the endpoint a mutant": f"{sum(one.requests for one in broken) / len(broken):.0f}",
        "requests to pages a mutant": f"{sum(one.pages for one in broken) / len(broken):.0f}",
        "seconds a mutant": f"{sum(one.seconds for one in broken) / len(broken):.1f}",
        **{label: f"{rate:.2f}" for label, rate in zip(RATES, _rates(broken), strict=True)},
    }


def _rates(broken: Sequence[Measured]) -> tuple[float, ...]:
    """Mutants caught by the measures of `RATES`."""
    caught = sum(one.alarmed for one in broken)
    asked = sum(one.requests for one in broken)
    return (
        1000 * caught / asked,
        1000 * caught / (asked + sum(one.pages for one in broken)),
        60 * caught / sum(one.seconds for one in broken),
    )


def _ratios(broken: Sequence[Comparison]) -> list[str]:
    """How many times as much each plan of the suites catches as each run of schemathesis, by each measure of `RATES`."""
    rates = {name: _rates([one.measured[tool] for one in broken]) for tool, name in enumerate(NAMES)}
    return _table(
        ["what is caught, by the request to the endpoint, any request, and the minute", *OTHERS],
        _rows_of_ratios(rates),
    )


def _rows_of_ratios(rates: Mapping[str, tuple[float, ...]]) -> Iterator[list[str]]:
    for plan in SUITES:
        yield [plan, *(", ".join(map(_times, rates[plan], rates[other])) for other in OTHERS)]


def _times(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.1f} times" if theirs else "all"


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
    ours = (tools.suites(suites, "default", first_only=True), tools.suites(suites, "quick"), tools.suites(suites, "default"))
    with TemporaryDirectory() as folder:
        brief = tools.schemathesis(tools.brief_configuration(Path(folder)), "--max-failures", "1")
        contestants = (*ours, brief, tools.schemathesis())
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
