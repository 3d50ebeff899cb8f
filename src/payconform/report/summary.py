"""A Markdown summary for the page of a job or a pull request."""

import re
from collections.abc import Iterable

from payconform.model.finding import Finding, Outcome
from payconform.report.account import Account
from payconform.report.rerun import command
from payconform.report.text import one_line
from payconform.report.verdict import conclusion, headline
from payconform.report.wording import MODES, OUTCOMES, amount, duration

_MOST_LISTED = 50
_TEXT_LIMIT = 200
_SECTIONS = (
    ("Failed", (Outcome.FAILED,)),
    ("Not decided", (Outcome.ERROR, Outcome.INCONCLUSIVE)),
    ("Warnings", (Outcome.WARNED,)),
)


def summary_markdown(account: Account) -> str:
    """Verdict, counts, and one line for each finding that needs attention."""
    decision = conclusion(account)
    sign, word = headline(account)
    lines = [
        f"# {sign} {word}: {_plain(account.header.target.name)}",
        "",
        _plain(decision.reason),
        *_objections(account),
        "",
        _facts(account),
        "",
        *_counts_table(account),
    ]
    for title, outcomes in _SECTIONS:
        lines.extend(_section(account, title, account.alike(*outcomes)))
    lines.extend(_waived(account))
    lines += ["", "The evidence is in `compliance.html`; every exchange and callback in full is in `journal.ndjson`.", ""]
    return "\n".join(lines)


def _objections(account: Account) -> Iterable[str]:
    """What the gate has to say beside the first objection, which is the reason of the verdict."""
    if account.ruling and len(account.ruling.objections) > 1:
        yield from ("", *(f"* {_plain(objection.reason)}" for objection in account.ruling.objections[1:]))


def _facts(account: Account) -> str:
    header, counts = account.header, account.counts
    facts = (
        _plain(header.target.environment),
        _code(header.target.base_url),
        f"dialect {_plain(header.target.dialect)}",
        f"contract {_plain(header.contract_version)}",
        f"payconform {_plain(header.suite_version)}",
        _plain(header.started_at),
        amount(counts.requests, "request"),
        amount(counts.callbacks, "callback"),
        duration(counts.seconds),
        f"seed {header.seed}",
    )
    return " · ".join(facts)


def _counts_table(account: Account) -> Iterable[str]:
    yield "| Findings | " + " | ".join(MODES[mode] for mode in account.modes) + " | All |"
    yield "|---|" + "---:|" * (len(account.modes) + 1)
    for outcome, wording in OUTCOMES.items():
        found = account.with_outcome(outcome)
        if found:
            by_mode = [str(sum(finding.mode is mode for finding in found)) for mode in account.modes]
            yield f"| {wording.sign} {wording.word} | " + " | ".join(by_mode) + f" | {len(found)} |"


def _section(account: Account, title: str, groups: list[list[Finding]]) -> Iterable[str]:
    if not groups:
        return
    yield from ("", f"## {title}", "", "| Clause | Modes | Expected | Observed | Run it again |", "|---|---|---|---|---|")
    for group in groups[:_MOST_LISTED]:
        finding = group[0]
        cells = (
            f"**{_plain(finding.clause)}** {_plain(account.clause(finding).statement)}",
            ", ".join(alike.mode.value for alike in group),
            _plain(finding.expected),
            _plain(finding.observed or finding.reason),
            _code(command(account, finding)),
        )
        yield f"| {' | '.join(cells)} |"
    if len(groups) > _MOST_LISTED:
        yield from ("", f"… and {len(groups) - _MOST_LISTED} more in `compliance.html`.")


def _waived(account: Account) -> Iterable[str]:
    waivers = account.ruling.waived if account.ruling else ()
    if not waivers:
        return
    yield from ("", "## Waived", "", "| Clause | Mode | Reason | Owner | Ticket | Until |", "|---|---|---|---|---|---|")
    for waiver in waivers:
        cells = (waiver.clause, waiver.mode.value, waiver.reason, waiver.owner, waiver.ticket, waiver.expiry.isoformat())
        yield f"| {' | '.join(map(_plain, cells))} |"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, no links, no mentions."""
    escaped = re.sub(r"([\\`*_\[\]|~<>&$])", r"\\\1", one_line(text, _TEXT_LIMIT))
    # A zero-width space keeps job pages from making links and notifications of addresses and names.
    return re.sub(r"(@|://|www\.)", "\u200b\\1\u200b", escaped)


def _code(text: str) -> str:
    """Text as inline code, which may stand in a table."""
    return "`" + one_line(text, _TEXT_LIMIT).replace("`", "'").replace("|", "\\|") + "`"
