"""The payer on pages that lead nowhere: it always ends, and says why and whose doing it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.adapters.form_payer import walk
from payconform.adapters.pace import MOST_HOPS
from payconform.model.message import Errand, Response
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
    html,
    pay,
    redirect,
)

MOST_WAITS = 29
"""Polls of a page that gives itself no time: one half second longer each, five seconds at most, two minutes altogether."""


@pytest.mark.parametrize(
    ("response", "requests", "limit"),
    [
        (redirect(START), MOST_HOPS, "25 pages"),
        (html("<meta http-equiv=refresh content='60'>"), 25, "120 s"),
        (html("<meta http-equiv=refresh content='0.5'>"), MOST_WAITS, "120 s"),
        (html("<form method=post><button>Check again</button></form>"), 1 + MOST_WAITS, "120 s"),
    ],
)
def test_going_round_in_circles_ends(response: Response, requests: int, limit: str) -> None:
    landing, asked = pay(response)
    assert len(asked) == requests
    assert max(request.wait_s for request in asked) <= 5
    assert (landing.fault, landing.stuck) == ("provider", f"https://psp.test/pay/1: leads nowhere within {limit}")


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
        (
            html("One-time code sent. You may close this window."),
            "provider",
            "leaves the payer there: no form, no link back and no redirect",
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


@pytest.mark.parametrize("template", ["{nothing}", "{number", "{0}", "{number.secret}", "{number:d}"])
def test_a_template_that_cannot_be_formatted_is_the_profiles_fault(template: str) -> None:
    page = Page(name="cashier", match=Match(field="pan"), fill={"pan": template})
    landing, _ = pay(html("<form><input name=pan></form>"), pages=(page,))
    assert landing.fault == "profile"
    assert NUMBER not in landing.stuck


@pytest.mark.parametrize("url", ["", "pay", "http://[::1", "javascript:alert(1)", "//psp.test/"])
def test_an_address_to_pay_at_that_is_none_is_the_providers_fault(url: str) -> None:
    landing, asked = pay(Response(), url=url)
    assert (landing.fault, asked) == ("provider", [])


def test_card_data_in_an_address_is_not_in_the_reason() -> None:
    form = "<form><input name=cardNumber><input name=expiry><button>Pay now</button></form>"
    landing, asked = pay(html(form), html("<p>over</p>"))
    assert NUMBER in asked[1].url
    assert NUMBER not in landing.stuck


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
    assert len(asked) <= MOST_HOPS + MOST_WAITS
    assert bool(landing.landed) != bool(landing.stuck)
    assert bool(landing.stuck) == bool(landing.fault)
    assert NUMBER not in landing.stuck
    landing.final_url.encode()


def test_a_payer_who_got_nowhere_does_not_go_back() -> None:
    stuck = Errand(url=START, success_url=SUCCESS, fail_url=FAIL, values=errand().values, again=True)
    steps = walk(stuck, PAGES)
    next(steps)
    with pytest.raises(StopIteration) as ended:
        steps.send(html("", status=404))
    assert ended.value.value.fault == "provider"


def test_links_that_nobody_chose_among_are_not_the_providers_fault() -> None:
    links = html("<a href=/help>Help</a> <a href=/pay/2>Continue</a>")
    for responses in ((links,), (html(CASHIER_FORM), links)):
        landing, _ = pay(*responses)
        assert (landing.fault, landing.stuck.rpartition(": ")[2]) == (
            "profile",
            "no page of the profile chooses (`submit`) among the links 'Help', 'Continue'",
        )


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://127.0.0.1/return/o-1/success", "provider"),
        ("https://elsewhere.test/return/o-1/fail?x=1", "provider"),
        ("https://bank.test/acs", "network"),
        ("https://bank.test", "network"),
    ],
)
def test_a_dead_end_at_the_path_of_a_return_address_is_the_targets_doing(address: str, fault: str) -> None:
    landing, _ = pay(redirect(address), Response(error="connection refused"))
    assert (landing.landed, landing.fault) == ("", fault)
