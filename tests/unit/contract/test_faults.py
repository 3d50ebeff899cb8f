"""Single faults: each breaks the one rule it names, and together they cover the documented rules of a request."""

import copy
import json
from typing import Any

import pytest

from payconform.contract import folder
from payconform.contract.faults import Fault, faults
from payconform.contract.register import clauses
from payconform.contract.schemas import is_valid, schema, subschemas, violations
from payconform.contract.wrong_values import WITH_VALUES, wrong_values
from payconform.model.clause import PAYING_MODES, Judged, Mode, Severity

POST = json.loads(folder.read("openapi.json"))["paths"]["/api/global/v1/pay/create-order"]["post"]
EXAMPLES = POST["requestBody"]["content"]["application/json"]["examples"]
ORDERS: dict[Mode, dict[str, Any]] = {mode: EXAMPLES[mode]["value"] for mode in PAYING_MODES}
ALL = [fault for mode in PAYING_MODES for fault in faults(mode)]


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: f"{fault.mode}-{fault.name}")
def test_a_fault_breaks_the_one_rule_it_names(fault: Fault) -> None:
    broken = fault.apply(ORDERS[fault.mode])
    found = violations(f"create-order/request-{fault.mode}", broken)
    assert [(violation.clause, violation.severity) for violation in found] == [(fault.clause, fault.severity)]


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: f"{fault.mode}-{fault.name}")
def test_a_fault_fits_its_mode_and_is_no_order_of_another(fault: Fault) -> None:
    assert fault.mode in clauses()[fault.clause].modes
    broken = fault.apply(ORDERS[fault.mode])
    assert not [mode for mode in PAYING_MODES if is_valid(f"create-order/request-{mode}", broken)]


