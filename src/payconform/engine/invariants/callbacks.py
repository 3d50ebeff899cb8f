"""Chapter H: the members of every callback (guide, Webhook and Callback Parameters)."""

from unicodedata import combining, is_normalized

from payconform.engine.evidence import Evidence
from payconform.engine.invariants.rules import Says, is_integer, is_text, on_callbacks, on_notifications, plain
from payconform.model.clause import Mode
from payconform.model.evidence import OrderRecord, named_json
from payconform.model.notification import FAILED, PAID_INT, PLAIN_AMOUNT, SUCCEED, Notification, same_amount

ECHOED = ("api_version", "description", "product_name", "success_url", "fail_url")
STATUS_TABLE = {
    "PENDING_CONFIRM": 0,
    "PENDING_PAY": 1,
    "SUCCEED": 2,
    "FAILED": 3,
    "CANCELED": 4,
    "REFUND": 5,
    "CLOSED": 6,
    "PAID": 12,
}


@on_callbacks("CB-02", wanted=lambda _: True)
def posted_json_object(heard: Notification, _order: OrderRecord | None, evidence: Evidence) -> Says | None:
    """A body that is JSON under another name only warns, and so does a look that no callback followed: it may be late."""
    callback = heard.callback
    if heard.is_look and any(one.is_object for one in evidence.heard[callback.order]):
        return None
    media = callback.header("content-type") or "no Content-Type"
    observed = f"{callback.method}, {media}, " + ("a JSON object" if heard.is_object else heard.malformed or "not an object")
    posted = callback.method == "POST" and heard.is_object
    return Says(posted and named_json(callback.headers), "a POST with a JSON object", observed, advisory=posted or heard.is_look)


