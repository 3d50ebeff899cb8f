"""Faults that show when somebody comes back: payers to a page, merchants with a repeat, tokens with another ending."""

from typing import Any

from payconform.model.clause import Mode
from payconform.model.profile import Role
from payconform.sandbox.cards import CHALLENGE_PASSWORD, ROLES
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.habits import Taken
from payconform.sandbox.mutants.outcomes import TellsEachOutcome
from payconform.sandbox.order import CardDetails, Document, Order, Refusal, State, Terms
from payconform.sandbox.provider import Form, Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import CARD_DATA, invalid
from payconform.sandbox.settings import Settings


class Reopens(Provider):
    """A provider on whose pages a finished order can be paid once more."""

    def reopens(self, order: Order) -> bool:
        raise NotImplementedError

    def show(self, page: str, order: Order) -> HttpReply:
        if self.reopens(order):
            order.state, order.card = State.PENDING, None
        return super().show(page, order)


@mutant("CB-21", "whoever comes back after a decline may pay all the same")
class DeclinedOrdersReopen(Reopens):
    def reopens(self, order: Order) -> bool:
        return order.state is State.FAILED and order.terms.mode is Mode.CASHIER


@mutant("CB-21", "the form of a declined cashier order takes another card")
class OldFormsPay(TellsEachOutcome):
    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        if order.state is State.FAILED and order.terms.mode is Mode.CASHIER and page == "cashier":
            order.state, order.card = State.PENDING, None
        return super().submit(page, order, form)


class FailedChallengesReopen(Provider):
    """A provider that shows a failed challenge once more to whoever opens its page.

    A callback tells the state of its moment, so that whoever comes back at once leaves no trace of the failure in any.
    """

    mode: Mode

    def callback_delay(self, order: Order) -> float:  # noqa: ARG002 - every order
        return 0.5

    def reopens(self, order: Order) -> bool:
        challenged = self.role(order.card) is Role.CHALLENGE
        return order.state is State.FAILED and challenged and order.terms.mode is self.mode

    def show(self, page: str, order: Order) -> HttpReply:
        if self.reopens(order):
            order.state = State.PENDING
        return super().show(page, order)


@mutant("CB-21", "who opens the page of a card order again after a failed challenge may pass it")
class FailedChallengesOfCardOrdersReopen(FailedChallengesReopen):
    mode = Mode.CARD


@mutant("CB-21", "who opens the page of a cashier order again after a failed challenge may pass it")
class FailedChallengesOfCashierOrdersReopen(FailedChallengesReopen):
    mode = Mode.CASHIER


@mutant("CB-21", "who looks at a passed challenge of a cashier order again fails it")
class PassedChallengeIsLost(TellsEachOutcome):
    def show(self, page: str, order: Order) -> HttpReply:
        challenged = order.terms.mode is Mode.CASHIER and self.role(order.card) is Role.CHALLENGE
        if order.succeeded and challenged:
            order.state = State.PENDING
            self.settle(order, State.FAILED)
        return super().show(page, order)


@mutant("CA-08", "who opens the page of a paid cashier order again is led to fail_url")
class ReloadedPageSaysItFailed(Provider):
    def show(self, page: str, order: Order) -> HttpReply:
        paid = order.succeeded and order.terms.mode is Mode.CASHIER
        return self.see_other(order.terms.fail_url) if paid else super().show(page, order)


@mutant("CA-08", "the form of a paid cashier order leads to fail_url when it is sent again")
class FormSentAgainSaysItFailed(Provider):
    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        paid = order.succeeded and order.terms.mode is Mode.CASHIER
        return self.see_other(order.terms.fail_url) if paid else super().submit(page, order, form)


@mutant("CA-08", "a wrong password after the right one leads the payer of a cashier order to fail_url")
class LateWrongPasswordSaysItFailed(Provider):
    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        late = order.succeeded and order.terms.mode is Mode.CASHIER and page == "3ds"
        wrong = form.get(self.field_names().password) != CHALLENGE_PASSWORD
        return self.see_other(order.terms.fail_url) if late and wrong else super().submit(page, order, form)


