"""The payer on scripted pages: what it asks for, and where it says it landed."""

import pytest

from payconform.adapters.form_payer import walk
from payconform.model.address import same_place
from payconform.model.message import Errand, Landing, Response
from payconform.model.profile import Match, Page
from tests.unit.adapters.walking import (
    CASHIER_FORM,
    CHALLENGE_FORM,
    FAIL,
    NUMBER,
    PAGES,
    START,
    SUCCESS,
    errand,
    header,
    html,
    pay,
    redirect,
    sent,
)


def test_the_payer_pays_through_cashier_and_challenge() -> None:
    landing, asked = pay(
        html(CASHIER_FORM), redirect("../../acs?id=7#top", status=303), html(CHALLENGE_FORM), redirect(f"{SUCCESS}?id=7")
    )
    assert landing == Landing(landed="success", final_url=f"{SUCCESS}?id=7", pages=("cashier", "3ds"))
    assert [(request.method, request.url) for request in asked] == [
        ("GET", START),
        ("POST", "https://psp.test/pay/1/card"),
        ("GET", "https://psp.test/acs?id=7"),
        ("POST", "https://psp.test/acs?id=7"),
    ]
    assert sent(asked[1]) == {"cardNumber": NUMBER, "expiry": "03/30", "csrf": "t&k", "go": "1"}
    assert sent(asked[3]) == {"code": "Checkout1!"}


@pytest.mark.parametrize(("status", "form"), [(303, b""), (307, b"cardNumber=4242424242424242&expiry=03%2F30&csrf=t%26k&go=1")])
def test_what_the_browser_sends_to_the_merchant_is_kept(status: int, form: bytes) -> None:
    landing, _ = pay(html(CASHIER_FORM), redirect(SUCCESS, status=status))
    assert (landing.landed, landing.sent) == ("success", form)
    assert "4242" not in repr(landing)


def test_the_payer_fails_the_challenge_on_purpose() -> None:
    landing, asked = pay(html(CASHIER_FORM), html(CHALLENGE_FORM), redirect(FAIL), reject=True)
    assert (landing.landed, landing.stuck) == ("fail", "")
    assert sent(asked[2]) == {"code": "wrong"}


def test_requests_look_like_a_browsers() -> None:
    _, asked = pay(html(CASHIER_FORM), redirect("https://acs.test/", status=303), html(CHALLENGE_FORM), redirect(SUCCESS))
    assert all(header(request, "User-Agent").startswith("Mozilla/5.0") for request in asked)
    assert all("text/html" in header(request, "Accept") for request in asked)
    assert [header(request, "Referer") for request in asked] == ["", START, "https://psp.test/", "https://acs.test/"]
    assert [header(request, "Origin") for request in asked] == ["", "https://psp.test", "", "https://acs.test"]
    assert header(asked[1], "Content-Type") == "application/x-www-form-urlencoded"


def test_cookies_go_back_to_where_they_came_from() -> None:
    _, asked = pay(
        html(CASHIER_FORM, ("Set-Cookie", "s=1; Path=/; HttpOnly"), ("set-cookie", "t=2")),
        redirect("https://acs.test/", ("Set-Cookie", "s=9; Path=/")),
        redirect("https://psp.test/done", ("Set-Cookie", "acs=1")),
        redirect(SUCCESS),
    )
    assert [header(request, "Cookie") for request in asked] == ["", "t=2; s=1", "", "s=9"]


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"x=1"), (308, "POST", b"x=1")],
)
def test_a_redirect_keeps_or_drops_the_form(status: int, method: str, body: bytes) -> None:
    form = "<form method=post action=/a><input type=hidden name=x value=1></form>"
    _, asked = pay(html(form), redirect("/b", status=status), redirect(SUCCESS))
    assert (asked[2].method, asked[2].url, asked[2].body) == (method, "https://psp.test/b", body)
    assert bool(header(asked[2], "Content-Type")) == bool(body)


