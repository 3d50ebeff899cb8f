"""The compliance report: one self-contained HTML file that needs no network and no script to be read."""

from collections import Counter

from msgspec import Struct

from payconform.model.clause import Mode, Reading
from payconform.model.finding import Outcome
from payconform.model.reply import Reply
from payconform.report.account import Account, Chapter
from payconform.report.page import Page, rendered
from payconform.report.sections import latency
from payconform.report.sections.coverage import STATES, coverage, looks
from payconform.report.sections.entries import entries
from payconform.report.sections.timeline import timeline
from payconform.report.text import one_line
from payconform.report.verdict import conclusion, headline, is_stopped
from payconform.report.wording import ATTENTION

ORDERS_SHOWN = 500
PLACES_SHOWN = 40


class Assumed(Struct, frozen=True):
    """A reading with the choice the run made, "" where the treatment is fixed; `is_default` where nobody chose it."""

    reading: Reading
    choice: str
    meaning: str
    is_default: bool


def compliance_html(account: Account) -> str:
    """The report as one HTML document of bounded size."""
    sign, word = headline(account)
    page = Page("compliance", f"{one_line(account.header.target.name, 60)}: {word}")
    return rendered(
        page,
        account=account,
        decision=conclusion(account),
        sign=sign,
        word=word,
        is_stopped=is_stopped(account),
        chapters=_observed_chapters(account),
        entries=entries(account),
        attention=len(account.with_outcome(*ATTENTION)),
        passed=account.with_outcome(Outcome.PASSED),
        coverage=coverage(account),
        STATES=STATES,
        looks=looks,
        counted=Counter(finding.outcome for finding in account.findings),
        counted_by_mode=Counter((finding.outcome, finding.mode) for finding in account.findings),
        counted_clauses=_counted_clauses(account),
        waived_by_mode=Counter(waiver.mode for waiver in account.ruling.waived) if account.ruling else Counter[Mode](),
        timeline=timeline(account),
        latencies={"The endpoint": latency.of_endpoint(account), "Callbacks": latency.of_callbacks(account)},
        assumed=_assumed(account),
        pay_orders=_pay_orders(account),
        orders_shown=ORDERS_SHOWN,
        places_shown=PLACES_SHOWN,
    )


def _observed_chapters(account: Account) -> list[Chapter]:
    """The chapters with the clauses that have findings."""
    rows = ((chapter.name, tuple(row for row in chapter.rows if row.findings)) for chapter in account.chapters)
    return [Chapter(name, found) for name, found in rows if found]


def _counted_clauses(account: Account) -> Counter[Outcome]:
    """How many clauses have each outcome as what their modes come to: what asks for attention counts before a pass."""
    order = (*ATTENTION, Outcome.PASSED, Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE)
    rows = (row for chapter in account.chapters for row in chapter.rows if row.findings)
    return Counter(min((finding.outcome for finding in row.findings.values()), key=order.index) for row in rows)


def _assumed(account: Account) -> list[Assumed]:
    chosen = account.header.readings
    readings = account.register.readings.values()
    choices = ((reading, chosen.get(reading.key, reading.default) if reading.key else "") for reading in readings)
    return [
        Assumed(reading, choice, reading.choices.get(choice, ""), is_default=choice == reading.default)
        for reading, choice in choices
    ]


def _pay_orders(account: Account) -> list[str]:
    """The ids of the orders that the target says it created, in the order of creation."""
    replies = (Reply(exchange) for exchange in account.exchanges.values() if exchange.kind in ("create", "probe", "forged"))
    return list(dict.fromkeys(reply.pay_order_id for reply in replies if reply.accepted and reply.pay_order_id))
