"""Pages that a payer meets, and a way to walk through them without a network."""

from urllib.parse import parse_qsl

from payconform.adapters.form_payer import walk
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
