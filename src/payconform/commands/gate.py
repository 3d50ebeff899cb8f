"""`payconform gate`: lets a release pass or stops it, by policy, waivers and baseline."""

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from payconform.claims import Named, baseline, of_file, of_journals
from payconform.commands.arguments import Misconfigured, Parser, journals
from payconform.commands.reporting import write
from payconform.commands.screen import say
from payconform.gate.deciding import rule
from payconform.gate.differences import since
from payconform.gate.files import load_policy, load_waivers
from payconform.gate.telling import ruling_text
from payconform.model.ruling import Policy

DESCRIPTION = """Let a release pass (exit code 0) or stop it. Without a policy, what blocks a run blocks a release. Several
journals (the shards of a run, a run and its reruns) are taken as one. Waivers of other targets are passed over."""


def run(argv: Sequence[str]) -> int:
    parser = Parser("gate", DESCRIPTION)
    parser.add_argument("evidence", nargs="+", type=Path, metavar="JOURNAL", help="journals, or one verdict.json")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="what blocks, and what must have been seen (TOML)")
    parser.add_argument("--waivers", type=Path, metavar="FILE", help="known deviations and until when they are borne (TOML)")
    parser.add_argument("--baseline", type=Path, metavar="JOURNAL", help="the last certified run: what got worse since, blocks")
    parser.add_argument("--reports", type=Path, metavar="DIR", help="write the reports with the ruling into a folder")
    options = parser.parse_args(argv)
    policy = load_policy(options.policy) if options.policy else Policy()
    waivers = load_waivers(options.waivers) if options.waivers else ()
    evidence, now = _evidence(options.evidence), datetime.now(UTC)
    earlier = baseline(options.baseline, evidence.claim.target.name) if options.baseline else None
    ruling = rule(evidence.claim, policy, waivers, now=now, baseline=earlier)
    changed = since(earlier, evidence.claim) if earlier else None
    if options.reports:
        _check_records(evidence, options.evidence)
        write(evidence.records, options.evidence, options.reports, ruling=ruling, since=changed)
    say(ruling_text(ruling, evidence.claim, width=shutil.get_terminal_size().columns, now=now, since=changed))
    return ruling.exit_code


def _evidence(paths: Sequence[Path]) -> Named:
    return of_file(paths[0]) if len(paths) == 1 else of_journals(journals(paths))


def _check_records(evidence: Named, paths: Sequence[Path]) -> None:
    if not evidence.records:
        raise Misconfigured(f"{paths[0]}: holds no evidence to report; --reports needs a journal")
