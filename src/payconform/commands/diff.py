"""`payconform diff`: what changed from one run to another."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from payconform.claims import of_file
from payconform.commands.arguments import Parser
from payconform.commands.screen import say
from payconform.gate.differences import differences
from payconform.gate.telling import differences_text
from payconform.model.finding import ExitCode

DESCRIPTION = """Tell what changed from OLD to NEW, each a journal or a verdict.json: clauses that got worse or better, clauses
judged no longer or for the first time, cases that vanished or are new. It only tells; payconform gate --baseline decides."""


def run(argv: Sequence[str]) -> int:
    parser = Parser("diff", DESCRIPTION)
    parser.add_argument("old", type=Path, metavar="OLD")
    parser.add_argument("new", type=Path, metavar="NEW")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    old, new = of_file(options.old).claim, of_file(options.new).claim
    changed = differences(old, new)
    if options.json:
        say(json.dumps(msgspec.to_builtins(changed), indent=2) + "\n")
    else:
        say(differences_text(changed, old, new, width=shutil.get_terminal_size().columns))
    return ExitCode.CONFORMANT
