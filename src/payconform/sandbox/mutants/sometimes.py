"""Faults that strike one order in 25, or only after a sequence: what one example of each kind does not show."""

from payconform.model.clause import Mode
from payconform.model.message import Request
from payconform.model.profile import Role
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.mutants.outcomes import TellsEachOutcome
from payconform.sandbox.mutants.token import TOKEN
from payconform.sandbox.order import CardDetails, Document, Order, State
from payconform.sandbox.provider import Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import invalid
from payconform.sandbox.settings import Settings

ONE_IN = 25
NOW_AND_THEN = 8


class Sometimes(Provider):
    """A provider that knows which of its orders is the one in 25, and which came before it."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.struck: dict[str, Order] = {}
        self.earlier: Order | None = None
        self.claimed = 0

    async def claim(self, order: Order) -> Order:
        claimed = await super().claim(order)
        if claimed is order:
            self.claimed += 1
            if self.claimed % ONE_IN == 0 and self.earlier is not None:
                self.strike(order, self.earlier)
            self.earlier = order
        return claimed

    def strike(self, order: Order, earlier: Order) -> None:
        self.struck[order.id] = earlier


@mutant("RS-17", "one order in 25 gets the id of the one before")
class SometimesAnIdIsGivenTwice(Sometimes):
    def strike(self, order: Order, earlier: Order) -> None:
        order.id = earlier.id


@mutant("RS-02", "one reply in 25 breaks off in the middle")
class SometimesAReplyIsCut(Sometimes):
    def accepted(self, order: Order) -> HttpReply:
        reply = super().accepted(order)
        return reply._replace(body=reply.body[: len(reply.body) // 2]) if order.id in self.struck else reply


@mutant("RS-06", "one reply in 25 names the merchant's order before it")
class SometimesAReplyIsAnothers(Sometimes):
    def order_data(self, order: Order) -> Document:
        earlier = self.struck.get(order.id)
        return {**super().order_data(order), **({"mchOrderNo": earlier.terms.request_id} if earlier else {})}


@mutant("CB-22", "one callback in 25 is that of the order before")
class SometimesACallbackIsAnothers(Sometimes):
    def callback_document(self, order: Order) -> Document:
        earlier = self.struck.get(order.id)
        if earlier is None:
            return super().callback_document(order)
        own = {"order_status": order.state.name, "order_status_int": int(order.state)}
        return {**super().callback_document(earlier), **own}


@mutant("CB-09", "one callback in 25 has the amount of the order before")
class SometimesAnAmountIsAnothers(Sometimes):
    def callback_document(self, order: Order) -> Document:
        earlier = self.struck.get(order.id)
        return {**super().callback_document(order), **({"target_amount": f"1{earlier.terms.amount}"} if earlier else {})}


@mutant("CB-11", "one payment in 25 is told as SUCCEED with the number of a failure")
class SometimesSuccessHasAnotherNumber(Sometimes):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        return {**document, "order_status_int": 3} if order.succeeded and order.id in self.struck else document


@mutant("CB-30 CB-21", "one order in 25 is never notified")
class SometimesACallbackIsLost(Sometimes):
    def begin_notifying(self, order: Order) -> None:
        if order.id not in self.struck:
            super().begin_notifying(order)


@mutant("PC-01", "one callback in 25 carries the card number")
class SometimesACallbackHasTheNumber(Sometimes):
    def channel_biz_data(self, order: Order) -> Document:
        biz = super().channel_biz_data(order)
        return {**biz, "payer": order.card.number} if order.card and order.id in self.struck else biz


@mutant("TK-07", "a token is good for five payments")
class TokenWearsOut(Provider):
    uses = 0

    def redeem(self, token: str) -> CardDetails:
        card = super().redeem(token)
        self.uses += 1
        if self.uses > 5:
            raise invalid(TOKEN, "is used up")
        return card


@mutant("CB-09", "every payment by one token is told with the amount of its first one")
class TokenRemembersItsFirstAmount(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        if order.terms.mode is not Mode.TOKEN:
            return document
        first = next(other for other in self.orders.values() if other.terms.token == order.terms.token)
        return {**document, "target_amount": first.terms.amount}


@mutant("RQ-26", "a repeat makes a second order once the first one is paid")
class RepeatAfterPaymentMakesSecondOrder(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        return order if earlier.is_final and order.terms == earlier.terms else super().on_repeat(order, earlier)


@mutant("CB-21", "an order whose page is opened again after its payment fails")
class LookingAgainFails(TellsEachOutcome):
    def show(self, page: str, order: Order) -> HttpReply:
        if order.succeeded:
            order.state = State.FAILED
            self.begin_notifying(order)
        return super().show(page, order)


@mutant("CA-08", "one payer in six is led back to the shop of the first order")
class SometimesThePayerIsLedAstray(Provider):
    led = 0

    def landing(self, order: Order) -> str:
        self.led += 1
        first = next(iter(self.orders.values()))
        return super().landing(first if self.led % 6 == 0 else order)


@mutant("CA-03", "one cashier page in six is not found")
class SometimesAPageIsMissing(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.asked: dict[str, bool] = {}

    def show(self, page: str, order: Order) -> HttpReply:
        missing = self.asked.setdefault(order.id, len(self.asked) % 6 == 5)
        return self.unknown_page() if missing and page == "cashier" else super().show(page, order)


@mutant("CB-01", "notify_url is called in small letters")
class NotifyUrlIsLowered(Provider):
    def callback_target(self, order: Order) -> str:
        return super().callback_target(order).lower()


@mutant("CA-08", "the payer is led to success_url in small letters")
class SuccessUrlIsLowered(Provider):
    def landing(self, order: Order) -> str:
        return super().landing(order).lower()


@mutant("CB-17", "a repeat is refused, yet its store_for_future_use stores the first order's card, and the merchant is told")
class ChangedRepeatStoresTheCard(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        if order.terms.stores and earlier.succeeded and earlier.card and not earlier.card_token:
            earlier.card_token = self.store(earlier.card)
            self.begin_notifying(earlier)
        return super().on_repeat(order, earlier)


@mutant("CB-27", "a callback of a hosted page or of a token names another amount when it is delivered again")
class LaterDeliveriesAreRounded(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.delivered: set[str] = set()

    def callback_request(self, order: Order, document: Document) -> Request:
        if order.id in self.delivered and order.terms.mode is not Mode.CARD:
            document = {**document, "target_amount": f"{float(order.terms.amount) + 0.5:.0f}"}
        self.delivered.add(order.id)
        return super().callback_request(order, document)


class NowAndThen(Provider):
    """A provider that knows which of the orders of one kind is the one in eight."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.such = 0

    def is_the_one(self) -> bool:
        self.such += 1
        return self.such % NOW_AND_THEN == 0


@mutant("DC-22", "one declined card in eight pays")
class SometimesADeclinedCardPays(NowAndThen):
    def outcome(self, order: Order) -> State:
        declined = order.terms.mode is Mode.CARD and self.role(order.card) is Role.DECLINED
        return State.SUCCEED if declined and self.is_the_one() else super().outcome(order)


@mutant("DC-19", "one challenged card in eight is charged without its challenge")
class SometimesNobodyWaitsForTheChallenge(NowAndThen):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if order.terms.mode is Mode.CARD and order.page and self.is_the_one():
            self.settle(order, State.SUCCEED)


@mutant("TK-08", "one unknown token in eight falls through to a card that is known")
class SometimesAnUnknownTokenPays(NowAndThen):
    def on_unknown_token(self, token: str) -> CardDetails:
        return next(iter(self.vault.values())) if self.vault and self.is_the_one() else super().on_unknown_token(token)
