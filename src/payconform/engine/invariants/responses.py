"""Chapter D: the envelope, the ids and the states of every create-order reply (guide, Response Example)."""

import re

from payconform.engine.evidence import REPEATED, Evidence
from payconform.engine.invariants.rules import Says, is_integer, is_text, on_replies, plain
from payconform.model.evidence import OrderRecord
from payconform.model.reply import Kind, Reply

CREDENTIALS_REFUSED = (401, 403, 407)
GATEWAY_TROUBLE = (502, 503, 504)
PENDING, SETTLED = 1, (2, 3)
LEFT_OPEN = (0, *SETTLED)
"""States of a fresh order that are the profile's decision (X-09)."""
KNOWN_STATES = frozenset({0, 1, 2, 3, 4, 5, 6, 11, 12})
UNUSUAL_BODY = "an unusual body"
"""How the fault of a body begins that a server may turn away before the endpoint sees it (X-59)."""
NAMED_TWICE = re.compile(r"[a-z_]+ twice\b")
"""How the fault of a body begins whose members repeat: parsers differ (RFC 8259, 4), and so may what a gateway verifies."""
REQUEST_ID_LIKE = "request_id "
"""How the fault of an order begins whose request_id looks like that of another (RQ-30)."""

ASKED_FOR_BY = {"extra_type": ("card_data", "token_data")}
"""Members that another member asks for: where it is wrong, they are missing."""


def is_answer(reply: Reply) -> bool:
    """Whether a reply is the endpoint's own: not a refused credential, a gateway in trouble, or a method it does not have."""
    judged = reply.kind is not Kind.UNREACHED and reply.status not in (*CREDENTIALS_REFUSED, *GATEWAY_TROUBLE)
    turned_away = _is_unusual(reply.exchange.fault) and not reply.is_object and (reply.status or 0) < 500
    return judged and not turned_away and reply.exchange.method == "POST"


def _is_unusual(fault: str) -> bool:
    return fault.startswith(UNUSUAL_BODY) or NAMED_TWICE.match(fault) is not None


def is_refusal(reply: Reply) -> bool:
    """Whether a reply is the endpoint's own refusal."""
    return reply.refused and is_answer(reply)


@on_replies("EP-02", wanted=lambda reply: reply.is_object and is_answer(reply))
def served_as_json(reply: Reply, _: Evidence) -> Says:
    media = reply.exchange.header("content-type").split(";")[0].strip().lower()
    return Says(
        media == "application/json" or media.endswith("+json"), "Content-Type application/json", media or "no Content-Type"
    )


@on_replies("EP-08", wanted=lambda reply: reply.status is not None and reply.status not in GATEWAY_TROUBLE)
def no_server_error(reply: Reply, _: Evidence) -> Says | None:
    if reply.status == 501 and reply.exchange.method != "POST":
        return None  # how a server says that it does not have the method (RFC 9110, 15.6.2)
    return Says((reply.status or 0) < 500, "a status below 500", f"HTTP {reply.status}")


@on_replies("RS-01", wanted=lambda reply: reply.accepted or (reply.msg == "SUCCESS" and bool(reply.pay_order_id)))
def code_is_integer_zero(reply: Reply, _: Evidence) -> Says:
    return Says(
        is_integer(reply.code) and reply.code == 0,
        "code is the JSON integer 0",
        f"code {reply.code!r} ({type(reply.code).__name__})",
    )


@on_replies("RS-02", wanted=is_answer)
def code_and_msg_agree(reply: Reply, evidence: Evidence) -> Says | None:
    """A firewall may turn away what looks like an attack, such as a text with quotes, before the endpoint sees it (X-59)."""
    if not reply.is_object and reply.refused and _looks_odd(evidence.orders.get(reply.exchange.order)):
        return None
    if reply.accepted:
        return Says(reply.msg == "SUCCESS", 'msg "SUCCESS" with code 0', reply.describe())
    lenient = evidence.readings.get("server_error_refusal") == "warn" and reply.is_object
    expected = f"a JSON object with a code other than 0 and a msg that says why, at HTTP {_allowed_statuses(evidence)}"
    coded = is_integer(reply.code) and reply.code != 0
    told = is_text(reply.msg) and reply.msg != "SUCCESS"
    if coded and told and (reply.status or 0) >= 500:
        return Says(holds=False, expected=expected, observed=reply.describe(), advisory=lenient)
    return Says(coded and told and _status_allowed(reply, evidence), expected, reply.describe())


def _looks_odd(order: OrderRecord | None) -> bool:
    texts = [order.document.get(name) for name in ("product_name", "description")] if order else []
    return any(isinstance(text, str) and not plain(text) for text in texts)


def _allowed_statuses(evidence: Evidence) -> str:
    return {"200": "200", "4xx": "4xx"}.get(evidence.readings.get("refusal_status", "any"), "200 or 4xx")


def _status_allowed(reply: Reply, evidence: Evidence) -> bool:
    status = reply.status or 0
    match evidence.readings.get("refusal_status", "any"):
        case "200":
            return status == 200
        case "4xx":
            return 400 <= status < 500
        case _:
            return 200 <= status < 300 or 400 <= status < 500


