"""What a run says of orders that ended: payers left behind, outcomes nobody told, and tokens of two cards."""

import json
from typing import Any

import msgspec
import pytest

from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.model.clause import Mode
from payconform.model.evidence import Awaited, Body, Callback, Exchange, Journey, OrderRecord
from payconform.model.finding import Outcome
from payconform.model.run import Record
from tests.journals import header

HEADER = header(modes=(Mode.CASHIER, Mode.CARD), payer="form", inbox="receiver", deadline_s=10)


def order(name: str, mode: Mode = Mode.CASHIER, **members: Any) -> OrderRecord:
    urls = {f"{what}_url": f"http://shop/{name}/{what}" for what in ("notify", "success", "fail")}
    return OrderRecord(id=name, case="c", mode=mode, document={**urls, "request_id": f"M{name}", **members})


def reply(name: str, mode: Mode = Mode.CASHIER, **told: Any) -> Exchange:
    document = {"code": 0, "msg": "SUCCESS", "data": {"pay_order_id": f"P{name}", "order_data": {"orderState": 1, **told}}}
    body = Body.of(json.dumps(document).encode())
    return Exchange(
        id=f"x{name}",
        kind="create",
        order=name,
        case="c",
        mode=mode,
        method="POST",
        url="http://t/",
        status=200,
        response_body=body,
    )


def callback(name: str, status: str = "SUCCEED", number: int = 2, mode: Mode = Mode.CASHIER, **channel: str) -> Callback:
    document = {"order_status": status, "order_status_int": number, "channel_biz_data": channel}
    body = Body.of(json.dumps(document).encode())
    return Callback(id=f"n{name}", order=name, case="c", mode=mode, method="POST", path=f"/callbacks/{name}", body=body)


def journey(name: str, landed: Any = "", fault: Any = "provider", pages: tuple[str, ...] = ("cashier",)) -> Journey:
    return Journey(
        id=f"j{name}",
        order=name,
        case="c",
        mode=Mode.CASHIER,
        landed=landed,
        fault="" if landed else fault,
        stuck="" if landed else "a page",
        pages=pages,
        exchanges=(f"p{name}",),
    )


def page(name: str, status: int, number: str = "") -> Exchange:
    return Exchange(
        id=f"p{name}{number}", kind="page", order=name, case="c", mode=Mode.CASHIER, method="GET", url="http://t/p", status=status
    )


def awaited(name: str, until: float, heard: str = "") -> Awaited:
    return Awaited(order=name, case="c", since=0.0, until=until, callback=heard)


def outcome(clause: str, *records: Record, mode: Mode = Mode.CASHIER) -> Outcome | None:
    findings = judge([HEADER, *records], clauses())
    return next((found.outcome for found in findings if (found.clause, found.mode) == (clause, mode)), None)


PAID = (order("1"), reply("1", payDataType="payurl", payData="http://t/p"), journey("1", "success"))
IN_TIME = (
    *(order("0", Mode.CARD), reply("0", Mode.CARD)),
    msgspec.structs.replace(callback("0", mode=Mode.CARD), at=1.0),
    awaited("0", 1.0, "n0"),
)


def test_an_outcome_that_nobody_told_is_missed() -> None:
    assert outcome("CB-21", *IN_TIME, *PAID, awaited("1", 10.0)) is Outcome.FAILED


def test_a_harness_that_noticed_late_does_not_make_the_target_slow() -> None:
    noticed_late = (*IN_TIME[:3], awaited("0", 9.0, "n0"))
    assert outcome("CB-21", *noticed_late, *PAID, awaited("1", 10.0)) is Outcome.FAILED


@pytest.mark.parametrize(
    "records",
    [
        (*PAID, awaited("1", 10.0)),  # nobody was told in time, so the deadline may be too short
        (*IN_TIME, *PAID, awaited("1", 1.5)),
        (*IN_TIME, *PAID, awaited("1", 10.0), callback("1")),
        (*IN_TIME, *PAID[:2], journey("1", "fail"), awaited("1", 10.0)),
        (*IN_TIME, *PAID[:2], awaited("1", 10.0)),
        (*IN_TIME, order("1", notify_url="http://shop/%20"), *PAID[1:], awaited("1", 10.0)),
        (*IN_TIME, order("2", Mode.CARD), reply("2", Mode.CARD, orderState=3), awaited("2", 10.0)),
    ],
)
def test_an_outcome_that_may_come_late_or_never_came_to_be_is_not(records: tuple[Record, ...]) -> None:
    assert outcome("CB-21", *records) in (Outcome.PASSED, Outcome.NOT_OBSERVED)


@pytest.mark.parametrize("tried", [{"role": "declined"}, {"role": "challenge", "rejected": True}])
def test_a_failure_that_nobody_told_is_missed(tried: dict[str, Any]) -> None:
    failed = msgspec.structs.replace(journey("1", "fail"), **tried)
    assert outcome("CB-21", *IN_TIME, *PAID[:2], failed, awaited("1", 10.0)) is Outcome.FAILED
    assert outcome("CB-21", *IN_TIME, *PAID[:2], failed, awaited("1", 10.0), callback("1", "FAILED", 3)) is Outcome.PASSED


def test_a_card_order_without_a_page_ends_by_itself() -> None:
    records = (*IN_TIME, order("2", Mode.CARD), reply("2", Mode.CARD), awaited("2", 10.0))
    assert outcome("CB-21", *records, mode=Mode.CARD) is Outcome.FAILED


