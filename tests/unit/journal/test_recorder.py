"""The journal as it is written: masked, numbered, one line a record, and never stopped by what a target sends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, Exchange, Journey, Leak, OrderRecord
from payconform.model.finding import Observation, Outcome
from payconform.model.message import Arrival, Request, Response, Verification
from payconform.model.order import Order
from payconform.model.profile import Card, Role
from payconform.model.run import Ended, Record

PATIENT = settings(deadline=None)  # a busy machine is no failure
NUMBER = "4242424242424242"
MASKED = "424242******4242"
CARD = Card(role=Role.APPROVED, number=NUMBER, expiry_month=12, expiry_year=2035, cvv="987")
REQUEST = Request(
    method="POST",
    url=f"https://t.example/pay?n={NUMBER}",
    headers=(("Authorization", "Bearer x"),),
    body=b'{"number": "4242424242424242", "cvv": "987"}',
)


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    with Recorder(tmp_path / "journal.ndjson", Redactor([CARD])) as opened:
        yield opened


def exchange(recorder: Recorder, response: Response, **changes: Any) -> Exchange:
    told = {"kind": "create", "order": "o1", "case": "c", "mode": Mode.CARD, "request": REQUEST, "at": 1.5, **changes}
    return recorder.exchange(response=response, **told)


def callback(recorder: Recorder, body: bytes, query: str = "", path: str = "/callbacks/o1") -> Callback:
    arrival = Arrival(method="POST", path=path, query=query, headers=(("X", "y"),), body=body, peer="127.0.0.1")
    return recorder.callback(order="o1", case="c", mode=Mode.CARD, arrival=arrival, at=2.0, answered=200)


def test_an_exchange_is_recorded_masked_with_what_the_target_leaked(recorder: Recorder) -> None:
    response = Response(
        status=200, headers=(("Location", f"/?n={NUMBER}"),), body=f'{{"msg": "{NUMBER}"}}'.encode(), truncated=True, seconds=0.2
    )
    assert exchange(recorder, response, fault="x-absent") == Exchange(
        id="x1",
        kind="create",
        order="o1",
        case="c",
        mode=Mode.CARD,
        method="POST",
        url=f"https://t.example/pay?n={MASKED}",
        request_headers=(("Authorization", "[secret]"),),
        request_body=Body(text=f'{{"number": "{MASKED}", "cvv": "***"}}', size=44),
        status=200,
        response_headers=(("Location", f"/?n={MASKED}"),),
        response_body=Body(text=f'{{"msg": "{MASKED}"}}', size=27, truncated=True),
        at=1.5,
        seconds=0.2,
        fault="x-absent",
        leaks=(Leak("card number", "plain", "header location"), Leak("card number", "plain", "response body")),
    )


def test_a_large_body_of_the_harness_is_recorded_by_its_beginning(recorder: Recorder) -> None:
    large = b'{"number": "4242424242424242", "x": "' + "é".encode() * 40_000
    recorded = exchange(recorder, Response(status=413), request=msgspec.structs.replace(REQUEST, body=large)).request_body
    assert recorded.text is not None
    assert recorded.text.startswith(f'{{"number": "{MASKED}", "x": "é')
    assert len(recorded.raw) <= 64_000 < recorded.size == len(large)
    assert recorded.truncated


def test_what_a_page_says_of_the_card_is_told_as_of_a_page(recorder: Recorder) -> None:
    body = f'<input name="n" value="{NUMBER}"><input name="cvc" value="987">'.encode()
    recorded = exchange(recorder, Response(status=200, body=body), kind="page")
    assert recorded.leaks == (Leak("card number", "plain", "page"), Leak("cvv", "input element", "page"))


def test_a_network_error_is_recorded_masked(recorder: Recorder) -> None:
    recorded = exchange(recorder, Response(error=f"cannot reach https://t.example/?n={NUMBER}"))
    assert recorded.status is None
    assert recorded.error == f"cannot reach https://t.example/?n={MASKED}"
    assert recorded.leaks == ()


def test_a_callback_is_recorded_masked_with_what_the_target_leaked(recorder: Recorder) -> None:
    recorded = callback(recorder, f'{{"a": {NUMBER}}}'.encode(), query=f"n={NUMBER}", path=f"/callbacks/{NUMBER}")
    assert (recorded.id, recorded.path, recorded.query) == ("n1", f"/callbacks/{MASKED}", f"n={MASKED}")
    assert recorded.body.text == f'{{"a": "{MASKED}"}}'
    assert [leak.where for leak in recorded.leaks] == ["callback path", "callback query", "callback body"]


def test_the_signature_is_verified_on_the_bytes_that_arrived() -> None:
    recorder = Recorder(
        None, Redactor([CARD]), verify=lambda arrival: Verification("verified" if NUMBER.encode() in arrival.body else "mismatch")
    )
    assert callback(recorder, NUMBER.encode()).signature == "verified"
    assert callback(recorder, b"").signature == "mismatch"
    assert callback(Recorder(None, Redactor()), b"").signature == ""


def test_the_card_of_an_order_is_known_before_anything_comes_back(recorder: Recorder) -> None:
    made_up = "5555555555554444"
    document = {"request_id": "r1", "channel_extra": {"card_data": {"number": made_up, "cvv": "4321"}}}
    recorder.order(Order(id="o1", mode=Mode.CARD, document=document, role=Role.DECLINED), "c")
    recorder.order(Order(id="o2", mode=Mode.CARD, document=["no order"]), "c")
    masked = {"request_id": "r1", "channel_extra": {"card_data": {"number": "555555******4444", "cvv": "***"}}}
    assert recorder.records == (
        OrderRecord(id="o1", case="c", mode=Mode.CARD, document=masked, role="declined"),
        OrderRecord(id="o2", case="c", mode=Mode.CARD, document={}),
    )
    assert exchange(recorder, Response(status=400, body=made_up.encode())).leaks != ()


def test_what_a_payer_takes_to_the_merchant_is_told_and_the_targets_own_mask_is_not(recorder: Recorder) -> None:
    landed = Journey(id="j1", order="o1", case="c", mode=Mode.CARD, landed="success", final_url=f"https://s.example/?n={NUMBER}")
    lawful = msgspec.structs.replace(landed, id="j2", final_url=f"https://s.example/?n={MASKED}")
    recorder.journey(landed, b"pan=4242+4242+4242+4242&cvc=987")
    recorder.journey(lawful, f"pan={MASKED}&cvc=***".encode())
    recorder.journey(msgspec.structs.replace(landed, id="j3", landed=""), b"")
    told, own, astray = (record for record in recorder.records if isinstance(record, Journey))
    assert told.final_url == own.final_url == astray.final_url == f"https://s.example/?n={MASKED}"
    assert told.leaks == (
        Leak("card number", "plain", "the address of the merchant"),
        Leak("card number", "grouped", "the form sent to the merchant"),
        Leak("cvv", "field", "the form sent to the merchant"),
    )
    assert own.leaks == astray.leaks == ()


def test_every_record_is_masked(recorder: Recorder) -> None:
    recorder.write(Journey(id="j1", order="o1", case="c", mode=Mode.CARD, final_url=f"https://shop.example/?n={NUMBER}"))
    recorder.write(Ended(case="c", at=1, error=f"ValueError: {NUMBER}"))
    recorder.write(
        Observation(clause="A-1", mode=Mode.CARD, outcome=Outcome.FAILED, expected="", observed=f"cvv=987 of {NUMBER}")
    )
    assert NUMBER not in str(recorder.records)
    assert "987" not in str(recorder.records)


def test_memory_holds_what_a_reader_of_the_file_finds(recorder: Recorder, tmp_path: Path) -> None:
    exchange(recorder, Response(status=200, body=b"\xff\x00"))
    callback(recorder, b"{}")
    recorder.write(OrderRecord(id="o1", case="c", mode=Mode.CARD, document={"amount": 1.5, "none": float("nan")}))
    decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)
    lines = (tmp_path / "journal.ndjson").read_bytes().splitlines()
    assert tuple(map(decoder.decode, lines)) == recorder.records
    assert len(lines) == 3


def test_shards_have_ids_of_their_own() -> None:
    recorder = Recorder(None, Redactor(), prefix="gw1-")
    assert [exchange(recorder, Response(status=200)).id for _ in range(2)] == ["gw1-x1", "gw1-x2"]
    assert callback(recorder, b"").id == "gw1-n1"


def test_what_comes_after_the_end_is_dropped(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "journal.ndjson", Redactor())
    recorder.close()
    assert callback(recorder, b"late").body.text == "late"
    assert recorder.records == ()
    assert (tmp_path / "journal.ndjson").read_bytes() == b""


def test_records_of_many_threads_stay_whole(recorder: Recorder, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = list(threads.map(lambda _: exchange(recorder, Response(status=200)).id, range(100)))
    assert sorted(ids) == sorted({f"x{number}" for number in range(1, 101)})
    assert len((tmp_path / "journal.ndjson").read_text().splitlines()) == 100


ODD_TEXT = st.text(st.characters(), max_size=20)


@PATIENT
@given(ODD_TEXT, st.binary(max_size=40), st.lists(ODD_TEXT | st.floats() | st.integers(-(10**6000), 10**6000), max_size=3))
def test_no_content_stops_the_journal(text: str, raw: bytes, members: list[Any]) -> None:
    recorder = Recorder(None, Redactor([CARD]))
    headers = ((text, text),)
    exchange(recorder, Response(status=1, headers=headers, body=raw, error=text), fault=text)
    arrival = Arrival(method=text, path=text, query=text, headers=headers, body=raw)
    recorder.callback(order=text, case=text, mode=Mode.TOKEN, arrival=arrival, at=0, answered=1)
    recorder.order(Order(id=text, mode=Mode.CARD, document={"members": members, text: text, "flag": True}), text)
    assert len(recorder.records) == 3
