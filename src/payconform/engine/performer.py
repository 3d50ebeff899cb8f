"""Carries out steps: the one place where a case meets the outside, through ports."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from payconform.authoring.endings import DECLINED_STATE
from payconform.authoring.make import mistyped
from payconform.authoring.steps import (
    Create,
    CreateTogether,
    Forge,
    Open,
    Pay,
    Probe,
    Redeliveries,
    Silence,
    TerminalCallback,
    Unacknowledged,
    UnmetError,
)
from payconform.engine.forging import forged, signature_of
from payconform.engine.listening import Listener
from payconform.engine.ports import Ports
from payconform.engine.sending import Sender
from payconform.model.clause import Mode
from payconform.model.evidence import Exchange, Journey
from payconform.model.message import Errand, Landing, Request
from payconform.model.order import Order
from payconform.model.profile import Card, Profile, Role
from payconform.model.reply import Reply


class UnreachedError(UnmetError):
    """The network failed before a response: whoever asked may try once more with a fresh order."""


class Performer:
    """Performs the steps of all cases of a run."""

    def __init__(self, profile: Profile, ports: Ports, sender: Sender, listener: Listener) -> None:
        self._profile = profile
        self._ports = ports
        self._sender = sender
        self._listener = listener
        self._journeys = 0
        self._unheard: dict[str, dict[str, Order]] = defaultdict(dict)
        self.owners: dict[str, tuple[str, Mode]] = {}

    async def perform(self, step: object, case: str) -> Any:
        """What came of a step; `UnmetError` when it could not be had."""
        acts: dict[type, Callable[[Any, str], Awaitable[Any]]] = {
            Create: self._create,
            CreateTogether: self._create_together,
            Probe: self._probe,
            Forge: self._forge,
            Open: self._open,
            Pay: self._pay,
            TerminalCallback: self._listener.terminal_callback,
            Silence: self._listener.silence,
            Unacknowledged: self._listener.leave_unacknowledged,
            Redeliveries: self._listener.redeliveries,
        }
        for order in _listened_to(step):
            self._unheard[case].pop(order.id, None)
        return await acts[type(step)](step, case)

    async def hear_rest(self, case: str) -> None:
        """Wait for the callbacks of a case's valid orders that end by themselves, where the case did not care (CB-21)."""
        orders = self._unheard.pop(case, {}).values()
        if self._profile.callbacks.inbox != "none":
            await asyncio.gather(*(self._listener.terminal_callback(TerminalCallback(order), case) for order in orders))

    def own(self, order: Order, case: str) -> None:
        """Note whose order it is and record it, before anything of it is on the wire."""
        self.owners[order.id] = (case, order.mode)
        self._ports.recorder.order(order, case)

    async def _create(self, step: Create, case: str) -> Reply:
        order = step.order
        self.own(order, case)
        exchange, _ = await self._sender.send("create", self._sender.order_request(order), order, case, order.fault)
        reply = self._reached(exchange)
        if _ends_by_itself(order, reply):
            self._unheard[case][order.id] = order
        return reply

    async def _create_together(self, step: CreateTogether, case: str) -> tuple[Reply, ...]:
        for order in step.orders:
            self.own(order, case)
        sent = await self._sender.send_together(step.orders, case)
        if any(response.status == 429 for _, response in sent):
            raise UnmetError("the target put off requests made at the same time")
        return tuple(self._reached(exchange) for exchange, _ in sent)

    async def _probe(self, step: Probe, case: str) -> Reply:
        self.own(step.order, case)
        request = self._sender.order_request(step.order)
        body = request.body if step.body is None else step.body
        sent = Request(method=step.method, url=request.url, headers=request.headers, body=body)
        model = sent if step.signed is None else msgspec.structs.replace(sent, body=step.signed)

        def seal(_: Request) -> Request:
            return msgspec.structs.replace(self._ports.signer.sign(model), body=body)

        exchange, response = await self._sender.send("probe", sent, step.order, case, step.fault, seal=seal)
        return Reply(exchange, self._profile.readings) if step.may_close and not response.unreached else self._reached(exchange)

    async def _forge(self, step: Forge, case: str) -> Reply:
        self.own(step.order, case)
        sent, model = self._sender.order_request(step.order), self._sender.order_request(step.signed or step.order)

        def seal(_: Request) -> Request:
            return msgspec.structs.replace(forged(self._ports.signer.sign(model), step.forgery), body=sent.body)

        right = signature_of(self._ports.signer.sign(sent))
        if right.upper() not in signature_of(seal(sent)).upper():  # a target may well repeat what it was sent
            self._ports.recorder.conceal(right)
            self._ports.recorder.conceal(right.lower())
        fault = step.signed.fault if step.signed else step.forgery.value
        exchange, _ = await self._sender.send("forged", sent, step.order, case, fault, seal=seal)
        return self._reached(exchange)

    def _reached(self, exchange: Exchange) -> Reply:
        if exchange.unanswered:
            raise UnreachedError(f"the target could not be reached: {exchange.error}")
        return Reply(exchange, self._profile.readings)

    async def _open(self, step: Open, case: str) -> Exchange:
        landing, exchanges = await self._walk(_errand(step.order, step.url, look=True), step.order, case)
        if not exchanges:
            raise UnmetError("the page's address is not one that a browser can open")
        if landing.landed:
            self._travelled(landing, exchanges, Journey(id="", order=step.order.id, case=case, mode=step.order.mode, again=True))
        return exchanges[-1]

    async def _pay(self, step: Pay, case: str) -> Journey:
        card = self._profile.card(step.role, step.nth)
        if card is None or self._profile.payer.kind == "none":
            raise UnmetError(f"nobody can pay with a card of role {step.role.value}: the profile has no such card or no payer")
        declined = step.role in (Role.DECLINED, Role.CHALLENGE_DECLINED)
        better, worse = self._profile.card(Role.APPROVED) or self._profile.card(Role.CHALLENGE), self._profile.card(Role.DECLINED)
        errand = msgspec.structs.replace(
            _errand(step.order, step.url),
            values=card_values(card),
            reject=step.reject,
            again=step.again,
            values_again=card_values(better) if step.again and declined and better else {},
            values_spoilt=card_values(worse) if step.again and not declined and worse else {},
            values_mistyped=card_values(card) | {"number": mistyped(card.number)} if step.mistyped else {},
            beside=step.beside,
            declined=declined,
        )
        landing, exchanges = await self._walk(errand, step.order, case)
        back = landing.again if landing.again and landing.again.landed else None
        of_order = Journey(id="", order=step.order.id, case=case, mode=step.order.mode, role=step.role.value)
        first = msgspec.structs.replace(of_order, rejected=step.reject)
        journey = self._travelled(landing, exchanges[: back.since] if back else exchanges, first)
        if back:
            self._travelled(back, exchanges[back.since :], msgspec.structs.replace(of_order, again=True))
        return journey

    def _travelled(self, landing: Landing, exchanges: list[Exchange], journey: Journey) -> Journey:
        """Record where a payer landed."""
        self._journeys += 1
        journey = msgspec.structs.replace(
            journey,
            id=f"{self._ports.prefix}j{self._journeys}",
            landed=landing.landed,
            final_url=landing.final_url,
            stuck=landing.stuck,
            fault=landing.fault,
            pages=landing.pages,
            exchanges=tuple(exchange.id for exchange in exchanges),
        )
        self._ports.recorder.journey(journey, landing.sent)
        return journey

    async def _walk(self, errand: Errand, order: Order, case: str) -> tuple[Landing, list[Exchange]]:
        walk = self._ports.payer(errand)
        exchanges: list[Exchange] = []
        try:
            request = next(walk)
            while True:
                await asyncio.sleep(request.wait_s)
                exchange, response = await self._sender.send("page", request, order, case)
                exchanges.append(exchange)
                request = walk.send(response)
        except StopIteration as end:
            return end.value, exchanges


def _errand(order: Order, url: str, *, look: bool = False) -> Errand:
    return Errand(url=url, success_url=order.document["success_url"], fail_url=order.document["fail_url"], values={}, look=look)


def card_values(card: Card) -> dict[str, str | int]:
    """What a page's templates may name, of one card."""
    return {
        "number": card.number,
        "expiry_month": card.expiry_month,
        "expiry_year": card.expiry_year,
        "expiry_yy": f"{card.expiry_year % 100:02d}",
        "cvv": card.cvv,
    }


def _listened_to(step: object) -> tuple[Order, ...]:
    match step:
        case TerminalCallback(order) | Redeliveries(order):
            return (order,)
        case Silence(orders):
            return orders
        case _:
            return ()


def _ends_by_itself(order: Order, reply: Reply) -> bool:
    """Whether a valid order was accepted without a page, and without word in the reply that it failed (X-12)."""
    valid = not order.fault and order.mode is not Mode.CASHIER
    return valid and reply.accepted and not reply.pay_url and reply.order_data.get("orderState") != DECLINED_STATE
