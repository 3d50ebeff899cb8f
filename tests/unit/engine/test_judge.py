"""Judging is a pure function of records: outcomes, their order, severity, dialect, background."""

import msgspec
import pytest

from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, Exchange, OrderRecord
from payconform.model.finding import Finding, Observation, Outcome
from payconform.model.run import Ended, Plan, PlannedCase, Record
from tests.journals import header


def planned(*names: str, skip: str = "", background: bool = False) -> Plan:
    cases = [
        PlannedCase(id=name, title="", mode=Mode.CARD, clauses=("DC-20",), skip=skip, background=background) for name in names
    ]
    return Plan(cases=tuple(cases))


def said(outcome: Outcome, clause: str = "DC-20", case: str = "a") -> Observation:
    return Observation(clause=clause, mode=Mode.CARD, outcome=outcome, expected="e", observed=outcome.value, case=case)


def finding(records: list[Record], clause: str = "DC-20", dialect: str = "guide") -> Finding | None:
    findings = judge([header(dialect), *records], clauses())
    return next((found for found in findings if found.clause == clause and found.mode is Mode.CARD), None)


def outcome(records: list[Record], clause: str = "DC-20", dialect: str = "guide") -> Outcome | None:
    found = finding(records, clause, dialect)
    return found.outcome if found else None


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.PASSED], Outcome.PASSED),
        ([Outcome.PASSED, Outcome.WARNED], Outcome.WARNED),
        ([Outcome.PASSED, Outcome.FAILED], Outcome.FAILED),
        ([], Outcome.NOT_OBSERVED),
    ],
)
def test_the_worst_observation_decides(outcomes: list[Outcome], expected: Outcome) -> None:
    assert outcome([planned("a"), *map(said, outcomes), Ended(case="a", at=1)]) is expected


def test_trouble_and_error_are_no_pass() -> None:
    passed: list[Record] = [planned("a", "b"), said(Outcome.PASSED), Ended(case="a", at=1)]
    assert outcome([*passed, Ended(case="b", at=1, trouble="unreached")]) is Outcome.INCONCLUSIVE
    assert outcome([*passed, Ended(case="b", at=1, error="bug")]) is Outcome.ERROR
    assert outcome(passed) is Outcome.INCONCLUSIVE, "a case that never ended was cut off"


def test_a_failure_outweighs_trouble() -> None:
    records: list[Record] = [planned("a", "b"), said(Outcome.FAILED), Ended(case="a", at=1), Ended(case="b", at=1, trouble="x")]
    found = finding(records)
    assert found is not None
    assert (found.outcome, found.blocking) == (Outcome.FAILED, True)


def test_breaking_an_advisory_clause_warns() -> None:
    found = finding([said(Outcome.FAILED, "RS-08")], "RS-08")
    assert found is not None
    assert (found.outcome, found.blocking) == (Outcome.WARNED, False)


def test_companion_clauses_apply_to_their_dialect_only() -> None:
    assert outcome([said(Outcome.FAILED, "RS-12")], "RS-12") is Outcome.NOT_APPLICABLE
    assert outcome([said(Outcome.FAILED, "RS-12")], "RS-12", "lesspay2") is Outcome.FAILED


def test_a_skipped_case_is_not_applicable_and_a_background_case_is_not_judged() -> None:
    assert outcome([planned("a", skip="no card")]) is Outcome.NOT_APPLICABLE
    assert outcome([planned("a", background=True), said(Outcome.FAILED), Ended(case="a", at=1)]) is None


def order(name: str, amount: str = "100") -> OrderRecord:
    return OrderRecord(id=name, case="a", mode=Mode.CARD, document={"request_id": f"M{name}", "target_amount": amount})


def accepted(name: str, members: str, order_id: str = "P1") -> Exchange:
    text = f'{{"code":0,"msg":"SUCCESS","data":{{"pay_order_id":"{order_id}","order_data":{{{members}}}}}}}'
    return Exchange(
        id=f"x{name}",
        kind="create",
        order=name,
        case="a",
        mode=Mode.CARD,
        method="POST",
        url="http://t",
        status=200,
        response_body=Body.of(text.encode()),
    )


def heard(name: str, text: str, number: int = 1) -> Callback:
    return Callback(id=f"n{number}", order=name, case="a", mode=Mode.CARD, method="POST", path="/", body=Body.of(text.encode()))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ("", Outcome.PASSED),
        ('"payDataType":null', Outcome.PASSED),
        ('"payDataType":"","payData":null', Outcome.PASSED),
        ('"payDataType":"none"', Outcome.WARNED),
        ('"payData":"https://p.example/3ds"', Outcome.FAILED),
    ],
)
def test_every_spelling_of_nothing_to_do(members: str, expected: Outcome) -> None:
    assert outcome([order("1"), accepted("1", members)], "RS-14") is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"100"', Outcome.PASSED),
        ('"100.00"', Outcome.PASSED),
        ("100", Outcome.FAILED),
        ('"99.99"', Outcome.FAILED),
        ('"NaN"', Outcome.FAILED),
    ],
)
def test_amounts_are_compared_as_numbers_and_must_be_strings(value: str, expected: Outcome) -> None:
    assert outcome([order("1"), heard("1", f'{{"target_amount":{value}}}')], "CB-09") is expected


