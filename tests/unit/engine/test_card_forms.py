"""Card data on pages, in their headers and on the way to the merchant: what is a leak, and what may be shown (PC-01, PC-03)."""

from typing import Any

import msgspec
import pytest

from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Exchange, Journey, Leak
from payconform.model.finding import Outcome
from tests.journals import header

NUMBER = Leak("card number", "plain", "page")
CODE = Leak("cvv", "field", "page")
PART = Leak("part of a card number", "first 12 digits", "page")


def page(mode: Mode, *leaks: Leak, text: str = "", status: int = 200) -> Exchange:
    told: dict[str, Any] = {
        "id": "p1",
        "kind": "page",
        "order": "o1",
        "case": "c",
        "mode": mode,
        "method": "POST",
        "url": "http://t/p",
    }
    return Exchange(**told, status=status, response_body=Body(text=text), leaks=leaks)


def outcome(record: Exchange | Journey, clause: str = "PC-01") -> Outcome:
    judged = judge((header(modes=(record.mode,)), record), clauses())
    return next(found.outcome for found in judged if (found.clause, found.mode) == (clause, record.mode))


@pytest.mark.parametrize("leak", [NUMBER, CODE])
def test_a_page_of_the_cashier_may_show_what_the_payer_types_there_and_no_other_may(leak: Leak) -> None:
    assert outcome(page(Mode.CASHIER, leak)) is Outcome.PASSED
    assert outcome(page(Mode.CARD, leak)) is Outcome.FAILED
    assert outcome(page(Mode.TOKEN, leak)) is Outcome.FAILED


@pytest.mark.parametrize("name", ["set-cookie", "location", "refresh"])
@pytest.mark.parametrize("mode", [Mode.CASHIER, Mode.CARD])
def test_a_header_of_a_page_may_not(name: str, mode: Mode) -> None:
    assert outcome(page(mode, Leak("card number", "plain", f"header {name}"), status=303)) is Outcome.FAILED


def test_a_page_that_lists_the_test_cards_says_nothing_of_the_orders() -> None:
    cards = "<li>424242******4242, cvv ***<li>555555******4444"
    assert outcome(page(Mode.CARD, NUMBER, CODE, text=cards)) is Outcome.PASSED
    assert outcome(page(Mode.CARD, NUMBER, text="<p>424242******4242 (4242 42xx xxxx 4242)")) is Outcome.FAILED


@pytest.mark.parametrize(
    ("landed", "leaks", "expected"),
    [
        ("success", (Leak("card number", "plain", "the address of the merchant"),), Outcome.FAILED),
        ("fail", (Leak("cvv", "field", "the form sent to the merchant"),), Outcome.FAILED),
        ("success", (), Outcome.PASSED),
        ("success", (Leak("secret", "text", "the address of the merchant"),), Outcome.PASSED),
    ],
)
def test_what_a_payer_takes_to_the_merchant_is_judged_as_noted(landed: Any, leaks: tuple[Leak, ...], expected: Outcome) -> None:
    url = "http://shop/return?card=424242******4242"
    told: dict[str, Any] = {"id": "j1", "order": "o1", "case": "c", "mode": Mode.CASHIER}
    assert outcome(Journey(**told, landed=landed, final_url=url, leaks=leaks)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("********67673670", Outcome.WARNED),
        ("xxxx xxxx 45678", Outcome.NOT_OBSERVED),
        ("************3670", Outcome.NOT_OBSERVED),
        ("****45678", Outcome.NOT_OBSERVED),
    ],
)
def test_a_mask_with_a_long_ending_hides_too_little(text: str, expected: Outcome) -> None:
    reply = msgspec.structs.replace(page(Mode.CARD, text=text), kind="create")
    assert outcome(reply, "PC-03") is expected


def test_a_part_of_a_number_is_a_mask_that_hides_too_little() -> None:
    assert outcome(page(Mode.CARD, PART)) is Outcome.PASSED
    assert outcome(page(Mode.CARD, PART), "PC-03") is Outcome.WARNED
    assert outcome(page(Mode.CASHIER, PART), "PC-03") is Outcome.NOT_OBSERVED
