"""A provider that says all it knows, in every place and spelling."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from payconform.model.message import Request
from payconform.sandbox.order import Document, Order
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply


def _planting() -> ModuleType:
    spec = importlib.util.spec_from_file_location("leaks_planting", Path(__file__).with_name("planting.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLANTING = _planting()


@pytest.fixture(scope="session")
def planting() -> ModuleType:
    """What is planted, and the look for it."""
    return PLANTING


def _headers() -> dict[str, str]:
    """Every spelling that a header can hold."""
    told = {f"x-debug-{place}": text for place, text in enumerate(PLANTING.PLANTED.values()) if text.isascii()}
    return {**told, "set-cookie": f"card={PLANTING.NUMBER}", f"x-{PLANTING.NUMBER}": "1"}


class Careless(Provider):
    """Puts what it was told into replies, headers, pages, redirects and callbacks."""

    async def create(self, request: Request) -> HttpReply:
        reply = await super().create(request)
        document = json.loads(reply.body)
        document["debug"] = PLANTING.PLANTED
        document["pan"] = int(PLANTING.NUMBER)
        document[f"card {PLANTING.NUMBER}"] = "by name"
        document["msg"] = f"{document.get('msg', '')} {PLANTING.NUMBER}" if document["code"] else document["msg"]
        return reply._replace(body=json.dumps(document).encode(), headers={**reply.headers, **_headers()})

    def channel_biz_data(self, order: Order) -> Document:
        return {**super().channel_biz_data(order), **PLANTING.PLANTED}

    def callback_target(self, order: Order) -> str:
        query = "&".join(
            f"q{place}={text}" for place, text in enumerate(PLANTING.PLANTED.values()) if text.isalnum() or "%" in text
        )
        url = super().callback_target(order)
        return f"{url}{'&' if '?' in url else '?'}pan={PLANTING.NUMBER}&cvv={PLANTING.CVV}&{query}"

    def callback_request(self, order: Order, document: Document) -> Request:
        request = super().callback_request(order, document)
        return replace(request, headers=(*request.headers, *_headers().items()))

    def page_url(self, order: Order) -> str:
        return f"{super().page_url(order)}?card={PLANTING.NUMBER}&cvv={PLANTING.CVV}"

    def show(self, page: str, order: Order) -> HttpReply:
        reply = super().show(page, order)
        told = "".join(f"<p>{text}</p>" for text in PLANTING.PLANTED.values())
        return reply._replace(
            body=reply.body.replace(b"</body>", f"{told}</body>".encode()), headers={**reply.headers, **_headers()}
        )

    def redirect_after(self, order: Order) -> str:
        url = super().redirect_after(order)
        return f"{url}{'&' if '?' in url else '?'}card={PLANTING.NUMBER}&cvv={PLANTING.CVV}"


@pytest.fixture(scope="session")
def careless() -> type[Any]:
    """The provider's class."""
    return Careless
