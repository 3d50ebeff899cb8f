"""`payconform judge`: judges recorded evidence anew, with the rules of this version and without the target."""

from collections.abc import Sequence
from pathlib import Path

from payconform.commands.arguments import Parser, journals
from payconform.commands.reporting import publish
from payconform.judging import judged_again

DESCRIPTION = """Judge a run again from its journal, offline: invariants are worked out anew from the recorded exchanges and
callbacks, what the cases observed is taken as recorded. Several journals (the shards of a run, a run and its reruns) are judged
as one. The exit code is that of the verdict."""


def run(argv: Sequence[str]) -> int:
    parser = Parser("judge", DESCRIPTION)
    parser.add_argument("journals", nargs="+", type=Path, metavar="JOURNAL")
    parser.add_argument("--reports", type=Path, default=Path("reports"), metavar="DIR", help="where to write (default: reports)")
    parser.add_argument(
        "--baseline", type=Path, metavar="JOURNAL", help="the last certified run: reports tell what changed since"
    )
    options = parser.parse_args(argv)
    return publish(judged_again(journals(options.journals)), options.journals, options.reports, options.baseline)
