"""The payer on pages that nobody described: what leads on, and what is left alone."""

import pytest

from payconform.model.message import Response
from tests.unit.adapters.walking import CASHIER_FORM, FAIL, START, SUCCESS, html, pay, redirect

PAID = html(CASHIER_FORM)
CANCEL = "<form action=/cancel method=post><button>Cancel</button></form>"
GO_ON = "<form action=/bank method=post><input type=hidden name=PaReq value=1><button>Continue</button></form>"
PRINT = "<form action=/receipt><button>Print receipt</button></form>"
SELECT = "<form action=/language><select name=l><option>en</select><button>OK</button></form>"


def landed(*pages: str) -> tuple[str, str, list[str]]:
    """Where a payer lands who meets these pages once the card was filled in, whose doing it is if nowhere, and what was asked."""
    landing, asked = pay(PAID, *map(html, pages), redirect(SUCCESS))
    return landing.landed, landing.fault, [request.url.removeprefix("https://psp.test") for request in asked[2:]]


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        (f"<meta http-equiv=refresh content='3; url=/status'>{CANCEL}", "/status"),
        (f"<meta http-equiv=refresh content='3; url=/status'>{GO_ON}", "/status"),
        (f"<meta http-equiv=refresh content='3; url=/status'>{GO_ON}<script>document.forms[0].submit()</script>", "/bank"),
        (f"<noscript><meta http-equiv=refresh content='0; url=/plain'></noscript><script src=a.js></script>{GO_ON}", "/bank"),
        (f"<noscript><meta http-equiv=refresh content='0; url=/plain'></noscript>{GO_ON}", "/plain"),
        ("<noscript><meta http-equiv=refresh content='0; url=/plain'></noscript><script src=a.js></script>", "/plain"),
        (f"<meta http-equiv=refresh content='900; url=/expired'>{GO_ON}", "/bank"),
        ("<meta http-equiv=refresh content='900; url=/expired'>", "/expired"),
        (f"{GO_ON}<a href='{FAIL}'>Return</a>", "/bank"),
        ("Paid. <a href='/return/abc'>Back to shop</a> <a href='#top'>Top</a>", "/return/abc"),
        ("Paid. <a href='/return/abc'>Back to shop</a> <a href='https://bank.test/'>Our bank</a>", "/return/abc"),
        (f"Paid. {PRINT} <a href='/return/abc'>Back to shop</a>", "/return/abc"),
    ],
)
def test_a_page_is_left_as_its_payer_would_leave_it(page: str, asked: str) -> None:
    assert landed(page) == ("success", "", [asked])


@pytest.mark.parametrize("button", [PRINT, GO_ON])
def test_the_way_back_to_the_shop_comes_before_a_button(button: str) -> None:
    assert landed(f"Paid. {button} <a href='{SUCCESS}'>Back to shop</a>") == ("success", "", [])


@pytest.mark.parametrize(
    "page",
    [
        CANCEL,
        f"<script>poll()</script>{CANCEL}",
        "<meta http-equiv=refresh content='900; url=/expired'><script src=a.js></script>",
        f"Paid. <a href='{SUCCESS}'>Shop</a> <a href='{FAIL}'>Cancel</a>",
        "Paid. <a href='/return/abc'>Back to shop</a> <a href='/help'>Help</a>",
        "Wait. <a href='/cancel/abc'>Cancel</a>",
        "Wait. <a href='/return/abc'>Back to shop</a><script src=a.js></script>",
        f"Paid. {SELECT} <a href='/return/abc'>Back to shop</a>",
    ],
)
def test_what_is_not_surely_the_way_on_is_left_alone_and_nobody_blamed(page: str) -> None:
    assert landed(page) == ("", "profile", [])


def test_a_payer_for_whom_a_button_leads_nowhere_takes_the_link_beside_it() -> None:
    page = f"{GO_ON}<a href='{FAIL}'>Return</a>"
    gone = Response(status=404)
    landing, asked = pay(PAID, html(page), gone)
    assert (landing.landed, len(asked)) == ("fail", 3)
    unknown = html("<form><input name=otp></form>")
    assert pay(PAID, html(page), unknown)[0].fault == "profile"
    assert pay(html(page), gone)[0].fault == "provider", "nothing was paid before the button"


def test_a_button_that_changes_nothing_is_not_pressed_again_where_a_link_leads_out() -> None:
    page = html(f"Failed. <form action='/invoice'><button>Download</button></form><a href='{FAIL}'>Back to shop</a>")
    for before in ((), (PAID,)):
        landing, asked = pay(*before, page, page)
        assert (landing.landed, len(asked)) == ("fail", len(before) + 2)


def test_only_one_link_is_tried() -> None:
    nowhere = "<a href='/a'>A</a>"
    landing, asked = pay(PAID, html(nowhere), html("<a href='/b'>B</a>"))
    assert (landing.landed, landing.fault, len(asked)) == ("", "profile", 3)
    landing, asked = pay(PAID, html(nowhere), html("<p>Thank you</p>"))
    assert (landing.stuck, landing.fault) == (
        "https://psp.test/a: leaves the payer there: no form, no link back and no redirect",
        "provider",
    )
    shop = html(f"{nowhere}<a href='https://bank.test/'>Our bank</a>")
    assert pay(PAID, shop, html("<p>Thank you</p>"))[0].fault == "profile"
    assert pay(html(nowhere))[0].fault == "profile", "nothing was paid yet"


def test_a_page_that_polls_gives_the_target_time() -> None:
    polling, status = html("<meta http-equiv=refresh content='0.5'>"), html("<meta http-equiv=refresh content='0; url=/status'>")
    _, asked = pay(polling, polling, polling, redirect(SUCCESS))
    assert [request.wait_s for request in asked] == [0, 0.5, 1, 1.5]
    landing, asked = pay(status, redirect(START), status, redirect(START), status, redirect(SUCCESS))
    assert landing.landed == "success"
    assert [request.wait_s for request in asked] == [0, 0, 0, 0.5, 0, 1]


def test_processing_may_take_longer_than_any_number_of_pages() -> None:
    landing, asked = pay(*[html("<meta http-equiv=refresh content='0'>")] * 27, redirect(SUCCESS))
    assert (landing.landed, len(asked)) == ("success", 28)