def test_applying_a_fault_leaves_the_order_alone() -> None:
    before = copy.deepcopy(ORDERS[Mode.CARD])
    for fault in faults(Mode.CARD):
        fault.apply(ORDERS[Mode.CARD])
    assert ORDERS[Mode.CARD] == before


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_names_are_distinct(mode: Mode) -> None:
    names = [fault.name for fault in faults(mode)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_every_rule_that_cases_judge_has_a_fault(mode: Mode) -> None:
    rules = {
        clause
        for _, subschema in subschemas(f"create-order/request-{mode}")
        for stated in subschema.get("x-clause", {}).values()
        for clause in (stated.values() if isinstance(stated, dict) else [stated])
    }
    broken = {fault.clause for fault in faults(mode)}
    bodies_that_are_no_order = {"EP-05"}
    assert broken == {rule for rule in rules if clauses()[rule].judged is Judged.CASE} - bodies_that_are_no_order


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_every_required_member_is_left_out_and_made_null(mode: Mode) -> None:
    by_kind = {kind: {fault.path for fault in faults(mode) if fault.kind == kind} for kind in ("absent", "null")}
    required = {
        (*path, member)
        for path, subschema in subschemas(f"create-order/request-{mode}")
        for member in subschema.get("required", ())
    }
    assert by_kind == {"absent": required, "null": required}


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_every_keyword_of_a_schema_brings_what_breaks_it(mode: Mode) -> None:
    for path, subschema in subschemas(f"create-order/request-{mode}"):
        for keyword in WITH_VALUES & subschema.keys():
            assert wrong_values(subschema, keyword), (path, keyword)
        assert subschema.get("x-wrong", {}).keys() <= WITH_VALUES & subschema.keys(), path


BROKEN = WITH_VALUES | {"required", "type", "minLength", "minProperties", "maxLength"}


@pytest.mark.parametrize("mode", PAYING_MODES)
def test_no_keyword_of_a_schema_goes_unbroken(mode: Mode) -> None:
    for path, subschema in subschemas(f"create-order/request-{mode}"):
        told_by_a_pattern = {"format"} if "pattern" in subschema else set()
        assert subschema.get("x-clause", {}).keys() - told_by_a_pattern <= BROKEN, path


@pytest.mark.parametrize(
    ("member", "keyword", "value", "names"),
    [
        ("product_name", "maxLength", 20, {"product_name-one-too-long", "product_name-far-too-long"}),
        ("product_name", "minLength", 5, {"product_name-one-too-short", "product_name-empty"}),
        ("product_name", "enum", ["Tea"], {"product_name-Teaa", "product_name-1"}),
        ("pay_access_type", "exclusiveMinimum", 0, {"pay_access_type-0", "pay_access_type-minus-2147483649"}),
        ("pay_access_type", "exclusiveMaximum", 3, {"pay_access_type-3", "pay_access_type-2147483648"}),
    ],
)
def test_a_constraint_brings_its_faults(
    monkeypatch: pytest.MonkeyPatch, member: str, keyword: str, value: Any, names: set[str]
) -> None:
    order = schema("create-order/parts")["$defs"]["order"]["properties"]
    constrained = {**order[member], keyword: value, "x-clause": {**order[member]["x-clause"], keyword: "RQ-12"}}
    monkeypatch.setitem(order, member, constrained)
    brought = {fault.name: fault for fault in faults.__wrapped__(Mode.CASHIER) if fault.clause == "RQ-12"}
    assert names <= brought.keys()
    assert all(brought[name].path == (member,) for name in names)


def test_a_text_becomes_too_short_by_one() -> None:
    fault = Fault(
        clause="RQ-08",
        mode=Mode.CASHIER,
        name="product_name-one-too-short",
        path=("product_name",),
        kind="short",
        severity=Severity.STRICT,
        value=2,
    )
    assert fault.apply({"product_name": "Three"}) == {"product_name": "Th"}


@pytest.mark.parametrize(
    ("subschema", "keyword", "elsewhere", "expected"),
    [
        ({"minimum": 1}, "minimum", (), [0, -1]),
        ({"minimum": 0}, "minimum", (), [-1]),
        ({"maximum": 12}, "maximum", (), [13, 4294967308]),
        ({"maximum": 9999, "examples": [2030]}, "maximum", (), [10000, 4294969326]),
        ({"maximum": 12, "x-wrong": {"maximum": {"far": 99}}}, "maximum", (), [99, 13, 4294967308]),
        ({"const": "card"}, "const", ("token",), ["CARD", "cardd", 1, "token"]),
        ({"const": 1}, "const", (2, 2), [0, 3, -1, 1.5, True]),
        ({"multipleOf": 1, "minimum": 1}, "multipleOf", (), [1.5]),
        ({"const": "V2", "enum": ["V2", "v2"]}, "const", (), ["v2"]),
        ({"enum": ["V2", "v2"]}, "enum", (), ["V22", "V9", "2", 2, 1]),
        ({"enum": ["a9"]}, "enum", (), ["a99", "a8", "9", 9, 1]),
        ({"enum": ["a"]}, "enum", (), ["aa", 1]),
        ({"enum": ["a1", "a9"]}, "enum", (), ["a11", "1", 1]),
        ({"const": 0}, "const", (), [-1, 1, 0.5, True]),
        ({"not": {"enum": ["ZZZ"]}}, "not", (), ["ZZZ"]),
        ({"pattern": "^[0-9]+$", "x-wrong": {"pattern": ["-1"]}}, "pattern", (), ["-1"]),
    ],
)
def test_wrong_values_are_read_off_the_keyword(
    subschema: dict[str, Any], keyword: str, elsewhere: tuple[Any, ...], expected: list[Any]
) -> None:
    assert list(wrong_values(subschema, keyword, elsewhere).values()) == expected


def test_labels_tell_wrong_values_apart() -> None:
    subschema = {"minimum": 1, "x-wrong": {"minimum": {"half": 0.5}}}
    assert list(wrong_values(subschema, "minimum")) == ["half", "0", "minus-1"]


@pytest.mark.parametrize(("kept", "long"), [("Tea", "Teaxx"), ("https://a.example", "https://a.example")])
def test_a_text_becomes_too_long_at_its_end(kept: str, long: str) -> None:
    fault = Fault(
        clause="RQ-24",
        mode=Mode.CASHIER,
        name="product_name-one-too-long",
        path=("product_name",),
        kind="length",
        severity=Severity.STRICT,
        value=5,
    )
    assert fault.apply({"product_name": kept}) == {"product_name": long}


@pytest.mark.parametrize(
    ("mode", "name", "severity"),
    [
        (Mode.CASHIER, "target_amount-absent", Severity.STRICT),
        (Mode.CASHIER, "target_amount-as-number", Severity.ADVISORY),
        (Mode.CASHIER, "product_name-empty", Severity.ADVISORY),
        (Mode.CASHIER, "request_id-empty", Severity.STRICT),
        (Mode.CASHIER, "api_version-V22", Severity.STRICT),
        (Mode.CASHIER, "api_version-V1", Severity.ADVISORY),
        (Mode.CASHIER, "pay_access_type-as-text", Severity.ADVISORY),
        (Mode.CARD, "channel_extra.card_data.expiry_month-13", Severity.STRICT),
        (Mode.CARD, "channel_extra.card_data.expiry_year-27", Severity.ADVISORY),
        (Mode.CARD, "channel_extra.card_data.expiry_year-10000", Severity.STRICT),
        (Mode.TOKEN, "channel_extra.token_data.token-as-number", Severity.STRICT),
    ],
)
def test_severity_follows_the_clause_or_the_rule(mode: Mode, name: str, severity: Severity) -> None:
    assert {fault.name: fault.severity for fault in faults(mode)}[name] is severity


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("target_amount-as-number", 100.0),
        ("pay_access_type-as-text", "2"),
        ("pay_access_type-2.5", 2.5),
        ("request_id-as-number", 20260115121901),
        ("product_name-as-number", 5),
        ("channel_extra.card_data.store_for_future_use-as-number", 1),
        ("channel_extra.card_data.store_for_future_use-as-text", "true"),
    ],
)
def test_a_wrong_type_keeps_the_value(name: str, value: Any) -> None:
    fault = {fault.name: fault for fault in faults(Mode.CARD)}[name]
    holder: Any = fault.apply(ORDERS[Mode.CARD])
    for member in fault.path:
        holder = holder[member]
    assert holder == value
    assert type(holder) is type(value)