@pytest.mark.parametrize(
    ("body", "landed"),
    [
        (f"<meta http-equiv='Refresh' content=\"3; URL='{SUCCESS}'\">", "success"),
        (f"<p>Thank you</p><a href='{FAIL}?why=1'>Back to the shop</a>", "fail"),
        (f"<form method=post action='{SUCCESS}'><input type=hidden name=a></form>", "success"),
        (f"<script>setTimeout(() => {{ location.href = '{SUCCESS}' }}, 3000)</script>", "success"),
        (f'<script>location.replace("{SUCCESS.replace("/", chr(92) + "/")}?a=1")</script>', "success"),
        (f"<script>window.location='{SUCCESS.replace('/', chr(92) + 'u002F')}'</script>", "success"),
        (f"<script>window.location='{FAIL.replace('/', chr(92) + 'x2f')}'</script>", "fail"),
        (f"<body onload=\"location='{SUCCESS.replace('/', '&#x2F;')}?a=1&amp;b=2'\">", "success"),
        (f"<button onclick=\"window.location.assign('{SUCCESS}')\">Continue</button>", "success"),
    ],
)
def test_a_page_that_only_sends_the_payer_back_is_a_landing(body: str, landed: str) -> None:
    landing, asked = pay(html(body))
    assert (landing.landed, landing.stuck) == (landed, "")
    assert same_place(landing.final_url, SUCCESS if landed == "success" else FAIL)
    assert len(asked) == 1, "the return address itself is not asked for"


@pytest.mark.parametrize(
    "body",
    [
        f"<a href='{SUCCESS}'>Paid</a><a href='{FAIL}'>Cancel</a>",
        f"<script>location = ok ? '{SUCCESS}' : '{FAIL}'</script>",
        f"<script>var config = {{cancel: '{FAIL}'}}</script><div id=app></div>",
        f"<script src=app.js></script><a href='{FAIL}'>Cancel</a>",
        f'<script type=\'application/json\'>{{"location": "{FAIL}"}}</script>',
        f"<form><input name=pan><button>Pay</button></form><a href='{FAIL}'>Cancel</a>",
    ],
)
def test_a_return_address_that_is_only_mentioned_is_no_landing(body: str) -> None:
    landing, _ = pay(html(body))
    assert landing.landed == ""
    assert landing.stuck


def test_a_link_counts_on_a_scripted_page_once_the_payer_has_paid() -> None:
    landing, _ = pay(html(CASHIER_FORM), html(f"<script src=a.js></script><a href='{SUCCESS}'>Back</a>"))
    assert landing.landed == "success"


@pytest.mark.parametrize(
    "form",
    [
        "<form action=acs method=post><input type=hidden name=PaReq value=1></form><script>document.forms[0].submit()</script>",
        "<form action=acs method=post><input type=hidden name=PaReq value=1><button>Continue</button></form>",
        "<form id=f action=acs method=post></form><input form=f type=hidden name=PaReq value=1>",
    ],
)
def test_a_form_without_questions_is_submitted(form: str) -> None:
    landing, asked = pay(html(form), redirect(SUCCESS))
    assert landing.landed == "success"
    assert (asked[1].url, sent(asked[1])) == ("https://psp.test/pay/acs", {"PaReq": "1"})


def test_the_frame_that_leads_on_is_followed() -> None:
    page = "<iframe src='about:blank'></iframe><iframe src='/device'></iframe><iframe src='/acs'></iframe>"
    landing, asked = pay(html(page), html("<p>device data</p>"), html(CHALLENGE_FORM), redirect(SUCCESS))
    assert (landing.landed, landing.pages) == ("success", ("3ds",))
    assert [request.url for request in asked] == [
        START,
        "https://psp.test/device",
        "https://psp.test/acs",
        "https://psp.test/acs",
    ]


def test_a_stuck_frame_says_why() -> None:
    landing, _ = pay(html("<iframe src=/acs></iframe>"), html("<form><input name=otp></form>"))
    assert (landing.fault, landing.stuck) == (
        "profile",
        "https://psp.test/acs: no page of the profile matches a form with 'otp'",
    )


def test_a_page_that_polls_is_waited_for() -> None:
    polling = html("<meta http-equiv=refresh content=2>")
    landing, asked = pay(polling, polling, redirect(SUCCESS))
    assert landing.landed == "success"
    assert [(request.url, request.wait_s) for request in asked] == [(START, 0), (START, 2), (START, 2)]


