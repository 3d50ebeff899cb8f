"""Providers that differ lawfully in what they show of the merchant's texts."""

import html
import json
from collections.abc import Mapping

from payconform.model.message import Request
from payconform.sandbox.catalogue import variant
from payconform.sandbox.order import Order
from payconform.sandbox.pages import NOTHING
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply


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
