"""An envelope is read exactly when its schema allows it, and nothing that it holds is lost."""

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.archive.records import UnreadableError, captured, is_envelope
from payconform.contract.schemas import is_valid
from payconform.contract.signature import callback_signature, verdict

TEXTS = st.text(max_size=3)
ZONES = st.sampled_from([None, UTC, timezone(timedelta(hours=5, minutes=45)), timezone(-timedelta(hours=3))])
TIMES: st.SearchStrategy[datetime] = st.datetimes(timezones=ZONES)
LEAK = {"what": "cvv", "form": "plain", "where": "callback body"}
SOUND: dict[str, st.SearchStrategy[Any]] = {
    "received_at": TIMES.map(lambda at: at.isoformat()),
    "method": st.text(min_size=1, max_size=3),
    "url": TEXTS,
    "path": TEXTS,
    "query": TEXTS,
    "headers": st.lists(st.tuples(TEXTS, TEXTS), max_size=2) | st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS), max_size=2),
    "peer": TEXTS,
    "answered": st.integers(200, 599),
    "order": TEXTS,
    "signature": st.sampled_from(["", "verified", "mismatch", "absent"]),
    "leaks": st.lists(st.just(LEAK), max_size=2),
    "request_id": TEXTS,
    "another": TEXTS,
}
BODIES = TEXTS | st.dictionaries(TEXTS, st.integers(), max_size=2) | st.booleans() | st.integers() | st.lists(TEXTS, max_size=2)
BASE64 = st.binary(max_size=4).map(lambda raw: base64.b64encode(raw).decode())
ODD: dict[str, list[Any]] = {
    "received_at": [
        "2026-13-04T09:12:44Z",
        "2026-03-04 09:12:44.123z",
        "2026-03-04T09:12",
        "2026-03-04T24:00:00Z",
        "yesterday",
        5,
    ],
    "method": ["", 5],
    "url": ["http://[", 5],
    "path": [5],
    "query": [["a", "b"]],
    "headers": [5, "a: b", [["a"]], [["a", "b", "c"]], [["a", 5]], [{"name": "a", "value": "b"}], {"a": 5}, {"a": [5]}],
    "peer": [5],
    "answered": [199, 200, 599, 600, "200", True],
    "order": [5],
    "signature": ["wrong", 5],
    "leaks": [{}, [{**LEAK, "what": "name"}], [{"what": "cvv", "form": "plain"}], [{"what": "cvv", "where": "body"}], [5]],
    "request_id": [5],
    "another": [5],
    "order_status": ["SUCCEED"],
    "order_status_int": [2],
    "pay_order_id": ["P1", None],
    "body": ["{}", {}],
    "body_base64": ["e30=", "a", 5, "e30"],
}
WHOLE = st.fixed_dictionaries({}, optional=SOUND)
CONTENT: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries({"body": BODIES}), st.fixed_dictionaries({"body_base64": BASE64}), st.just({})
)
CHANGES = st.sampled_from(
    [{}, {"body": "{}", "body_base64": "e30="}, *({name: value} for name, odd in ODD.items() for value in (*odd, None))]
)
RECORDS = st.builds(lambda *parts: {name: value for part in parts for name, value in part.items()}, WHOLE, CONTENT, CHANGES)


def is_read(record: Any) -> bool:
    try:
        captured(json.dumps(record).encode())
    except UnreadableError:
        return False
    return is_envelope(record)


@settings(max_examples=1000, deadline=None)
@given(RECORDS)
def test_the_reader_takes_what_the_schema_allows_and_nothing_else(record: Any) -> None:
    assert is_read(record) == is_valid("formats/callback-record", record)


@given(WHOLE, BODIES, st.sets(st.sampled_from([*SOUND])))
def test_a_member_that_is_null_counts_as_left_out(whole: dict[str, Any], body: Any, nulls: set[str]) -> None:
    left = {name: value for name, value in whole.items() if name not in nulls} | {"body": body}
    assert captured(json.dumps(left | dict.fromkeys(nulls)).encode()) == captured(json.dumps(left).encode())


@pytest.mark.parametrize(
    ("members", "path", "query"),
    [
        ({"url": "https://merchant.example:8443/notify/7?a=1&b=%20#top"}, "/notify/7", "a=1&b=%20"),
        ({"url": "/notify/7?a=1"}, "/notify/7", "a=1"),
        ({"url": "https://merchant.example/notify", "path": "/behind/proxy", "query": "c=2"}, "/behind/proxy", "c=2"),
        ({"url": "http://[broken"}, "http://[broken", ""),
        ({}, "", ""),
    ],
)
def test_a_url_stands_for_path_and_query(members: dict[str, str], path: str, query: str) -> None:
    kept = captured(json.dumps({"body": "{}", **members}).encode())
    assert (kept.path, kept.query) == (path, query)


@pytest.mark.parametrize(
    "headers", [[["A", "1"], ["B", "2"], ["B", "3"]], {"A": "1", "B": ["2", "3"]}, {"A": ["1"], "B": ["2", "3"]}]
)
def test_headers_come_as_pairs_or_as_an_object(headers: Any) -> None:
    kept = captured(json.dumps({"body": "{}", "headers": headers}).encode())
    assert kept.headers == (("A", "1"), ("B", "2"), ("B", "3"))


def test_a_body_that_is_an_object_keeps_its_bytes_so_that_its_signature_verifies() -> None:
    body = b'{"api_version": "V2",  "fee":1.50, "name":"\\u00e9"}'
    signature = callback_signature(body, "secret").encode()
    line = b'{"headers":{"X-Auth-Signature":"' + signature + b'"}, "body": ' + body + b"}"
    kept = captured(line)
    assert kept.body == body
    assert verdict(kept.headers, kept.body, "secret") == "verified"


def test_a_request_id_beside_the_body_is_that_of_a_log() -> None:
    assert captured(b'{"request_id":"req-1","body":{"order_status":"SUCCEED"}}').body == b'{"order_status":"SUCCEED"}'
    assert captured(b'{"order_status":"SUCCEED","body":"x"}').body.startswith(b'{"order_status"')


def test_two_bodies_are_one_too_many() -> None:
    with pytest.raises(UnreadableError, match="two bodies"):
        captured(b'{"body":"{}","body_base64":"e30="}')
