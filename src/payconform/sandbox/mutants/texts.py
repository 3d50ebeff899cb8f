"""Faults that only some texts, amounts and addresses show."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from msgspec import Struct

from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import Document, Order, Terms
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import Reader, invalid


class AlteredEcho(Struct, frozen=True):
    """A member of callbacks that comes back as `alter` makes it."""

    clauses: str
    name: str
    statement: str
    member: str
    alter: Callable[[str], str]


def _grouped(amount: str) -> str:
    whole, point, cents = amount.partition(".")
    return f"{int(whole):,}{point}{cents}"


ALTERED = (
    AlteredEcho(
        "CB-14 RQ-25", "text-ends-at-an-ampersand", "product_name ends at an &", "product_name", lambda t: t.partition("&")[0]
    ),
    AlteredEcho("CB-14 RQ-25", "quotes-are-doubled", "quotes come back doubled", "description", lambda t: t.replace("'", "''")),
    AlteredEcho(
        "RQ-25",
        "no-text-beyond-the-basic-plane",
        "characters of four bytes become question marks",
        "product_name",
        lambda t: "".join(c if c <= "\uffff" else "?" for c in t),
    ),
    AlteredEcho("RQ-25", "text-is-trimmed", "blanks around description are lost", "description", str.strip),
    AlteredEcho("CB-14", "long-text-is-cut", "description is cut at 40 characters", "description", lambda t: t[:40]),
    AlteredEcho("CB-14", "success-url-loses-its-query", "its query is lost", "success_url", lambda t: t.partition("?")[0]),
    AlteredEcho("CB-14", "fail-url-is-decoded", "percent signs of fail_url are decoded", "fail_url", unquote),
    AlteredEcho("CB-09", "amounts-have-separators", "amounts from 1000 have thousands separators", "target_amount", _grouped),
    AlteredEcho("CB-09", "cents-lose-a-zero", "cents below ten lose their zero", "target_amount", lambda t: t.replace(".0", ".")),
    AlteredEcho("CB-09", "cents-are-cut", "cents are cut off", "target_amount", lambda t: t.partition(".")[0]),
    AlteredEcho(
        "CB-09",
        "amounts-are-floats",
        "amounts go through a binary fraction of six digits",
        "target_amount",
        lambda t: str(float(f"{Decimal(t):.4g}")),
    ),
)


def alters(altered: AlteredEcho) -> type[Provider]:
    """A provider whose callbacks have one member altered."""

    class EchoAltered(Provider):
        def callback_document(self, order: Order) -> Document:
            document = super().callback_document(order)
            return {**document, altered.member: altered.alter(document[altered.member])}

    return EchoAltered


for each in ALTERED:
    mutant(each.clauses, each.statement, name=each.name)(alters(each))


@mutant("CB-01", "the query of notify_url is decoded before it is called")
class NotifyUrlIsDecoded(Provider):
    def callback_target(self, order: Order) -> str:
        path, mark, query = order.terms.notify_url.partition("?")
        return path + mark + unquote(query).replace(" ", "+")


@mutant("CA-03", "the cashier page cannot show what Latin-1 does not have")
class CashierPageIsInLatin1(Provider):
    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:
        try:
            order.terms.product_name.encode("latin-1")
        except UnicodeEncodeError:
            return self.page("Error", "", status=500)
        return super().cashier_page(order, problem)


@mutant("CA-08", "the path of a return address is decoded before the payer is sent there")
class ReturnPathIsDecoded(Provider):
    def landing(self, order: Order) -> str:
        parts = urlsplit(super().landing(order))
        return urlunsplit(parts._replace(path=quote(unquote(parts.path))))


@mutant("CB-01", "the path of notify_url is cut at its third part")
class NotifyUrlIsCut(Provider):
    def callback_target(self, order: Order) -> str:
        path, mark, query = order.terms.notify_url.partition("?")
        return "/".join(path.split("/")[:5]) + mark + query


@mutant("EP-01", "members have to come in the sequence of the guide's table")
class SequenceIsFixed(Provider):
    def read_terms(self, document: Document) -> Terms:
        if next(iter(document)) != "target_amount":
            raise invalid("target_amount", "is required")
        return super().read_terms(document)


@mutant("EP-01", "a product_name of more than 20 characters is refused")
class LongNameIsRefused(Provider):
    def check_length(self, path: str, value: str) -> None:
        if path == "product_name" and len(value) > 20:
            raise invalid(path, "must have at most 20 characters")
        super().check_length(path, value)


@mutant("RQ-25", "a product_name with an emoji is refused")
class EmojiRefused(Provider):
    def read_text(self, path: str, value: Any) -> str:
        text = super().read_text(path, value)
        if path == "product_name" and any(letter > "\uffff" for letter in text):
            raise invalid(path, "cannot be stored")
        return text


@mutant("RQ-25", "a description with an apostrophe is taken for an attack")
class ApostropheRefused(Provider):
    def read_text(self, path: str, value: Any) -> str:
        text = super().read_text(path, value)
        if path == "description" and "'" in text:
            raise invalid(path, "is not allowed")
        return text


@mutant("RQ-25", "a request_id of 20 characters is too long")
class LongestRequestIdRefused(Provider):
    def read_text(self, path: str, value: Any) -> str:
        text = super().read_text(path, value)
        if path == "request_id" and len(text) >= 20:
            raise invalid(path, "is too long")
        return text


@mutant("RQ-08", "an empty product_name is a name")
class EmptyProductNameAccepted(Provider):
    def read(self, container: Document, path: str, reader: Reader) -> Any:
        empty = path == "product_name" and container.get(path) == ""
        return "" if empty else super().read(container, path, reader)
