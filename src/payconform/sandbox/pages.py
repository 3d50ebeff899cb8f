"""The hosted pages a payer sees: plain HTML forms that work in any browser, with the merchant's text escaped."""

import html
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from string import Template
from typing import NamedTuple
from urllib.parse import quote

from payconform.sandbox.cards import CHALLENGE_PASSWORD
from payconform.sandbox.foundation import Foundation
from payconform.sandbox.order import Order
from payconform.sandbox.replies import HttpReply

HTML = "text/html; charset=utf-8"
NO_STORE: Mapping[str, str] = {"cache-control": "no-store"}
NOTHING: Mapping[str, str] = {}
URL_SAFE = ":/%#?=@[]!$&'()*+,;~"  # what a Location header may keep as it is


class FieldNames(NamedTuple):
    """What the forms call their fields and buttons: markup is the provider's own business."""

    number: str = "cardNumber"
    month: str = "expMonth"
    year: str = "expYear"
    cvv: str = "cvc"
    password: str = "password"
    pay: str = "Pay now"
    confirm: str = "Continue"


class Pages(Foundation):
    """Renders the pages; what submitting them does is in `Provider`."""

    def field_names(self) -> FieldNames:
        return FieldNames()

    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:
        terms, names = order.terms, self.field_names()
        notice = f'<p class="problem" role="alert">{html.escape(problem)}</p>' if problem else ""
        content = self.fill(
            "cashier",
            markup={"problem": notice},
            product_name=terms.product_name,
            description=terms.description,
            amount=terms.amount,
            currency=terms.currency,
            action=f"/cashier/{order.session}",
            **names._asdict(),
        )
        return self.page("Payment", content)

    def challenge_page(self, order: Order) -> HttpReply:
        content = self.fill(
            "challenge",
            amount=order.terms.amount,
            currency=order.terms.currency,
            action=f"/3ds/{order.session}",
            hint=CHALLENGE_PASSWORD,
            **self.field_names()._asdict(),
        )
        return self.page("3D Secure", content)

    def finished_page(self, order: Order) -> HttpReply:
        """What is left of a finished order's pages: the outcome and the way back to the shop."""
        landing = self.landing(order)
        content = self.fill(
            "finished",
            headline="Payment successful" if order.succeeded else "Payment failed",
            amount=order.terms.amount,
            currency=order.terms.currency,
            landing=landing,
        )
        refresh = f'<meta http-equiv="refresh" content="1; url={html.escape(landing)}">\n'
        return self.page("Payment finished", content, head=refresh)

    def unknown_page(self) -> HttpReply:
        return self.page("Unknown payment", self.fill("unknown"), status=404)

    def landing(self, order: Order) -> str:
        """Where the merchant wants the payer after this outcome (CA-06, CA-07)."""
        return order.terms.success_url if order.succeeded else order.terms.fail_url

    def redirect_after(self, order: Order) -> str:
        """Where a finished payment sends the payer."""
        return self.landing(order)

    def fill(self, template: str, markup: Mapping[str, str] = NOTHING, **values: str) -> str:
        """A template with `values` escaped and `markup`, which is our own, as it is."""
        return _template(template).substitute({name: html.escape(value) for name, value in values.items()}, **markup)

    def page(self, title: str, content: str, *, status: int = 200, head: str = "") -> HttpReply:
        frame = _template("frame").substitute(title=title, content=content, head=head)
        return HttpReply(status, frame.encode(), HTML, NO_STORE)

    def see_other(self, url: str) -> HttpReply:
        return HttpReply(303, b"", HTML, {"location": quote(url, safe=URL_SAFE), **NO_STORE})


@lru_cache
def _template(name: str) -> Template:
    return Template((files(__package__) / "templates" / f"{name}.html").read_text("utf-8"))
