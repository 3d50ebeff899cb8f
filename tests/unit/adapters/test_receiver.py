"""The receiver over real sockets: what arrives is what was sent."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from payconform.adapters.receiver import MAX_BODY_BYTES, Receiver, ReceiverError
from payconform.model.message import Answer, Arrival


class Inbox:
    """Keeps what arrives and answers what it is told to."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.answer = Answer()

    def __call__(self, arrival: Arrival) -> Answer:
        self.arrivals.append(arrival)
        return self.answer


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[Receiver, Inbox]]:
    inbox = Inbox()
    receiver = Receiver("127.0.0.1:0", "", inbox)
    receiver.start()
    yield receiver, inbox
    receiver.stop()


@pytest.fixture
def receiver(listening: tuple[Receiver, Inbox]) -> Receiver:
    return listening[0]


@pytest.fixture
def inbox(listening: tuple[Receiver, Inbox]) -> Inbox:
    inbox = listening[1]
    inbox.arrivals.clear()
    inbox.answer = Answer()
    return inbox


def exchange(receiver: Receiver, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Write `raw` to the receiver and read one response: status, headers, body."""
    with connect(receiver) as connection:
        connection.sendall(raw)
        response = http.client.HTTPResponse(connection, method=raw.split(b" ")[0].decode())
        response.begin()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def connect(receiver: Receiver) -> socket.socket:
    host, _, port = receiver.url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=2)


def post(path: str, body: bytes = b"{}") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: inbox\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_an_arrival_is_exactly_what_was_sent(receiver: Receiver, inbox: Inbox) -> None:
    raw = (
        b"PUT /callbacks/a%2Fb//c?order=%20x&order=&y HTTP/1.1\r\nHost: inbox\r\nX-Sign: caf\xe9\r\nx-sign: two\r\n"
        b"Content-Type: application/json\r\nContent-Length: 5\r\n\r\n\xff\x00\r\n{"
    )
    status, headers, body = exchange(receiver, raw)
    assert (status, headers["content-type"], body) == (200, "text/plain; charset=utf-8", b"SUCCESS")
    (arrival,) = inbox.arrivals
    assert (arrival.method, arrival.path, arrival.query) == ("PUT", "/callbacks/a%2Fb//c", "order=%20x&order=&y")
    assert arrival.body == b"\xff\x00\r\n{"
    assert arrival.headers == (
        ("host", "inbox"),
        ("x-sign", "café"),
        ("x-sign", "two"),
        ("content-type", "application/json"),
        ("content-length", "5"),
    )
    assert arrival.peer == "127.0.0.1"


def test_a_chunked_body_is_put_together(receiver: Receiver, inbox: Inbox) -> None:
    head = b"POST /callbacks/o HTTP/1.1\r\nHost: inbox\r\nTransfer-Encoding: chunked\r\n\r\n"
    exchange(receiver, head + b"2\r\n{}\r\n3\r\nabc\r\n0\r\n\r\n")
    assert inbox.arrivals[0].body == b"{}abc"


def test_the_answer_is_the_callers(receiver: Receiver, inbox: Inbox) -> None:
    inbox.answer = Answer(status=503, body="später")
    status, _, body = exchange(receiver, post("/callbacks/o"))
    assert (status, body.decode()) == (503, "später")


def test_a_late_answer_is_late(receiver: Receiver, inbox: Inbox) -> None:
    inbox.answer = Answer(status=500, body="FAIL", after_s=0.3)
    begun = time.monotonic()
    assert exchange(receiver, post("/callbacks/o"))[0] == 500
    assert time.monotonic() - begun >= 0.3


def test_a_status_without_a_body_has_none(receiver: Receiver, inbox: Inbox) -> None:
    inbox.answer = Answer(status=204, body="SUCCESS")
    assert exchange(receiver, post("/callbacks/o"))[::2] == (204, b"")


def test_a_browser_that_comes_back_sees_a_page(receiver: Receiver, inbox: Inbox) -> None:
    status, headers, body = exchange(receiver, b"GET /return/o-1/success?id=3 HTTP/1.1\r\nHost: inbox\r\n\r\n")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"You may close this window" in body
    assert [(arrival.path, arrival.query) for arrival in inbox.arrivals] == [("/return/o-1/success", "id=3")]


@pytest.mark.parametrize("path", ["/favicon.ico", "/", "/callbacks", "/.env", "//callbacks/o"])
def test_what_is_not_for_the_inbox_is_not_passed_on(receiver: Receiver, inbox: Inbox, path: str) -> None:
    assert exchange(receiver, post(path))[0] == 404
    assert inbox.arrivals == []


def test_a_body_beyond_the_limit_is_refused(receiver: Receiver, inbox: Inbox) -> None:
    assert exchange(receiver, post("/callbacks/o", b"x" * (MAX_BODY_BYTES + 1)))[0] == 413
    assert exchange(receiver, post("/callbacks/o", b"x" * MAX_BODY_BYTES))[0] == 200
    assert len(inbox.arrivals) == 1


def test_half_a_callback_never_arrives(receiver: Receiver, inbox: Inbox) -> None:
    with connect(receiver) as connection:
        connection.sendall(post("/callbacks/o", b"{}")[:-1])
    assert exchange(receiver, post("/callbacks/whole"))[0] == 200
    assert [arrival.path for arrival in inbox.arrivals] == ["/callbacks/whole"]


def test_a_failure_of_the_caller_is_kept_and_the_receiver_goes_on() -> None:
    failures = iter([ValueError("first"), ValueError("second")])

    def fail(_: Arrival) -> Answer:
        raise next(failures)

    receiver = Receiver("127.0.0.1:0", "", fail)
    receiver.start()
    assert exchange(receiver, post("/callbacks/o"))[0] == 500
    assert exchange(receiver, post("/callbacks/o"))[0] == 500
    receiver.stop()
    assert str(receiver.failure) == "first"


def test_one_connection_carries_many_callbacks_quickly(receiver: Receiver, inbox: Inbox) -> None:
    host, _, port = receiver.url.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=2)
    began = time.monotonic()
    for _ in range(20):
        connection.request("POST", "/callbacks/o", b"{}")
        assert connection.getresponse().read() == b"SUCCESS"
    connection.close()
    assert len(inbox.arrivals) == 20
    assert time.monotonic() - began < 0.4, "answers wait for acknowledgements: TCP_NODELAY is off"


def test_the_public_url_goes_before_the_bound_address(inbox: Inbox) -> None:
    receiver = Receiver("127.0.0.1:0", "https://tunnel.test/x/", inbox)
    assert receiver.url == "https://tunnel.test/x"


def test_a_taken_port_is_one_line(receiver: Receiver, inbox: Inbox) -> None:
    address = receiver.url.removeprefix("http://")
    with pytest.raises(ReceiverError) as caught:
        Receiver(address, "", inbox).start()
    assert str(caught.value) == f"cannot listen on {address}: address already in use"


@pytest.mark.parametrize("bind", ["", "8080", ":8080", "127.0.0.1:http", "127.0.0.1:", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_one_line(inbox: Inbox, bind: str) -> None:
    with pytest.raises(ReceiverError, match=r"^cannot listen on .+$"):
        Receiver(bind, "", inbox).start()


def test_stopping_is_prompt_whatever_is_open_and_can_be_undone(inbox: Inbox) -> None:
    receiver = Receiver("127.0.0.1:0", "", inbox)
    receiver.start()
    with connect(receiver) as idle, connect(receiver) as fresh, connect(receiver) as half:
        idle.sendall(post("/callbacks/o"))
        assert idle.recv(4096)
        half.sendall(post("/callbacks/o")[:-1])
        time.sleep(0.05)
        began = time.monotonic()
        receiver.stop()
        assert time.monotonic() - began < 1
        assert fresh.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(receiver)
    receiver.stop()
    receiver.start()
    assert exchange(receiver, post("/callbacks/o"))[0] == 200
    receiver.stop()
