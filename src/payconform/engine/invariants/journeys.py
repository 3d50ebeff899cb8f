"""Chapter E: what payers met on hosted pages, whatever case sent them there (guide, Mode 1, Response Handling)."""

from payconform.engine.evidence import Evidence
from payconform.engine.invariants.correlation import PLAIN_ADDRESS, Judged
from payconform.engine.invariants.responses import GATEWAY_TROUBLE
from payconform.engine.invariants.rules import Says, on_run
from payconform.model.clause import Mode
from payconform.model.evidence import Journey
from payconform.model.notification import Notification


@on_run("CA-03")
def the_first_to_come_finds_a_page(evidence: Evidence) -> Judged:
    """Whoever opens payData first meets no HTTP error. Who comes later may: a link can be good for one payer."""
    pages = {exchange.id: exchange for exchange in evidence.exchanges if exchange.kind == "page"}
    first = {exchange.order: exchange.id for exchange in reversed(pages.values())}
    for journey in evidence.journeys:
        met = [pages[name] for name in journey.exchanges if name in pages]
        if journey.mode is not Mode.CASHIER or not met or journey.pages or first[journey.order] != met[0].id:
            continue
        status = met[-1].status or 0
        if status in GATEWAY_TROUBLE:
            continue
        says = Says(status < 400, "a page to pay on", f"HTTP {status} at {met[-1].url}")
        yield says, journey.mode, journey.case, (journey.id, met[-1].id)


@on_run("CA-08")
def outcome_agrees_with_redirect(evidence: Evidence) -> Judged:
    """Whoever landed on success_url paid, whoever landed on fail_url did not, whatever became of the order in between.

    Where the outcome was notified, the first payer of an order lands on one of the two.
    """
    seen: set[str] = set()
    for journey in evidence.journeys:
        is_first = journey.order not in seen
        seen.add(journey.order)
        heard = [notification for notification in evidence.heard.get(journey.order, ()) if notification.terminal]
        if journey.mode is not Mode.CASHIER or not heard or _lands_anywhere(evidence, journey.order):
            continue
        says = _agrees(journey, heard) if journey.landed else _left_behind(journey, heard, evidence) if is_first else None
        if says:
            yield says, journey.mode, journey.case, (journey.id, *(notification.callback.id for notification in heard))


def _agrees(journey: Journey, heard: list[Notification]) -> Says:
    holds = all(notification.paid == (journey.landed == "success") for notification in heard)
    return Says(holds, f"the outcome the payer was told: {journey.landed}_url", heard[-1].describe())


def _left_behind(journey: Journey, heard: list[Notification], evidence: Evidence) -> Says | None:
    """The payer was led nowhere though the order was decided; advisory where systems may write the address otherwise."""
    if journey.fault != "provider":
        return None
    place = "success_url" if heard[-1].paid else "fail_url"
    usual = PLAIN_ADDRESS.fullmatch(str(evidence.orders[journey.order].document.get(place)))
    observed = f"{heard[-1].describe()}; {journey.stuck}"
    return Says(holds=False, expected=f"the payer ends on {place}", observed=observed, advisory=not usual)


def _lands_anywhere(evidence: Evidence, order: str) -> bool:
    """Whether both outcomes lead to one place, or the order has one of the places wrong on purpose."""
    urls = [evidence.orders[order].document.get(name) for name in ("success_url", "fail_url")] if order in evidence.orders else []
    if not all(isinstance(url, str) for url in urls) or evidence.odd_member(order):
        return True
    return len({str(url).split("?")[0].split("#")[0] for url in urls}) != len(("success", "fail"))
