"""An order as it is sent. It holds card data: it is never recorded as it is, and its repr shows none of it."""

from typing import Any

from msgspec import Struct

from payconform.model.clause import Mode
from payconform.model.profile import Role


class Order(Struct, frozen=True, kw_only=True):
    """One create-order request to be. `id` is the harness's own and names the order's path at the inbox.

    `role` is the role of the card that pays, here or on the hosted page; `fault` names what the document breaks on purpose.
    """

    id: str
    mode: Mode
    document: Any
    role: Role | None = None
    fault: str = ""

    def __repr__(self) -> str:
        return f"Order({self.id}, {self.mode.value}{', ' + self.fault if self.fault else ''})"

    @property
    def request_id(self) -> str:
        """The merchant's order id as sent, "" when the document has none."""
        found = self.document.get("request_id") if isinstance(self.document, dict) else None
        return found if isinstance(found, str) else ""
