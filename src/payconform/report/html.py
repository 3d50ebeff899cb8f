"""The compliance report: one self-contained HTML file that needs no network and no script to be read."""

import base64
import hashlib
import re
from collections import Counter
from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from payconform.model.clause import Clause, Mode, Reading
from payconform.model.finding import Finding, Outcome
from payconform.model.reply import Reply
from payconform.model.run import PlannedCase
from payconform.report.account import Account, Chapter, Row
from payconform.report.exhibits import Curator, Exhibition
from payconform.report.rerun import command
from payconform.report.text import clip, one_line, visible
from payconform.report.verdict import conclusion
from payconform.report.wording import ATTENTION, LEVELS, MODES, OUTCOMES, VERDICTS, amount, duration, waived

ORDERS_SHOWN = 500
CASES_SHOWN = 3
_TEXT_LIMIT = 2_000
_TEMPLATES = files("payconform.report") / "templates"


class Entry(Struct, frozen=True):
    """A finding that needs attention, with all that its section of the report shows."""

    finding: Finding
    clause: Clause
    exhibition: Exhibition
    cases: tuple[PlannedCase, ...]
    command: str


class Unjudged(Struct, frozen=True):
    """A clause without a finding, or one that nothing showed, and why."""

    clause: Clause
    modes: tuple[Mode, ...]
    outcome: Outcome | None
    reason: str


class Assumed(Struct, frozen=True):
    """A reading with the choice the run made, "" where the treatment is fixed."""

    reading: Reading
    choice: str
    meaning: str


def compliance_html(account: Account) -> str:
    """The report as one HTML document of bounded size."""
    style = (_TEMPLATES / "compliance.css").read_text(encoding="utf-8") + _page_header(account)
    script = (_TEMPLATES / "compliance.js").read_text(encoding="utf-8")
    return (
        _environment()
        .get_template("compliance.html.j2")
        .render(
            account=account,
            decision=conclusion(account),
            chapters=_observed_chapters(account),
            entries=_entries(account),
            passed=account.with_outcome(Outcome.PASSED),
            unjudged=_unjudged(account),
            counted=Counter(finding.outcome for finding in account.findings),
            counted_by_mode=Counter((finding.outcome, finding.mode) for finding in account.findings),
            assumed=_assumed(account),
            pay_orders=_pay_orders(account),
            orders_shown=ORDERS_SHOWN,
            # A style or script of ours may stand in the page as it is; nothing of a target is in it.
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            style_hash=_hash(style),
            script_hash=_hash(script),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("payconform.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.globals.update(
        OUTCOMES=OUTCOMES, VERDICTS=VERDICTS, LEVELS=LEVELS, MODES=MODES, Outcome=Outcome, ATTENTION=ATTENTION
    )
    environment.filters.update(
        anchor=_anchor,
        finding_anchor=_finding_anchor,
        duration=duration,
        moment=_moment,
        amount=amount,
        line=one_line,
        waived=waived,
    )
    return environment


def _harmless(value: Any) -> Any:
    """Every text that enters the page: its unshowable characters made visible, its length bounded. Markup is ours."""
    return visible(clip(value, _TEXT_LIMIT)) if isinstance(value, str) and not isinstance(value, Markup) else value


def _anchor(name: str) -> str:
    """An id for the page made of a record's id."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _finding_anchor(finding: Finding) -> str:
    return f"{_anchor(finding.clause)}-{finding.mode.value}"


def _moment(stamp: str) -> str:
    """An ISO 8601 time for a reader, or the text as it is."""
    try:
        return datetime.fromisoformat(stamp).strftime("%d %B %Y, %H:%M:%S %Z").strip()
    except ValueError:
        return stamp


def _hash(text: str) -> str:
    """The source expression that allows one inline text in a content security policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _page_header(account: Account) -> str:
    """What stands on top of every printed page, as a rule of the style sheet. Every character is written as a CSS escape."""
    verdict = VERDICTS[conclusion(account).verdict].word
    text = f"{one_line(account.header.target.name, 60)}: {verdict}"
    escaped = "".join(
        character if character.isalnum() and character.isascii() else f"\\{ord(character):06x}" for character in text
    )
    return f'\n@page {{ @top-left {{ content: "{escaped}"; }} }}\n'


def _observed_chapters(account: Account) -> list[Chapter]:
    """The chapters with the clauses that have findings."""
    rows = ((chapter.name, tuple(row for row in chapter.rows if row.findings)) for chapter in account.chapters)
    return [Chapter(name, found) for name, found in rows if found]


def _entries(account: Account) -> list[Entry]:
    curator = Curator(account)
    return [
        Entry(
            finding,
            account.clause(finding),
            curator.exhibition(finding),
            tuple(account.cases[case] for case in finding.cases[:CASES_SHOWN] if case in account.cases),
            command(account, finding),
        )
        for finding in account.with_outcome(*ATTENTION)
    ]


def _unjudged(account: Account) -> list[Unjudged]:
    """Every clause and mode of the register that this run did not judge, in the register's order."""
    return [entry for chapter in account.chapters for row in chapter.rows for entry in _unjudged_of(row)]


def _unjudged_of(row: Row) -> list[Unjudged]:
    reasons: dict[tuple[Outcome | None, str], list[Mode]] = {}
    for mode in row.clause.modes:
        finding = row.findings.get(mode)
        if finding is None:
            why = row.clause.reason or "No case of this run covers it."
            reasons.setdefault((None, why), []).append(mode)
        elif finding.outcome in (Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE):
            reasons.setdefault((finding.outcome, finding.reason), []).append(mode)
    return [Unjudged(row.clause, tuple(modes), outcome, reason) for (outcome, reason), modes in reasons.items()]


def _assumed(account: Account) -> list[Assumed]:
    chosen = account.header.readings
    readings = account.register.readings.values()
    choices = ((reading, chosen.get(reading.key, reading.default) if reading.key else "") for reading in readings)
    return [Assumed(reading, choice, reading.choices.get(choice, "")) for reading, choice in choices]


def _pay_orders(account: Account) -> list[str]:
    """The ids of the orders that the target says it created, in the order of creation."""
    replies = (Reply(exchange) for exchange in account.exchanges.values() if exchange.kind in ("create", "probe", "forged"))
    return list(dict.fromkeys(reply.pay_order_id for reply in replies if reply.accepted and reply.pay_order_id))
