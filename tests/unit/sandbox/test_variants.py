"""Every variant still does what merchants need of it."""

import re
from typing import TYPE_CHECKING

import pytest
from httpx import Client, Response

from payconform.contract import ENDPOINT_PATH
from payconform.sandbox.server import Sandbox
from payconform.sandbox.variants import VARIANTS

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Merchant

CHALLENGE = "4010061700000021"
TWO_CALLBACKS = ("duplicate-callbacks", "intermediate-callback", "event-callbacks")

OWN_PAGE = re.compile(r"/(?:wait|return)/\w+")


def went_on(client: Client, shown: Response) -> Response:
    """Where the pages between the payment and the shop lead."""
    for _ in range(9):
        onward = OWN_PAGE.search(shown.headers.get("location", shown.text)) or OWN_PAGE.search(str(shown.url))
        if onward is None:
            break
        shown = client.get(onward[0])
        if shown.is_redirect and not OWN_PAGE.search(shown.headers["location"]):
            break
    return shown


@pytest.mark.parametrize("name", [name for name, each in VARIANTS.items() if name != "slow" and each.settings.signing is None])
def test_a_variant_still_pays(merchant: "Merchant", name: str) -> None:
    variant = VARIANTS[name]
    order, cashier = merchant.card_order(), merchant.order()
    order["product_name"] = cashier["product_name"] = "Tea"  # some turn away what looks like an attack
    names = variant.provider().field_names()
    with Sandbox(variant.provider, variant.settings) as sandbox, merchant.client(sandbox.url) as client:
        data = client.post(ENDPOINT_PATH, json=order).json()["data"]["order_data"]
        if data.get("payDataType"):
            went_on(client, client.post(data["payData"], data={names.password: "Checkout1!"}))
        page = client.post(ENDPOINT_PATH, json=cashier).json()["data"]["order_data"]["payData"]
        fields = {names.number: CHALLENGE, names.month: "1", names.year: "35", names.cvv: "1234"}
        shown = client.post(page, data=fields)
        if "/3ds/" in shown.headers.get("location", ""):
            shown = client.post(shown.headers["location"], data={names.password: "Checkout1!"})
        shown = went_on(client, shown)
        assert cashier["success_url"] in shown.headers.get("location", shown.text)
        for paid in (order, cashier):
            merchant.callback(paid, nth=2 if name in TWO_CALLBACKS else 1)
    for paid in (order, cashier):
        final = merchant.callbacks(paid)[-1]
        assert (final["order_status"], final["order_status_int"]) == ("SUCCEED", 2)
