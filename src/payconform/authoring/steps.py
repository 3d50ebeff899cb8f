"""The steps of a case: what a script yields, and what each answers. They hold no I/O."""

from collections.abc import Generator
from typing import Any

from msgspec import Struct

from payconform.model.evidence import Callback, Exchange, Journey
from payconform.model.forgery import Forgery
from payconform.model.message import Answer
from payconform.model.order import Order
from payconform.model.profile import Role
from payconform.model.reply import Reply


class Create(Struct, frozen=True):
    """Send an order to the create-order endpoint. Answers a `Reply`."""

    order: Order


class CreateTogether(Struct, frozen=True):
    """Send orders at the same moment. Answers a tuple of `Reply`, in the orders' sequence."""

    orders: tuple[Order, ...]


class Probe(Struct, frozen=True):
    """Send something else to the endpoint: another method, or a body that is not an order. Answers a `Reply`.

    `body` None means the order's own document; `signed` are the bytes that are signed, where they are not the body.
    With `may_close` a connection that was closed, or that stayed silent, answers too: a reply without a status.
    """

    order: Order
    method: str = "POST"
    body: bytes | None = None
    fault: str = ""
    signed: bytes | None = None
    may_close: bool = False


class Forge(Struct, frozen=True):
    """Send an order with credentials that are not its own. Answers a `Reply`.

    It is signed as `signed` is (None: as itself), which makes it an order that was changed on its way; `forgery` then spoils
    the headers. The right signature is concealed from then on, so that its coming back is noted.
    """

    order: Order
    forgery: Forgery = Forgery.NONE
    signed: Order | None = None


class Open(Struct, frozen=True):
    """Get a hosted page as a browser would, redirects followed. Answers the last `Exchange`."""

    order: Order
    url: str


class Pay(Struct, frozen=True):
    """Let the payer act on the order's hosted pages, with a card of a role, by default the first. Answers a `Journey`.

    `reject` fails the challenge on purpose; `again` goes back after the end and sends the last page once more, rightly now.
    `beside` is the page of another order, which the same browser opens in another tab before the first form is filled. A
    payer who has `mistyped` the card's number corrects it when asked again.
    """

    order: Order
    url: str
    role: Role
    reject: bool = False
    again: bool = False
    nth: int = 0
    beside: str = ""
    mistyped: bool = False


class TerminalCallback(Struct, frozen=True):
    """Wait for the order's terminal callback. Answers a `Callback`, or None when the deadline passes."""

    order: Order


class Silence(Struct, frozen=True):
    """Listen for the profile's quiet window. Answers every `Callback` of the orders heard until its end."""

    orders: tuple[Order, ...]


class Unacknowledged(Struct, frozen=True):
    """Answer an order's terminal callbacks as a merchant in trouble does, until its redeliveries were awaited. Answers None."""

    order: Order
    answer: Answer = Answer(status=500, body="FAIL")


class Redeliveries(Struct, frozen=True):
    """Listen for the profile's `redelivery_s`, or until `enough` terminal callbacks of the order were heard. Answers them.

    Where callbacks of the order are answered late, it listens that much longer.
    """

    order: Order
    enough: int


class Control(Struct, frozen=True):
    """The mode's plain valid order, created once a run and shared. Answers a `Placed`."""


class Together(Struct, frozen=True):
    """Run scripts at the same time, each to its own end. Answers a tuple of what they return, None for one that met trouble.

    Only when every one of them met trouble does the step, with the first one's.
    """

    scripts: tuple[Generator[Any, Any, Any], ...]


class StoredCard(Struct, frozen=True):
    """A card order that asked for a token, brought to its end once a run and shared. Answers a `Settled`."""


class Against(Struct, frozen=True):
    """Ask what the invariants have against some orders by themselves, so far. Answers a tuple of `Observation`, none passed."""

    orders: tuple[Order, ...]


class Placed(Struct, frozen=True):
    """An order and what the endpoint said of it."""

    order: Order
    reply: Reply


class Settled(Struct, frozen=True):
    """An order brought to its end. `journey` is None where no page was to be paid on, `callback` where none came."""

    order: Order
    reply: Reply
    journey: Journey | None
    callback: Callback | None


ToTarget = Create | CreateTogether | Probe | Forge | Open | Pay
ToInbox = TerminalCallback | Silence | Unacknowledged | Redeliveries
Step = ToTarget | ToInbox | Control | StoredCard | Together | Against
Evidence = Reply | Exchange | Callback | Journey


class UnmetError(Exception):
    """A prerequisite is missing, so the case cannot tell: inconclusive, with the reason."""
