"""Single faults: each breaks the one rule it names, and together they cover the documented rules of a request."""

import copy
import json
from typing import Any

import pytest

from payconform.contract import folder
from payconform.contract.faults import Fault, faults
from payconform.contract.register import clauses
from payconform.contract.schemas import is_valid, subschemas, violations
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
def test_every_constant_and_bound_says_what_breaks_it(mode: Mode) -> None:
    for path, subschema in subschemas(f"create-order/request-{mode}"):
        bounds = {"const", "enum", "minimum", "maximum"} & subschema.keys()
        assert bounds == subschema.get("x-wrong", {}).keys(), path


@pytest.mark.parametrize(
    ("mode", "name", "severity"),
    [
        (Mode.CASHIER, "target_amount-absent", Severity.STRICT),
        (Mode.CASHIER, "target_amount-as-number", Severity.ADVISORY),
        (Mode.CASHIER, "product_name-empty", Severity.ADVISORY),
        (Mode.CASHIER, "request_id-empty", Severity.STRICT),
        (Mode.CASHIER, "api_version-V9", Severity.STRICT),
        (Mode.CASHIER, "api_version-V1", Severity.ADVISORY),
        (Mode.CASHIER, "pay_access_type-as-text", Severity.ADVISORY),
        (Mode.CARD, "channel_extra.card_data.expiry_month-13", Severity.STRICT),
        (Mode.CARD, "channel_extra.card_data.expiry_year-27", Severity.ADVISORY),
        (Mode.CARD, "channel_extra.card_data.expiry_year-99999", Severity.STRICT),
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
