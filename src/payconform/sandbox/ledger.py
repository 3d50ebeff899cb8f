"""The provider's memory: orders by request_id and by session, stored cards by token, and ids that never repeat."""

import base64
import hashlib
import secrets
import threading

from payconform.sandbox.foundation import Foundation
from payconform.sandbox.order import DUPLICATE, CardDetails, Order, Refusal, Terms
from payconform.sandbox.rules import TOKEN_DATA, invalid
from payconform.sandbox.settings import Settings

EPOCH_MS = 1288834974657  # the snowflake epoch that the ids of the guide's examples decode with


class Ledger(Foundation):
    """Opens orders and remembers them until the sandbox stops."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.orders: dict[str, Order] = {}
        self.sessions: dict[str, Order] = {}
        self.vault: dict[str, CardDetails] = {}
        self._last_number = 0
        self._node = secrets.randbelow(1 << 22)
        self._salt = secrets.token_bytes(16)
        self._claiming = threading.Lock()

    def open_order(self, terms: Terms) -> Order:
        """A new order with ids of its own; it counts once it is claimed."""
        detail_id = self.new_detail_id()
        return Order(
            terms=terms,
            id=self.new_order_id(),
            detail_id=detail_id,
            detail_code=self.encode_detail_id(detail_id),
            session=self.new_session(),
            card=self.card_of(terms),
        )

    def card_of(self, terms: Terms) -> CardDetails | None:
        """The card that pays: the one in the request, the stored one, or none yet on the cashier page."""
        return self.redeem(terms.token) if terms.token else terms.card

    async def claim(self, order: Order) -> Order:
        """Take the order's request_id for it, at once and for good (RQ-26 to RQ-28); a taken one is for `on_repeat` to answer."""
        with self._claiming:
            earlier = self.orders.setdefault(self.request_key(order), order)
        return order if earlier is order else self.on_repeat(order, earlier)

    def request_key(self, order: Order) -> str:
        """What makes two request_ids the same: every character (RQ-30)."""
        return order.terms.request_id

    def on_repeat(self, order: Order, earlier: Order) -> Order:  # noqa: ARG002 - what differs decides in mutants and variants
        raise Refusal(DUPLICATE, "request_id has been used before; do not retry with the same id")

    def new_order_id(self) -> str:
        return f"P{self.next_number()}"

    def new_detail_id(self) -> str:
        return f"PD{self.next_number()}"

    def next_number(self) -> int:
        """19 digits that rise with time and never repeat, not even in another sandbox of the same run (RS-17).

        Under pytest-xdist each worker embeds a sandbox of its own, so the low bits say which, as those of a snowflake do.
        """
        milliseconds = int(self.settings.clock().timestamp() * 1000) - EPOCH_MS
        self._last_number = max(self._last_number + 1, milliseconds << 22 | self._node)
        return self._last_number

    def encode_detail_id(self, detail_id: str) -> str:
        return hashlib.blake2b(detail_id.encode(), key=self._salt, digest_size=32).hexdigest()

    def new_session(self) -> str:
        return f"sid_{secrets.token_hex(16)}"

    def store(self, card: CardDetails) -> str:
        """Put a card into the vault; the token is random, so it says nothing of the card (TK-12)."""
        token = self.new_token(card)
        self.vault[token] = card
        return token

    def new_token(self, card: CardDetails) -> str:  # noqa: ARG002 - a mutant derives the token from the card
        return "src_" + base64.b32encode(secrets.token_bytes(20)).decode().lower()[:26]

    def redeem(self, token: str) -> CardDetails:
        """The card behind a token, as often as it is asked for (TK-07); an unknown token is refused (TK-08)."""
        card = self.vault.get(token)
        return self.on_unknown_token(token) if card is None else card

    def on_unknown_token(self, token: str) -> CardDetails:  # noqa: ARG002 - a mutant looks at the token
        raise invalid(f"{TOKEN_DATA}.token", "is not known")
