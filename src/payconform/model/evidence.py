"""What a run records: orders, exchanges, callbacks, silences and journeys. Everything here is already masked.

Times named `at` are seconds since the run began; `seconds` are durations.
"""

import base64
from typing import Any, Literal

from msgspec import Struct

from payconform.model.clause import Mode
from payconform.model.wire import Malformed, parse_json

Headers = tuple[tuple[str, str], ...]
Signature = Literal["", "verified", "mismatch", "absent"]
"""What verification said of a callback's raw bytes; "" where none was expected."""


def named_json(headers: Headers) -> bool:
    """Whether the headers of a message call its body JSON, or whoever recorded them may not have kept what it was called.

    A message that came by HTTP has a Host, and so has a record of all of its headers.
    """
    media = next((value.lower() for name, value in headers if name.lower() == "content-type"), "")
    return "json" in media if media else not any(name.lower() == "host" for name, _ in headers)


class Body(Struct, frozen=True, omit_defaults=True):
    """A message body as received, after masking: `text` when it is UTF-8, else `base64`.

    `truncated` says that the harness stopped reading, or that it recorded no more than the beginning of a large body of its
    own; `size` counts the bytes it read or sent.
    """

    text: str | None = None
    base64: str | None = None
    size: int = 0
    truncated: bool = False

    @classmethod
    def of(cls, raw: bytes, *, truncated: bool = False) -> "Body":
        try:
            return cls(text=raw.decode(), size=len(raw), truncated=truncated)
        except UnicodeDecodeError:
            return cls(base64=base64.b64encode(raw).decode(), size=len(raw), truncated=truncated)

    @property
    def raw(self) -> bytes:
        if self.base64 is not None:
            return base64.b64decode(self.base64)
        return (self.text or "").encode()

    def json(self) -> "Any | Malformed":
        """The parsed document, or `Malformed` with the reason."""
        return parse_json(self.raw)


PAGE = "page"
"""Where a leak was, when it was in the body of a hosted page."""


class Leak(Struct, frozen=True):
    """Card data that came back from the target: what it was, in which form, and in which part of the message.

    A `part of a card number` is one that shows more than its first six and last four digits, and not all of them.
    """

    what: Literal["card number", "part of a card number", "cvv", "secret"]
    form: str
    where: str


class OrderRecord(Struct, frozen=True, kw_only=True, tag="order", tag_field="type"):
    """One order of the run. `id` is the harness's own and names the order's inbox path; `document` is masked.

    A `partial` one comes from a list of orders: what its document lacks is unknown, and not left out.
    """

    id: str
    case: str
    mode: Mode
    document: dict[str, Any]
    role: str = ""
    partial: bool = False

    def tells(self, member: str) -> bool:
        """Whether it is known what the order said, or did not say, in a member."""
        return not self.partial or member in self.document

    @property
    def flag(self) -> Any:
        """`store_for_future_use` as it was sent, None when it was left out."""
        extra = self.document.get("channel_extra")
        card = extra.get("card_data") if isinstance(extra, dict) else None
        return card.get("store_for_future_use") if isinstance(card, dict) else None


class Exchange(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="exchange", tag_field="type"):
    """One HTTP request and what came of it.

    `kind`: `create` is a POST of an order as the contract has it, `probe` any other request to the endpoint (another method,
    a body that is not an order), `page` a step on a hosted page, `throttled` a request the target put off, `forged` an order
    whose credentials are not those the signer made for it.
    `fault` says what the request breaks on purpose. `status` is None when no response began; `error` says why, or what broke.
    """

    id: str
    kind: Literal["create", "probe", "page", "throttled", "forged"]
    order: str
    case: str
    mode: Mode
    method: str
    url: str
    request_headers: Headers = ()
    request_body: Body = Body()
    status: int | None = None
    response_headers: Headers = ()
    response_body: Body = Body()
    at: float = 0.0
    seconds: float = 0.0
    error: str = ""
    fault: str = ""
    leaks: tuple[Leak, ...] = ()

    @property
    def unanswered(self) -> bool:
        """Whether no whole response came in the time that the profile gives it, so that nothing can be said of it."""
        return self.status is None or self.error.startswith("timed out")

    def header(self, name: str) -> str:
        """The first response header of that name in any case, or ""."""
        return next((value for key, value in self.response_headers if key.lower() == name.lower()), "")


class Callback(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="callback", tag_field="type"):
    """One request that arrived at an order's inbox path. `order` is the id in that path, "" where it names no order.

    `signature`: what the dialect's verification said of the raw bytes at capture. `uncovered` names members that a signature
    which does not verify was found to leave out. `source` is where in an archive a captured callback stands, "" for one that a
    run heard itself.
    """

    id: str
    order: str
    case: str
    mode: Mode
    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: Body = Body()
    at: float = 0.0
    answered: int = 200
    peer: str = ""
    signature: Literal["", "verified", "mismatch", "absent"] = ""
    uncovered: tuple[str, ...] = ()
    leaks: tuple[Leak, ...] = ()
    source: str = ""

    def header(self, name: str) -> str:
        """The first header of that name in any case, or ""."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Silence(Struct, frozen=True, kw_only=True, tag="silence", tag_field="type"):
    """The harness listened for an order's callbacks from `since` to `until` (seconds of the run) and judged what it heard."""

    order: str
    case: str
    since: float
    until: float


class Awaited(Struct, frozen=True, kw_only=True, tag="awaited", tag_field="type"):
    """The harness waited for an order's terminal callback; `callback` is its id, "" when the deadline passed."""

    order: str
    case: str
    since: float
    until: float
    callback: str = ""


class Journey(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="journey", tag_field="type"):
    """What the payer did on the hosted pages of an order.

    `landed` is where the payer ended: the order's success_url, its fail_url, or "" for neither. `stuck` then says why;
    `fault` says whose doing it is: the `provider` (left the payer on a page), the `profile` (a page it does not describe),
    the `network`. `pages` are the names of the profile's pages that were filled, in order; `exchanges` their ids.
    `leaks` is the card data that the payer's browser takes to the merchant, in the address or in a form.
    `again` says that the payer had been there before, or only looked: where nobody landed then, nothing is recorded.
    """

    id: str
    order: str
    case: str
    mode: Mode
    role: str = ""
    rejected: bool = False
    again: bool = False
    landed: Literal["", "success", "fail"] = ""
    final_url: str = ""
    stuck: str = ""
    fault: Literal["", "provider", "profile", "network"] = ""
    pages: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()
    leaks: tuple[Leak, ...] = ()