def test_a_refresh_elsewhere_is_followed_at_once() -> None:
    _, asked = pay(Response(status=200, headers=(("Refresh", "9; url=/next"),)), redirect(SUCCESS))
    assert [(request.url, request.wait_s) for request in asked[1:]] == [("https://psp.test/next", 0)]


def test_a_declined_card_may_be_tried_a_few_times() -> None:
    landing, asked = pay(*[html(CASHIER_FORM)] * 4, redirect(FAIL), declined=True)
    assert (landing.landed, len(asked)) == ("fail", 5)


def test_the_profile_says_how_a_payer_gives_up() -> None:
    gives_up = Page(name="declined", match=Match(text="card was declined"), submit="Cancel")
    told = html(f"<p>Your card was declined</p>{CASHIER_FORM}")
    landing, asked = pay(html(CASHIER_FORM), told, redirect(FAIL), declined=True, pages=(gives_up, *PAGES))
    assert (landing.landed, landing.pages) == ("fail", ("cashier", "declined"))
    assert b"cancel=" in asked[2].body


def test_a_refused_form_shown_again_is_filled_again() -> None:
    landing, _ = pay(html(CASHIER_FORM), html(CASHIER_FORM, status=422), redirect(SUCCESS))
    assert (landing.landed, landing.pages) == ("success", ("cashier", "cashier"))


def test_a_choice_of_buttons_is_filled_like_a_field() -> None:
    page = Page(name="acs", match=Match(url="/pay/"), fill={"result": "Y"}, fill_reject={"result": "N"})
    form = "<form method=post><button name=result value=Y>Approve</button><button name=result value=N>Decline</button></form>"
    assert sent(pay(html(form), redirect(SUCCESS), pages=(page,))[1][1]) == {"result": "Y"}
    assert sent(pay(html(form), redirect(FAIL), pages=(page,), reject=True)[1][1]) == {"result": "N"}


def test_the_form_with_the_fields_is_filled_among_several() -> None:
    search = "<form action=/search><input name=q><button>Search</button></form>"
    _, asked = pay(html(search + CASHIER_FORM), redirect(SUCCESS))
    assert asked[1].url == "https://psp.test/pay/1/card"


def test_the_form_with_the_button_is_submitted_among_several() -> None:
    page = Page(name="confirm", match=Match(text="Sure"), submit="yes")
    forms = "Sure?<form action=/no><button>No</button></form><form action=/yes><button>Yes</button></form>"
    assert pay(html(forms), redirect(SUCCESS), pages=(page,))[1][1].url == "https://psp.test/yes"
    undecided = Page(name="confirm", match=Match(text="Sure"))
    assert "several forms" in pay(html(forms), pages=(undecided,))[0].stuck


def test_an_address_to_pay_at_that_is_a_return_address_is_a_landing() -> None:
    assert pay(Response(), url=f"{SUCCESS}?x=1") == (Landing(landed="success", final_url=f"{SUCCESS}?x=1"), [])


