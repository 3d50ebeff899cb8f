"""The schemas: the documentation's examples keep them, every rule names its clause, and both validators agree."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.contract import folder
from payconform.contract.register import clauses
from payconform.contract.schemas import Violation, is_valid, schema, violations
from payconform.model.clause import PAYING_MODES, Mode, Severity

DOCUMENTATION = Path(__file__).parents[2] / "data" / "documentation"
CONTRACT = [path.removesuffix(".json") for path in (*folder.paths("create-order/*.json"), *folder.paths("callback/*.json"))]

ABSENT = object()
"""Put in the place of a value: the member is left out."""


def example(name: str) -> Any:
    return json.loads((DOCUMENTATION / f"{name}.json").read_text(encoding="utf-8"))


REDIRECT = example("card-accepted-3ds")
DIRECT = example("card-accepted-direct")
CALLBACK = example("callback")
REFUSAL = {"code": 1202, "msg": "target_amount is required"}
EXAMPLES = json.loads(folder.read("openapi.json"))["paths"]["/api/global/v1/pay/create-order"]["post"]["requestBody"]["content"][
    "application/json"
]["examples"]

ORDER_DATA = ("data", "order_data")
REQUIRED_OF_ORDER_DATA = {
    "payOrderId": "RS-05",
    "mchOrderNo": "RS-06",
    "payOrderDetailId": "RS-07",
    "payOrderDetailIdEncode": "RS-09",
    "orderState": "RS-10",
    "payOrderDetailState": "RS-10",
}
REQUIRED_OF_CALLBACKS = {
    "order_status": "CB-05",
    "order_status_int": "CB-06",
    "pay_order_id": "CB-07",
    "request_id": "CB-08",
    "target_amount": "CB-09",
    "target_currency": "CB-10",
}


@pytest.mark.parametrize("name", ["cashier-accepted", "card-accepted-3ds", "card-accepted-direct"])
def test_the_documented_replies_are_accepted_orders(name: str) -> None:
    assert violations("create-order/accepted", example(name)) == ()
    assert not is_valid("create-order/refused", example(name))


def test_the_documented_callback_is_valid() -> None:
    assert violations("callback/payment", CALLBACK) == ()


@pytest.mark.parametrize("spelling", [{}, {"payDataType": None}, {"payDataType": ""}, {"payDataType": "none", "payData": ""}])
def test_every_spelling_of_nothing_to_redirect_to_is_valid(spelling: dict[str, Any]) -> None:
    assert violations("create-order/accepted", with_members(DIRECT, ORDER_DATA, spelling)) == ()


@pytest.mark.parametrize(
    "url",
    [
        "https://pay.example/x?y=1#z",
        "HTTPS://pay.example",
        "http://127.0.0.1:8080/pay",
        "http://localhost/pay",
        "http://shop.localhost:81",
        "http://[::1]:9/x",
        "https://münchen.example/ü",
    ],
)
def test_a_usable_url_is_valid(url: str) -> None:
    assert violations("create-order/accepted", with_members(REDIRECT, ORDER_DATA, {"payData": url})) == ()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "null",
        "/pay",
        "//pay.example",
        "http://pay.example/",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "https://",
        "https:///x",
        "https://pay.example/a b",
        "https://pay.example/\n",
        "javascript:alert(1)",
        5,
    ],
)
def test_an_unusable_url_breaks_its_clause(url: Any) -> None:
    broken = with_members(REDIRECT, ORDER_DATA, {"payData": url})
    assert clauses_broken("create-order/accepted", broken) == {"RS-13"}


ACCEPTED_BREACHES: list[tuple[Any, tuple[str, ...], dict[str, Any], set[str]]] = [
    (REDIRECT, (), {"code": ABSENT}, {"RS-01"}),
    (REDIRECT, (), {"code": 1}, {"RS-01"}),
    (REDIRECT, (), {"code": "0"}, {"RS-01"}),
    (REDIRECT, (), {"code": False}, {"RS-01"}),
    (REDIRECT, (), {"msg": ABSENT}, {"RS-02"}),
    (REDIRECT, (), {"msg": "FAIL"}, {"RS-02"}),
    (REDIRECT, (), {"data": ABSENT}, {"RS-03"}),
    (REDIRECT, (), {"data": "{}"}, {"RS-03"}),
    (REDIRECT, ("data",), {"order_data": []}, {"RS-03"}),
    (REDIRECT, ("data",), {"order_data": None}, {"RS-03"}),
    (REDIRECT, ("data",), {"pay_order_id": ABSENT}, {"RS-04"}),
    (REDIRECT, ("data",), {"pay_order_id": 2011293075021299713}, {"RS-04"}),
    (REDIRECT, ("data",), {"pay_order_id": ""}, {"RS-04"}),
    *((REDIRECT, ORDER_DATA, {member: ABSENT}, {clause}) for member, clause in REQUIRED_OF_ORDER_DATA.items()),
    *((REDIRECT, ORDER_DATA, {member: None}, {clause}) for member, clause in REQUIRED_OF_ORDER_DATA.items()),
    *((REDIRECT, ORDER_DATA, {member: True}, {clause}) for member, clause in REQUIRED_OF_ORDER_DATA.items()),
    (REDIRECT, ORDER_DATA, {"orderState": "1"}, {"RS-10"}),
    (REDIRECT, ORDER_DATA, {"orderState": 2}, {"RS-11"}),
    (REDIRECT, ORDER_DATA, {"payData": ABSENT}, {"RS-13"}),
    (REDIRECT, ORDER_DATA, {"payDataType": "PAYURL"}, {"RS-16"}),
    (DIRECT, ORDER_DATA, {"payDataType": "form"}, {"RS-16"}),
    (DIRECT, ORDER_DATA, {"payData": "https://pay.example"}, {"RS-14", "RS-15"}),
    (REDIRECT, ORDER_DATA, {"payDataType": ABSENT}, {"RS-14", "RS-15"}),
    (REDIRECT, ORDER_DATA, {"payDataType": ""}, {"RS-14", "RS-15"}),
    (REDIRECT, ORDER_DATA, {"payDataType": "none"}, {"RS-14", "RS-15"}),
]

CALLBACK_BREACHES: list[tuple[tuple[str, ...], dict[str, Any], set[str]]] = [
    *(((), {member: ABSENT}, {clause}) for member, clause in REQUIRED_OF_CALLBACKS.items()),
    *(((), {member: None}, {clause}) for member, clause in REQUIRED_OF_CALLBACKS.items()),
    *(((), {member: False}, {clause}) for member, clause in REQUIRED_OF_CALLBACKS.items()),
    ((), {"order_status_int": "2"}, {"CB-06"}),
    ((), {"order_status": "FAILED"}, {"CB-11", "CB-12"}),
    ((), {"order_status": "PAID"}, {"CB-11"}),
    ((), {"order_status_int": 1}, {"CB-11"}),
    *(((), {member: 5}, {"CB-14"}) for member in ("api_version", "description", "product_name", "success_url", "fail_url")),
    ((), {"channel_biz_data": "{}"}, {"CB-15"}),
    (("channel_biz_data",), {"card_token": 5}, {"CB-16"}),
    (("channel_biz_data",), {"issuer": 5}, {"CB-19"}),
    (("channel_biz_data",), {"issuer_country": "GBR"}, {"CB-19"}),
    (("channel_biz_data",), {"issuer_country": "gb"}, {"CB-19"}),
]

REFUSAL_BREACHES: list[tuple[dict[str, Any], set[str]]] = [
    ({"code": 0}, {"RS-02"}),
    ({"code": "1202"}, {"RS-02"}),
    ({"code": ABSENT}, {"RS-02"}),
    ({"msg": "SUCCESS"}, {"RS-02"}),
    ({"msg": ""}, {"RS-02"}),
    ({"msg": None}, {"RS-02"}),
    ({"data": {"pay_order_id": "P1"}}, {"RS-19"}),
    ({"data": {"order_data": {"payData": "https://pay.example"}}}, {"RS-19"}),
]


@pytest.mark.parametrize(("valid", "path", "members", "broken"), ACCEPTED_BREACHES)
def test_a_broken_reply_names_the_clause(valid: Any, path: tuple[str, ...], members: dict[str, Any], broken: set[str]) -> None:
    assert clauses_broken("create-order/accepted", with_members(valid, path, members)) == broken


@pytest.mark.parametrize(("path", "members", "broken"), CALLBACK_BREACHES)
def test_a_broken_callback_names_the_clause(path: tuple[str, ...], members: dict[str, Any], broken: set[str]) -> None:
    assert clauses_broken("callback/payment", with_members(CALLBACK, path, members)) == broken


@pytest.mark.parametrize(("members", "broken"), REFUSAL_BREACHES)
def test_a_broken_refusal_names_the_clause(members: dict[str, Any], broken: set[str]) -> None:
    assert clauses_broken("create-order/refused", with_members(REFUSAL, (), members)) == broken


def test_every_clause_of_replies_and_callbacks_is_broken_by_a_test() -> None:
    tried = {clause for *_, broken in (*ACCEPTED_BREACHES, *CALLBACK_BREACHES, *REFUSAL_BREACHES) for clause in broken}
    bodies_that_are_no_object = {"EP-01", "CB-02"}
    stated = {
        clause
        for name in ("create-order/accepted", "create-order/refused", "callback/payment")
        for subschema in parts(schema(name))
        for clause in clauses_stated(subschema)
    }
    assert stated == tried | bodies_that_are_no_object


@pytest.mark.parametrize("data", [ABSENT, None, {}, {"pay_order_id": None}, {"order_data": {"payData": ""}}, "nothing", []])
def test_a_refusal_without_an_order_is_valid(data: Any) -> None:
    assert violations("create-order/refused", with_members(REFUSAL, (), {"data": data})) == ()


def test_a_callback_with_the_nulls_of_real_ones_is_valid() -> None:
    nulls = dict.fromkeys(
        [
            "complete_time",
            "error_code",
            "error_msg",
            "notify_url",
            "merchant_reserved_field",
            "event",
            "event_data",
            "channel_biz_data",
        ]
    )
    assert violations("callback/payment", {**CALLBACK, **nulls, "api_version": "v1", "fail_url": None}) == ()


@pytest.mark.parametrize("body", [None, [], "x", 1])
@pytest.mark.parametrize(
    ("name", "clause"),
    [("create-order/request-card", "EP-05"), ("create-order/accepted", "EP-01"), ("callback/payment", "CB-02")],
)
def test_a_body_that_is_no_object_names_the_clause(name: str, clause: str, body: Any) -> None:
    assert clauses_broken(name, body) == {clause}


@pytest.mark.parametrize("name", CONTRACT)
def test_every_rule_names_an_existing_clause(name: str) -> None:
    """A rule is a keyword that can fail; what stands under `if` or `not` only takes part in one."""
    can_fail = {
        "type",
        "required",
        "const",
        "enum",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "minProperties",
        "not",
    }
    for subschema in parts(schema(name)):
        stated = subschema.get("x-clause", {})
        assert can_fail & subschema.keys() <= stated.keys() <= subschema.keys(), subschema
        assert set(clauses_stated(subschema)) <= set(clauses()), subschema
        assert subschema.get("x-severity", {}).keys() <= stated.keys(), subschema
        if "required" in subschema:
            assert list(stated["required"]) == subschema["required"]


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_several_faults_are_all_listed(mode: Mode) -> None:
    order = with_members(
        EXAMPLES[mode]["value"], (), {"target_amount": None, "way_type": "X", "description": 5, "api_version": "v2"}
    )
    assert violations(f"create-order/request-{mode}", order) == (
        Violation("RQ-20", "/api_version", "const", 'must be "V2"', Severity.ADVISORY),
        Violation("RQ-31", "/description", "type", "must be text", Severity.ADVISORY),
        Violation("RQ-01", "/target_amount", "required", "is required", Severity.STRICT),
        Violation("RQ-19", "/way_type", "const", 'must be "CARD_PAYMENT"', Severity.STRICT),
    )


def test_messages_quote_nothing_of_the_document() -> None:
    card = {"number": 4242424242424242, "expiry_month": 4321, "expiry_year": 98765, "cvv": 987}
    order = with_members(EXAMPLES[Mode.CARD]["value"], ("channel_extra",), {"card_data": card})
    told = "".join(repr(violation) for violation in violations("create-order/request-card", order))
    assert len(violations("create-order/request-card", order)) == 4
    assert not [value for value in card.values() if str(value) in told]


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_extra_members_are_allowed_everywhere(mode: Mode) -> None:
    order = with_members(EXAMPLES[mode]["value"], (), {"x": {}})
    order.setdefault("channel_extra", {})["y"] = [1]
    assert violations(f"create-order/request-{mode}", order) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = [
    ("create-order/accepted", REDIRECT),
    ("create-order/refused", REFUSAL),
    ("callback/payment", CALLBACK),
    *((f"create-order/request-{mode}", EXAMPLES[mode]["value"]) for mode in PAYING_MODES),
]


@given(st.sampled_from(DOCUMENTS), st.data(), JSON | st.sampled_from(["", "payurl", "GB\n", "FAILED", 2, 2.0, True, {}]))
def test_the_fast_and_the_telling_validator_agree(case: tuple[str, Any], data: st.DataObject, value: Any) -> None:
    name, valid = case
    path = data.draw(st.sampled_from(list(places(valid))))
    document = with_members(valid, path[:-1], {path[-1]: value}) if path else value
    assert is_valid(name, document) == (violations(name, document) == ())


@given(st.sampled_from(CONTRACT), JSON)
def test_any_document_has_an_answer(name: str, document: Any) -> None:
    assert is_valid(name, document) == (violations(name, document) == ())


def test_a_lone_surrogate_is_text() -> None:
    assert violations("create-order/refused", {"code": 1, "msg": "\ud800"}) == ()
    assert clauses_broken("create-order/refused", {"code": 0, "msg": "\ud800"}) == {"RS-02"}


def test_a_deeply_nested_document_has_an_answer() -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    assert clauses_broken("create-order/accepted", {**REDIRECT, "data": deep}) == {"RS-03"}
    assert clauses_broken("create-order/accepted", {**REDIRECT, "code": 5, "extra": deep}) == {"RS-01"}


def clauses_broken(name: str, document: Any) -> set[str]:
    return {violation.clause for violation in violations(name, document)}


def with_members(document: Any, path: tuple[str, ...], members: dict[str, Any]) -> Any:
    """A copy of a document in which the object at a path has these members."""
    copied = copy.deepcopy(document)
    holder = copied
    for member in path:
        holder = holder[member]
    holder.update(members)
    for member in [member for member, value in members.items() if value is ABSENT]:
        del holder[member]
    return copied


def places(document: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of a document and of everything in it."""
    yield path
    for member, value in document.items() if isinstance(document, dict) else ():
        yield from places(value, (*path, member))


def parts(subschema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The subschemas whose breach is a breach of the whole."""
    yield subschema
    for below in (
        *subschema.get("$defs", {}).values(),
        *subschema.get("properties", {}).values(),
        *subschema.get("allOf", ()),
        *([subschema["then"]] if "then" in subschema else []),
    ):
        yield from parts(below)


def clauses_stated(subschema: dict[str, Any]) -> Iterator[str]:
    for stated in subschema.get("x-clause", {}).values():
        yield from stated.values() if isinstance(stated, dict) else [stated]
