"""Chapter I: card data that came back. The recorder masks it and notes that it was there; that note is judged here."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from payconform.engine.evidence import Evidence
from payconform.engine.invariants.rules import Says, on_callbacks, on_run
from payconform.model.address import same_place
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, Exchange, Leak, OrderRecord
from payconform.model.notification import Notification

MASKED_NUMBER = re.compile(r"(?<![0-9])([0-9]{4,11})([*xX•.]{2,}|\*)([0-9]{3,8})(?![0-9])")
WHOLE_NUMBER = re.compile(r"(?<![0-9])[0-9]{12,19}(?![0-9])")
MASKED_CODE = re.compile(r"(?<![*0-9])\*{3}(?![*0-9])")
"""A security code as the recorder masks it. A form that holds one is the card's; what shows a masked number alone is not."""
REPEATING = (307, 308)
"""Redirects that make a browser send its form once more, to the new address."""


@on_run("PC-01")
def card_data_never_comes_back(evidence: Evidence) -> Iterator[tuple[Says, Mode, str, tuple[str, ...]]]:
    """In replies, callbacks and redirects. What a hosted page shows the payer who typed it is the payer's own."""
    answered = [exchange for exchange in evidence.exchanges if exchange.status is not None]
    records: list[Exchange | Callback] = [*answered, *evidence.callbacks]
    for record in records:
        leaks = [leak for leak in record.leaks if leak.what != "secret" and not _shown_to_the_payer(record, leak)]
        observed = "; ".join(f"{leak.what} ({leak.form}) in {leak.where}" for leak in leaks)
        yield Says(not leaks, "no card number and no CVV", observed or "none"), record.mode, record.case, (record.id,)
    for journey in (journey for journey in evidence.journeys if journey.landed):
        found = MASKED_NUMBER.search(journey.final_url)
        observed = "a card number in the address" if found else "none"
        says = Says(not found, "no card number in the redirect to the merchant", observed)
        yield says, journey.mode, journey.case, (journey.id,)
    for page in (exchange for exchange in answered if exchange.status in REPEATING and _goes_to_the_merchant(exchange, evidence)):
        form = page.request_body.text or ""
        sent = MASKED_NUMBER.search(form) and MASKED_CODE.search(form)
        observed = f"HTTP {page.status}, which sends the card form there" if sent else f"HTTP {page.status}, without a card"
        says = Says(not sent, "a redirect to the merchant that leaves the card form behind, such as HTTP 303", observed)
        yield says, page.mode, page.case, (page.id,)


def _goes_to_the_merchant(page: Exchange, evidence: Evidence) -> bool:
    order = evidence.orders.get(page.order)
    returns = [str(order.document.get(name)) for name in ("success_url", "fail_url")] if order else []
    try:
        target = urljoin(page.url, page.header("location"))
    except ValueError:  # an address that is none leads nowhere
        return False
    return page.kind == "page" and any(same_place(target, url) for url in returns)


def _shown_to_the_payer(record: Exchange | Callback, leak: Leak) -> bool:
    return isinstance(record, Exchange) and record.kind == "page" and "location" not in leak.where.lower()


@on_run("PC-03")
def masks_hide_enough(evidence: Evidence) -> Iterator[tuple[Says, Mode, str, tuple[str, ...]]]:
    """A masked card number shows at most its first six and last four digits."""
    bodies: list[tuple[Exchange | Callback, Body]] = [(callback, callback.body) for callback in evidence.callbacks]
    bodies += [(exchange, exchange.response_body) for exchange in evidence.exchanges if exchange.kind == "create"]
    for record, body in bodies:
        for first, _, last in MASKED_NUMBER.findall(body.text or ""):
            says = Says(
                len(first) <= 6 and len(last) <= 4,
                "at most first six and last four digits",
                f"{len(first)} and {len(last)} digits",
            )
            yield says, record.mode, record.case, (record.id,)


@on_callbacks("TK-12", wanted=lambda heard: heard.card_token != "")
def token_is_not_card_data(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    # Digits that are a small part of a token, as of a hexadecimal one, pass the check digit by chance.
    digits = [run for run in WHOLE_NUMBER.findall(heard.card_token) if 2 * len(run) > len(heard.card_token)]
    leaked = any(leak.what == "card number" for leak in heard.callback.leaks) or bool(MASKED_NUMBER.search(heard.card_token))
    holds = not leaked and not any(map(luhn, digits))
    return Says(holds, "a card_token without a card number in it", "no card number" if holds else "a card number in the token")


def luhn(digits: str) -> bool:
    """Whether a run of digits passes the card numbers' check digit (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