def test_a_raw_location_is_read_as_utf_8() -> None:
    _, asked = pay(redirect("/zürich".encode().decode("latin-1")), redirect(SUCCESS))
    assert asked[1].url == "https://psp.test/zürich"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://shop.test/ok", True),
        ("https://shop.test/ok?id=1#f", True),
        ("HTTPS://SHOP.test:443/ok", True),
        ("https://shop.test/%6fk", True),
        ("http://shop.test/ok", False),
        ("https://shop.test/ok/", False),
        ("https://shop.test:444/ok", False),
        ("https://shop.test.evil/ok", False),
        ("https://[::1", False),
        ("https://shop.test:x/ok", False),
    ],
)
def test_a_place_is_scheme_host_and_path(url: str, same: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert same_place(url, "https://shop.test/ok") is same


def test_an_escaped_slash_does_not_cut_a_path() -> None:
    assert same_place("https://shop.test/a%2Fb/c%20d", "https://shop.test/a%2fb/c d")
    assert not same_place("https://shop.test/a/b", "https://shop.test/a%2Fb")


def test_looking_follows_redirects_with_their_cookies_and_touches_nothing() -> None:
    looking = Errand(
        url="https://pay.example/enter", success_url="https://m.example/ok", fail_url="https://m.example/no", values={}, look=True
    )
    steps = walk(looking, ())
    next(steps)
    asked = steps.send(Response(status=307, headers=(("Location", "/page"), ("Set-Cookie", "session=1; Path=/"))))
    assert (asked.method, asked.url) == ("GET", "https://pay.example/page")
    assert ("Cookie", "session=1") in asked.headers
    with pytest.raises(StopIteration) as ended:
        steps.send(Response(status=200, headers=(("Content-Type", "text/html"),), body=b"<form><button>Go</button></form>"))
    assert ended.value.value.final_url == "https://pay.example/page"


def test_going_back_presses_the_last_button_once_more() -> None:
    twice = Errand(url=START, success_url=SUCCESS, fail_url=FAIL, values=errand().values, again=True)
    steps = walk(twice, PAGES)
    next(steps)
    paid = steps.send(html(CASHIER_FORM))
    again = steps.send(redirect(f"{SUCCESS}?id=7"))
    assert (again.method, again.url, again.body) == (paid.method, paid.url, paid.body)
    with pytest.raises(StopIteration) as ended:
        steps.send(redirect(FAIL))
    assert ended.value.value.landed == "success"


def test_a_page_without_forms_is_left_by_the_link_that_the_profile_names() -> None:
    welcome = html("<h1>Your order</h1><a href=/help>Help</a> <a href='/pay/2'>Continue  to\n payment</a>")
    entry = Page(name="welcome", match=Match(text="Your order"), submit="continue to payment")
    landing, asked = pay(welcome, html(CASHIER_FORM), redirect(SUCCESS), pages=(entry, *PAGES))
    assert landing.landed == "success"
    assert asked[1].url == "https://psp.test/pay/2"


def test_a_link_that_the_profile_names_leads_on_beside_a_form_of_no_concern() -> None:
    done = html(
        "<form action=/lang method=post><input type=hidden name=l value=en></form>Paid. <a href=/back>Return to merchant</a>"
    )
    leaving = Page(name="done", match=Match(text="Paid"), submit="Return to merchant")
    landing, asked = pay(html(CASHIER_FORM), done, redirect(SUCCESS), pages=(leaving, *PAGES))
    assert (landing.landed, asked[2].url) == ("success", "https://psp.test/back")


def test_whoever_failed_the_challenge_goes_back_and_passes_it() -> None:
    back = Errand(url=START, success_url=SUCCESS, fail_url=FAIL, values=errand().values, reject=True, again=True)
    steps = walk(back, PAGES)
    next(steps)
    failed = steps.send(html(CHALLENGE_FORM))
    passed = steps.send(redirect(FAIL))
    assert (sent(failed), sent(passed)) == ({"code": "wrong"}, {"code": "Checkout1!"})
    with pytest.raises(StopIteration) as ended:
        steps.send(redirect(SUCCESS))
    assert ended.value.value.landed == "fail"


def test_whoever_was_declined_goes_back_and_tries_another_card() -> None:
    other = {**errand().values, "number": "5555555555554444"}
    declined = Errand(
        url=START, success_url=SUCCESS, fail_url=FAIL, values=errand().values, declined=True, again=True, values_again=other
    )
    steps = walk(declined, PAGES)
    next(steps)
    first = steps.send(html(CASHIER_FORM))
    second = steps.send(redirect(FAIL))
    assert "5555555555554444" in sent(second).values()
    assert {name for name in sent(first) if sent(first)[name] != sent(second)[name]} == {
        name for name, value in sent(second).items() if value == "5555555555554444"
    }
    with pytest.raises(StopIteration) as ended:
        steps.send(redirect(SUCCESS))
    assert ended.value.value.landed == "fail"


def test_another_tab_shares_the_cookies_of_the_browser() -> None:
    beside = Errand(url=START, success_url=SUCCESS, fail_url=FAIL, values=errand().values, beside="https://psp.test/pay/2")
    steps = walk(beside, PAGES)
    next(steps)
    looked = steps.send(html(CASHIER_FORM))
    paid = steps.send(Response(status=200, headers=(("Set-Cookie", "order=2; Path=/"),)))
    assert (looked.method, looked.url) == ("GET", "https://psp.test/pay/2")
    assert (paid.method, header(paid, "Cookie")) == ("POST", "order=2")