@mutant("CA-08", "a payer who once mistyped the card is led to fail_url however the order ends")
class MistakesAreRemembered(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.mistaken: set[str] = set()

    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        reply = super().submit(page, order, form)
        if page == "cashier" and order.card is None:
            self.mistaken.add(order.session)
        return reply

    def redirect_after(self, order: Order) -> str:
        return order.terms.fail_url if order.session in self.mistaken else super().redirect_after(order)


class TakesBack(TellsEachOutcome):
    """A provider that decides paid orders once more, by what comes from their old pages."""

    def take_back(self, order: Order) -> None:
        order.state = State.PENDING
        self.settle(order, State.FAILED)


@mutant("CB-21", "a declined card in the form of a paid cashier order takes the payment back")
class OldFormTakesThePaymentBack(TakesBack):
    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        number = form.get(self.field_names().number, "")
        if page == "cashier" and order.succeeded and ROLES.get(number) is Role.DECLINED:
            self.take_back(order)
        return super().submit(page, order, form)


class OldPasswordTakesBack(TakesBack):
    mode: Mode

    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        wrong = form.get(self.field_names().password, CHALLENGE_PASSWORD) != CHALLENGE_PASSWORD
        if page == "3ds" and order.succeeded and wrong and order.terms.mode is self.mode:
            self.take_back(order)
        return super().submit(page, order, form)


@mutant("CB-21", "a wrong password takes back a card order whose challenge was passed")
class OldChallengeTakesACardOrderBack(OldPasswordTakesBack):
    mode = Mode.CARD


@mutant("CB-21", "a wrong password takes back a cashier order whose challenge was passed")
class OldChallengeTakesACashierOrderBack(OldPasswordTakesBack):
    mode = Mode.CASHIER


@mutant("RQ-26", "the request_id of a failed order is free again")
class FailedOrdersFreeTheirId(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        if earlier.state is not State.FAILED:
            return super().on_repeat(order, earlier)
        self.orders[self.request_key(order)] = order
        return order


@mutant("RQ-27", "a repeat of the same amount moves the order to its own notify_url")
class RepeatMovesTheCallback(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        same = order.terms.amount == earlier.terms.amount and order.terms.mode is earlier.terms.mode
        if not same:
            return super().on_repeat(order, earlier)
        earlier.terms = order.terms
        return earlier


@mutant("CB-18", "a card is stored before its challenge, and stays so when that fails")
class FailedChallengeStoresTheCard(Provider):
    def earns_token(self, order: Order) -> bool:
        challenged = order.terms.mode is Mode.CARD and self.role(order.card) is Role.CHALLENGE
        return order.terms.stores and (order.succeeded or challenged)


@mutant("DC-17 CB-17", "any text in store_for_future_use means yes")
class AnyTextStoresTheCard(Provider):
    def read_store_flag(self, value: Any) -> bool:
        return True if isinstance(value, str) and value else super().read_store_flag(value)


@mutant("TK-08", "a token is known by how it begins")
class TokenIsKnownByItsBeginning(Provider):
    def redeem(self, token: str) -> CardDetails:
        return super().redeem(next((known for known in self.vault if known.startswith(token)), token))


@mutant("TK-08", "characters behind a token are not looked at")
class EndOfATokenIsIgnored(Provider):
    def redeem(self, token: str) -> CardDetails:
        return super().redeem(next((known for known in self.vault if token.startswith(known)), token))


@mutant("TK-08", "an unknown token is no matter where card data stands beside it")
class CardBesideATokenPays(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        read = super().read_direct(document, terms)
        extra = document["channel_extra"]
        if read.mode is Mode.TOKEN and read.token not in self.vault and isinstance(extra.get("card_data"), dict):
            return Terms(mode=Mode.TOKEN, card=self.read_card(extra["card_data"]), **terms)
        return read


@mutant("TK-09", "small orders of a challenged token name a page and do not wait for it")
class SmallTokenOrdersPayThemselves(Provider):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if order.terms.mode is Mode.TOKEN and order.page and order.terms.amount.startswith("0."):
            self.settle(order, State.SUCCEED)


@mutant("RQ-29", "an order whose card is refused keeps its request_id")
class RefusedCardTakesTheId(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.taken: set[str] = set()

    def read_terms(self, document: Document) -> Terms:
        name = str(document.get("request_id"))
        if name in self.taken:
            raise invalid("request_id", "has been used before")
        try:
            return super().read_terms(document)
        except Refusal as refusal:
            if CARD_DATA in refusal.message:
                self.taken.add(name)
            raise


@mutant("EP-03", "PATCH creates orders")
class PatchCreatesOrders(Provider):
    def check_method(self, method: str) -> None:
        super().check_method("POST" if method == "PATCH" else method)


@mutant("EP-01", "extra_type is looked for before card_data alone")
class ExtraTypeHasToComeFirst(Provider):
    def read_direct(self, document: Document, terms: Document) -> Terms:
        extra = document.get("channel_extra")
        if isinstance(extra, dict) and next(iter(extra), "extra_type") != "extra_type":
            raise invalid("channel_extra.extra_type", "is not known")
        return super().read_direct(document, terms)


@mutant("CB-21", "a failed challenge can be passed on a page that is still open")
class FailedChallengeCanBePassed(TellsEachOutcome):
    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        passed = form.get(self.field_names().password) == CHALLENGE_PASSWORD
        if page == "3ds" and order.state is State.FAILED and passed:
            order.state = State.PENDING
            self.settle(order, State.SUCCEED)
        return super().submit(page, order, form)


@mutant("RQ-26 RQ-27", "a repeat cancels the order that it repeats")
class RepeatCancelsTheOrder(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:
        self.settle(earlier, State.FAILED)
        return super().on_repeat(order, earlier)


@mutant("RS-19", "the refusal of a repeat has the first order's page")
class RefusalHasAPage(Provider):
    def on_repeat(self, order: Order, earlier: Order) -> Order:  # noqa: ARG002 - whatever differs
        raise Taken(earlier)

    def refusal_document(self, refusal: Refusal) -> Document:
        document = super().refusal_document(refusal)
        if not isinstance(refusal, Taken) or not refusal.first.page:
            return document
        return {**document, "data": {"order_data": {"payData": self.page_url(refusal.first)}}}


@mutant("TK-08", "blanks around a token are cut off")
class BlanksAroundATokenAreCut(Provider):
    def read_token(self, path: str, value: Any) -> str:
        return super().read_token(path, value.strip() if isinstance(value, str) else value)
