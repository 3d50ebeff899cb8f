"""Chapters D and E: what payDataType and payData say together (guide, Response Handling), in every spelling of nothing."""

from urllib.parse import urlsplit

from payconform.engine.evidence import REPEATED, Evidence
from payconform.engine.invariants.responses import PENDING
from payconform.engine.invariants.rules import Says, is_text, on_replies
from payconform.model.clause import Mode
from payconform.model.reply import Reply

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@on_replies("RS-13", wanted=lambda reply: reply.accepted and reply.pay_data_type == "payurl")
def payurl_brings_a_url(reply: Reply, _: Evidence) -> Says:
    value = reply.order_data.get("payData")
    target = urlsplit(reply.exchange.url)  # one that is itself tested without TLS, or on loopback, may have pages like it
    plain = target.scheme == "http" or target.hostname in LOOPBACK
    expected = f"payData is an absolute {'http(s)' if plain else 'https'} URL, with payDataType payurl"
    return Says(is_web_address(value, plain=plain), expected, f"payData {value!r}")


@on_replies("RS-14", Mode.CARD, Mode.TOKEN, wanted=lambda reply: reply.accepted and reply.pay_data_type == "")
def nothing_to_do_brings_no_url(reply: Reply, evidence: Evidence) -> Says:
    spelling = _spelling(reply)
    if spelling == "none" and not reply.pay_data:
        choice = evidence.readings.get("none_pay_data_type", "warn")
        return Says(choice == "accept", "payDataType absent, null or empty", "payDataType 'none'", advisory=choice == "warn")
    return Says(not reply.pay_data, "no payData when payDataType is empty", f"payDataType {spelling}, payData {reply.pay_data!r}")


@on_replies("RS-15", wanted=lambda reply: reply.accepted and bool(reply.pay_data))
def a_url_has_a_type(reply: Reply, _: Evidence) -> Says:
    return Says(reply.pay_data_type != "", "a payDataType with every payData", f"payDataType {_spelling(reply)}")


@on_replies("RS-16")
def type_is_documented(reply: Reply, _: Evidence) -> Says:
    value = reply.order_data.get("payDataType")
    return Says(value in (None, "", "none", "payurl"), 'payDataType "payurl" or empty', f"payDataType {value!r}")


@on_replies("CA-02", Mode.CASHIER)
def cashier_brings_a_page(reply: Reply, evidence: Evidence) -> Says | None:
    if evidence.odd_member(reply.exchange.order) == "channel_extra":
        return None  # a card nobody asked for: CA-09 says what must not come of it
    if reply.exchange.fault.startswith(REPEATED) and reply.order_data.get("orderState") != PENDING:
        return None  # the first order once more, which has ended since: nobody is to be sent anywhere
    observed = f"payDataType {_spelling(reply)}, payData {reply.pay_data!r}"
    return Says(bool(reply.pay_data_type and reply.pay_data), "payDataType payurl and a payData to send the payer to", observed)


@on_replies("CA-04", Mode.CASHIER, wanted=lambda reply: reply.accepted and is_web_address(reply.pay_data, plain=True))
def page_is_the_providers(reply: Reply, evidence: Evidence) -> Says:
    document = evidence.orders[reply.exchange.order].document
    merchant = {urlsplit(str(document.get(name))).netloc for name in ("success_url", "fail_url", "notify_url")}
    return Says(
        urlsplit(reply.pay_data).netloc not in merchant, "a page that is not the merchant's own", f"payData {reply.pay_data!r}"
    )


def is_web_address(value: object, *, plain: bool) -> bool:
    """Whether a value is an absolute URL without white space: https, or also http where `plain`."""
    if not is_text(value) or any(character <= " " or character == "\x7f" for character in str(value)):
        return False
    try:
        parts = urlsplit(str(value))
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and parts.scheme in (("https", "http") if plain else ("https",))


def _spelling(reply: Reply) -> str:
    if "payDataType" not in reply.order_data:
        return "absent"
    value = reply.order_data["payDataType"]
    return "null" if value is None else (str(value) or "empty")
