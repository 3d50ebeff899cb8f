"""A merchant with a server of its own, and the client of a conforming sandbox: what the sandbox's tests are made of."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import httpx
import pytest

from payconform.contract import ENDPOINT_PATH
from payconform.sandbox.server import Sandbox

APPROVED = "4242424242424242"

numbers = count(1)


class Merchant:
    """A merchant's side: places orders, and hears of them. `refusals` says how many callbacks are not acknowledged first."""

    def __init__(self) -> None:
        self.refusals = 0
        self.heard: list[tuple[str, dict[str, Any], dict[str, str], bytes]] = []
        merchant = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                merchant.heard.append((self.path, json.loads(raw), headers, raw))
                merchant.refusals -= 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"FAIL" if merchant.refusals >= 0 else b"success")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def order(self, **members: Any) -> dict[str, Any]:
        request_id = f"T{next(numbers)}"
        return {
            "target_amount": "100",
            "target_currency": "USD",
            "transaction_type": "PAY_IN",
            "notify_url": f"{self.url}/callback/{request_id}?order={request_id}",
            "request_id": request_id,
            "fail_url": f"{self.url}/fail",
            "success_url": f"{self.url}/success",
            "product_name": "Tea <b>& Söhne</b>",
            "description": "Two bags",
            "way_type": "CARD_PAYMENT",
            "api_version": "V2",
            "pay_access_type": 1,
            **members,
        }

    def card_order(self, number: str = APPROVED, **card: Any) -> dict[str, Any]:
        card_data = {"number": number, "expiry_month": 12, "expiry_year": 2035, "cvv": "012", **card}
        return self.order(pay_access_type=2, channel_extra={"extra_type": "card", "card_data": card_data})

    def token_order(self, token: str, **members: Any) -> dict[str, Any]:
        return self.order(pay_access_type=2, channel_extra={"extra_type": "token", "token_data": {"token": token}}, **members)

    def callbacks(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        return [document for _, document, _, _ in self.heard if document["request_id"] == order["request_id"]]

    def callback(self, order: dict[str, Any], nth: int = 1) -> dict[str, Any]:
        """The nth callback of an order, waited for."""
        deadline = time.monotonic() + 3
        while len(self.callbacks(order)) < nth:
            assert time.monotonic() < deadline, "no callback came"
            time.sleep(0.01)
        return self.callbacks(order)[nth - 1]

    def client(self, url: str) -> httpx.Client:
        """A client that does not spend its time on reading certificates nobody shows it."""
        return httpx.Client(base_url=url, verify=False)  # noqa: S501 - loopback without TLS

    def create(self, client: httpx.Client, order: dict[str, Any]) -> dict[str, Any]:
        response = client.post(ENDPOINT_PATH, json=order)
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        document: dict[str, Any] = response.json()
        return document

    def page_of(self, reply: dict[str, Any]) -> str:
        assert reply["code"] == 0, reply
        assert reply["data"]["order_data"]["payDataType"] == "payurl"
        return str(reply["data"]["order_data"]["payData"])

    def pay(self, client: httpx.Client, url: str, number: str) -> httpx.Response:
        """What the merchant's customer does on the cashier page."""
        return client.post(url, data={"cardNumber": number, "expMonth": "12", "expYear": "2035", "cvc": "123"})

    def confirm(self, client: httpx.Client, url: str, password: str) -> httpx.Response:
        """What the merchant's customer does on the 3DS page."""
        return client.post(url, data={"password": password})


@pytest.fixture(scope="module")
def merchant() -> Iterator[Merchant]:
    merchant = Merchant()
    yield merchant
    merchant.server.shutdown()
    merchant.server.server_close()


@pytest.fixture(scope="module")
def client(merchant: Merchant) -> Iterator[httpx.Client]:
    with Sandbox() as sandbox, merchant.client(sandbox.url) as client:
        yield client
