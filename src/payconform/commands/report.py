"""`payconform report`: writes every report of one journal, or of several as one run."""

from collections.abc import Sequence
from pathlib import Path

from payconform.commands.arguments import Parser, journals
from payconform.commands.reporting import publish
from payconform.judging import as_recorded

DESCRIPTION = """Write every report from a journal, with the findings it holds. Several journals (the shards of a run, a run and
its reruns) become one, judged as a whole and written beside the reports. The exit code is that of the verdict."""


def run(argv: Sequence[str]) -> int:
    parser = Parser("report", DESCRIPTION)
    parser.add_argument("journals", nargs="+", type=Path, metavar="JOURNAL")
    parser.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR", help="where to write (default: reports)")
    parser.add_argument(
        "--baseline", type=Path, metavar="JOURNAL", help="the last certified run: reports tell what changed since"
    )
    options = parser.parse_args(argv)
    return publish(as_recorded(journals(options.journals)), options.journals, options.reports, options.baseline)
