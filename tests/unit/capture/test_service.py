"""The service over real sockets: what it captures, answers, hands out and refuses."""

import base64
import http.client
import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.capture.wire import MAX_BODY_BYTES
from payconform.contract.schemas import violations
from payconform.contract.signature import callback_signature
from payconform.journal.redaction import Redactor

if TYPE_CHECKING:
    from tests.unit.capture.conftest import Service

TOKEN = "a-token-of-enough-letters"
SECRET = "s3cr3t-of-the-application"
NUMBER = "4242424242424242"


def raw_exchange(service: "Service", raw: bytes, *, then: bytes = b"", after_s: float = 0.0) -> http.client.HTTPResponse:
    """Write bytes, perhaps some more later, and read the head of one answer."""
    parts = urlsplit(service.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=15) as connection:
        connection.sendall(raw)
        if then:
            time.sleep(after_s)
            connection.sendall(then)
        response = http.client.HTTPResponse(connection)
        response.begin()
        response.read()
        return response


def harvest(service: "Service", path: str, **asked: Any) -> dict[str, Any]:
    response = service.ask("GET", "/api/records", params={"path": path, **asked})
    response.raise_for_status()
    found: dict[str, Any] = response.json()
    return found


def records(service: "Service", path: str, **asked: Any) -> list[dict[str, Any]]:
    return [kept["record"] for kept in harvest(service, path, **asked)["records"]]


def test_a_callback_is_answered_success_and_kept_as_it_came(shared: "Service") -> None:
    shared.arm("/plain")
    raw = (
        b"PUT /plain?order=%20x&order=&y HTTP/1.1\r\nHost: inbox\r\nX-Two: caf\xe9\r\nx-two: 2\r\nCookie: session\r\n"
        b"Content-Length: 5\r\nConnection: close\r\n\r\n\xff\x00\r\n{"
    )
    assert raw_exchange(shared, raw).status == 200
    (record,) = records(shared, "/plain")
    assert (record["method"], record["path"], record["query"]) == ("PUT", "/plain", "order=%20x&order=&y")
    assert record["headers"][1:4] == [["x-two", "café"], ["x-two", "2"], ["cookie", "[secret]"]]
    assert (record["body_base64"], record["peer"], record["answered"]) == ("/wANCns=", "127.0.0.1", 200)


def test_every_record_is_of_the_documented_format(shared: "Service") -> None:
    shared.arm("/format", status=202)
    body = json.dumps({"card": NUMBER, "cvv": "123"}).encode()
    shared.send("/format", content=body, headers={"x-auth-signature": callback_signature(body, SECRET)})
    shared.send("/format", content=b"\xff")
    first, second = records(shared, "/format")
    for record in (first, second):
        assert violations("formats/callback-record", record) == ()
    assert first["signature"] == "verified", "that of the bytes as they came"
    assert second["signature"] == "absent"
    assert [leak["what"] for leak in first["leaks"]] == ["card number", "cvv"]


def test_the_answer_is_what_the_arming_said(shared: "Service") -> None:
    shared.arm("/answer", status=418, body="<b>no</b>", content_type="text/html", delay_s=0.3)
    began = time.monotonic()
    response = shared.send("/answer")
    assert (response.status_code, response.text, response.headers["content-type"]) == (418, "<b>no</b>", "text/html")
    assert time.monotonic() - began >= 0.3
    shared.arm("/answer", status=204)
    assert (shared.send("/answer").status_code, shared.send("/answer").content) == (204, b"")


def test_the_first_are_refused_and_kept(shared: "Service") -> None:
    shared.arm("/stubborn/", prefix=True, refuse_first=2, refuse_status=503)
    answers = [shared.send("/stubborn/a") for _ in range(3)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(503, ""), (503, ""), (200, "SUCCESS")]
    assert [record["answered"] for record in records(shared, "/stubborn/")] == [503, 503, 200]


def test_a_path_below_a_prefix_is_captured_and_others_are_not(shared: "Service") -> None:
    shared.arm("/prefix/", prefix=True)
    sent = ["/prefix/", "/prefix/a", "/prefix/a/b?c=/", "/prefix", "/prefixes/a", "/"]
    assert [shared.send(path).status_code for path in sent] == [200, 200, 200, 404, 404, 404]
    assert [record["path"] for record in records(shared, "/prefix/")] == ["/prefix/", "/prefix/a", "/prefix/a/b"]


def test_whoever_waits_hears_at_once(shared: "Service") -> None:
    shared.arm("/wait")
    began = time.monotonic()
    assert harvest(shared, "/wait", wait=0.3)["records"] == []
    assert time.monotonic() - began >= 0.3
    threading.Timer(0.2, shared.send, ["/wait"]).start()
    began = time.monotonic()
    found = harvest(shared, "/wait", wait=10)
    assert time.monotonic() - began < 2
    assert found["complete"]
    assert found["next"] == found["records"][0]["offset"]
    assert 0 <= found["records"][0]["age_s"] < 1
    assert 0.1 < found["waited_s"] < 2
    assert harvest(shared, "/wait", after=found["next"])["records"] == []


def test_records_come_in_portions(shared: "Service") -> None:
    shared.arm("/many")
    for number in range(3):
        shared.send("/many", content=str(number))
    first = harvest(shared, "/many", limit=2)
    assert not first["complete"]
    rest = harvest(shared, "/many", limit=2, after=first["next"])
    assert rest["complete"]
    assert [kept["record"]["body"] for kept in (*first["records"], *rest["records"])] == ["0", "1", "2"]


