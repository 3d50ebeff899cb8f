"""The life of orders as a drawn sequence of moves: placed, paid, declined, abandoned, repeated, gone back to.

A model says what may come next: a move that nothing can come of (paying where there is no page) is left out. What must be
true is said by the invariants, and by the checks of repeats.
"""

from collections.abc import Callable

from hypothesis import strategies as st

from payconform.authoring.checks import check
from payconform.authoring.deliveries import delivered_again
from payconform.authoring.drafts import draw
from payconform.authoring.endings import declined_as_the_card, failed_as_tried, told_in_reply
from payconform.authoring.flows import Script, settle, was_failed
from payconform.authoring.make import Make
from payconform.authoring.moves import ALWAYS, FIRST, OWN, Move, Moves
from payconform.authoring.repeats import changed, corrected, other_amount, other_card, repeated, simultaneous
from payconform.authoring.steps import Create, Open, Pay, Silence, TerminalCallback, Together, Unacknowledged
from payconform.authoring.trials import Sort, Trial, concluded
from payconform.model.clause import Mode
from payconform.model.evidence import Callback, Journey
from payconform.model.notification import Notification
from payconform.model.order import Order
from payconform.model.profile import Role
from payconform.model.reply import Reply

LONGEST_DRAWN = 6
ROUNDS = 3
EXAMPLES_FOR_A_LIFE = 4
KNOWN = 2
"""How many drawn lives those known to find most stand for."""
PARTS = 3


def drawn_lives(make: Make) -> tuple[Moves, ...]:
    """Those known to find most, which every run makes, and drawn ones: about one for every four orders that the run may draw."""
    count = make.examples // EXAMPLES_FOR_A_LIFE
    moves = st.lists(st.sampled_from(ALWAYS + OWN[make.mode]), min_size=3, max_size=LONGEST_DRAWN).map(tuple)
    first = FIRST[make.mode][: max(1, count)]
    return (*first, *draw(moves, count - KNOWN, make.random.getrandbits(32)))


def lives(make: Make, token: str = "") -> Sort[Moves]:
    """Lives as a sort of trial; `token` is needed in token mode."""

    def attempt(moves: Moves) -> Script[Trial[Moves]]:
        life = _Life(make.branch(), token)
        for move in moves:
            yield from life.go_on(move)
        yield from life.end()
        return (yield from concluded(moves, tuple(life.orders), None))

    return Sort("drawn sequences", attempt, _simplest, _smaller, lambda moves: (len(moves), 0), _describe, ROUNDS)


def _simplest(moves: Moves) -> tuple[Moves, ...]:
    return tuple((move,) for move in moves) if len(moves) > 1 else ()


