"""Sockets to listen at, and what is wrong when there are none."""

import socket


class ReceiverError(Exception):
    """The receiver cannot listen; the text is one line for the user."""


def listen(bind: str) -> socket.socket:
    """A socket that takes connections at "host:port", port 0 for any. Raises `ReceiverError`."""
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ReceiverError(f"cannot listen on {bind!r}: expected host:port with a port up to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, int(port)), family=family, backlog=1024)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0].lower()
        raise ReceiverError(f"cannot listen on {bind}: {reason}") from error
    # asyncio leaves this off for a socket made elsewhere, and every answer would wait 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def address_of(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