@on_callbacks("CB-05")
def status_is_text(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    return Says(is_text(heard.status), "order_status is a non-empty string", repr(heard.status))


@on_callbacks("CB-06")
def status_number_is_integer(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    return Says(is_integer(heard.status_int), "order_status_int is a JSON integer", repr(heard.status_int))


@on_callbacks("CB-07")
def order_id_is_the_replys(heard: Notification, order: OrderRecord | None, evidence: Evidence) -> Says | None:
    value = heard.document.get("pay_order_id")
    own = evidence.own_ids(order.id) if order else set()
    if order is None or (order.partial and not own):
        return Says(is_text(value), "pay_order_id is a non-empty string", repr(value))
    if not own:
        return None
    return Says(isinstance(value, str) and value in own, f"pay_order_id {' or '.join(sorted(own))} as in the reply", repr(value))


@on_callbacks("CB-08")
def request_id_is_the_merchants(heard: Notification, order: OrderRecord | None, evidence: Evidence) -> Says | None:
    value = heard.document.get("request_id")
    if order is None and evidence.complete:
        return Says(holds=False, expected="the request_id of an order that was sent", observed=repr(value))
    if order is None:
        return Says(is_text(value), "request_id is a non-empty string", repr(value))
    if evidence.odd_member(order.id) == "request_id":
        return None
    sent = evidence.request_id(order.id)
    return Says(value == sent, f"request_id {sent!r} as sent", repr(value))


@on_callbacks("CB-09")
def amount_is_the_one_sent(heard: Notification, order: OrderRecord | None, evidence: Evidence) -> Says | None:
    value = heard.document.get("target_amount")
    if order is None or not order.tells("target_amount"):
        return Says(is_text(value) and same_amount(value, value), "target_amount is a string that says a number", repr(value))
    sent = order.document.get("target_amount")
    if evidence.odd_member(order.id) == "target_amount" and (not isinstance(sent, int | float) or isinstance(sent, bool)):
        return None  # a number has a value to keep (RQ-13), other texts and types have none
    equal = is_text(value) and same_amount(sent, value)
    plain = PLAIN_AMOUNT.fullmatch(str(value)) is not None
    return Says(equal and plain, f"the string {sent!r}, or a plain one of equal value", repr(value), advisory=equal)


@on_callbacks("CB-10")
def currency_is_the_one_sent(heard: Notification, order: OrderRecord | None, evidence: Evidence) -> Says | None:
    value = heard.document.get("target_currency")
    if order is None or not order.tells("target_currency"):
        return Says(is_text(value), "target_currency is a non-empty string", repr(value))
    if evidence.odd_member(order.id) == "target_currency":
        return None
    sent = order.document.get("target_currency")
    return Says(value == sent, f"target_currency {sent!r} as sent", repr(value))


@on_callbacks("CB-11", wanted=lambda heard: heard.is_object and is_text(heard.status) and is_integer(heard.status_int))
def success_is_two(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    holds = (heard.status == SUCCEED) == (heard.status_int == PAID_INT)
    return Says(holds, "SUCCEED with 2, and 2 only with SUCCEED", heard.describe())


@on_callbacks("CB-12", wanted=lambda heard: heard.status == FAILED and is_integer(heard.status_int))
def failure_is_not_two(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    return Says(heard.status_int != PAID_INT, "FAILED with a number other than 2", heard.describe())


@on_callbacks("CB-13")
def status_is_in_the_table(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    """A pair that has nothing of the table is another state, which the page may not know yet (X-17): it is only reported."""
    known = STATUS_TABLE.get(str(heard.status))
    holds = known is not None and known == heard.status_int
    foreign = known is None and heard.status_int not in STATUS_TABLE.values()
    return Says(holds, "a pair of the companion page's status table", heard.describe(), advisory=foreign)


@on_callbacks("CB-14")
def echoes_agree(heard: Notification, order: OrderRecord | None, evidence: Evidence) -> Says | None:
    odd = evidence.odd_member(order.id) if order else ""
    present = [name for name in ECHOED if name != odd and heard.document.get(name) is not None]
    if not present:
        return None
    told = [name for name in present if order and order.tells(name)]
    if order is None or not told:
        other = [name for name in present if not isinstance(heard.document[name], str)]
        observed = "; ".join(f"{name} {heard.document[name]!r}" for name in other)
        return Says(not other, f"{', '.join(present)} as text", observed or "text")
    wrong = _altered(told, heard, order)
    advisory = not any(usual(order.document.get(name)) for name in wrong)
    return Says(not wrong, f"{', '.join(told)} as sent", _as_sent(wrong, heard, order), advisory)


@on_notifications("RQ-25")
def text_is_unharmed(heard: Notification, order: OrderRecord, evidence: Evidence) -> Says | None:
    """product_name and description with more than letters and digits come back as they were sent."""
    present = [
        name
        for name in ("product_name", "description")
        if name != evidence.odd_member(order.id) and heard.document.get(name) is not None and not plain(order.document.get(name))
    ]
    wrong = _altered(present, heard, order)
    return Says(not wrong, f"{', '.join(present)} as sent", _as_sent(wrong, heard, order)) if present else None


def _altered(names: list[str], heard: Notification, order: OrderRecord) -> list[str]:
    return [name for name in names if not _echoes(name, order.document.get(name), heard.document[name])]


def _as_sent(wrong: list[str], heard: Notification, order: OrderRecord) -> str:
    return "; ".join(f"{name} {heard.document[name]!r}, sent {order.document.get(name)!r}" for name in wrong) or "as sent"


def usual(sent: object) -> bool:
    """Whether a text has only characters that every system keeps: printable, of the basic plane, composed, no outer blanks.

    The guide does not say what a text may hold, so what comes of other characters is no more than a warning.
    """
    return (
        isinstance(sent, str)
        and sent.isprintable()
        and sent == sent.strip()
        and max(sent, default="") <= "\uffff"
        and is_normalized("NFC", sent)
        and not any(combining(character) for character in sent)
    )


def _echoes(name: str, sent: object, value: object) -> bool:
    if name == "api_version":
        return str(sent).casefold() == str(value).casefold()
    return sent == value


@on_callbacks("CB-15", wanted=lambda heard: heard.document.get("channel_biz_data") is not None)
def channel_data_is_an_object(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    value = heard.document["channel_biz_data"]
    return Says(isinstance(value, dict), "channel_biz_data is an object", f"{type(value).__name__} {value!r}"[:200])


@on_callbacks("CB-16", Mode.CARD, Mode.UNKNOWN)
def requested_token_comes(heard: Notification, order: OrderRecord | None, _evidence: Evidence) -> Says | None:
    value = heard.channel.get("card_token")
    if order is None:
        return None if value is None else Says(isinstance(value, str), "a card_token is a string", repr(value))
    if order.flag is not True or not (heard.terminal and heard.paid):
        return None
    return Says(
        is_text(value), "channel_biz_data.card_token is a non-empty string, as store_for_future_use was true", repr(value)
    )


@on_notifications("CB-17", wanted=lambda heard: heard.is_object and heard.terminal)
def token_only_when_asked_for(heard: Notification, order: OrderRecord, evidence: Evidence) -> Says | None:
    if order.flag is not None and order.flag is not False:  # asked for, or asked in a type the guide does not have
        return None
    left_out = order.mode is Mode.CARD and order.flag is None
    choice = evidence.readings.get("token_when_flag_omitted", "fail") if left_out else "fail"
    if choice == "accept":
        return None
    asked = "left out" if order.flag is None else "false"
    observed = "a card_token" if heard.card_token else "no card_token"
    advisory = order.mode is not Mode.CARD or choice == "warn"
    return Says(not heard.card_token, f"no card_token, as store_for_future_use was {asked}", observed, advisory)


@on_callbacks("CB-18", Mode.CARD, Mode.UNKNOWN, wanted=lambda heard: heard.is_object and heard.terminal and not heard.paid)
def no_token_after_a_failure(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    observed = f"{heard.describe()}, {'with' if heard.card_token else 'without'} a card_token"
    # A failed payment by a stored token may repeat it, so where the mode is unknown this only warns.
    advisory = heard.callback.mode is Mode.UNKNOWN
    return Says(not heard.card_token, "no card_token with a payment that failed", observed, advisory)


@on_callbacks("CB-19", wanted=lambda heard: bool({"issuer", "issuer_country"} & heard.channel.keys()))
def issuer_is_well_formed(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    issuer, country = heard.channel.get("issuer"), heard.channel.get("issuer_country")
    two_letters = isinstance(country, str) and len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()
    holds = (issuer is None or isinstance(issuer, str)) and (country is None or two_letters)
    return Says(holds, "issuer a string, issuer_country two upper-case letters", f"issuer {issuer!r}, issuer_country {country!r}")


@on_callbacks("CB-23", wanted=lambda heard: heard.callback.signature != "" and not heard.is_look)
def signature_verifies(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    """A look at the address says nothing that could be signed; whether a callback follows it, CB-02 asks."""
    signature = heard.callback.signature
    return Says(signature == "verified", "x-auth-signature verifies over the raw body", f"signature {signature}")


@on_callbacks("CB-24", wanted=lambda heard: heard.callback.signature == "verified" or bool(heard.callback.uncovered))
def every_member_is_signed(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    """What verifies covers all that its version signs; a signature that leaves members out lets them be changed."""
    uncovered = ", ".join(heard.callback.uncovered)
    observed = f"a change of {uncovered} would not be noticed" if uncovered else "all are covered"
    return Says(not uncovered, "a signature that covers every member of its version", observed)


@on_callbacks("CB-29", wanted=lambda heard: heard.status == FAILED)
def failure_is_explained(heard: Notification, _order: OrderRecord | None, _evidence: Evidence) -> Says:
    code, message = heard.document.get("error_code"), heard.document.get("error_msg")
    return Says(bool(code or message), "error_code or error_msg says why", f"error_code {code!r}, error_msg {message!r}")
