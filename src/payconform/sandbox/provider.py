"""The conforming provider: what happens to a request, an order and a payer."""

import re
from collections.abc import Mapping

from payconform.model.clause import Mode
from payconform.model.message import Request
from payconform.model.profile import Role
from payconform.sandbox.authentication import Authentication
from payconform.sandbox.cards import CHALLENGE_PASSWORD, ROLES
from payconform.sandbox.ledger import Ledger
from payconform.sandbox.notices import Notices
from payconform.sandbox.order import INVALID, CardDetails, Document, Order, Refusal, State
from payconform.sandbox.pages import Pages
from payconform.sandbox.replies import HttpReply, Replies
from payconform.sandbox.rules import CVV, Rules

Form = Mapping[str, str]

PAYERS_SPACING = re.compile(r"[ -]")
MONTH = re.compile(r"0?[1-9]|1[0-2]")
YEAR = re.compile(r"(20)?[0-9]{2}")


class Provider(Rules, Authentication, Ledger, Replies, Pages, Notices):
    """A provider that keeps the contract. A mutant or a variant is a subclass that overrides one of its methods."""

    async def create(self, request: Request) -> HttpReply:
        """Answer one request to the create-order endpoint."""
        try:
            order = await self.create_order(request)
        except Refusal as refusal:
            return self.refused(refusal)
        return self.accepted(order)

    async def create_order(self, request: Request) -> Order:
        """The order a request makes. Nothing is kept and nobody is told before the last rule is kept (RQ-29, RS-20)."""
        self.check_method(request.method)
        document = self.require_object(self.parse(request.body))
        self.authenticate(request)
        return await self.make_order(document)

    async def make_order(self, document: Document) -> Order:
        """The order of a document that may be one: its own, or the one that took its request_id before."""
        order = self.open_order(self.read_terms(document))
        claimed = await self.claim(order)
        if claimed is order:
            await self.process(order)
        return claimed

    def check_method(self, method: str) -> None:
        """Only POST creates orders (EP-03)."""
        if method != "POST":
            raise Refusal(INVALID, "only POST creates an order", status=405)

    async def process(self, order: Order) -> None:
        """Send the payer to a page, or let the card decide at once."""
        self.sessions[order.session] = order
        order.page = self.first_page(order)
        if not order.page:
            self.settle(order, self.outcome(order))

    def first_page(self, order: Order) -> str:
        if order.terms.mode is Mode.CASHIER:
            return "cashier"
        return "3ds" if self.asks_challenge(order) else ""

    def asks_challenge(self, order: Order) -> bool:
        """Whether the payer must confirm; a stored card is challenged as it was when it was stored."""
        return self.role(order.card) in (Role.CHALLENGE, Role.CHALLENGE_DECLINED)

    def role(self, card: CardDetails | None) -> Role:
        """What a card is for; a card that nobody issued is declined."""
        return ROLES.get(card.number, Role.DECLINED) if card else Role.DECLINED

    def outcome(self, order: Order) -> State:
        """What the card decides, once the payer has done all that was asked (DC-22)."""
        return State.SUCCEED if self.role(order.card) in (Role.APPROVED, Role.CHALLENGE) else State.FAILED

    def settle(self, order: Order, state: State) -> None:
        """Give an order its one final state (CB-21) and tell the merchant."""
        if order.is_final:
            return
        order.state = state
        if order.card and self.earns_token(order):
            order.card_token = self.store(order.card)
        self.begin_notifying(order)

    def earns_token(self, order: Order) -> bool:
        """A token is for a card that paid and that the payer agreed to have stored (CB-16 to CB-18)."""
        return order.succeeded and order.terms.stores

    def order_of(self, session: str, cookie: str, method: str) -> Order | None:  # noqa: ARG002 - a mutant looks at cookies
        """The order whose page a browser asks for: the address says which, whatever other tabs of the browser show."""
        return self.sessions.get(session)

    def show(self, page: str, order: Order) -> HttpReply:
        """A hosted page as the payer finds it: the step the payer is at, whichever page was asked for."""
        if order.is_final:
            return self.finished_page(order)
        if page != self.step(order):
            return self.proceed(order)
        return self.cashier_page(order) if page == "cashier" else self.challenge_page(order)

    def submit(self, page: str, order: Order, form: Form) -> HttpReply:
        """What the payer sent from a page. A finished page pays nothing: the payer is sent on."""
        if order.is_final or page != self.step(order):
            return self.proceed(order)
        return self.submit_cashier(order, form) if page == "cashier" else self.submit_challenge(order, form)

    def step(self, order: Order) -> str:
        """The page an open order waits at."""
        return "cashier" if order.card is None else "3ds"

    def submit_cashier(self, order: Order, form: Form) -> HttpReply:
        try:
            card = self.read_form(form)
        except Refusal as refusal:
            return self.cashier_page(order, refusal.message)
        order.card = card
        if self.is_expired(card.expiry_month, card.expiry_year):
            self.settle(order, State.FAILED)
        elif not self.asks_challenge(order):
            self.settle(order, self.outcome(order))
        return self.proceed(order)

    def submit_challenge(self, order: Order, form: Form) -> HttpReply:
        confirmed = form.get(self.field_names().password) == CHALLENGE_PASSWORD
        self.settle(order, self.challenge_outcome(order, confirmed=confirmed))
        return self.proceed(order)

    def challenge_outcome(self, order: Order, *, confirmed: bool) -> State:
        return self.outcome(order) if confirmed else State.FAILED

    def proceed(self, order: Order) -> HttpReply:
        """On to the next page, or back to the merchant."""
        return self.finish(order) if order.is_final else self.see_other(f"{self.url}/{self.step(order)}/{order.session}")

    def finish(self, order: Order) -> HttpReply:
        return self.see_other(self.redirect_after(order))

    def read_form(self, form: Form) -> CardDetails:
        """The card a payer typed: spaces in the number and two digits for the year are as good as none and four."""
        names = self.field_names()
        number = PAYERS_SPACING.sub("", form.get(names.number, ""))
        month, year, cvv = (form.get(name, "").strip() for name in (names.month, names.year, names.cvv))
        if not self.is_possible_number(number):
            raise Refusal(INVALID, "Please check the card number.")
        if not MONTH.fullmatch(month) or not YEAR.fullmatch(year):
            raise Refusal(INVALID, "Please check the expiry date.")
        if not CVV.fullmatch(cvv):
            raise Refusal(INVALID, "Please check the security code.")
        return CardDetails(number, int(month), 2000 + int(year[-2:]), cvv)
