"""Chapter E: what payers met on hosted pages, whatever case sent them there (guide, Mode 1, Response Handling)."""

import re
from collections.abc import Callable
from math import inf

from payconform.engine.evidence import Evidence
from payconform.engine.invariants.correlation import Judged
from payconform.engine.invariants.responses import GATEWAY_TROUBLE
from payconform.engine.invariants.rules import Says, on_run
from payconform.model.address import lost_of_query
from payconform.model.clause import Mode
from payconform.model.evidence import Journey
from payconform.model.notification import Notification

PLAIN_PLACE = re.compile(r"https?://(?:[\w.:/-]|%20)+", re.ASCII)
"""An address, without its query, that no system has a reason to write in another way."""


@on_run("CA-03")
def the_first_to_come_finds_a_page(evidence: Evidence) -> Judged:
    """Whoever opens payData first meets no HTTP error; a gateway in trouble is only reported.

    Who comes later may meet one: a link can be good for one payer, or for one look from another tab.
    """
    pages = {exchange.id: exchange for exchange in evidence.exchanges if exchange.kind == "page"}
    first = {key: exchange.id for exchange in reversed(pages.values()) for key in (exchange.order, exchange.url)}
    for journey in evidence.journeys:
        met = [pages[name] for name in journey.exchanges if name in pages]
        if journey.mode is not Mode.CASHIER or not met or journey.pages or journey.again:
            continue
        if {first[journey.order], first[met[0].url]} != {met[0].id}:
            continue
        status = met[-1].status or 0
        in_trouble = status in GATEWAY_TROUBLE
        says = Says(status < 400, "a page to pay on", f"HTTP {status} at {met[-1].url}", advisory=in_trouble)
        yield says, journey.mode, journey.case, (journey.id, met[-1].id)


def _pays_unseen(mode: Mode) -> Callable[[Evidence], Judged]:
    def rule(evidence: Evidence) -> Judged:
        """No order that was answered with a page is paid before anybody has opened it, however long that takes."""
        opened = {exchange.order: exchange.at for exchange in reversed(evidence.exchanges) if exchange.kind == "page"}
        for name, replies in evidence.accepted.items():
            order = evidence.orders.get(name)
            if order is None or order.mode is not mode or evidence.odd_member(name):
                continue
            if any(len(evidence.holders[own]) > 1 for own in evidence.own_ids(name)):
                continue  # taken for another order, whose page may have been opened
            if all(reply.pay_url for reply in replies):
                paid = [
                    heard for heard in evidence.heard.get(name, ()) if heard.paid and heard.callback.at < opened.get(name, inf)
                ]
                ids = tuple(reply.exchange.id for reply in replies) + tuple(heard.callback.id for heard in paid)
                observed = paid[0].describe() if paid else "no payment"
                yield Says(not paid, "no payment before a payer has opened the page", observed), mode, order.case, ids

    return rule


on_run("CA-05")(_pays_unseen(Mode.CASHIER))
on_run("DC-19")(_pays_unseen(Mode.CARD))
on_run("TK-09")(_pays_unseen(Mode.TOKEN))


def _keeps_the_query(landed: str, member: str) -> Callable[[Evidence], Judged]:
    def rule(evidence: Evidence) -> Judged:
        """Advisory: the query that the merchant's own address has is there when the payer comes (X-37)."""
        for journey in evidence.journeys:
            order = evidence.orders.get(journey.order)
            asked = str(order.document.get(member)) if order else ""
            first_there = journey.mode is Mode.CASHIER and journey.landed == landed and not journey.again
            if first_there and evidence.odd_member(journey.order) == "":
                lost = lost_of_query(journey.final_url, asked)
                observed = f"{journey.final_url}, without {' and '.join(lost)}" if lost else journey.final_url
                yield (
                    Says(not lost, f"{member} with its own query", observed, advisory=True),
                    journey.mode,
                    journey.case,
                    (journey.id,),
                )

    return rule


on_run("CA-06")(_keeps_the_query("success", "success_url"))
on_run("CA-07")(_keeps_the_query("fail", "fail_url"))


@on_run("CA-08")
def outcome_agrees_with_redirect(evidence: Evidence) -> Judged:
    """Whoever landed on success_url paid, whoever landed on fail_url did not, whatever became of the order in between.

    Where the outcome was notified, the first payer of an order lands on one of the two. Who comes back, or opens the page again,
    is told the same as the first time; whoever only looked at an open order was told nothing.
    """
    seen: set[str] = set()
    landed: set[str] = set()
    for journey in evidence.journeys:
        is_first = journey.order not in seen
        if journey.again and journey.order not in landed:
            continue
        seen.add(journey.order)
        landed.update({journey.order} if journey.landed else ())
        heard = [notification for notification in evidence.heard.get(journey.order, ()) if notification.terminal]
        if not heard or _lands_anywhere(evidence, journey.order):
            continue
        is_cashier = journey.mode is Mode.CASHIER
        left_behind = _left_behind(journey, heard, evidence) if is_first and is_cashier else None
        open_to_doubt = not is_cashier or journey.again
        says = _agrees(journey, heard, advisory=open_to_doubt) if journey.landed else left_behind
        if says:
            yield says, journey.mode, journey.case, (journey.id, *(notification.callback.id for notification in heard))


def _agrees(journey: Journey, heard: list[Notification], *, advisory: bool) -> Says:
    """Advisory of card and token orders: of what their payers see after a challenge the guide tells the parameters alone.

    Nor does it say where somebody is taken who comes back to a link that was used.
    """
    holds = all(notification.paid == (journey.landed == "success") for notification in heard)
    return Says(holds, f"the outcome the payer was told: {journey.landed}_url", heard[-1].describe(), advisory=advisory)


def _left_behind(journey: Journey, heard: list[Notification], evidence: Evidence) -> Says | None:
    """The payer was led nowhere though the order was decided; advisory where systems may write the address otherwise."""
    if journey.fault != "provider":
        return None
    place = "success_url" if heard[-1].paid else "fail_url"
    usual = PLAIN_PLACE.fullmatch(str(evidence.orders[journey.order].document.get(place)).partition("?")[0])
    observed = f"{heard[-1].describe()}; {journey.stuck}"
    return Says(holds=False, expected=f"the payer ends on {place}", observed=observed, advisory=not usual)


def _lands_anywhere(evidence: Evidence, order: str) -> bool:
    """Whether both outcomes lead to one place, or the order has one of the places wrong on purpose."""
    urls = [evidence.orders[order].document.get(name) for name in ("success_url", "fail_url")] if order in evidence.orders else []
    if not all(isinstance(url, str) for url in urls) or evidence.odd_member(order):
        return True
    return len({str(url).split("?")[0].split("#")[0] for url in urls}) != len(("success", "fail"))
