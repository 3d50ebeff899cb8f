"""The payer who goes back after landing: what is sent again, and what is told of where that leads."""

from typing import Any

import pytest

from payconform.adapters.form_payer import walk
from payconform.model.message import Errand, Landing, Request, Response
from tests.unit.adapters.walking import (
    CASHIER_FORM,
    CHALLENGE_FORM,
    FAIL,
    NUMBER,
    PAGES,
    START,
    SUCCESS,
    errand,
    html,
    redirect,
    sent,
)

DECLINED = "4544249167673670"
SPOILT = {**errand().values, "number": DECLINED}


def go(*responses: Response, **asked_to: Any) -> tuple[Landing, list[Request]]:
    """Walk with these responses, all of which are wanted."""
    members = {"again": True, "values": errand().values, **asked_to}
    steps, asked, left = walk(Errand(url=START, success_url=SUCCESS, fail_url=FAIL, **members), PAGES), [], list(responses)
    try:
        request = next(steps)
        while True:
            asked.append(request)
            request = steps.send(left.pop(0))
    except StopIteration as ended:
        assert not left
        return ended.value, asked


def test_what_paid_is_sent_once_more_as_it_was_and_then_with_a_declined_card() -> None:
    landing, asked = go(html(CASHIER_FORM), redirect(SUCCESS), redirect(FAIL), redirect(SUCCESS), values_spoilt=SPOILT)
    assert [sent(request).get("cardNumber") for request in asked] == [None, NUMBER, NUMBER, DECLINED]
    assert (landing.landed, landing.again and (landing.again.landed, landing.again.since)) == ("success", ("fail", 2))


def test_what_was_looked_at_beside_counts_among_the_requests_before() -> None:
    pages = (html(CASHIER_FORM), html(CASHIER_FORM), redirect(SUCCESS), redirect(SUCCESS))
    landing, asked = go(*pages, beside="https://psp.test/pay/2")
    assert (landing.again and landing.again.since, len(asked)) == (3, 4)


def test_a_passed_challenge_is_passed_once_more_and_then_failed() -> None:
    pages = (html(CASHIER_FORM), html(CHALLENGE_FORM), redirect(SUCCESS))
    _, asked = go(*pages, redirect(SUCCESS), redirect(SUCCESS), values_spoilt=SPOILT)
    assert [sent(request).get("code") for request in asked[2:]] == ["Checkout1!", "Checkout1!", "wrong"]


def test_where_what_was_spoilt_leads_is_told_if_it_is_the_contrary() -> None:
    pages = (html(CASHIER_FORM), html(CHALLENGE_FORM), redirect(SUCCESS), redirect(SUCCESS))
    landing, _ = go(*pages, redirect(FAIL), values_spoilt=SPOILT)
    assert (landing.landed, landing.again and (landing.again.landed, landing.again.since)) == ("success", ("fail", 3))


def test_without_a_declined_card_nothing_is_spoilt() -> None:
    assert len(go(html(CASHIER_FORM), redirect(SUCCESS), redirect(SUCCESS))[1]) == 3


def test_a_payer_who_filled_nothing_has_nothing_to_go_back_to() -> None:
    assert go(redirect(SUCCESS), values_spoilt=SPOILT)[0].again is None


def test_a_form_that_comes_again_is_spoilt_all_the_same() -> None:
    over = html("<p>Over</p>")
    landing, asked = go(html(CASHIER_FORM), redirect(SUCCESS), html(CASHIER_FORM), html(CASHIER_FORM), over, values_spoilt=SPOILT)
    assert (landing.again and landing.again.landed, len(asked)) == ("", 5)


@pytest.mark.parametrize("why", [{"reject": True}, {"declined": True, "values_again": SPOILT}])
def test_whoever_was_to_fail_and_did_not_is_left_alone(why: dict[str, Any]) -> None:
    landing, _ = go(html(CHALLENGE_FORM), redirect(SUCCESS), values_spoilt=SPOILT, **why)
    assert landing == Landing(landed="success", final_url=SUCCESS, pages=("3ds",))


@pytest.mark.parametrize(
    "shown",
    [
        f"Already paid. <a href='{FAIL}'>Back to shop</a>",
        "Already paid. <a href='/return'>Back to shop</a>",
        f"Already paid. <form action='/invoice'><button>Download</button></form><a href='{FAIL}'>Back to shop</a>",
    ],
)
def test_a_link_tells_nothing_of_whoever_went_back(shown: str) -> None:
    landing, _ = go(html(CASHIER_FORM), redirect(SUCCESS), html(shown))
    assert landing.again is not None
    assert landing.again.landed == ""


def test_whoever_went_back_does_not_wait_for_long() -> None:
    polling = html("<meta http-equiv=refresh content=0>")
    _, asked = go(html(CASHIER_FORM), redirect(SUCCESS), *[polling] * 6)
    assert sum(request.wait_s for request in asked) <= 10


@pytest.mark.parametrize(
    ("page", "landed"),
    [
        (redirect(f"{FAIL}?id=7"), "fail"),
        (html(f"<meta http-equiv=refresh content='1; url={SUCCESS}'>"), "success"),
        (html(f"<meta http-equiv=refresh content='900; url={FAIL}'>"), ""),
        (html(f"<a href='{FAIL}'>Back</a>"), ""),
        (html("<meta http-equiv=refresh content=1>"), ""),
    ],
)
def test_whoever_opens_a_page_is_taken_where_it_leads_by_itself(page: Response, landed: str) -> None:
    landing, asked = go(page, look=True, again=False)
    assert (landing.landed, len(asked)) == (landed, 1)


def test_a_mistyped_number_is_corrected_when_the_page_comes_again() -> None:
    mistyped = {**errand().values, "number": "4242424242424247"}
    pages = (html(CASHIER_FORM), html(CASHIER_FORM), html(CHALLENGE_FORM), redirect(SUCCESS))
    landing, asked = go(*pages, again=False, values_mistyped=mistyped)
    assert [sent(request).get("cardNumber") for request in asked] == [None, "4242424242424247", NUMBER, None]
    assert landing.landed == "success"
