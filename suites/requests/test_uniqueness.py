"""Chapter C: request_id is unique (RQ-26 to RQ-30). A repeat may be refused or answered with the first order (X-35)."""

from payconform.authoring import (
    AT_ONCE,
    CARD,
    CASHIER,
    EVERY_MODE,
    OTHER_ADDRESS,
    TOKEN,
    Create,
    CreateTogether,
    Make,
    Notification,
    Order,
    Reply,
    Script,
    Settled,
    can_settle,
    case,
    changed,
    check,
    corrected,
    each_to_its_end,
    made,
    other_amount,
    other_currency,
    other_terms,
    pages_apart,
    placed,
    repeated,
    require,
    settle,
    simultaneous,
    slips,
)

ALIKE = 6
"""Orders beside the first of their kind: many enough for a cache that answers now and then."""


@case("RQ-26", modes=EVERY_MODE)
def a_repeated_order_makes_no_second(make: Make) -> Script[None]:
    """The identical order sent again is refused, or answered with the first order, which can still be paid."""
    order = yield from made(make)
    first = yield from placed(order)
    yield from repeated(make, order, first)
    if can_settle(make, first):
        yield from _still_pays("RQ-26", (yield from settle(order, first)))


@case("RQ-27", modes=EVERY_MODE)
def a_used_request_id_changes_nothing(make: Make) -> Script[None]:
    """Another order under a used request_id is refused or answered with the first order, which stays what it was."""
    order = yield from made(make)
    others = other_amount(make, order)
    require(others, "the profile allows one amount in one currency, so no second order can differ")
    first = yield from placed(order)
    elsewhere = CARD if order.mode is CASHIER else CASHIER
    if elsewhere in make.profile.modes:
        yield from changed(first, make.moved(order, elsewhere))
    yield from changed(first, make.repeat(order, **other_terms(order)))  # whoever compares the amount alone takes it for a repeat
    if order.mode is CASHIER:
        others = {**other_currency(make, order), **others, **other_terms(order)}
    yield from changed(first, make.repeat(order, **others))  # and whoever compares all else, where the amount alone is another
    if not can_settle(make, first):
        return
    settled = yield from settle(order, first)
    if settled.callback:
        amount = Notification(settled.callback).document.get("target_amount")
        moved = OTHER_ADDRESS in settled.callback.query
        holds = amount != others.get("target_amount") and not moved
        observed = f"callback with target_amount {amount!r} at the {'second' if moved else 'first'} order's notify_url"
        expected = f"the first order's amount {order.document['target_amount']!r} at its notify_url"
        yield check("RQ-27", settled.callback, holds=holds, expected=expected, observed=observed)
        yield from _still_pays("RQ-27", settled)


def _still_pays(clause: str, settled: Settled) -> Script[None]:
    """What a repeat must leave alone: an order whose payer pays, and is told so."""
    if settled.callback:
        heard = Notification(settled.callback)
        expected = "the first order is paid as if nothing had been repeated"
        yield check(clause, settled.reply, settled.callback, holds=heard.paid, expected=expected, observed=heard.describe())


@case("RQ-28", modes=(CARD, CASHIER, TOKEN), once=True)
def simultaneous_orders_make_one(make: Make) -> Script[None]:
    """The identical order sent several times at the same moment makes one order."""
    order = yield from made(make)
    yield from simultaneous(make, order)


@case("RQ-28", modes=(CARD, CASHIER, TOKEN), quick=False, once=True)
def simultaneous_orders_stay_apart(make: Make) -> Script[None]:
    """Of different orders sent at the same moment, each that is accepted has ids of its own."""
    orders = []
    for _ in range(AT_ONCE):
        orders.append((yield from made(make)))  # noqa: PERF401 -- a comprehension cannot yield
    replies: tuple[Reply, ...] = yield CreateTogether(tuple(orders))
    ids = {reply.pay_order_id for reply in replies if reply.accepted}
    accepted = sum(reply.accepted for reply in replies)
    observed = f"{accepted} of {AT_ONCE} accepted, with {len(ids)} pay_order_ids"
    holds = accepted == len(ids)
    yield check("RQ-28", *replies, holds=holds, expected="a pay_order_id for each order", observed=observed)


@case("RS-17", modes=(CASHIER,), quick=False)
def orders_that_look_alike_have_their_own_pages(make: Make) -> Script[None]:
    """Orders of one amount and the same texts that are accepted one after another have pages of their own, and one is paid."""
    first = make.order()
    placed_ones = [(first, (yield from placed(first)))]
    for _ in range(ALIKE):
        order = make.alike(make.order(), first)
        reply: Reply = yield Create(order)
        if reply.accepted:  # whoever protects payers from paying twice by mistake may refuse it
            placed_ones.append((order, reply))
    yield from pages_apart([reply for _, reply in placed_ones])
    order, reply = placed_ones[len(placed_ones) // 2]
    if can_settle(make, reply):  # who is paid by another's page shows when nobody opened that
        yield from settle(order, reply)


@case("RQ-29", modes=(CARD, CASHIER, TOKEN), once=True)
def a_refused_order_leaves_its_request_id_free(make: Make) -> Script[None]:
    """After refusals, the corrected order is accepted under the same request_id."""
    order = yield from made(make)
    yield from corrected(make, order, *slips(order))


@case("RQ-30", modes=(CARD, CASHIER, TOKEN), once=True)
def ids_that_look_alike_stay_apart(make: Make) -> Script[None]:
    """Of request_ids that differ in one character, in case, or in a trailing blank, each has its own order or is refused."""
    plain = yield from made(make)
    request_id = plain.request_id[:-1]  # room for one letter more
    first = yield from placed(make.altered(plain, "", request_id=request_id))
    ending = next(letter for letter in "XY" if not request_id.endswith(letter))
    alike = (
        ("", request_id[:-1] + ending),
        ("request_id in small letters", request_id.lower()),
        ("request_id with a blank behind", f"{request_id} "),
    )
    accepted = []
    for fault, other_id in alike:
        order = yield from made(make)
        order = make.altered(order, fault, request_id=other_id)
        reply: Reply = yield Create(order)
        mixed = reply.pay_order_id == first.pay_order_id or reply.order_data.get("mchOrderNo") == request_id
        holds = (reply.refused and bool(fault)) or (reply.accepted and not mixed)
        told = f", pay_order_id {reply.pay_order_id!r} for {reply.order_data.get('mchOrderNo')!r}" if reply.accepted else ""
        expected, observed = f"refused, or an order of its own, for {other_id!r} after {request_id!r}", reply.describe() + told
        yield check("RQ-30", first, reply, holds=holds, expected=expected, observed=observed)
        if reply.accepted and can_settle(make, reply):
            accepted.append((order, reply))
    yield from each_to_its_end(_called_back_by_its_id(order, reply) for order, reply in accepted)


def _called_back_by_its_id(order: Order, reply: Reply) -> Script[None]:
    settled = yield from settle(order, reply)
    if settled.callback:
        heard = Notification(settled.callback).document.get("request_id")
        expected, observed = f"request_id {order.request_id!r}", f"a callback with request_id {heard!r}"
        yield check("RQ-30", settled.callback, holds=heard == order.request_id, expected=expected, observed=observed)