def test_a_disarmed_path_captures_no_more_and_keeps_what_it_has(shared: "Service") -> None:
    shared.arm("/short")
    shared.send("/short")
    assert shared.ask("DELETE", "/api/armings", params={"path": "/short"}).status_code == 204
    assert shared.send("/short").status_code == 404
    assert shared.ask("DELETE", "/api/armings", params={"path": "/short"}).status_code == 404
    assert len(records(shared, "/short")) == 1
    assert "/short" not in [arming["path"] for arming in shared.ask("GET", "/api/armings").json()["armings"]]


@pytest.mark.parametrize(
    ("arming", "said"),
    [
        (b"{", "this is no arming"),
        (b"[]", "this is no arming: Expected `object`"),
        (b"{}", "missing required field `path`"),
        (b'{"path": "no-slash"}', "at `$.path`"),
        (b'{"path": "/a?b"}', "at `$.path`"),
        (b'{"path": "/a", "status": 100}', "at `$.status`"),
        (b'{"path": "/a", "delay_s": -1}', "at `$.delay_s`"),
        (b'{"path": "/a", "content_type": "a\\r\\nb: c"}', "at `$.content_type`"),
        (b'{"path": "/a", "stauts": 200}', "unknown field `stauts`"),
        (b'{"path": "/api/armings"}', "is the service's own"),
        (b'{"path": "/a", "prefix": true}', "a prefix must end in /"),
        (b'{"path": "/", "prefix": true}', "name at least one folder"),
        (f'{{"path": "/{NUMBER}"}}'.encode(), "looks like a card number"),
        (b"\xff", "this is no arming"),
    ],
)
def test_a_mistake_in_an_arming_is_one_line(shared: "Service", arming: bytes, said: str) -> None:
    response = shared.ask("PUT", "/api/armings", content=arming)
    assert response.status_code == 422
    assert said in response.text
    assert response.text.count("\n") == 1
    assert NUMBER not in response.text


@pytest.mark.parametrize("asked", ["after=-1", "after=x", "limit=1001", "wait=-1", "wait=nan", "after=" + "9" * 30])
def test_a_mistake_in_a_question_is_one_line(shared: "Service", asked: str) -> None:
    response = shared.ask("GET", f"/api/records?{asked}")
    assert (response.status_code, response.text.count("\n")) == (422, 1)


@pytest.mark.parametrize("path", ["/api/armings", "/api/records", "/api/export", "/metrics"])
@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"])
def test_a_wrong_token_is_refused(shared: "Service", path: str, token: str) -> None:
    response = httpx.get(shared.url + path, headers={"Authorization": token}, trust_env=False)
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


def test_a_body_that_is_too_large_is_refused_unread(shared: "Service") -> None:
    shared.arm("/large")
    head = b"POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n"
    response = raw_exchange(shared, head)
    assert (response.status, response.getheader("connection")) == (413, "close")
    assert shared.send("/large", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413
    chunks = (b"x" * 100_000 for _ in range(MAX_BODY_BYTES // 100_000 + 1))
    assert shared.send("/large", content=chunks).status_code == 413
    assert shared.send("/large", content=b"x" * MAX_BODY_BYTES).status_code == 200
    assert len(records(shared, "/large")) == 1


def test_a_sender_that_goes_away_leaves_nothing(shared: "Service") -> None:
    shared.arm("/gone")
    parts = urlsplit(shared.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
        connection.sendall(b"POST /gone HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
    assert shared.send("/gone", content="whole").status_code == 200
    assert [record["body"] for record in records(shared, "/gone")] == ["whole"]


def test_health_is_open_and_metrics_count(shared: "Service") -> None:
    shared.arm("/counted")
    shared.send("/counted", content=f"pan={NUMBER}")
    shared.send("/not-armed")
    assert httpx.get(shared.url + "/health", trust_env=False).text == "ok\n"
    lines = shared.ask("GET", "/metrics").text.splitlines()
    counted = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}
    assert counted['payconform_callbacks_total{answered="200"}'] >= 1
    assert counted['payconform_refused_total{reason="unarmed"}'] >= 1
    assert counted['payconform_leaks_total{what="card number"}'] >= 1
    assert counted["payconform_acknowledged_seconds_count"] >= 1
    assert counted['payconform_commit_seconds_bucket{le="+Inf"}'] == counted["payconform_commit_seconds_count"]
    assert counted["payconform_healthy"] == 1


@settings(max_examples=25, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.dictionaries(st.sampled_from(["card", "cvv", "id"]), st.sampled_from([NUMBER, "123", TOKEN, "é"])).map(
            lambda members: json.dumps(members).encode()
        ),
    )
)
def test_what_is_acknowledged_is_what_is_exported_masked(shared: "Service", body: bytes) -> None:
    shared.arm("/property")
    before = harvest(shared, "/property", limit=1000)["next"]
    assert shared.send("/property", content=body).text == "SUCCESS"
    exported = shared.ask("GET", "/api/export", params={"path": "/property", "after": before})
    (record,) = (json.loads(line) for line in exported.text.splitlines())
    masked = Redactor(secrets=(TOKEN, SECRET), unknown=True).body(body).value
    kept = record["body"].encode() if "body" in record else base64.b64decode(record["body_base64"])
    assert kept == masked


def test_a_large_callback_does_not_hold_up_the_others(shared: "Service") -> None:
    shared.arm("/heavy")
    shared.arm("/light")
    shared.send("/light")
    ended: list[float] = []
    body = b"4 " * (MAX_BODY_BYTES // 8)

    def send_large() -> None:
        httpx.post(f"{shared.url}/heavy", content=body, timeout=60, trust_env=False)
        ended.append(time.monotonic())

    large = threading.Thread(target=send_large)
    large.start()
    time.sleep(0.2)
    answered = 0
    while large.is_alive():
        assert shared.send("/light").status_code == 200
        answered += not ended
    large.join()
    assert answered > 3
    assert harvest(shared, "/heavy")["records"][0]["record"]["body"] == body.decode()
