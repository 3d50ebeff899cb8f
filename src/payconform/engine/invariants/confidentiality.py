"""Chapter I: card data that came back. The recorder masks it and notes that it was there; that note is judged here."""

import re
from collections.abc import Iterator

from payconform.engine.evidence import Evidence
from payconform.engine.invariants.rules import Says, on_callbacks, on_run
from payconform.model.clause import Mode
from payconform.model.evidence import PAGE, Body, Callback, Exchange, Journey, Leak, OrderRecord
from payconform.model.notification import Notification

MASKED_NUMBER = re.compile(r"(?<![0-9])([0-9]{4,11})([*xX•.]{2,}|\*)([0-9]{3,8})(?![0-9])")
LONG_ENDING = re.compile(r"(?<![0-9*xX•.])([*xX•.]{4,14})([0-9]{5,12})(?![0-9])")
"""A mask and more than four digits behind it; what is as long as a card number is one."""
WHOLE_NUMBER = re.compile(r"(?<![0-9])[0-9]{12,19}(?![0-9])")
NUMBER_LENGTHS = range(12, 20)
PART = "part of a card number"
HIDES_ENOUGH = "at most first six and last four digits"

Sent = Exchange | Callback | Journey


@on_run("PC-01")
def card_data_never_comes_back(evidence: Evidence) -> Iterator[tuple[Says, Mode, str, tuple[str, ...]]]:
    """In replies, callbacks, pages, and on the payer's way to the merchant.

    Only what was noted at capture counts: in what was recorded the target's own mask looks like the recorder's.
    """
    for record in _sent_by_the_target(evidence):
        leaks = [leak for leak in record.leaks if leak.what in ("card number", "cvv") and not _may_be_shown(record, leak)]
        observed = "; ".join(f"{leak.what} ({leak.form}) in {leak.where}" for leak in leaks)
        yield Says(not leaks, "no card number and no CVV", observed or "none"), record.mode, record.case, (record.id,)


def _sent_by_the_target(evidence: Evidence) -> Iterator[Sent]:
    yield from (exchange for exchange in evidence.exchanges if exchange.status is not None)
    yield from evidence.callbacks
    yield from (journey for journey in evidence.journeys if journey.landed)


def _may_be_shown(record: Sent, leak: Leak) -> bool:
    """Whether it stands in a cashier page, where the payer types the card, or in a page that tells which cards there are.

    Cookies and redirects are kept and sent on, and the card of a direct order was typed at the merchant's.
    """
    if not isinstance(record, Exchange) or record.kind != "page" or leak.where != PAGE:
        return False
    return record.mode is Mode.CASHIER or _lists_cards(record.response_body.text or "")


def _lists_cards(page: str) -> bool:
    """Whether a page names several cards, as a sandbox's does that lists the test cards: it says nothing of the order's."""
    return len({(first[:6], last[-4:]) for first, _, last in MASKED_NUMBER.findall(page)}) > 1


@on_run("PC-03")
def masks_hide_enough(evidence: Evidence) -> Iterator[tuple[Says, Mode, str, tuple[str, ...]]]:
    """A masked card number shows at most its first six and last four digits.

    Of the run's cards it was noted at capture, however they are masked or cut off; what shows more is masked in the journal.
    """
    bodies: list[tuple[Exchange | Callback, Body]] = [(callback, callback.body) for callback in evidence.callbacks]
    bodies += [(exchange, exchange.response_body) for exchange in evidence.exchanges if exchange.kind == "create"]
    for record, body in bodies:
        for first, _, last in MASKED_NUMBER.findall(body.text or ""):
            says = Says(len(first) <= 6 and len(last) <= 4, HIDES_ENOUGH, f"{len(first)} and {len(last)} digits")
            yield says, record.mode, record.case, (record.id,)
        for mask, last in LONG_ENDING.findall(body.text or ""):
            if len(mask + last) in NUMBER_LENGTHS:
                says = Says(holds=False, expected=HIDES_ENOUGH, observed=f"none and {len(last)} digits")
                yield says, record.mode, record.case, (record.id,)
    for sent in _sent_by_the_target(evidence):
        for leak in sent.leaks:
            if leak.what == PART and not _may_be_shown(sent, leak):
                says = Says(holds=False, expected=HIDES_ENOUGH, observed=f"{leak.form}, in {leak.where}")
                yield says, sent.mode, sent.case, (sent.id,)


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
