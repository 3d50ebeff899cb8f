"""Providers that differ lawfully in the pages between the payment and the shop."""

import re

from payconform.sandbox.catalogue import variant
from payconform.sandbox.order import Order, State
from payconform.sandbox.provider import Form, Provider
from payconform.sandbox.replies import HttpReply
from payconform.sandbox.settings import Settings

POLLS = 3
SESSION = re.compile(r"sid_\w+")


@variant("processing-page", "a page that polls comes before the outcome, with a button to cancel the payment meanwhile")
class ShowsProcessing(Provider):
    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.decided: dict[str, State] = {}
        self.polls: dict[str, int] = {}

    def settle(self, order: Order, state: State) -> None:
        if order.page and not order.is_final:
            self.decided.setdefault(order.session, state)
        else:
            super().settle(order, state)

    def is_processing(self, order: Order) -> bool:
        return order.session in self.decided and not order.is_final

    def proceed(self, order: Order) -> HttpReply:
        return self.see_other(f"{self.url}/wait/{order.session}") if self.is_processing(order) else super().proceed(order)

    def show(self, page: str, order: Order) -> HttpReply:
        if not self.is_processing(order):
            return super().show(page, order)
        if page != "wait":
            return self.proceed(order)
        self.polls[order.session] = self.polls.get(order.session, 0) + 1
        if self.polls[order.session] < POLLS:
            return self.processing_page(order)
        super().settle(order, self.decided[order.session])
        return super().proceed(order)

    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        if page == "cancel" and self.is_processing(order):
            super().settle(order, State.FAILED)
        return self.proceed(order) if self.is_processing(order) else super().submit(page, order, form)

    def processing_page(self, order: Order) -> HttpReply:
        button = f'<form action="/cancel/{order.session}" method="post"><button>Cancel</button></form>'
        return self.page("Processing", f"<p>Processing…</p>{button}", head='<meta http-equiv="refresh" content="0.5">')


@variant("last-page-with-a-button", "the last page has a button for the invoice, and a link back to the shop")
class OffersAnInvoice(Provider):
    def finish(self, order: Order) -> HttpReply:
        return self.finished_page(order)

    def finished_page(self, order: Order) -> HttpReply:
        button = f'<form action="/invoice/{order.session}"><button>Download</button></form>'
        link = self.fill("finished", headline="Done", amount="", currency="", landing=self.landing(order))
        return self.page("Payment finished", button + link)


@variant("links-back-through-itself", "the last page links back to the shop by an address of the provider's own")
class LinksBackThroughItself(Provider):
    def finish(self, order: Order) -> HttpReply:
        back = self.fill("finished", headline="Done", amount="", currency="", landing=f"/return/{order.session}")
        return self.page("Payment finished", back)

    def show(self, page: str, order: Order) -> HttpReply:
        return self.see_other(self.landing(order)) if page == "return" and order.is_final else super().show(page, order)


@variant("one-tab-a-browser", "whoever opened another page in the same browser since is asked to go on there")
class HasOneTabABrowser(Provider):
    def order_of(self, session: str, cookie: str, method: str) -> Order | None:
        latest = cookie.removeprefix("page=")
        return None if method == "POST" and latest and latest != session else super().order_of(session, cookie, method)

    def page(self, title: str, content: str, *, status: int = 200, head: str = "") -> HttpReply:
        shown = super().page(title, content, status=status, head=head)
        session = SESSION.search(content)
        return shown._replace(headers={**shown.headers, "set-cookie": f"page={session[0]}; Path=/"}) if session else shown
