"""A card form that a redirect sends on to the merchant, and what looks like it (PC-01)."""

import pytest

from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Exchange, OrderRecord
from payconform.model.finding import Outcome
from tests.journals import header

SHOP = "https://shop.example/inbox/o1"
CARD_FORM = b"pan=424242******4242&month=12&cvc=***"


def outcome(status: int, location: str, form: bytes = CARD_FORM) -> Outcome:
    document = {"request_id": "M1", "success_url": f"{SHOP}/success", "fail_url": f"{SHOP}/fail"}
    page = Exchange(
        id="p1",
        kind="page",
        order="o1",
        case="c",
        mode=Mode.CASHIER,
        method="POST",
        url="https://shop.example/pay/card",
        request_body=Body.of(form),
        status=status,
        response_headers=(("Location", location),),
    )
    records = (header(modes=(Mode.CASHIER,)), OrderRecord(id="o1", case="c", mode=Mode.CASHIER, document=document), page)
    return next(found.outcome for found in judge(records, clauses()) if (found.clause, found.mode) == ("PC-01", Mode.CASHIER))


@pytest.mark.parametrize("location", [f"{SHOP}/success?paid=1", "HTTPS://SHOP.EXAMPLE:443/inbox/o1/fail", "/inbox/o1/fail"])
@pytest.mark.parametrize("status", [307, 308])
def test_a_card_form_that_is_sent_on_to_the_merchant_is_a_leak(status: int, location: str) -> None:
    assert outcome(status, location) is Outcome.FAILED


@pytest.mark.parametrize(
    ("status", "location", "form"),
    [
        (303, f"{SHOP}/success", CARD_FORM),  # the browser asks for it by GET
        (307, "https://shop.example/pay/3ds", CARD_FORM),  # the provider's own page, though on the merchant's host
        (307, f"{SHOP}/success", b"shown=424242XXXXXX4242&code=1234"),  # a masked number as a page may show it
        (307, "https://[", CARD_FORM),
    ],
)
def test_other_redirects_are_not(status: int, location: str, form: bytes) -> None:
    assert outcome(status, location, form) is Outcome.PASSED
