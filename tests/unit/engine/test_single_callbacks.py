"""What single callbacks say, at a target that speaks the dialect of the companion pages."""

import msgspec
import pytest

from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback
from payconform.model.finding import Outcome
from tests.journals import header

HEADER = header("lesspay2")


def outcome(clause: str, **told: object) -> Outcome | None:
    body = Body.of(msgspec.json.encode(told))
    heard = Callback(id="n1", order="o1", case="c", mode=Mode.CARD, method="POST", path="/callbacks/o1", body=body)
    findings = judge([HEADER, heard], clauses())
    return next((found.outcome for found in findings if (found.clause, found.mode) == (clause, Mode.CARD)), None)


@pytest.mark.parametrize(
    ("status", "number", "expected"),
    [
        ("CLOSED", 6, Outcome.PASSED),
        ("CLOSED", 3, Outcome.FAILED),
        ("FAILURE", 3, Outcome.FAILED),
        ("EXPIRED", 7, Outcome.WARNED),
        (None, 7, Outcome.WARNED),
        ([], [], Outcome.WARNED),
    ],
)
def test_a_pair_that_the_table_does_not_know_is_only_reported(status: object, number: object, expected: Outcome) -> None:
    assert outcome("CB-13", order_status=status, order_status_int=number) is expected


def test_a_failure_without_a_reason_is_only_reported() -> None:
    assert outcome("CB-29", order_status="FAILED", order_status_int=3, error_code="51") is Outcome.PASSED
    assert outcome("CB-29", order_status="FAILED", order_status_int=3, error_code=None) is Outcome.WARNED


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("4000056655665556", Outcome.WARNED),
        ("src_4000056655665556", Outcome.WARNED),
        ("tok4000056655665556", Outcome.WARNED),
        ("e3b0c44298fc1c149afbf4c8996fb924a4000056655665556b934ca495991b78", Outcome.PASSED),
        ("4000056655665556000000000", Outcome.PASSED),
        ("src_3oqxta2juhbevjaw72pgorkd5e", Outcome.PASSED),
    ],
)
def test_digits_by_chance_are_no_card_number(token: str, expected: Outcome) -> None:
    assert outcome("TK-12", order_status="SUCCEED", order_status_int=2, channel_biz_data={"card_token": token}) is expected


@pytest.mark.parametrize(
    ("method", "body", "expected"), [("HEAD", b"", None), ("GET", b"", None), ("POST", b"{}", Outcome.FAILED)]
)
def test_a_look_at_the_address_needs_no_signature(method: str, body: bytes, expected: Outcome | None) -> None:
    place = "/callbacks/o1"
    heard = Callback(
        id="n1", order="o1", case="c", mode=Mode.CARD, method=method, path=place, body=Body.of(body), signature="absent"
    )
    findings = judge([HEADER, heard], clauses())
    said = {found.outcome for found in findings if (found.clause, found.mode) == ("CB-23", Mode.CARD)}
    assert said == {expected or Outcome.NOT_OBSERVED}