def _smaller(moves: Moves) -> tuple[Moves, ...]:
    """All but a third of the moves, or less: whichever two it takes, one of the parts has neither of them.

    Single moves are no news, as the simplest were tried.
    """
    third = max(1, len(moves) // PARTS)
    return tuple(moves[:at] + moves[at + third :] for at in range(0, len(moves), third)) if len(moves) > 2 else ()


def _describe(moves: Moves) -> str:
    return ", then ".join(moves)


def _heard(make: Make, order: Order, failing: Journey | None, *, deaf: bool) -> Script[None]:
    """The end of an order; what a `deaf` merchant did not acknowledge comes again, whatever the order's mode."""
    callback: Callback | None = yield TerminalCallback(order)
    yield from declined_as_the_card(order, callback)
    if failing and callback:
        yield from failed_as_tried(order, failing, callback)
    if deaf and callback:
        yield from delivered_again(make, order, callback)


class _Life:
    """What has come of the moves so far: `open` orders have a page and no payer yet, `due` ones a callback to come."""

    def __init__(self, make: Make, token: str) -> None:
        self._make = make
        self._token = token
        self._stored = ""
        self._latest: tuple[Order, Reply] | None = None
        self._open: list[tuple[Order, Reply]] = []
        self._ended: tuple[Order, Reply] | None = None
        self._failed: list[tuple[Order, Reply]] = []
        self._unfailed: dict[str, Journey] = {}
        self._due: list[Order] = []
        self._gone_back: list[Order] = []
        self._deaf: set[str] = set()
        self._pays = make.profile.payer.kind != "none"
        callbacks = make.profile.callbacks
        self._hears = callbacks.inbox != "none"
        self._may_be_deaf = callbacks.inbox == "receiver" and callbacks.redelivery_s > 0
        self.orders: list[Order] = []

    def go_on(self, move: Move) -> Script[None]:
        acts: dict[Move, Callable[[], Script[None]]] = {
            Move.PLACE: lambda: self._place(self._plain()),
            Move.PLACE_ALIKE: self._place_alike,
            Move.PLACE_DECLINED: lambda: self._place_of(Role.DECLINED),
            Move.PLACE_CHALLENGED: lambda: self._place_of(Role.CHALLENGE, stores=True),
            Move.PLACE_STORING: self._store,
            Move.USE_TOKEN: self._use_token,
            Move.PAY: lambda: self._pay(Role.APPROVED),
            Move.PAY_TWICE: lambda: self._pay(Role.APPROVED, again=True),
            Move.PASS: lambda: self._pay(Role.CHALLENGE, again=True),
            Move.DECLINE: lambda: self._pay(Role.DECLINED, again=True),
            Move.FAIL: self._fail,
            Move.RETRY: self._retry,
            Move.LOOK: self._look,
            Move.REPEAT: self._repeat,
            Move.CHANGE: self._change,
            Move.TOGETHER: self._together,
            Move.CORRECT: self._correct,
            Move.DEAFEN: self._deafen,
        }
        yield from acts[move]()

    def end(self) -> Script[None]:
        """Hear what is due, and what going back may have led to.

        An order whose page nobody paid is abandoned: the guide says nothing of its end.
        """
        if self._due and self._hears:
            yield Together(tuple(self._end_of(order) for order in self._due))
        if self._gone_back and self._hears:
            yield Silence(tuple(self._gone_back))

    def _end_of(self, order: Order) -> Script[None]:
        return _heard(self._make, order, self._unfailed.get(order.id), deaf=order.id in self._deaf)

    def _plain(self) -> Order:
        return self._make.order(token=self._token)

    def _place(self, order: Order, *, may_refuse: bool = False) -> Script[None]:
        reply: Reply = yield Create(order)
        self._note(order, reply)
        if self._make.mode is Mode.TOKEN and order.mode is Mode.TOKEN and not may_refuse:
            observed = reply.describe()
            yield check("TK-07", reply, holds=reply.accepted, expected="the token is accepted again", observed=observed)

    def _note(self, order: Order, reply: Reply | None) -> None:
        self.orders.append(order)
        if reply is None or not reply.accepted:
            return
        self._latest = (order, reply)
        if reply.pay_url:
            self._open.append((order, reply))
        else:
            self._due.append(order)

    def _place_of(self, role: Role, *, stores: bool | None = None) -> Script[None]:
        if role in self._make.profile.roles():
            yield from self._place(self._make.order(role=role, stores=stores))

    def _place_alike(self) -> Script[None]:
        """Whoever protects payers from paying twice by mistake may refuse it; whoever takes it keeps the two apart."""
        order = self._plain()
        yield from self._place(self._make.alike(order, self._latest[0]) if self._latest else order, may_refuse=True)

    def _store(self) -> Script[None]:
        order = self._make.order(mode=Mode.CARD, stores=True)
        reply: Reply = yield Create(order)
        self.orders.append(order)
        if reply.accepted and self._hears and (self._pays or not reply.pay_url):
            settled = yield from settle(order, reply)
            self._stored = Notification(settled.callback).card_token if settled.callback else ""

    def _use_token(self) -> Script[None]:
        if self._stored and Mode.TOKEN in self._make.profile.modes:
            yield from self._place(self._make.order(mode=Mode.TOKEN, token=self._stored))

    def _fail(self) -> Script[None]:
        if any(page.fill_reject for page in self._make.profile.payer.pages):
            yield from self._pay(Role.CHALLENGE, again=True, reject=True)

    def _pay(self, role: Role, *, again: bool = False, reject: bool = False) -> Script[None]:
        if not self._open and self._make.mode is Mode.CASHIER:
            yield from self._place(self._plain())
        if not self._open or not self._pays:
            return
        order, reply = self._open.pop()
        wanted = role if self._make.mode is Mode.CASHIER and role in self._make.profile.roles() else order.role
        tab = self._open[-1] if self._open else None
        beside = tab[1].pay_url if tab else ""
        wanted = wanted or self._make.usual_role()
        journey = yield Pay(order, reply.pay_url, wanted, reject=reject, again=again, beside=beside)
        if tab and journey.fault == "provider":
            # Whoever was led astray may have paid in the other tab: that shows, however late, when nobody opens its page now.
            self._open.remove(tab)
            self._gone_back.append(tab[0])
        if journey.landed:
            self._due.append(order)
            self._ended = order, reply
            if again:
                self._gone_back.append(order)
            self._note_failure(order, reply, journey)

    def _note_failure(self, order: Order, reply: Reply, journey: Journey) -> None:
        """What was to fail is tried again where it did, and is not to be paid where it did not."""
        declined, failed = journey.role == Role.DECLINED.value, was_failed(self._make, journey)
        if journey.landed == "fail" and (declined or journey.rejected):
            self._failed.append((order, reply))
        elif declined or (journey.rejected and failed):
            self._unfailed[order.id] = journey

    def _retry(self) -> Script[None]:
        """Whoever was led to fail_url opens the page again, once the merchant heard of it: what failed stays failed.

        Of who comes back before that, a callback may tell the latest outcome alone.
        """
        if self._failed and self._pays:
            order, reply = self._failed.pop()
            yield from self._hear(order)
            role = None if self._make.mode is Mode.CASHIER else order.role
            yield Pay(order, reply.pay_url, role or self._make.usual_role())
            self._gone_back.append(order)

    def _hear(self, order: Order) -> Script[None]:
        """How an order ended, before anything more is made of it; nobody waits a second time for a callback that never came."""
        if self._hears and not (yield TerminalCallback(order)):
            self._due = [due for due in self._due if due.id != order.id]

    def _look(self) -> Script[None]:
        """At the page of the order that ended last, else at that of the latest."""
        seen = self._ended or self._latest
        if seen and seen[1].pay_url:
            yield Open(seen[0], seen[1].pay_url)
            self._gone_back.append(seen[0])

    def _repeat(self) -> Script[None]:
        if self._latest:
            yield from repeated(self._make, *self._latest)

    def _change(self) -> Script[None]:
        """A declined card is replaced by one that pays, once the order has failed; of any other order the amount is."""
        if not self._latest:
            return
        order, first = self._latest
        declined = order.mode is Mode.CARD and order.role is Role.DECLINED
        if declined and not told_in_reply(first):
            yield from self._hear(order)
        others = other_card(self._make, order) if declined else other_amount(self._make, order)
        if others:
            yield from changed(first, self._make.repeat(order, **others))
        if declined:
            self._gone_back.append(order)

    def _together(self) -> Script[None]:
        order = self._plain()
        replies = yield from simultaneous(self._make, order)
        self._note(order, next((reply for reply in replies if reply.accepted), None))

    def _correct(self) -> Script[None]:
        order = self._plain()
        self._note(order, (yield from corrected(self._make, order)))

    def _deafen(self) -> Script[None]:
        """The invariants compare what is delivered again (CB-21, CB-27)."""
        order = self._make.order(token=self._token, stores=True)
        if self._may_be_deaf:
            self._deaf.add(order.id)
            yield Unacknowledged(order)
        yield from self._place(order)
