"""The transport against a server that does what the test says."""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from payconform import __version__
from payconform.adapters.transport import HttpTransport, _connect_trouble
from payconform.model.message import Request, Response

Ask = Callable[..., Response]
Serve = Callable[..., Any]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_a_response_is_handed_on_as_it_came(serve: Serve, ask: Ask) -> None:
    answer = b"HTTP/1.1 201 Made\r\nX-One: a\r\nX-One: \xe9\r\nContent-Length: 3\r\n\r\n\xff\x00z"
    response = ask(serve(answer).url)
    assert response.status == 201
    assert response.headers == (("X-One", "a"), ("X-One", "é"), ("Content-Length", "3"))
    assert response.body == b"\xff\x00z"
    assert (response.error, response.truncated, response.unreached) == ("", False, False)
    assert 0 < response.seconds < 5


def test_a_request_is_sent_as_it_is(serve: Serve, ask: Ask) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    ask(f"{server.url}/a%2Fb/ü?x=%20&y=a b", body=b"\x00\xff", headers=(("X-A", "1"), ("X-a", "ü")))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    host = server.url.removeprefix("http://")
    assert body == b"\x00\xff"
    assert head.decode("latin-1").split("\r\n") == [
        "POST /a%2Fb/%C3%BC?x=%20&y=a%20b HTTP/1.1",
        f"Host: {host}",
        f"User-Agent: payconform/{__version__}",
        "X-A: 1",
        "X-a: ü",
        "Content-Length: 2",
    ]


def test_a_header_that_latin_1_lacks_is_sent_as_utf_8(serve: Serve, ask: Ask) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    ask(server.url, headers=(("X-A", "你"),))
    assert b"X-A: \xe4\xbd\xa0\r\n" in server.requests[0]


def test_a_header_that_cannot_be_written_is_not_sent(serve: Serve, ask: Ask) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    response = ask(server.url, headers=(("X-A", "one\r\nX-B: two"),))
    assert (response.status, response.error, response.unreached) == (None, "the request cannot be written as HTTP", True)
    assert server.requests == []


def test_what_the_caller_names_is_not_added(serve: Serve, ask: Ask) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    ask(server.url, method="GET", body=b"", headers=(("user-agent", "browser"), ("host", "elsewhere.test")))
    assert server.requests == [b"GET / HTTP/1.1\r\nhost: elsewhere.test\r\nuser-agent: browser\r\n\r\n"]