def test_a_payer_is_led_back_once_the_order_is_decided() -> None:
    assert outcome("CA-08", *PAID[:2], journey("1"), callback("1")) is Outcome.FAILED
    assert outcome("CA-08", *PAID[:2], journey("1", fault="profile"), callback("1")) is Outcome.NOT_OBSERVED
    assert outcome("CA-08", *PAID[:2], journey("1")) is Outcome.NOT_OBSERVED
    assert outcome("CA-08", *PAID, journey("1"), callback("1")) is Outcome.PASSED


def test_an_address_that_is_written_in_many_ways_only_warns() -> None:
    odd = order("1", success_url="http://shop/%E4%B8%AD")
    assert outcome("CA-08", odd, PAID[1], journey("1"), callback("1")) is Outcome.WARNED


def test_the_first_payer_finds_a_page() -> None:
    assert outcome("CA-03", order("1"), page("1", 404), journey("1", pages=())) is Outcome.FAILED
    assert outcome("CA-03", order("1"), page("1", 200), journey("1", pages=())) is Outcome.PASSED
    assert outcome("CA-03", order("1"), page("1", 200, "0"), page("1", 410), journey("1", pages=())) is Outcome.NOT_OBSERVED
    beside = msgspec.structs.replace(page("1", 200, "0"), order="2")
    assert outcome("CA-03", order("1"), beside, page("1", 410), journey("1", pages=())) is Outcome.NOT_OBSERVED
    assert outcome("CA-03", order("1"), page("1", 503), journey("1", pages=())) is Outcome.WARNED


@pytest.mark.parametrize(("numbers", "expected"), [(("400005******5556",) * 2, Outcome.PASSED), (("4", "5"), Outcome.FAILED)])
def test_a_token_stands_for_one_card(numbers: tuple[str, ...], expected: Outcome) -> None:
    records: list[Record] = []
    for name, number in enumerate(numbers):
        extra = {"card_data": {"number": number, "store_for_future_use": True}}
        records.append(order(str(name), Mode.CARD, channel_extra=extra))
        records.append(callback(str(name), mode=Mode.CARD, card_token="src_1"))
    assert outcome("CB-22", *records, mode=Mode.CARD) is expected


REFUSED = msgspec.structs.replace(reply("1", Mode.CARD), response_body=Body.of(b'{"code": 5, "msg": "no"}'))


@pytest.mark.parametrize(("status", "number", "expected"), [("SUCCEED", 2, Outcome.WARNED), ("FAILED", 3, None)])
def test_a_refused_order_that_is_paid_is_noticed_where_nobody_listened(
    status: str, number: int, expected: Outcome | None
) -> None:
    """That it failed may be how a provider tells of a refusal (X-12)."""
    heard = callback("1", status, number, mode=Mode.CARD)
    assert outcome("CB-20", order("1", Mode.CARD), REFUSED, heard, mode=Mode.CARD) in (expected, Outcome.NOT_OBSERVED)


def test_nobody_pays_an_order_whose_page_nobody_opened() -> None:
    assert outcome("CA-05", *PAID[:2], callback("1")) is Outcome.FAILED
    assert outcome("CA-05", *PAID[:2], callback("1", "FAILED", 3)) is Outcome.PASSED
    assert outcome("CA-05", *PAID[:2], page("1", 200), callback("1")) is Outcome.PASSED
    late = msgspec.structs.replace(page("1", 200), at=2.0)
    assert outcome("CA-05", *PAID[:2], late, msgspec.structs.replace(callback("1"), at=1.0)) is Outcome.FAILED
    asked = (order("2", Mode.CARD), reply("2", Mode.CARD, payDataType="payurl", payData="http://t/p"))
    assert outcome("DC-19", *asked, callback("2", mode=Mode.CARD), mode=Mode.CARD) is Outcome.FAILED
    assert outcome("DC-19", *IN_TIME, mode=Mode.CARD) is Outcome.NOT_OBSERVED


def test_a_payer_who_is_sent_to_the_wrong_side_after_a_challenge_is_reported() -> None:
    paid = callback("1", mode=Mode.CARD)
    landed = msgspec.structs.replace(journey("1", "fail"), mode=Mode.CARD)
    assert outcome("CA-08", order("1", Mode.CARD), reply("1", Mode.CARD), landed, paid, mode=Mode.CARD) is Outcome.WARNED


@pytest.mark.parametrize(
    ("first", "again", "expected"),
    [
        ("success", "success", Outcome.PASSED),
        ("success", "fail", Outcome.WARNED),
        ("", "fail", Outcome.NOT_OBSERVED),  # who looked at an open order was told nothing of its outcome
    ],
)
def test_whoever_comes_back_is_told_the_same(first: str, again: str, expected: Outcome) -> None:
    came_back = msgspec.structs.replace(journey("1", again), id="j2", again=True, pages=(), exchanges=())
    before = (journey("1", first, fault="profile"),)
    assert outcome("CA-08", *PAID[:2], *before, came_back, callback("1")) is expected
    assert outcome("CA-08", *PAID[:2], came_back, journey("1", "success"), callback("1")) is Outcome.PASSED
    assert outcome("CA-06", *PAID[:2], came_back) is Outcome.NOT_OBSERVED
    assert outcome("CA-03", *PAID[:2], page("1", 404), msgspec.structs.replace(came_back, exchanges=("p1",))) in (
        Outcome.NOT_OBSERVED,
        None,
    )
