"""Parts of scripts that many cases share: used with `yield from`."""

from collections.abc import Generator, Iterable
from typing import Any, TypeVar

from payconform.authoring.checks import Check, require
from payconform.authoring.make import Make
from payconform.authoring.steps import (
    Create,
    Pay,
    Placed,
    Settled,
    Silence,
    Step,
    StoredCard,
    TerminalCallback,
    Together,
    UnmetError,
)
from payconform.model.clause import Mode
from payconform.model.evidence import Journey
from payconform.model.notification import Notification
from payconform.model.order import Order
from payconform.model.profile import Role
from payconform.model.reply import Kind, Reply

T = TypeVar("T")
Script = Generator[Step | Check, Any, T]


def placed(order: Order) -> Script[Reply]:
    """Create a valid order and require that it is accepted."""
    reply: Reply = yield Create(order)
    require_accepted(reply, "a valid order")
    return reply


def settle(
    order: Order, reply: Reply, *, role: Role | None = None, reject: bool = False, nth: int = 0, late: bool = False
) -> Script[Settled]:
    """Bring an accepted order to its end: pay where the reply names a page, then wait for the terminal callback.

    `nth` says with which of the role's cards (0: the first). A payer who is `late` comes after a quiet window.
    """
    journey = None
    if reply.pay_url and late:
        yield Silence((order,))
    if reply.pay_url:
        journey = yield Pay(order, reply.pay_url, role or order.role or Role.APPROVED, reject, nth=nth)
        if journey.fault in ("profile", "network"):
            raise UnmetError(f"the payer could not go on: {journey.stuck}")
    callback = yield TerminalCallback(order)
    return Settled(order, reply, journey, callback)


def was_failed(make: Make, journey: Journey | None) -> bool:
    """Whether a payer who was to fail a challenge met one, failed it, and was sent back: who meets none pays (X-47)."""
    failing = {page.name for page in make.profile.payer.pages if page.fill_reject}
    return journey is not None and bool(journey.landed) and not failing.isdisjoint(journey.pages)


def can_settle(make: Make, reply: Reply) -> bool:
    """Whether the end of an accepted order can be seen: callbacks are heard, and somebody pays where a page asks for it."""
    return make.profile.callbacks.inbox != "none" and not (reply.pay_url and make.profile.payer.kind == "none")


def stored_token() -> Script[str]:
    """The run's card token, harvested from the callback of a card order that asked for one (guide 2.2)."""
    settled: Settled = yield StoredCard()
    token = Notification(settled.callback).card_token if settled.callback else ""
    require(token, "no card token could be had: the callback of a card order that asked for one brought none")
    return token


def token_if_needed(make: Make) -> Script[str]:
    """The run's card token in token mode, "" in the others."""
    if make.mode is not Mode.TOKEN:
        return ""
    return (yield from stored_token())


def made(make: Make) -> Script[Order]:
    """A plain valid order of the case's mode, with the run's token where the mode needs one."""
    return make.order(token=(yield from token_if_needed(make)))


def plain_order(make: Make) -> Script[Placed]:
    """The control of a mode: its plain valid order, and the reply."""
    order = yield from made(make)
    reply = yield Create(order)
    return Placed(order, reply)


def store_card(make: Make) -> Script[Settled]:
    """A card order with `store_for_future_use` true, brought to its end."""
    order = make.order(stores=True)
    reply = yield from placed(order)
    return (yield from settle(order, reply))


def require_accepted(reply: Reply, what: str) -> None:
    """Stop the case as inconclusive unless a reply accepts, saying why it could not be had."""
    if reply.kind is Kind.UNREACHED:
        raise UnmetError(f"the target could not be reached: {reply.exchange.error}")
    if reply.status in (401, 403, 407):
        raise UnmetError(f"the target refused the credentials: {reply.describe()}")
    require(reply.accepted, f"{what} was not accepted: {reply.describe()}")


def each_to_its_end(scripts: "Iterable[Script[Any]]") -> Script[None]:
    """Run scripts at the same time. Inconclusive where one of them met trouble, once the others are done."""
    done = yield Together(tuple(_to_its_end(script) for script in scripts))
    require(None not in done, "some of these orders met trouble on their way")


def _to_its_end(script: Script[Any]) -> Script[bool]:
    yield from script
    return True