def test_an_id_given_twice_is_found() -> None:
    records: list[Record] = [order("1"), order("2"), accepted("1", ""), accepted("2", "")]
    found = finding(records, "RS-17")
    assert found is not None
    assert found.outcome is Outcome.FAILED
    assert set(found.exchanges) == {"x1", "x2"}


def test_an_intermediate_status_of_any_name_is_not_terminal() -> None:
    between, paid = '{"order_status":"AUTHORISING","order_status_int":1}', '{"order_status":"SUCCEED","order_status_int":2}'
    assert outcome([order("1"), heard("1", between), heard("1", paid, 2)], "CB-21") is Outcome.PASSED


def test_one_order_has_one_terminal_outcome() -> None:
    paid, failed = '{"order_status":"SUCCEED","order_status_int":2}', '{"order_status":"FAILED","order_status_int":3}'
    pending = '{"order_status":"PENDING_PAY","order_status_int":1}'
    assert outcome([order("1"), heard("1", pending), heard("1", paid, 2), heard("1", paid, 3)], "CB-21") is Outcome.PASSED
    assert outcome([order("1"), heard("1", paid), heard("1", failed, 2)], "CB-21") is Outcome.FAILED


def test_a_pending_callback_after_the_outcome_warns() -> None:
    paid = '{"order_status":"SUCCEED","order_status_int":2}'
    pending = '{"order_status":"PENDING_PAY","order_status_int":1}'
    late = msgspec.structs.replace(heard("1", pending, 2), at=1.5)
    settled = msgspec.structs.replace(heard("1", paid), at=0.5)
    assert outcome([order("1"), settled, late], "CB-21") is Outcome.WARNED


def captured(text: str, number: int = 1, mode: Mode = Mode.UNKNOWN) -> Callback:
    return msgspec.structs.replace(heard("M1", text, number), mode=mode)


def of_unknown_order(records: list[Record], clause: str, mode: Mode = Mode.UNKNOWN) -> Outcome | None:
    findings = judge([header(), *records], clauses())
    return next((found.outcome for found in findings if (found.clause, found.mode) == (clause, mode)), None)


@pytest.mark.parametrize(
    ("clause", "text", "expected"),
    [
        ("CB-07", '{"pay_order_id":"P1"}', Outcome.PASSED),
        ("CB-07", '{"pay_order_id":1}', Outcome.FAILED),
        ("CB-08", '{"request_id":"M1"}', Outcome.PASSED),
        ("CB-08", "{}", Outcome.FAILED),
        ("CB-09", '{"target_amount":"1.50"}', Outcome.PASSED),
        ("CB-09", '{"target_amount":"1,50"}', Outcome.FAILED),
        ("CB-09", '{"target_amount":1.5}', Outcome.FAILED),
        ("CB-10", '{"target_currency":"USD"}', Outcome.PASSED),
        ("CB-10", '{"target_currency":""}', Outcome.FAILED),
        ("CB-14", '{"description":"tea","fail_url":null}', Outcome.PASSED),
        ("CB-14", '{"description":1}', Outcome.FAILED),
        ("CB-14", "{}", None),
        ("CB-16", '{"channel_biz_data":{"card_token":"src_1"}}', Outcome.PASSED),
        ("CB-16", '{"channel_biz_data":{"card_token":1}}', Outcome.FAILED),
        ("CB-17", '{"channel_biz_data":{"card_token":"src_1"}}', None),
        ("CB-18", '{"order_status":"FAILED","channel_biz_data":{"card_token":"src_1"}}', Outcome.WARNED),
        ("CB-22", '{"request_id":"M1"}', None),
        ("RS-17", '{"pay_order_id":"P1","request_id":"M1"}', Outcome.PASSED),
    ],
)
def test_a_callback_whose_order_nobody_gave_is_judged_by_itself(clause: str, text: str, expected: Outcome | None) -> None:
    assert of_unknown_order([captured(text)], clause) is expected


def test_a_token_after_a_failure_blocks_where_the_mode_is_known() -> None:
    text = '{"order_status":"FAILED","channel_biz_data":{"card_token":"src_1"}}'
    assert of_unknown_order([captured(text, mode=Mode.CARD)], "CB-18", Mode.CARD) is Outcome.FAILED


def test_a_pay_order_id_of_two_request_ids_is_found() -> None:
    callbacks: list[Record] = [
        captured('{"pay_order_id":"P1","request_id":"M1"}'),
        captured('{"pay_order_id":"P1","request_id":"M2"}', 2),
    ]
    assert of_unknown_order(callbacks, "RS-17") is Outcome.FAILED
