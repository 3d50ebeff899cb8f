"""HTTP messages in memory, before masking. They hold card data: they are never recorded, and their repr shows none of it."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from payconform.model.evidence import Headers, Leak, Signature


class Request(Struct, frozen=True, kw_only=True):
    """A request, complete: `url` is absolute, `body` the final bytes that are signed and sent.

    `wait_s` is how many seconds its sender should let pass first, as a page that reloads itself asks for.
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    wait_s: float = 0.0

    def __repr__(self) -> str:
        return f"Request({self.method}, {len(self.body)} bytes)"


class Response(Struct, frozen=True, kw_only=True):
    """What came of a request. `status` is None when no response began; `error` says why, or what broke it off.

    `seconds` is the time from sending to the last byte; `truncated` says that the harness stopped reading.
    `unreached` says that the request cannot have been processed (no connection was made).
    """

    status: int | None = None
    headers: Headers = ()
    body: bytes = b""
    error: str = ""
    truncated: bool = False
    unreached: bool = False
    seconds: float = 0.0

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes, error={self.error!r})"

    def header(self, name: str) -> str:
        """The first header of that name in any case, or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Captured(Struct, frozen=True, kw_only=True):
    """What a capture service says of an arrival that it has masked, kept and answered before it was handed on.

    It arrived `ago_s` seconds ago. `signature` is that of the bytes as they came, "" where the service knows no secret.
    """

    ago_s: float
    answered: int
    signature: Signature = ""
    leaks: tuple[Leak, ...] = ()


class Arrival(Struct, frozen=True, kw_only=True):
    """One request that reached the inbox: raw path, raw query (without "?"), headers and bytes.

    With `captured` it was masked before it came here.
    """

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    peer: str = ""
    captured: Captured | None = None

    def __repr__(self) -> str:
        return f"Arrival({self.method} {self.path}, {len(self.body)} bytes)"


class Verification(Struct, frozen=True):
    """What a signature scheme says of an arrival. Members as in `Callback`; "" where no signature is expected."""

    signature: Literal["", "verified", "mismatch", "absent"] = ""
    uncovered: tuple[str, ...] = ()


class Answer(Struct, frozen=True, kw_only=True):
    """What the inbox answers an arrival, `after_s` seconds late; `body` is text/plain."""

    status: int = 200
    body: str = "SUCCESS"
    after_s: float = 0.0


class Errand(Struct, frozen=True, kw_only=True):
    """What a payer is asked to do: open `url` and pay with the card, or fail the challenge on purpose (`reject`).

    `values` are what the templates of a profile's pages name; numbers stay numbers, so that `{expiry_month:02d}` works.
    With `look` the payer only opens the page, as a browser does, and goes no further; with `again` the payer goes back after
    landing and sends the last page once more, rightly now where it was failed, and with `values_again` where the card was
    declined. `declined` says that it is. What paid is then sent a third time, failed on purpose or with `values_spoilt`.
    `beside` is a page to open in another tab before the first form is filled, "" for none. `values_mistyped`, where there are
    any, are what the payer types into the first form that asks for a card, and corrects when it is shown again.
    """

    url: str
    success_url: str
    fail_url: str
    values: Mapping[str, str | int]
    reject: bool = False
    look: bool = False
    again: bool = False
    values_again: Mapping[str, str | int] = {}
    values_spoilt: Mapping[str, str | int] = {}
    values_mistyped: Mapping[str, str | int] = {}
    declined: bool = False
    beside: str = ""

    def __repr__(self) -> str:
        return f"Errand({self.url!r}, reject={self.reject})"


class Landing(Struct, frozen=True, kw_only=True):
    """Where a payer ended. Members as in `Journey`; `sent` is the form that the browser takes there, where it takes one.

    `again` is where the payer was taken who went back; `since` says after how many requests that began.
    """

    landed: Literal["", "success", "fail"] = ""
    final_url: str = ""
    stuck: str = ""
    fault: Literal["", "provider", "profile", "network"] = ""
    pages: tuple[str, ...] = ()
    sent: bytes = b""
    again: "Landing | None" = None
    since: int = 0

    def __repr__(self) -> str:
        return f"Landing({self.landed!r}, stuck={self.stuck!r})"
