"""The sandbox that signs (lesspay2): who may create orders, and how callbacks prove where they come from."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
import pytest

from payconform.contract import ENDPOINT_PATH
from payconform.contract.signature import sign, verify_callback
from payconform.sandbox.catalogue import SIGNED
from payconform.sandbox.server import Sandbox
from payconform.sandbox.settings import Signing, utc_now

if TYPE_CHECKING:
    from tests.unit.sandbox.conftest import Merchant

SIGNING = Signing()


@pytest.fixture(scope="module")
def client(merchant: "Merchant") -> Iterator[httpx.Client]:
    with Sandbox(settings=SIGNED) as sandbox, merchant.client(sandbox.url) as client:
        yield client


def send(client: httpx.Client, order: dict[str, Any], **headers: str | None) -> httpx.Response:
    """Send an order signed, with some headers replaced or (None) left out."""
    body = json.dumps(order).encode()
    signed = {
        "x-auth-appid": SIGNING.app_id,
        "x-auth-timestamp": str(int(utc_now().timestamp() * 1000)),
        "x-auth-signature": sign(body, SIGNING.secret),
    }
    sent = {name: value for name, value in {**signed, **headers}.items() if value is not None}
    return client.post(ENDPOINT_PATH, content=body, headers=sent)


def test_a_signed_request_is_accepted_and_its_callback_verifies(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.card_order()
    assert send(client, order).json()["code"] == 0
    callback = merchant.callback(order)
    headers, raw = next((headers, raw) for _, document, headers, raw in merchant.heard if document is callback)
    assert verify_callback(raw, SIGNING.secret, headers["x-auth-signature"])
    assert headers["x-auth-timestamp"].isdigit()


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-auth-signature", None),
        ("x-auth-signature", "0" * 64),
        ("x-auth-appid", None),
        ("x-auth-appid", "0" * 24),
        ("x-auth-timestamp", None),
        ("x-auth-timestamp", "yesterday"),
        ("x-auth-timestamp", "1000"),
    ],
)
def test_what_is_not_signed_right_is_refused_and_learns_nothing(
    client: httpx.Client, merchant: "Merchant", header: str, value: str | None
) -> None:
    order = merchant.card_order()
    response = send(client, order, **{header: value})
    assert response.status_code == 401
    assert header in response.json()["msg"].lower()
    assert SIGNING.secret not in response.text
    assert sign(json.dumps(order).encode(), SIGNING.secret) not in response.text
    time.sleep(0.1)
    assert merchant.callbacks(order) == []


def test_a_signature_of_another_order_is_refused(client: httpx.Client, merchant: "Merchant") -> None:
    order = merchant.card_order()
    signature = sign(json.dumps(order).encode(), SIGNING.secret)
    order["channel_extra"]["card_data"]["number"] = "4544249167673670"
    assert send(client, order, **{"x-auth-signature": signature}).status_code == 401


def test_what_cannot_be_signed_is_refused(client: httpx.Client) -> None:
    headers = {"x-auth-appid": SIGNING.app_id, "x-auth-timestamp": str(int(utc_now().timestamp() * 1000))}
    body = b'{"a":' * 600 + b"1" + b"}" * 600
    assert client.post(ENDPOINT_PATH, content=body, headers=headers).json()["code"] != 0


def test_the_age_of_a_request_is_told_by_the_clock(merchant: "Merchant") -> None:
    def tomorrow() -> datetime:
        return datetime.now(UTC) + timedelta(days=1)

    late = msgspec.structs.replace(SIGNED, clock=tomorrow)
    with Sandbox(settings=late) as sandbox, merchant.client(sandbox.url) as client:
        assert send(client, merchant.card_order()).status_code == 401
