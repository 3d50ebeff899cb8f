"""Faults of the endpoint itself (clauses EP)."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from payconform.model.message import Request
from payconform.model.wire import TooDeepError, load_json
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import INVALID, MALFORMED, Document, Order, Refusal, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import invalid
from payconform.sandbox.settings import Signing

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ENOUGH = 100_000  # bytes that no order of a merchant has
KNOWN_MEMBERS = {
    *("target_amount", "target_currency", "transaction_type", "notify_url", "request_id", "fail_url", "success_url"),
    *("product_name", "description", "way_type", "api_version", "pay_access_type", "channel_extra"),
}


def default_order() -> Document:
    """A cashier order that nobody asked for. Its notify_url is the discard port of this machine: nothing listens there."""
    return {
        "target_amount": "1.00",
        "target_currency": "USD",
        "transaction_type": "PAY_IN",
        "notify_url": "http://127.0.0.1:9/",
        "request_id": secrets.token_hex(8),
        "fail_url": "http://127.0.0.1:9/fail",
        "success_url": "http://127.0.0.1:9/success",
        "product_name": "Order",
        "description": "Order",
        "way_type": "CARD_PAYMENT",
        "api_version": "V2",
        "pay_access_type": 1,
    }


@mutant("EP-01", "the endpoint does not exist")
class EndpointIsMissing(Provider):
    async def create(self, request: Request) -> HttpReply:  # noqa: ARG002 - whatever is asked
        return HttpReply(404, b"<h1>Not Found</h1>", "text/html")


@mutant("EP-01", "an accepted order is answered with an HTML page")
class EndpointAnswersHtml(Provider):
    def accepted(self, order: Order) -> HttpReply:  # noqa: ARG002 - whatever was ordered
        return HttpReply(200, b"<!doctype html><title>OK</title><p>Thank you", "text/html")


@mutant("EP-01", "an accepted order is answered with a JSON array around the object")
class EndpointAnswersArray(Provider):
    def accepted(self, order: Order) -> HttpReply:
        return self.json_reply(200, [self.accepted_document(order)])


@mutant("EP-01", "an accepted order is answered with a redirect")
class EndpointRedirects(Provider):
    def accepted(self, order: Order) -> HttpReply:
        return self.see_other(f"{self.url}/orders/{order.id}")


@mutant("EP-01", "the reply to an accepted order breaks off in the middle")
class ReplyIsCutInHalf(Provider):
    def accepted(self, order: Order) -> HttpReply:
        reply = super().accepted(order)
        return reply._replace(body=reply.body[: len(reply.body) // 2])


@mutant("EP-02", "JSON is served as text/plain")
class JsonServedAsText(Provider):
    def media_type(self) -> str:
        return "text/plain; charset=utf-8"


@mutant("EP-02", "JSON is served as text/html")
class JsonServedAsHtml(Provider):
    def media_type(self) -> str:
        return "text/html; charset=utf-8"


@mutant("EP-03", "GET with a body creates an order")
class GetCreatesOrders(Provider):
    def check_method(self, method: str) -> None:
        if method != "GET":
            super().check_method(method)


@mutant("EP-03", "PUT creates an order")
class PutCreatesOrders(Provider):
    def check_method(self, method: str) -> None:
        if method != "PUT":
            super().check_method(method)


@mutant("EP-03", "every method creates an order")
class EveryMethodCreatesOrders(Provider):
    def check_method(self, method: str) -> None:
        pass


@mutant("EP-04", "a body that cannot be parsed is replaced by defaults")
class MalformedBodyUsesDefaults(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:  # noqa: ARG002 - whatever it was
        return default_order()


@mutant("EP-04", "an empty body is replaced by defaults")
class EmptyBodyUsesDefaults(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        return super().on_malformed(raw, error) if raw.strip() else default_order()


@mutant("EP-04", "what follows the first JSON value of a body is ignored")
class JunkAfterBodyIsIgnored(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        try:
            return json.JSONDecoder().raw_decode(raw.decode())[0]
        except ValueError:
            return super().on_malformed(raw, error)


@mutant("EP-04", "a truncated body is completed by closing its braces")
class TruncatedBodyIsCompleted(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        for ending in (b"}", b'"}', b"}}", b"}}}", b'"}}}', b'":null}'):
            try:
                return {**default_order(), **load_json(raw + ending)}
            except (ValueError, TypeError):
                continue
        return super().on_malformed(raw, error)


@mutant("EP-04", "a body that cannot be parsed crashes the server")
class MalformedBodyCrashes(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:  # noqa: ARG002 - whatever it was
        raise Refusal(MALFORMED, "JsonParseException", status=500) from error


@mutant("EP-05", "null is taken for an order of defaults")
class NullUsesDefaults(Provider):
    def require_object(self, value: Any) -> Document:
        return default_order() if value is None else super().require_object(value)


@mutant("EP-05", "a body that is no object is taken for an order of defaults")
class AnyValueUsesDefaults(Provider):
    def require_object(self, value: Any) -> Document:
        return value if isinstance(value, dict) else default_order()


@mutant("EP-05", "a body that is no object crashes the server")
class NonObjectCrashes(Provider):
    def require_object(self, value: Any) -> Document:
        if not isinstance(value, dict):
            raise Refusal(MALFORMED, "ClassCastException", status=500)
        return value


@mutant("EP-04", "a byte-order mark crashes the server")
class ByteOrderMarkCrashes(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        if raw.startswith(BYTE_ORDER_MARK + b'{"'):
            raise Refusal(MALFORMED, "JsonParseException", status=500) from error
        return super().on_malformed(raw, error)


@mutant("EP-04", "a body that is large and never ends is completed by closing its brace")
class LargeBodyIsCompleted(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        return load_json(raw + b"}") if len(raw) > ENOUGH else super().on_malformed(raw, error)


@mutant("EP-05", "arrays deep in each other crash the server")
class DeepArraysCrash(Provider):
    def on_malformed(self, raw: bytes, error: Exception) -> Any:
        if isinstance(error, TooDeepError):
            raise Refusal(MALFORMED, "StackOverflowError", status=500) from error
        return super().on_malformed(raw, error)


@mutant("EP-06", "of an amount given twice the first is validated and the last is charged")
class AmountIsValidatedAndChargedApart(Provider):
    charged: Any = None

    def read_members(self, pairs: list[tuple[str, Any]]) -> Document:
        last = dict(pairs)
        self.charged = last.get("target_amount", self.charged)
        return dict(reversed(pairs))

    def read_terms(self, document: Document) -> Terms:
        return replace(super().read_terms(document), amount=str(self.charged))


@mutant("EP-06", "of an amount given twice the signature covers the first and the last is charged", dialect="lesspay2")
class AmountIsSignedAndChargedApart(Provider):
    def read_members(self, pairs: list[tuple[str, Any]]) -> Document:
        return dict(pairs)

    def expected_signature(self, raw: bytes, signing: Signing) -> str:
        document = json.loads(raw, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
        return super().expected_signature(json.dumps(document, ensure_ascii=False).encode(), signing)


@mutant("EP-06", "of a request_id given twice the reply has the last and the callback the first")
class RepeatedIdIsToldApart(Provider):
    first_ids: Mapping[str, str] = MappingProxyType({})

    def read_members(self, pairs: list[tuple[str, Any]]) -> Document:
        first, last = dict(reversed(pairs)), dict(pairs)
        if "request_id" in last:
            self.first_ids = {**self.first_ids, str(last["request_id"]): first["request_id"]}
        return last

    def callback_document(self, order: Order) -> Document:
        return {**super().callback_document(order), "request_id": self.first_ids[order.terms.request_id]}


@mutant("EP-07", "unknown members are refused")
class UnknownMembersAreRefused(Provider):
    def require_object(self, value: Any) -> Document:
        document = super().require_object(value)
        for member in document.keys() - KNOWN_MEMBERS:
            raise invalid(member, "is not known")
        return document


@mutant("EP-08", "a missing nested object crashes the server", dialect="lesspay2")
class MissingNestedObjectCrashes(Provider):
    def on_missing(self, path: str) -> Any:
        if path.startswith("channel_extra"):
            raise Refusal(INVALID, "NullPointerException", status=500)
        return super().on_missing(path)
