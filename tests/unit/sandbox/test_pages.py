"""The hosted pages over HTTP, as a browser without scripts would use them."""

import time
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Merchant

APPROVED, CHALLENGE = "4242424242424242", "4010061700000021"
DECLINED, CHALLENGE_DECLINED = "4544249167673670", "4150561000000019"


def test_the_cashier_takes_a_card_and_sends_the_payer_to_success_url(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.order()
    url = merchant.page_of(merchant.create(client, order))
    page = client.get(url)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Tea &lt;b&gt;&amp; Söhne&lt;/b&gt;" in page.text
    landed = merchant.pay(client, url, "4242 4242 4242 4242")
    assert (landed.status_code, landed.headers["location"]) == (303, order["success_url"])
    assert merchant.callback(order)["order_status"] == "SUCCEED"


def test_a_declined_card_on_the_cashier_sends_the_payer_to_fail_url(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.order()
    assert (
        merchant.pay(client, merchant.page_of(merchant.create(client, order)), DECLINED).headers["location"] == order["fail_url"]
    )
    assert merchant.callback(order)["order_status"] == "FAILED"


def test_the_cashier_shows_what_is_wrong_with_a_card_and_lets_the_payer_try_again(
    client: httpx.Client, merchant: "Merchant"
) -> None:
    order = merchant.order()
    url = merchant.page_of(merchant.create(client, order))
    again = merchant.pay(client, url, "4242424242424241")
    assert (again.status_code, "Please check the card number" in again.text) == (200, True)
    assert "4242424242424241" not in again.text
    assert merchant.pay(client, url, APPROVED).headers["location"] == order["success_url"]


@pytest.mark.parametrize(
    ("card", "status"),
    [
        ((CHALLENGE, "Checkout1!"), "SUCCEED"),
        ((CHALLENGE, "wrong"), "FAILED"),
        ((CHALLENGE_DECLINED, "Checkout1!"), "FAILED"),
    ],
)
@pytest.mark.parametrize("mode", ["cashier", "card"])
def test_a_challenge_decides(client: httpx.Client, merchant: "Merchant", mode: str, card: tuple[str, str], status: str) -> None:
    number, password = card
    order = merchant.order() if mode == "cashier" else merchant.card_order(number)
    url = merchant.page_of(merchant.create(client, order))
    if mode == "cashier":
        url = merchant.pay(client, url, number).headers["location"]
    assert 'name="password"' in client.get(url).text
    assert merchant.callbacks(order) == []
    landed = merchant.confirm(client, url, password).headers["location"]
    assert landed == order["success_url" if status == "SUCCEED" else "fail_url"]
    assert merchant.callback(order)["order_status"] == status


def test_a_finished_page_pays_nothing_and_leads_back_to_the_merchant(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.order()
    url = merchant.page_of(merchant.create(client, order))
    merchant.pay(client, url, DECLINED)
    merchant.callback(order)
    assert merchant.pay(client, url, APPROVED).headers["location"] == order["fail_url"]
    assert order["fail_url"] in client.get(url).text
    time.sleep(0.15)
    assert len(merchant.callbacks(order)) == 1


def test_the_challenge_of_a_cashier_order_cannot_be_reached_without_a_card(client: httpx.Client, merchant: "Merchant") -> None:
    url = merchant.page_of(merchant.create(client, merchant.order()))
    skipped = merchant.confirm(client, url.replace("/cashier/", "/3ds/"), "Checkout1!")
    assert (skipped.status_code, skipped.headers["location"]) == (303, url)


def test_an_unknown_page_is_a_404(client: httpx.Client) -> None:
    assert client.get("/cashier/sid_unknown").status_code == 404
