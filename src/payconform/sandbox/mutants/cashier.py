"""Faults of the cashier mode and its hosted pages (clauses CA)."""

import html
from collections.abc import Mapping, Sequence

from payconform.model.clause import Mode
from payconform.sandbox.catalogue import mutant
from payconform.sandbox.order import Document, Order, State, Terms
from payconform.sandbox.pages import NOTHING
from payconform.sandbox.provider import Form, Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.rules import invalid
from payconform.sandbox.settings import Settings


@mutant("CA-01", "the cashier asks for channel_extra in the request")
class CashierNeedsChannelExtra(Provider):
    def read_cashier(self, document: Document, terms: Document) -> Terms:
        if "channel_extra" not in document:
            raise invalid("channel_extra", "is required")
        return super().read_cashier(document, terms)


@mutant("CA-02", "a cashier reply does not say where to pay")
class CashierReplyWithoutPage(Provider):
    def pay_members(self, order: Order) -> Document:
        return {} if order.terms.mode is Mode.CASHIER else super().pay_members(order)


@mutant("CA-03", "the cashier page does not exist")
class CashierPageIsMissing(Provider):
    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:  # noqa: ARG002 - no page shows anything
        return self.unknown_page()


@mutant("CA-03", "the cashier page is JSON")
class CashierPageIsJson(Provider):
    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:  # noqa: ARG002 - no page shows anything
        return self.json_reply(200, {"session": order.session})


@mutant("CA-04", "payData of a cashier order is its success_url")
class PayDataIsSuccessUrl(Provider):
    def page_url(self, order: Order) -> str:
        return order.terms.success_url if order.terms.mode is Mode.CASHIER else super().page_url(order)


@mutant("CA-05", "a cashier order is paid as soon as it is made")
class CashierPaysItself(Provider):
    async def process(self, order: Order) -> None:
        await super().process(order)
        if order.terms.mode is Mode.CASHIER:
            self.settle(order, State.SUCCEED)


@mutant("CA-05", "a cashier order is paid when its page is opened")
class OpeningThePagePays(Provider):
    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:
        page = super().cashier_page(order, problem)
        if not problem:
            self.settle(order, State.SUCCEED)
        return page


@mutant("CA-06", "a payer who paid lands on fail_url")
class SuccessLandsOnFailUrl(Provider):
    def landing(self, order: Order) -> str:
        return order.terms.fail_url if order.terms.mode is Mode.CASHIER else super().landing(order)


@mutant("CA-06", "a payer who paid stays on a page of the provider")
class PayerIsLeftAfterSuccess(Provider):
    def finish(self, order: Order) -> HttpReply:
        if order.succeeded and order.terms.mode is Mode.CASHIER:
            return self.page("Thank you", "<h1>Thank you</h1>")
        return super().finish(order)


@mutant("CA-06", "the path of success_url is dropped")
class SuccessUrlLosesItsPath(Provider):
    def landing(self, order: Order) -> str:
        scheme, _, rest = super().landing(order).partition("://")
        if order.succeeded and order.terms.mode is Mode.CASHIER:
            return f"{scheme}://{rest.partition('/')[0]}/"
        return super().landing(order)


@mutant("CA-07", "a payer whose card was declined lands on success_url")
class FailureLandsOnSuccessUrl(Provider):
    def landing(self, order: Order) -> str:
        return order.terms.success_url if order.terms.mode is Mode.CASHIER else super().landing(order)


@mutant("CA-07", "a payer whose card was declined stays on a page of the provider")
class PayerIsLeftAfterFailure(Provider):
    def finish(self, order: Order) -> HttpReply:
        if not order.succeeded and order.terms.mode is Mode.CASHIER:
            return self.page("Sorry", "<h1>Your payment failed</h1>")
        return super().finish(order)


@mutant("CA-08", "a cashier order that was paid is notified as failed")
class CallbackContradictsRedirect(Provider):
    def callback_document(self, order: Order) -> Document:
        document = super().callback_document(order)
        if order.succeeded and order.terms.mode is Mode.CASHIER:
            return {**document, "order_status": "FAILED", "order_status_int": 3, **self.failure_members(order)}
        return document


@mutant("CA-08", "cashier orders are not notified")
class CashierOrdersAreNotNotified(Provider):
    def begin_notifying(self, order: Order) -> None:
        if order.terms.mode is not Mode.CASHIER:
            super().begin_notifying(order)


@mutant("CA-09", "card data in a cashier order is charged directly")
class CashierChargesCardData(Provider):
    def read_cashier(self, document: Document, terms: Document) -> Terms:
        if isinstance(document.get("channel_extra"), dict):
            return self.read_direct(document, terms)
        return super().read_cashier(document, terms)


@mutant("CA-10", "the cashier page shows the product's name as markup")
class ProductNameIsMarkup(Provider):
    def cashier_page(self, order: Order, problem: str = "") -> HttpReply:
        page, name = super().cashier_page(order, problem), order.terms.product_name
        return page._replace(body=page.body.replace(html.escape(name).encode(), name.encode(), 1))


@mutant("CA-10", "the description stands in an attribute of the cashier page as it was sent")
class DescriptionLeavesItsAttribute(Provider):
    def fill(self, template: str, markup: Mapping[str, str] = NOTHING, **values: str) -> str:
        hidden = f'<input type="hidden" name="description" value="{values["description"]}">' if template == "cashier" else ""
        return hidden + super().fill(template, markup, **values)


@mutant("CB-21", "paying a finished page again notifies again, with the other outcome")
class PayingTwiceFails(Provider):
    """Notifications are written when they are sent: the first one must be on its way before the outcome turns."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._told: set[str] = set()

    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        if order.is_final:
            self.begin_notifying(order)
        return super().submit(page, order, form)

    def callback_documents(self, order: Order) -> Sequence[Document]:
        if order.id in self._told:
            order.state = State.FAILED if order.succeeded else State.SUCCEED
        self._told.add(order.id)
        return super().callback_documents(order)


@mutant("CA-08", "going back to a finished page turns the outcome before anybody was told")
class GoingBackTurnsTheOutcome(Provider):
    """Its payer is always faster than its notifications."""

    def callback_delay(self, order: Order) -> float:
        return super().callback_delay(order) + 0.5

    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        if order.is_final:
            order.state = State.FAILED if order.succeeded else State.SUCCEED
        return super().submit(page, order, form)
