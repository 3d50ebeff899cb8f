"""One HTTP request, one answer, whatever the network does: `HttpTransport.send` never raises for it.

It stands on httpcore, the lower half of httpx: that adds no header of its own, keeps the bytes as they came, and lets the
sockets be bounded by one deadline.
"""

import logging
import socket
import ssl
import time
from urllib.parse import SplitResult, quote, urlsplit

import httpcore
import msgspec

from payconform import __version__
from payconform.adapters.deadline import DeadlineBackend
from payconform.adapters.decoding import Decoder, EncodingError
from payconform.adapters.proxies import proxy_for, split_credentials
from payconform.model.message import Request, Response

# Its debug lines quote response headers, which may hold cookies and payment links.
logging.getLogger("httpcore").setLevel(logging.WARNING)

# Short, so that a connection the server is about to close is rarely used again.
KEEPALIVE_S = 1.0
IDLE_CONNECTIONS = 64

_TROUBLE = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    ValueError,
)
_NEVER_SENT = (
    httpcore.ConnectTimeout,
    httpcore.ConnectError,
    httpcore.LocalProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    ValueError,
)


class HttpTransport:
    """Sends requests from any number of threads over shared connections.

    `timeout_s` bounds a whole exchange, from connecting to the last byte; `max_bytes` bounds the decoded body that is read.
    Redirects are not followed, proxies of the environment are used, certificates are verified against the platform's store.
    """

    def __init__(self, timeout_s: float, max_bytes: int = 1_000_000) -> None:
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._backend = DeadlineBackend()
        self._tls = ssl.create_default_context()
        self._pools = {"": self._open_pool("")}
        self._closed = False

    def send(self, request: Request) -> Response:
        """Send `request` as it is and wait for all of the response, its failure, or the deadline."""
        started = time.monotonic()
        try:
            response = self._exchange(request, deadline=started + self._timeout_s)
        except _TROUBLE as error:
            response = Response(error=self._describe(error), unreached=isinstance(error, _NEVER_SENT))
        return msgspec.structs.replace(response, seconds=time.monotonic() - started)

    def close(self) -> None:
        """Close every connection. Exchanges that are under way end at once, later ones do not begin."""
        self._closed = True
        for pool in list(self._pools.values()):
            pool.close()

    def _exchange(self, request: Request, deadline: float) -> Response:
        if self._closed:
            return Response(error="the transport is closed", unreached=True)
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return Response(error="not an http or https address", unreached=True)
        limits = dict.fromkeys(("connect", "read", "write"), deadline)
        with self._pool(proxy_for(parts.scheme, parts.hostname)).stream(
            request.method,
            _address(parts),
            headers=_headers(request, parts),
            content=request.body if request.body or request.method not in ("GET", "HEAD") else None,
            extensions={"timeout": limits},
        ) as reply:
            return self._read(reply, deadline)

    def _read(self, reply: httpcore.Response, deadline: float) -> Response:
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.headers)
        head = Response(status=reply.status, headers=headers)
        body = bytearray()
        received = 0
        error = ""
        try:
            decoder = Decoder(head.header("content-encoding"))
            for chunk in reply.iter_stream():
                received += len(chunk)
                body += decoder.decode(chunk, self._max_bytes - len(body) + 1)
                if len(body) > self._max_bytes:
                    return msgspec.structs.replace(head, body=bytes(body[: self._max_bytes]), truncated=True)
            decoder.finish()
        except EncodingError as broken:
            error = str(broken)
        except httpcore.TimeoutException:
            error = self._expired()
        except (httpcore.NetworkError, httpcore.ProtocolError):
            length = head.header("content-length")
            broke_off = f"response broke off after {received}{f' of {length}' if length else ''} bytes"
            error = broke_off if time.monotonic() < deadline else self._expired()
        return msgspec.structs.replace(head, body=bytes(body), error=error)

    def _pool(self, proxy: str) -> httpcore.ConnectionPool:
        if proxy not in self._pools:
            self._pools.setdefault(proxy, self._open_pool(proxy))
        return self._pools[proxy]

    def _open_pool(self, proxy: str) -> httpcore.ConnectionPool:
        if not proxy:
            return httpcore.ConnectionPool(
                ssl_context=self._tls,
                max_connections=None,  # whoever sends bounds them; waiting here would eat up a request's own time
                max_keepalive_connections=IDLE_CONNECTIONS,
                keepalive_expiry=KEEPALIVE_S,
                network_backend=self._backend,
            )
        address, auth = split_credentials(proxy)
        return httpcore.HTTPProxy(
            proxy_url=address,
            proxy_auth=auth,
            ssl_context=self._tls,
            max_connections=None,
            max_keepalive_connections=IDLE_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=self._backend,
        )

    def _expired(self) -> str:
        return f"timed out after {self._timeout_s:g} s"

    def _describe(self, error: Exception) -> str:
        """One short phrase. Nothing the peer sent is quoted, because that may echo the card."""
        if isinstance(error, httpcore.TimeoutException):
            return self._expired()
        if isinstance(error, httpcore.ConnectError):
            return _connect_trouble(error.__context__)
        if isinstance(error, httpcore.ProxyError):
            return f"proxy: {error}"
        if isinstance(error, httpcore.NetworkError) or str(error).startswith("Server disconnected"):
            return "connection closed before a response"
        if isinstance(error, httpcore.RemoteProtocolError):
            return "the answer is not HTTP"
        return "the request cannot be written as HTTP"


def _connect_trouble(cause: BaseException | None) -> str:
    match cause:
        case ConnectionRefusedError():
            return "connection refused"
        case socket.gaierror():
            return "host not found"
        case ssl.SSLCertVerificationError():
            return f"TLS: {cause.verify_message}"
        case ssl.SSLError():
            reason = getattr(cause, "reason", None) or "handshake failed"
            return f"TLS: {reason.replace('_', ' ').lower()}"
        case OSError() if cause.strerror:
            return cause.strerror.lower()
        case _:
            return "no connection"


def _address(parts: SplitResult) -> httpcore.URL:
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~?[]")
    return httpcore.URL(scheme=parts.scheme, host=_ascii_host(parts), port=parts.port, target=target)


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return host if host.isascii() else host.encode("idna").decode()


def _headers(request: Request, parts: SplitResult) -> list[tuple[bytes, bytes]]:
    given = {name.lower() for name, _ in request.headers}
    headers = list(request.headers)
    if "user-agent" not in given:
        headers.insert(0, ("User-Agent", f"payconform/{__version__}"))
    if "host" not in given:
        host = _ascii_host(parts)
        bracketed = f"[{host}]" if ":" in host else host
        headers.insert(0, ("Host", bracketed if parts.port is None else f"{bracketed}:{parts.port}"))
    return [(name.encode("ascii"), _header_bytes(value)) for name, value in headers]


def _header_bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
