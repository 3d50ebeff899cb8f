"""Orders over HTTP: what is answered, what is notified, and what is refused."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from payconform.contract import ENDPOINT_PATH

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Merchant

DECLINED = "4544249167673670"


def test_a_frictionless_card_order_has_no_page_and_is_notified_as_paid(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.card_order()
    reply = merchant.create(client, order)
    data, order_data = reply["data"], reply["data"]["order_data"]
    assert (reply["code"], reply["msg"]) == (0, "SUCCESS")
    assert not {"payDataType", "payData"} & order_data.keys()
    assert re.fullmatch(r"P[0-9]{19}", data["pay_order_id"])
    assert re.fullmatch(r"PD[0-9]{19}", order_data["payOrderDetailId"])
    assert re.fullmatch(r"[0-9a-f]{64}", order_data["payOrderDetailIdEncode"])
    assert order_data["payOrderId"] == data["pay_order_id"]
    assert order_data["mchOrderNo"] == order["request_id"]
    callback = merchant.callback(order)
    assert (callback["order_status"], callback["order_status_int"]) == ("SUCCEED", 2)
    assert callback["pay_order_id"] == data["pay_order_id"]
    echoed = ("target_amount", "target_currency", "product_name", "description", "success_url", "fail_url", "api_version")
    assert [callback[name] for name in echoed] == [order[name] for name in echoed]
    assert "card_token" not in callback["channel_biz_data"]
    path = next(path for path, document, _, _ in merchant.heard if document is callback)
    assert merchant.url + path == order["notify_url"]


def test_a_declined_card_order_is_notified_as_failed(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.card_order(DECLINED)
    assert merchant.create(client, order)["code"] == 0
    callback = merchant.callback(order)
    assert (callback["order_status"], callback["order_status_int"]) == ("FAILED", 3)


def test_a_card_that_nobody_issued_is_declined(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.card_order("4000000000000002", store_for_future_use=True)
    merchant.create(client, order)
    callback = merchant.callback(order)
    assert callback["order_status"] == "FAILED"
    assert "card_token" not in callback["channel_biz_data"]


def test_a_stored_card_pays_again_and_again_by_its_token(client: httpx.Client, merchant: "Merchant") -> None:
    storing = merchant.card_order(store_for_future_use=True)
    merchant.create(client, storing)
    token = merchant.callback(storing)["channel_biz_data"]["card_token"]
    assert re.fullmatch(r"src_[a-z2-7]{26}", token)
    for amount in ("7.5", "8"):
        order = merchant.token_order(token, target_amount=amount)
        assert merchant.create(client, order)["code"] == 0
        callback = merchant.callback(order)
        assert (callback["order_status"], callback["target_amount"]) == ("SUCCEED", amount)
        assert "card_token" not in callback["channel_biz_data"]


def test_an_unknown_token_is_refused(client: httpx.Client, merchant: "Merchant") -> None:
    reply = merchant.create(client, merchant.token_order("src_nobody"))
    assert reply["code"] != 0
    assert "token" in reply["msg"]
    assert "src_nobody" not in reply["msg"]


def test_a_refusal_names_the_member_and_uses_nothing_up(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.card_order(expiry_month=13)
    reply = merchant.create(client, order)
    assert reply["code"] != 0
    assert "expiry_month" in reply["msg"]
    assert "data" not in reply
    order["channel_extra"]["card_data"]["expiry_month"] = 12
    assert merchant.create(client, order)["code"] == 0


def test_a_repeat_is_refused_whatever_it_asks(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.order()
    merchant.create(client, order)
    assert merchant.create(client, order)["code"] == 1201
    assert merchant.create(client, {**order, "target_amount": "200"})["code"] == 1201


def test_of_concurrent_identical_requests_one_makes_an_order(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.card_order()
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: merchant.create(client, order)["code"], range(8)))
    assert sorted(codes) == [0] + [1201] * 7
    merchant.callback(order)
    time.sleep(0.1)
    assert len(merchant.callbacks(order)) == 1


@pytest.mark.parametrize("body", [b"", b"{", b'\xef\xbb\xbf{"a":1}', b'{"a":NaN}', b"[]", b"null", b'{"a":1,"a":2}', b"[" * 9999])
def test_what_is_no_order_is_refused(client: httpx.Client, body: bytes) -> None:
    response = client.post(ENDPOINT_PATH, content=body)
    assert response.status_code == 200
    assert response.json()["code"] != 0


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_creates(client: httpx.Client, merchant: "Merchant", method: str) -> None:
    response = client.request(method, ENDPOINT_PATH, json=merchant.order())
    assert response.status_code == 405
    assert response.json()["code"] != 0
