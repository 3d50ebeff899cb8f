"""Faults that show beside something else: another tab, a payer who goes back in haste, a repeat of the same order."""

from payconform.model.clause import Mode
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import Document, Order, State
from payconform.sandbox.provider import Form, Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.settings import Settings


@mutant("CA-05", "a browser with two tabs pays the order that it opened last")
class TabsShareASession(Provider):
    def order_of(self, session: str, cookie: str, method: str) -> Order | None:
        latest = cookie.removeprefix("order=")
        return super().order_of(latest if latest and method == "POST" else session, cookie, method)

    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:
        shown = super().cashier_page(order, problem)
        return shown._replace(headers={**shown.headers, "set-cookie": f"order={order.session}; Path=/"})


@mutant("DC-19", "a browser with two tabs passes the challenge of the card order that it opened last")
class TabsShareAChallenge(Provider):
    def order_of(self, session: str, cookie: str, method: str) -> Order | None:
        latest = cookie.removeprefix("challenge=")
        return super().order_of(latest if latest and method == "POST" else session, cookie, method)

    def challenge_page(self, order: Order) -> HttpReply:
        shown = super().challenge_page(order)
        kept = {"set-cookie": f"challenge={order.session}; Path=/"} if order.terms.mode is Mode.CARD else {}
        return shown._replace(headers={**shown.headers, **kept})


@mutant("DC-19", "the challenge of a card order counts as passed where the browser has another one open")
class OtherTabPassesTheChallenge(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.trusted: set[str] = set()

    def order_of(self, session: str, cookie: str, method: str) -> Order | None:
        if cookie and cookie != f"challenge={session}":
            self.trusted.add(session)
        return super().order_of(session, cookie, method)

    def challenge_page(self, order: Order) -> HttpReply:
        shown = super().challenge_page(order)
        return shown._replace(headers={**shown.headers, "set-cookie": f"challenge={order.session}; Path=/"})

    def challenge_outcome(self, order: Order, *, confirmed: bool) -> State:
        trusted = order.terms.mode is Mode.CARD and order.session in self.trusted
        return super().challenge_outcome(order, confirmed=confirmed or trusted)


@mutant("CA-07", "a cashier order that was sent twice is paid by any card")
class RepeatedOrdersTakeAnyCard(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.repeated: set[str] = set()

    def on_repeat(self, order: Order, earlier: Order) -> Order:
        self.repeated.add(earlier.id)
        return super().on_repeat(order, earlier)

    def outcome(self, order: Order) -> State:
        known = order.terms.mode is Mode.CASHIER and order.id in self.repeated
        return State.SUCCEED if known else super().outcome(order)


@mutant("CB-21", "who goes back to a failed order before the merchant was told stops the callback")
class HasteStopsTheCallback(Provider):
    """Its payer is always faster than its notifications."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.stopped: set[str] = set()

    def callback_delay(self, order: Order) -> float:
        return super().callback_delay(order) + 0.5

    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        if order.state is State.FAILED:
            self.stopped.add(order.id)
        return super().submit(page, order, form)

    async def deliver(self, order: Order, document: Document) -> None:
        if order.id not in self.stopped:
            await super().deliver(order, document)
