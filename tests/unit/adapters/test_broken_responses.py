"""The transport against a server that breaks off, trickles, floods or encodes wrongly."""

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpcore
import pytest

from payconform.adapters.transport import HttpTransport
from payconform.model.message import Response

Ask = Callable[..., Response]
Serve = Callable[..., Any]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "connection closed before a response"),
        (b"HTTP/1.1 200 OK\r\nContent-", "connection closed before a response"),
        (b"<html>hello, card 4242424242424242\r\n\r\n", "the answer is not HTTP"),
    ],
)
def test_no_response_began(serve: Serve, ask: Ask, answer: bytes, error: str) -> None:
    response = ask(serve(answer).url)
    assert (response.status, response.error, response.unreached) == (None, error, False)


def test_a_short_body_is_kept_and_said_to_be_broken(serve: Serve, ask: Ask) -> None:
    response = ask(serve(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + b"x" * 120).url)
    assert (response.status, response.body) == (200, b"x" * 120)
    assert response.error == "response broke off after 120 of 300 bytes"


@pytest.mark.parametrize("rest", [b"", b"what is this\r\n"])
def test_broken_chunks_keep_what_came(serve: Serve, ask: Ask, rest: bytes) -> None:
    response = ask(serve(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n" + rest).url)
    assert (response.status, response.body, response.error) == (200, b"hello", "response broke off after 5 bytes")


def test_a_reset_body_keeps_what_came(serve: Serve, ask: Ask) -> None:
    def reset(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    response = ask(serve(reset).url)
    assert (response.status, response.body, response.error) == (200, b"abc", "response broke off after 3 of 9 bytes")


def test_a_huge_body_is_cut_at_the_limit(serve: Serve, ask: Ask) -> None:
    size = 10_000_000
    response = ask(serve(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size).url)
    assert (response.status, len(response.body), response.truncated, response.error) == (200, 1_000_000, True, "")


def test_a_body_of_exactly_the_limit_is_whole(serve: Serve, ask: Ask) -> None:
    response = ask(serve(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789").url, max_bytes=10)
    assert (response.body, response.truncated) == (b"0123456789", False)


def test_a_compressed_bomb_is_cut_at_the_limit(serve: Serve, ask: Ask) -> None:
    bomb = gzip.compress(b"\0" * 5_000_000, mtime=0)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    response = ask(serve(answer).url, max_bytes=1000)
    assert (response.body, response.truncated) == (b"\0" * 1000, True)


def test_silence_ends_at_the_deadline(serve: Serve, ask: Ask) -> None:
    response = ask(serve(lambda _: time.sleep(0.5)).url, timeout_s=0.2)
    assert (response.status, response.error, response.unreached) == (None, "timed out after 0.2 s", False)
    assert response.seconds < 0.45


@pytest.mark.parametrize(
    ("head", "status"), [(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 200), (b"HTTP/1.1 200 OK\r\nX: ", None)]
)
def test_a_trickle_ends_at_the_same_deadline(serve: Serve, ask: Ask, head: bytes, status: int | None) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(20):
            time.sleep(0.04)
            connection.sendall(b"x")

    response = ask(serve(trickle).url, timeout_s=0.3)
    assert (response.status, response.error) == (status, "timed out after 0.3 s")
    assert 0.25 < response.seconds < 0.6
    assert response.body.strip(b"x") == b""


def test_what_breaks_off_when_the_time_is_over_timed_out() -> None:
    class LateBody:
        def __iter__(self) -> Iterator[bytes]:
            yield b"abc"
            raise httpcore.ReadError

    late = httpcore.Response(200, headers=[(b"Content-Length", b"9")], content=LateBody())
    assert HttpTransport(0.2)._read(late, deadline=time.monotonic()).error == "timed out after 0.2 s"
    early = httpcore.Response(200, headers=[(b"Content-Length", b"9")], content=LateBody())
    assert HttpTransport(0.2)._read(early, deadline=time.monotonic() + 9).error == "response broke off after 3 of 9 bytes"


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"x-gzip"])
def test_gzip_is_decoded(serve: Serve, ask: Ask, encoding: bytes) -> None:
    packed = gzip.compress(b'{"code": 0}', mtime=0)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding, len(packed)) + packed
    response = ask(serve(answer).url)
    assert (response.body, response.error) == (b'{"code": 0}', "")


@pytest.mark.parametrize(
    ("encoding", "body", "error"),
    [
        (b"gzip", b"not gzip at all", "content encoding 'gzip' is broken"),
        (b"gzip", gzip.compress(b"hello" * 99, mtime=0)[:-12], "content encoding 'gzip' is incomplete"),
        (b"br", b"\x0b\x02", "content encoding 'br' is not understood"),
    ],
)
def test_a_broken_encoding_is_an_error_of_the_response(serve: Serve, ask: Ask, encoding: bytes, body: bytes, error: str) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding, len(body)) + body
    response = ask(serve(answer).url)
    assert (response.status, response.error) == (200, error)