@on_replies("RS-03")
def data_and_order_data_are_objects(reply: Reply, _: Evidence) -> Says:
    data = reply.document.get("data")
    order_data = data.get("order_data") if isinstance(data, dict) else None
    observed = f"data is {_kind(data)}, data.order_data is {_kind(order_data)}"
    return Says(isinstance(data, dict) and isinstance(order_data, dict), "data and data.order_data are objects", observed)


@on_replies("RS-04")
def pay_order_id_is_text(reply: Reply, _: Evidence) -> Says:
    value = reply.data.get("pay_order_id")
    return Says(is_text(value), "data.pay_order_id is a non-empty string", _shown(value))


@on_replies("RS-05")
def both_order_ids_agree(reply: Reply, _: Evidence) -> Says:
    outer, inner = reply.data.get("pay_order_id"), reply.order_data.get("payOrderId")
    holds = outer is not None and outer == inner
    return Says(holds, "data.pay_order_id equals order_data.payOrderId", f"{_shown(outer)} and {_shown(inner)}")


@on_replies("RS-06")
def merchant_number_is_request_id(reply: Reply, evidence: Evidence) -> Says | None:
    if evidence.odd_member(reply.exchange.order) == "request_id":
        return None
    sent, value = evidence.request_id(reply.exchange.order), reply.order_data.get("mchOrderNo")
    return Says(value == sent, f"mchOrderNo is the request_id sent, {sent!r}", _shown(value))


@on_replies("RS-07")
def detail_id_is_its_own(reply: Reply, _: Evidence) -> Says:
    value = reply.order_data.get("payOrderDetailId")
    holds = is_text(value) and value not in (reply.order_data.get("payOrderId"), reply.data.get("pay_order_id"))
    return Says(holds, "payOrderDetailId is a non-empty string other than payOrderId", _shown(value))


@on_replies("RS-08")
def ids_look_like_the_examples(reply: Reply, _: Evidence) -> Says:
    order, detail = reply.pay_order_id, str(reply.order_data.get("payOrderDetailId"))
    holds = bool(re.fullmatch(r"P[0-9]{19}", order) and re.fullmatch(r"PD[0-9]{19}", detail))
    return Says(holds, "ids like P and PD with 19 digits", f"{order!r} and {detail!r}")


@on_replies("RS-10")
def states_are_integers(reply: Reply, _: Evidence) -> Says:
    order, detail = reply.order_data.get("orderState"), reply.order_data.get("payOrderDetailState")
    observed = f"orderState {_shown(order)}, payOrderDetailState {_shown(detail)}"
    return Says(is_integer(order) and is_integer(detail), "orderState and payOrderDetailState are integers", observed)


@on_replies("RS-11", wanted=lambda reply: reply.accepted and not reply.exchange.fault.startswith(REPEATED))
def order_is_not_paid_before_the_payer_acts(reply: Reply, evidence: Evidence) -> Says | None:
    state = reply.order_data.get("orderState")
    if not is_integer(state):
        return None
    if reply.pay_data_type == "payurl" and state in SETTLED:
        return Says(holds=False, expected="no final orderState while payDataType is payurl", observed=f"orderState {state}")
    lenient = state in LEFT_OPEN and evidence.readings.get("initial_order_state") != "pending"
    return Says(state == PENDING, "orderState 1 (pending) in a fresh reply", f"orderState {state}", advisory=lenient)


@on_replies("RS-12")
def state_is_known(reply: Reply, _: Evidence) -> Says | None:
    state = reply.order_data.get("orderState")
    if not is_integer(state):
        return None
    return Says(state in KNOWN_STATES, f"orderState is one of {', '.join(map(str, sorted(KNOWN_STATES)))}", f"orderState {state}")


@on_replies("RS-19", wanted=lambda reply: is_refusal(reply) or (reply.refused and reply.is_object))
def refusal_carries_no_order(reply: Reply, evidence: Evidence) -> Says:
    """Of orders that are alike any may be the first; the refusal of the others may name it, as that of a repeat may."""
    parts = {"pay_order_id": reply.data.get("pay_order_id"), "payOrderId": reply.order_data.get("payOrderId")}
    parts |= {"payData": reply.order_data.get("payData")}
    alike = not reply.exchange.fault or reply.exchange.fault.startswith((REQUEST_ID_LIKE, REPEATED))
    first = evidence.holders if alike else ()
    carried = [name for name, value in parts.items() if value not in (None, "") and not (name != "payData" and value in first)]
    return Says(not carried, "no order id and no payData in a refusal", f"it carries {', '.join(carried)}" if carried else "none")


@on_replies("RS-21", wanted=lambda reply: is_refusal(reply) and _faulty_member(reply) != "")
def msg_names_the_member(reply: Reply, _: Evidence) -> Says:
    member = _faulty_member(reply)
    said = str(reply.msg).lower()
    named = any(name in said for name in (member, *ASKED_FOR_BY.get(member, ())))
    return Says(named, f"a msg that names {member}", f"msg {reply.msg!r}")


def _faulty_member(reply: Reply) -> str:
    fault = reply.exchange.fault
    return "" if " " in fault else fault.partition("-")[0].rpartition(".")[2]


def _kind(value: object) -> str:
    names = {dict: "an object", list: "an array", str: "a string", type(None): "absent or null"}
    return names.get(type(value), "a number" if is_integer(value) else type(value).__name__)


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value!r} ({_kind(value)})"
