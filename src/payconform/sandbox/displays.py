"""Providers that differ lawfully in what they show: of a card, and of the merchant's texts."""

import html
import json
from collections.abc import Mapping

from payconform.model.message import Request
from payconform.sandbox.cards import TEST_CARDS
from payconform.sandbox.catalogue import variant
from payconform.sandbox.order import Document, Order
from payconform.sandbox.pages import NOTHING
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply


def masked(order: Order) -> str:
    """The number of an order's card as PCI DSS lets anyone show it."""
    number = order.card.number if order.card else ""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


@variant("masked-card-in-redirect", "the redirect to the merchant, or the page before it, shows the masked card number")
class RedirectsWithMaskedCard(Provider):
    def landing(self, order: Order) -> str:
        url = super().landing(order)
        return f"{url}{'&' if '?' in url else '?'}card={masked(order)}"

    def finish(self, order: Order) -> HttpReply:
        return super().finish(order) if order.succeeded else self.finished_page(order)


@variant("card-described", "callbacks describe the card, in numbers as short as a security code")
class DescribesTheCard(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        number = order.card.number if order.card else ""
        card = {"country_numeric": "012", "product": "123", "bin": number[:8], "last4": number[-4:], "cvv_result": "M"}
        return {**super().channel_biz_data(order), "card": card}


@variant("other-masks", "callbacks mask the card number in several ways, and hide enough in all of them")
class MasksOtherwise(Provider):
    def channel_biz_data(self, order: Order) -> Document:
        number = order.card.number if order.card else ""
        first, last = number[:6], number[-4:]
        groups = f"{number[:4]}-{number[4:6]}XX-XXXX-{last}"
        ways = [groups, groups.replace("-", " "), "#" * 12 + last, first + "•" * 6 + last, f"{first}...{last}", f"{first}…{last}"]
        return {**super().channel_biz_data(order), "masks": [*ways, f"{first} {last}", f"{number[:8]} {last}"]}


@variant("test-cards-on-pages", "hosted pages list the test cards, and show which card is in use")
class ListsTestCards(Provider):
    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:
        return self.with_cards(super().cashier_page(order, problem), f"<p>For example {TEST_CARDS[0].number}</p>")

    def challenge_page(self, order: Order) -> HttpReply:
        cards = "".join(f"<li>{card.number}, security code {card.cvv}</li>" for card in TEST_CARDS)
        return self.with_cards(super().challenge_page(order), f"<p>Your card {masked(order)}</p><ul>{cards}</ul>")

    def with_cards(self, page: HttpReply, shown: str) -> HttpReply:
        return page._replace(body=page.body.replace(b"</main>", f"{shown}</main>".encode()))


@variant("texts-elsewhere", "the cashier page has the merchant's texts in its title, fields and scripts, and as markup nowhere")
class ShowsTextsElsewhere(Provider):
    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:
        name, description = order.terms.product_name, order.terms.description
        said = json.dumps({"name": name, "description": description}).replace("</", "<\\/")
        more = (
            f'<input type="hidden" name="about" value="{html.escape(description)}" data-name=\'{html.escape(name)}\'>'
            f"<textarea readonly>{name}</textarea><title>{description}</title><script>const order = {said};</script>"
            f'<script type="application/json">{said}</script><noscript>{name}</noscript><!-- {name} -->'
        )
        page = super().cashier_page(order, problem)
        return page._replace(body=page.body.replace(b"</main>", f"{more}</main>".encode()))


@variant("shows-no-texts", "the cashier page shows nothing of what the merchant wrote")
class ShowsNoTexts(Provider):
    def fill(self, template: str, markup: Mapping[str, str] = NOTHING, **values: str) -> str:
        hidden = {"product_name": "Your order", "description": ""}
        return super().fill(template, markup, **{name: hidden.get(name, value) for name, value in values.items()})


@variant("markup-refused", "texts with markup in them are refused by what stands in front of the endpoint")
class RefusesMarkup(Provider):
    async def create(self, request: Request) -> HttpReply:
        if b"<i " in request.body or b"<b " in request.body:
            return HttpReply(403, b"<h1>Forbidden</h1>", "text/html")
        return await super().create(request)
