"""A profile: what the harness must know about one target. Loaded by `payconform.profile`, never read from here."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from payconform.model.clause import PAYING_MODES, Mode


class Role(StrEnum):
    """What a test card is for at the target: each role names the outcome its cards lead to."""

    APPROVED = "approved"
    CHALLENGE = "challenge"
    DECLINED = "declined"
    CHALLENGE_DECLINED = "challenge-declined"


class Card(Struct, frozen=True, kw_only=True):
    """A test card. Its repr shows no card data, because reprs end up in logs and assertion messages."""

    role: Role
    number: str
    expiry_month: int
    expiry_year: int
    cvv: str

    def __repr__(self) -> str:
        return f"Card(role={self.role.value!r}, number={self.number[:6]}…{self.number[-4:]})"


class Target(Struct, frozen=True, kw_only=True):
    """Who is tested. `base_url` has no trailing slash; the create-order path is appended to it."""

    name: str
    environment: Literal["sandbox", "live"]
    base_url: str
    dialect: Literal["guide", "lesspay2"] = "guide"
    headers: dict[str, str] = {}


class Auth(Struct, frozen=True, kw_only=True):
    """How requests are signed. Values are resolved from the environment, so this never leaves memory."""

    signer: str = "none"
    headers: dict[str, str] = {}
    app_id: str = ""
    secret: str = ""

    def __repr__(self) -> str:
        return f"Auth(signer={self.signer!r})"


class Acknowledge(Struct, frozen=True, kw_only=True):
    """What the inbox answers a callback."""

    status: int = 200
    body: str = "SUCCESS"


class Callbacks(Struct, frozen=True, kw_only=True):
    """How callbacks reach the harness, and how long it waits (seconds).

    `redelivery_s`: the time within which the target repeats a callback that was not acknowledged, 0 where nobody says.
    `service_url` and `token` are those of a capture service; the token is resolved from the environment.
    """

    inbox: Literal["receiver", "service", "folder", "none"] = "receiver"
    bind: str = "127.0.0.1:0"
    public_url: str = ""
    service_url: str = ""
    token: str = ""
    deadline_s: float = 20.0
    quiet_window_s: float = 3.0
    redelivery_s: float = 0.0
    acknowledge: Acknowledge = Acknowledge()

    def __repr__(self) -> str:
        return f"Callbacks(inbox={self.inbox!r})"


class Match(Struct, frozen=True, kw_only=True):
    """How a hosted page is recognised; exactly one member is set. `url` and `text` are regular expressions."""

    field: str = ""
    url: str = ""
    text: str = ""


class Page(Struct, frozen=True, kw_only=True):
    """What to do on one kind of hosted page. Templates name `{number}`, `{expiry_month}`, `{expiry_year}`,
    `{expiry_yy}` and `{cvv}` of the card in play. `submit` names a button, or a link where the page has no form; empty means the
    page's only button.
    """

    name: str
    match: Match
    fill: dict[str, str] = {}
    fill_reject: dict[str, str] = {}
    submit: str = ""


class Payer(Struct, frozen=True, kw_only=True):
    """Who acts on hosted pages."""

    kind: Literal["form", "browser", "human", "none"] = "none"
    pages: tuple[Page, ...] = ()


class Limits(Struct, frozen=True, kw_only=True):
    """What the target can bear and take. `amounts` empty means any; `request_timeout_s` is in seconds.

    `examples` is how many orders the default plan draws in each mode; `requests` and `seconds` end a run that would take more
    (0: no end).
    """

    requests_per_second: float = 20.0
    concurrency: int = 16
    request_timeout_s: float = 30.0
    examples: int = 12
    requests: int = 0
    seconds: float = 0.0
    request_id_max: int = 20
    product_name_max: int = 30
    description_max: int = 50
    amounts: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ("USD", "CNY")


class Profile(Struct, frozen=True, kw_only=True):
    """One target, completely described. `readings` holds every reading's choice, defaults filled in."""

    target: Target
    auth: Auth = Auth()
    modes: tuple[Mode, ...] = PAYING_MODES
    cards: tuple[Card, ...] = ()
    callbacks: Callbacks = Callbacks()
    payer: Payer = Payer()
    limits: Limits = Limits()
    readings: dict[str, str] = {}

    def card(self, role: Role, nth: int = 0) -> Card | None:
        """A card of a role, by default the first, or None where the target has none so far down the profile's list."""
        found = [card for card in self.cards if card.role is role]
        return found[nth] if nth < len(found) else None

    def roles(self) -> frozenset[Role]:
        """The roles of card that exist at the target."""
        return frozenset(card.role for card in self.cards)
