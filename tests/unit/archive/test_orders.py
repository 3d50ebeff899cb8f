"""Callbacks beside the orders that were sent: lists of them, what agrees, what is missing, what is strange, how long it took."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow.parquet import write_table

from payconform.archive.parts import percentiles
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.clause import Mode
from payconform.model.evidence import Body as MessageBody
from payconform.model.evidence import Callback, Exchange, OrderRecord
from tests.journals import header

Body = Callable[..., bytes]
Row = dict[str, Any]
SENT = datetime(2026, 3, 4, 10, tzinfo=UTC)
REQUIRED = {"transaction_type": "PAY_IN", "way_type": "CARD_PAYMENT", "notify_url": "https://merchant.example/notify"}


def order(number: int, **members: Any) -> Row:
    """An order as a list tells it, which the callback of that number agrees with."""
    return {"request_id": f"M{number}", "target_amount": "100.00", "target_currency": "CNY", "mode": "card", **members}


def request(number: int, **members: Any) -> Row:
    """The same as the whole request that was sent, card and all."""
    urls = dict.fromkeys(("success_url", "fail_url"), "https://www.doopayment.com")
    texts = {"api_version": "V2", "description": "Lesspay Order", "product_name": "Lesspay Order"}
    card = {"number": "4242424242424242", "cvv": "123", "store_for_future_use": True}
    extra = {"pay_access_type": 2, "channel_extra": {"extra_type": "card", "card_data": card}}
    rest = {name: value for name, value in order(number).items() if name != "mode"}
    return {**rest, **REQUIRED, **urls, **texts, **extra, **members}


def json_lines(rows: Iterable[Row]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def as_csv(rows: list[Row]) -> bytes:
    written = io.StringIO()
    table = csv.DictWriter(written, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def as_parquet(rows: list[Row]) -> bytes:
    written = io.BytesIO()
    write_table(pa.Table.from_pylist(rows), written)
    return written.getvalue()


FORMS: dict[str, Callable[[list[int]], bytes]] = {
    "JSON lines": lambda numbers: json_lines(map(order, numbers)),
    "one JSON list": lambda numbers: json.dumps(list(map(order, numbers)), indent=1).encode(),
    "requests": lambda numbers: json_lines(map(request, numbers)),
    "requests as members": lambda numbers: json_lines({"document": request(number), "mode": "card"} for number in numbers),
    "CSV": lambda numbers: as_csv(list(map(order, numbers))),
    "CSV in gzip": lambda numbers: gzip.compress(as_csv(list(map(order, numbers)))),
    "Parquet": lambda numbers: as_parquet(list(map(order, numbers))),
}


@pytest.mark.parametrize("form", FORMS)
def test_lists_of_orders_have_several_forms(form: str, body: Body, tmp_path: Path, validate: Any) -> None:
    path, listed = tmp_path / "callbacks.jsonl", tmp_path / "orders"
    path.write_bytes(b"\n".join([body(1), body(2, target_currency="EUR"), body(3), body(9)]))
    listed.write_bytes(FORMS[form]([1, 2, 3, 4]))
    judged = validate(path, "--orders", listed)
    assert judged.code == 1
    assert judged.offending == {(str(path), 2): ["CB-10"], (str(path), 4): ["CB-08"]}
    assert judged.outcome("CB-10", "card") == "failed"
    assert "4 orders, 1 never called back, 1 callback of none of them" in judged.out
    assert (judged.reports / "never-called-back.txt").read_text() == "M4\n"
    written = b"".join(found.read_bytes() for found in judged.reports.rglob("*") if found.is_file())
    assert b"4242424242424242" not in written


def test_several_lists_are_one(body: Body, tmp_path: Path, validate: Any) -> None:
    path, listed = tmp_path / "callbacks.jsonl", tmp_path / "orders"
    path.write_bytes(b"\n".join([body(1), body(2)]))
    listed.mkdir()
    (listed / "a.jsonl").write_bytes(json_lines([order(1)]))
    (listed / "b.csv").write_bytes(as_csv([order(2)]))
    (tmp_path / "c.jsonl").write_bytes(json_lines([order(3)]))
    judged = validate(path, "--orders", listed, "--orders", tmp_path / "c.jsonl")
    assert "3 orders, 1 never called back" in judged.out


@pytest.mark.parametrize(
    ("clause", "sent", "heard"),
    [
        ("CB-07", {"pay_order_id": "P7"}, {}),
        ("CB-09", {"target_amount": "100.01"}, {}),
        ("CB-10", {}, {"target_currency": "USD"}),
        ("CB-14", {"description": "Tea"}, {}),
        ("CB-14", {"success_url": "https://merchant.example/paid"}, {}),
        ("CB-16", {"store_for_future_use": True}, {"channel_biz_data": {"card_token": None}}),
        ("CB-17", {"store_for_future_use": False}, {"channel_biz_data": {"card_token": "src_abc"}}),
    ],
)
def test_what_a_callback_says_is_compared_with_its_order(  # noqa: PLR0917 -- what is sent and heard, and three fixtures
    clause: str, sent: Row, heard: Row, body: Body, tmp_path: Path, validate: Any
) -> None:
    path, listed = tmp_path / "callbacks.jsonl", tmp_path / "orders.jsonl"
    path.write_bytes(b"\n".join([body(1), body(2, **heard)]))
    agreeing = {"store_for_future_use": True}
    listed.write_bytes(json_lines([order(1, **agreeing), order(2, **{**agreeing, **sent})]))
    judged = validate(path, "--orders", listed)
    assert judged.offending == {(str(path), 2): [clause]}
    assert judged.outcome(clause, "card") in ("failed", "warned")


def kept(body: bytes, after: timedelta) -> bytes:
    return json.dumps({"received_at": (SENT + after).isoformat(), "body": body.decode()}).encode() + b"\n"


def test_what_may_still_come_or_was_refused_is_not_missed(body: Body, tmp_path: Path, validate: Any) -> None:
    path, listed = tmp_path / "callbacks.jsonl", tmp_path / "orders.jsonl"
    pending = kept(body(2, order_status="PENDING_PAY", order_status_int=1), timedelta())
    path.write_bytes(kept(body(1), timedelta(minutes=10)) + pending)
    late = (SENT + timedelta(minutes=8)).isoformat()
    listed.write_bytes(
        json_lines([order(1, sent_at=SENT.isoformat()), order(2, sent_at=SENT.isoformat()), order(3, sent_at=late), order(4)])
    )
    judged = validate(path, "--orders", listed, "--deadline", 300)
    assert (judged.reports / "never-called-back.txt").read_text() == "M2\nM4\n", "M2 is pending, nobody knows when M4 was sent"
    assert judged.outcome("CB-30", "card") == "warned"
    assert "10 min" in judged.out, "it took longer than --deadline"


def test_a_callback_from_before_the_list_may_be_of_an_older_order(body: Body, tmp_path: Path, validate: Any) -> None:
    path, listed = tmp_path / "callbacks.jsonl", tmp_path / "orders.jsonl"
    path.write_bytes(b"".join(kept(body(number), timedelta(seconds=after)) for number, after in ((1, 5), (8, -5), (9, 9))))
    listed.write_bytes(json_lines([order(1, sent_at=SENT.isoformat())]))
    judged = validate(path, "--orders", listed)
    assert judged.offending == {(str(path), 3): ["CB-08"]}
    assert "2 callbacks of none of them" in judged.out


def test_how_long_callbacks_took(body: Body, tmp_path: Path, validate: Any) -> None:
    path, listed = tmp_path / "callbacks.jsonl", tmp_path / "orders.csv"
    numbers = range(1, 201)
    path.write_bytes(b"".join(kept(body(number), timedelta(seconds=number)) for number in reversed(numbers)))
    listed.write_bytes(as_csv([order(number, sent_at=SENT.isoformat()) for number in numbers]))
    judged = validate(path, "--orders", listed)
    assert "median 1 min 40 s, 90 % 3 min 0 s, 99 % 3 min 18 s, longest 3 min 20 s" in judged.out
    assert judged.code == 0


@given(st.lists(st.integers(0, 50).map(float), min_size=1))
def test_percentiles_are_those_of_the_values_one_by_one(values: list[float]) -> None:
    ordered = sorted(values)
    expected = {"median": 0.5, "90 %": 0.9, "99 %": 0.99, "longest": 1.0}
    found = percentiles({value: values.count(value) for value in values})
    for name, share in expected.items():
        assert found[name] == next(value for place, value in enumerate(ordered, start=1) if place >= share * len(ordered))


def journal(path: Path, bodies: dict[str, bytes], refused: str = "") -> Path:
    """A run that sent M1 to M3, whose inbox heard bodies by order."""
    began = header(started_at=SENT.isoformat(), inbox="receiver")
    with Recorder(path, Redactor()) as recorder:
        recorder.write(began)
        for number in (1, 2, 3):
            name = f"o{number}"
            recorder.write(OrderRecord(id=name, case="", mode=Mode.CARD, document=request(number)))
            accepted = {"code": 0, "msg": "SUCCESS", "data": {"pay_order_id": f"P{number}"}}
            said = {"code": 5, "msg": "no"} if name == refused else accepted
            recorder.write(
                Exchange(
                    id=f"x{number}",
                    kind="create",
                    order=name,
                    case="",
                    mode=Mode.CARD,
                    method="POST",
                    url="http://t",
                    at=float(number),
                    status=200,
                    response_body=MessageBody.of(json.dumps(said).encode()),
                )
            )
        for number, (name, raw) in enumerate(bodies.items(), start=1):
            came: Row = {"id": f"n{number}", "order": name, "case": "", "mode": Mode.CARD, "method": "POST", "path": "/"}
            recorder.write(Callback(**came, body=MessageBody.of(raw), at=7201.0))
    return path


def test_a_journal_has_its_own_orders(body: Body, tmp_path: Path, validate: Any) -> None:
    bodies = {"o1": body(1), "o2": body(2, pay_order_id="P9")}
    path = journal(tmp_path / "journal.ndjson", bodies)
    judged = validate(path)
    assert list(judged.offending.values()) == [["CB-07"]]
    assert (judged.reports / "never-called-back.txt").read_text() == "M3\n"
    assert "from an order to its callback: median 120 min 0 s" in judged.out
    assert validate(journal(path, bodies, refused="o3")).out.count("0 never called back") == 1, "it was refused"


def test_a_journal_lists_the_orders_of_an_archive(body: Body, tmp_path: Path, validate: Any) -> None:
    path = tmp_path / "callbacks.jsonl"
    path.write_bytes(b"\n".join([body(1), body(2, target_amount="1.00"), body(9)]))
    judged = validate(path, "--orders", journal(tmp_path / "journal.ndjson", {}))
    assert judged.offending == {(str(path), 2): ["CB-09"], (str(path), 3): ["CB-08"]}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (b'{"request_id":5}\n', "line 1: an order needs a request_id that is text"),
        (b'{"request_id":"M1"}\n{"request_id":\n', "line 2: is no JSON"),
        (b'{"request_id":"M1"}\n{"x":' + b"[" * 100_000, "line 2: is no JSON: nested more than 128 levels deep"),
        (b'{"request_id":"M1"}\n[]\n', "line 2: an order is a JSON object"),
        (b'{"request_id":"M1","mode":"cash"}\n', "line 1: mode is cashier, card or token, and not 'cash'"),
        (b'{"request_id":"M1","sent_at":"soon"}\n', "line 1: sent_at is ISO 8601"),
        (b"order,amount\nM1,5\n", "line 2: an order needs a request_id that is text"),
        (b"\xff\xfea\0", "is UTF-16"),
        (b"request_id\n\xff\n", "cannot be read"),
        (gzip.compress(b"request_id\n" * 99, mtime=0)[:-9], "is cut off"),
        (b"SQLite format 3\0", "orders are read from a journal, CSV, JSON lines or Parquet"),
        (b"PAR1 or not", "Parquet"),
    ],
)
def test_mistakes_in_lists_are_one_line(written: bytes, says: str, body: Body, tmp_path: Path, validate: Any) -> None:
    path, listed = tmp_path / "callbacks.jsonl", tmp_path / "orders"
    path.write_bytes(body(1))
    listed.write_bytes(written)
    judged = validate(path, "--orders", listed)
    assert judged.code == 4
    assert says in judged.err
    assert str(listed) in judged.err
    assert judged.err.count("\n") == 1
