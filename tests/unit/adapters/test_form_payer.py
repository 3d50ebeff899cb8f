"""The payer on scripted pages: what it asks for, and where it says it landed."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.adapters.form_payer import MOST_HOPS, same_place, walk
from payconform.model.message import Errand, Landing, Request, Response
from payconform.model.profile import Match, Page

SUCCESS = "http://127.0.0.1:9000/return/o-1/success"
FAIL = "http://127.0.0.1:9000/return/o-1/fail"
START = "https://psp.test/pay/1?session=abc"
NUMBER = "4242424242424242"

CASHIER = Page(
    name="cashier",
    match=Match(field="cardNumber"),
    fill={"cardNumber": "{number}", "expiry": "{expiry_month:02d}/{expiry_yy}"},
    submit="Pay now",
)
CHALLENGE = Page(name="3ds", match=Match(text="(?i)one-time code"), fill={"code": "Checkout1!"}, fill_reject={"code": "wrong"})
PAGES = (CASHIER, CHALLENGE)

CASHIER_FORM = """<form action="/pay/1/card" method="post"><input name=cardNumber><input name=expiry>
    <input type=hidden name=csrf value="t&amp;k"><button type=submit name=go value=1> Pay
    NOW </button><button name=cancel>Cancel</button></form>"""
CHALLENGE_FORM = "<p>Enter your one-time code</p><form method=post><input type=password name=code><input type=submit></form>"


def errand(*, reject: bool = False, declined: bool = False, url: str = START) -> Errand:
    values: dict[str, str | int] = {"number": NUMBER, "expiry_month": 3, "expiry_year": 2030, "expiry_yy": "30", "cvv": "123"}
    return Errand(url=url, success_url=SUCCESS, fail_url=FAIL, values=values, reject=reject, declined=declined)


def html(body: str, *headers: tuple[str, str], status: int = 200) -> Response:
    return Response(status=status, headers=(("Content-Type", "text/html; charset=utf-8"), *headers), body=body.encode())


def redirect(location: str, *headers: tuple[str, str], status: int = 302) -> Response:
    return Response(status=status, headers=(("Location", location), *headers))


def pay(
    *responses: Response,
    reject: bool = False,
    declined: bool = False,
    pages: tuple[Page, ...] = PAGES,
    url: str = START,
) -> tuple[Landing, list[Request]]:
    """Walk with these responses (the last one for ever) and return the landing and what was asked for."""
    asked: list[Request] = []
    steps = walk(errand(reject=reject, declined=declined, url=url), pages)
    try:
        request = next(steps)
        while True:
            asked.append(request)
            request = steps.send(responses[min(len(asked), len(responses)) - 1])
    except StopIteration as ended:
        return ended.value, asked


def sent(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def header(request: Request, name: str) -> str:
    return next((value for key, value in request.headers if key == name), "")


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


@pytest.mark.parametrize("response", [html("<meta http-equiv=refresh content='60'>"), redirect(START)])
def test_going_round_in_circles_ends(response: Response) -> None:
    landing, asked = pay(response)
    assert len(asked) == MOST_HOPS
    assert max(request.wait_s for request in asked) <= 5
    assert (landing.fault, landing.stuck) == ("provider", "https://psp.test/pay/1: leads nowhere within 25 pages")


def test_a_page_that_comes_again_is_not_filled_for_ever() -> None:
    landing, asked = pay(html(CHALLENGE_FORM))
    assert len(asked) == 3
    assert landing.pages == ("3ds",) * 2
    assert landing.fault == "provider"
    assert landing.stuck.endswith("shows page '3ds' again after it was filled 2 times")


@pytest.mark.parametrize("why", ["reject", "declined"])
def test_a_page_that_takes_any_number_of_tries_leaves_the_outcome_open(why: str) -> None:
    landing, asked = pay(html(CHALLENGE_FORM), reject=why == "reject", declined=why == "declined")
    assert len(asked) == 6
    assert landing.fault == "profile"
    assert "shows page '3ds' again after it was filled 5 times, as if it took any number of tries; describe" in landing.stuck


def test_a_declined_card_may_be_tried_a_few_times() -> None:
    landing, asked = pay(*[html(CASHIER_FORM)] * 4, redirect(FAIL), declined=True)
    assert (landing.landed, len(asked)) == ("fail", 5)


def test_the_profile_says_how_a_payer_gives_up() -> None:
    gives_up = Page(name="declined", match=Match(text="card was declined"), submit="Cancel")
    told = html(f"<p>Your card was declined</p>{CASHIER_FORM}")
    landing, asked = pay(html(CASHIER_FORM), told, redirect(FAIL), declined=True, pages=(gives_up, *PAGES))
    assert (landing.landed, landing.pages) == ("fail", ("cashier", "declined"))
    assert b"cancel=" in asked[2].body


@pytest.mark.parametrize(
    ("response", "fault", "why"),
    [
        (Response(error="connection refused"), "network", "connection refused"),
        (Response(status=200, error="response broke off after 3 of 9 bytes"), "network", "response broke off after 3 of 9 bytes"),
        (html("<h1>Thank you</h1>"), "provider", "leaves the payer there: no form, no link back and no redirect"),
        (Response(status=204), "provider", "leaves the payer there: no form, no link back and no redirect"),
        (html("<h1>Gone</h1>", status=404), "provider", "answered HTTP 404"),
        (html("<form action=/report><button>Report</button></form>", status=500), "provider", "answered HTTP 500"),
        (Response(status=302), "provider", "answered HTTP 302 without an address"),
        (redirect("bank://pay"), "provider", "answered HTTP 302 to what is not a web address"),
        (redirect("http://[::1"), "provider", "answered HTTP 302 to what is not a web address"),
        (html("<script src=app.js></script>"), "profile", "moves on by script only: it needs a browser as payer"),
        (
            html("<form><input name=pan><select name=m></select></form>"),
            "profile",
            "no page of the profile matches a form with 'pan', 'm'",
        ),
        (
            html("<form><button>Yes</button><button>No</button></form>"),
            "profile",
            "no page of the profile chooses among the buttons 'Yes', 'No'",
        ),
        (
            html("<form action='javascript:go()'><button>Go</button></form>"),
            "profile",
            "sends its form by script: it needs a browser as payer",
        ),
        (html("<input name=cardNumber>"), "profile", "page 'cashier': the page has no form: it needs a browser as payer"),
        (
            html("<form><input name=cardNumber><button>Pay now</button></form>"),
            "profile",
            "page 'cashier': no field 'expiry', but 'cardNumber'",
        ),
        (
            html("<form><input name=cardNumber><input name=expiry><button>Buy</button></form>"),
            "profile",
            "page 'cashier': no button 'Pay now', but 'Buy'",
        ),
        (
            html("<form><input name=cardNumber><select name=expiry><option>01</select><button>Pay now</button></form>"),
            "profile",
            "page 'cashier': no option of 'expiry' is what the profile fills in",
        ),
        (
            html("One-time code<form><input name=code><button>OK</button><button>Resend</button></form>"),
            "profile",
            "page '3ds': several buttons ('OK', 'Resend') and no `submit` that names one",
        ),
    ],
)
def test_a_stuck_payer_says_why_and_whose_doing_it_is(response: Response, fault: str, why: str) -> None:
    landing, asked = pay(response)
    assert (landing.landed, landing.fault, landing.stuck) == ("", fault, f"https://psp.test/pay/1: {why}")
    assert landing.final_url == START
    assert len(asked) == 1


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


@pytest.mark.parametrize("template", ["{nothing}", "{number", "{0}", "{number.secret}", "{number:d}"])
def test_a_template_that_cannot_be_formatted_is_the_profiles_fault(template: str) -> None:
    page = Page(name="cashier", match=Match(field="pan"), fill={"pan": template})
    landing, _ = pay(html("<form><input name=pan></form>"), pages=(page,))
    assert landing.fault == "profile"
    assert NUMBER not in landing.stuck


def test_an_address_to_pay_at_that_is_a_return_address_is_a_landing() -> None:
    assert pay(Response(), url=f"{SUCCESS}?x=1") == (Landing(landed="success", final_url=f"{SUCCESS}?x=1"), [])


@pytest.mark.parametrize("url", ["", "pay", "http://[::1", "javascript:alert(1)", "//psp.test/"])
def test_an_address_to_pay_at_that_is_none_is_the_providers_fault(url: str) -> None:
    landing, asked = pay(Response(), url=url)
    assert (landing.fault, asked) == ("provider", [])


def test_card_data_in_an_address_is_not_in_the_reason() -> None:
    form = "<form><input name=cardNumber><input name=expiry><button>Pay now</button></form>"
    landing, asked = pay(html(form), html("<p>over</p>"))
    assert NUMBER in asked[1].url
    assert NUMBER not in landing.stuck


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


FRAGMENTS = st.sampled_from(
    [
        *("<form method=post>", "<form action='", "</form>", "<input name=cardNumber>", "<input name=expiry>"),
        *("<input type=hidden name=a>", "<button>Pay now</button>", "<select name=expiry>", "<option>", "<iframe src='/"),
        *("'>", "<base href='//[", "<meta http-equiv=refresh content='", "0;url=", SUCCESS, FAIL, "<a href='"),
        *("<script>location='", "</script>", "one-time code", "\\u00", "\\x2", "&#xD800;", "\0", "http://["),
    ],
)
DOCUMENTS = st.lists(FRAGMENTS | st.text(max_size=8)).map("".join).map(lambda text: text.encode("utf-8", "surrogatepass"))
RESPONSES = st.builds(
    Response,
    status=st.sampled_from([None, 200, 200, 200, 302, 307, 404, 500]),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["Location", "Set-Cookie", "Refresh", "Date"]),
            st.sampled_from(["/", SUCCESS, "http://[", "a=b; Max-Age=x; Expires=y; Domain=z", "0;url=/x"]) | st.text(max_size=20),
        )
        | st.tuples(
            st.just("Content-Type"),
            st.sampled_from(["text/html", "text/html; charset=utf-16", "text/html; charset=hex", "application/json"])
            | st.text(max_size=9).map("text/html; charset={}".format),
        ),
        max_size=3,
    ).map(tuple),
    body=DOCUMENTS | st.binary(max_size=50),
)


@given(st.lists(RESPONSES, min_size=1, max_size=4), st.booleans())
def test_the_walk_always_ends_without_an_error(responses: list[Response], reject: bool) -> None:  # noqa: FBT001 - drawn
    landing, asked = pay(*responses, reject=reject)
    assert len(asked) <= MOST_HOPS
    assert bool(landing.landed) != bool(landing.stuck)
    assert bool(landing.stuck) == bool(landing.fault)
    assert NUMBER not in landing.stuck
    landing.final_url.encode()


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


def test_a_payer_who_got_nowhere_does_not_go_back() -> None:
    stuck = Errand(url=START, success_url=SUCCESS, fail_url=FAIL, values=errand().values, again=True)
    steps = walk(stuck, PAGES)
    next(steps)
    with pytest.raises(StopIteration) as ended:
        steps.send(html("", status=404))
    assert ended.value.value.fault == "provider"


def test_a_page_without_forms_is_left_by_the_link_that_the_profile_names() -> None:
    welcome = html("<h1>Your order</h1><a href=/help>Help</a> <a href='/pay/2'>Continue  to\n payment</a>")
    entry = Page(name="welcome", match=Match(text="Your order"), submit="continue to payment")
    landing, asked = pay(welcome, html(CASHIER_FORM), redirect(SUCCESS), pages=(entry, *PAGES))
    assert landing.landed == "success"
    assert asked[1].url == "https://psp.test/pay/2"


def test_links_that_nobody_chose_among_are_not_the_providers_fault_before_anything_was_paid() -> None:
    links = html("<a href=/help>Help</a> <a href=/pay/2>Continue</a>")
    landing, _ = pay(links)
    assert (landing.fault, landing.stuck.rpartition(": ")[2]) == (
        "profile",
        "no page of the profile chooses (`submit`) among the links 'Help', 'Continue'",
    )
    assert pay(html(CASHIER_FORM), links)[0].fault == "provider"