def test_a_redirect_is_not_followed(serve: Serve, ask: Ask) -> None:
    server = serve(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")
    assert ask(server.url).status == 302
    assert len(server.requests) == 1


def test_a_refused_connection_was_not_reached(ask: Ask) -> None:
    response = ask(f"http://127.0.0.1:{free_port()}")
    assert (response.status, response.error, response.unreached) == (None, "connection refused", True)


def test_an_unknown_host_was_not_reached(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    response = ask("http://provider.invalid/")
    assert (response.status, response.error, response.unreached) == (None, "host not found", True)


def test_an_international_host_is_asked_for_in_ascii(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def fail(host: object, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    ask("http://bücher.test/")
    assert asked == ["xn--bcher-kva.test"]


@pytest.mark.parametrize(
    ("cause", "phrase"),
    [
        (OSError(113, "No route to host"), "no route to host"),
        (OSError(), "no connection"),
        (None, "no connection"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version"), "TLS: handshake failed"),
    ],
)
def test_a_connection_that_is_not_made_has_a_phrase(cause: Exception | None, phrase: str) -> None:
    assert _connect_trouble(cause) == phrase


def test_an_untrusted_certificate_says_what_is_wrong_with_it() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    assert _connect_trouble(error) == "TLS: self-signed certificate"


def test_a_failed_tls_handshake_was_not_reached(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_in_clear() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(65536)

        thread = threading.Thread(target=answer_in_clear)
        thread.start()
        response = ask(f"https://127.0.0.1:{listener.getsockname()[1]}/")
        thread.join(2)
    assert (response.status, response.unreached) == (None, True)
    assert response.error.startswith("TLS: ")


def test_a_tls_handshake_that_hangs_ends_at_the_deadline(serve: Serve, ask: Ask) -> None:
    response = ask(serve(b"").url.replace("http:", "https:"), timeout_s=0.2)
    assert (response.error, response.unreached) == ("timed out after 0.2 s", True)


@pytest.mark.parametrize("url", ["", "pay", "ftp://host/", "http://", "http://[::1", "http://host:port/", "javascript:alert(1)"])
def test_what_is_no_address_is_not_asked(ask: Ask, url: str) -> None:
    response = ask(url)
    assert (response.status, response.unreached) == (None, True)
    assert response.error


def test_connections_are_used_again(serve: Serve) -> None:
    server = serve(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    transport = HttpTransport(5)
    for _ in range(3):
        assert transport.send(Request(method="POST", url=server.url)).body == b"ok"
    transport.close()
    assert server.connections == 1


def test_a_connection_closed_while_idle_is_not_used_again(serve: Serve) -> None:
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    transport = HttpTransport(5)
    for _ in range(3):
        assert transport.send(Request(method="POST", url=server.url)).error == ""
        time.sleep(0.02)
    transport.close()
    assert server.connections == 3


def test_threads_share_one_transport(serve: Serve) -> None:
    server = serve(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    transport = HttpTransport(5)
    statuses: list[int | None] = []

    def work() -> None:
        statuses.extend(transport.send(Request(method="POST", url=server.url)).status for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    transport.close()
    assert statuses == [200] * 80


def test_as_many_are_under_way_as_were_sent(serve: Serve) -> None:
    everybody = threading.Barrier(16)

    def together(connection: socket.socket) -> None:
        everybody.wait(5)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server, transport = serve(together), HttpTransport(5)
    with ThreadPoolExecutor(16) as threads:
        responses = list(threads.map(transport.send, [Request(method="POST", url=server.url)] * 16))
    transport.close()
    assert [response.body for response in responses] == [b"ok"] * 16


def test_closing_ends_what_is_under_way(serve: Serve) -> None:
    server = serve(lambda _: time.sleep(0.3))
    transport = HttpTransport(5)
    threading.Timer(0.1, transport.close).start()
    response = transport.send(Request(method="POST", url=server.url))
    assert response.error == "connection closed before a response"
    assert response.seconds < 0.3
    assert transport.send(Request(method="POST", url=server.url)).unreached


def test_nothing_of_an_exchange_is_logged(serve: Serve, ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ask(serve(b"HTTP/1.1 200 OK\r\nSet-Cookie: secret\r\nContent-Length: 0\r\n\r\n").url + "/path")
    assert not [record for record in caplog.records if record.name.startswith(("httpcore", "httpx"))]


def test_a_proxy_of_the_environment_is_used_but_not_for_loopback(serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nvia")
    target = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ndirect")
    monkeypatch.setenv("http_proxy", proxy.url.replace("http://", "user:word@"))
    assert ask("http://sandbox.test/pay").body == b"via"
    assert proxy.requests[0].startswith(b"POST http://sandbox.test/pay HTTP/1.1\r\n")
    assert b"proxy-authorization: Basic dXNlcjp3b3Jk" in proxy.requests[0].replace(b"Proxy-Auth", b"proxy-auth")
    assert ask(target.url).body == b"direct"
    assert len(proxy.requests) == 1


def test_a_proxy_that_refuses_was_not_the_target(serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("https_proxy", proxy.url)
    response = ask("https://sandbox.test/pay")
    assert (response.status, response.error, response.unreached) == (None, "proxy: 403 Forbidden", True)


def test_no_proxy_is_asked_for_hosts_that_go_without(serve: Serve, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", ".invalid")
    ask("http://sandbox.invalid/", timeout_s=0.5)
    ask(f"http://localhost:{free_port()}/")
    assert proxy.requests == []
