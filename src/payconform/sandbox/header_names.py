"""HTTP as uvicorn speaks it, with the names of headers as they were written: ASGI would have them all in lower case."""

from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

NAMES = b"x-names-as-written"
LONGEST_HEAD = 65_536
Headers = list[tuple[bytes, bytes]]


class WrittenNames(H11Protocol):
    """Passes the written names on in one more header, which `as_written` takes out again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = _Connection(h11.SERVER, LONGEST_HEAD)


class _Connection(h11.Connection):
    def next_event(self) -> Any:
        event = super().next_event()
        if not isinstance(event, h11.Request):
            return event
        headers = event.headers.raw_items()
        names = b" ".join(name for name, _ in headers)
        return h11.Request(
            method=event.method, target=event.target, http_version=event.http_version, headers=[*headers, (NAMES, names)]
        )


def as_written(headers: Headers) -> Headers:
    """Headers in lower case with their names put back as they were written, where that is known."""
    names = next((value for name, value in headers if name == NAMES), b"").split()
    own = [(name, value) for name, value in headers if name != NAMES]
    return [(name, value) for name, (_, value) in zip(names, own, strict=True)] if names else own
