"""Chapter F: how card orders end, with 3DS and without (guide 2.1, Response Handling)."""

from payconform.authoring import (
    CARD,
    Callback,
    Control,
    Create,
    Make,
    Notification,
    Order,
    Pay,
    Placed,
    Reply,
    Role,
    Script,
    Settled,
    Silence,
    TerminalCallback,
    can_settle,
    case,
    check,
    declined_as_the_card,
    each_to_its_end,
    not_paid,
    notified,
    pages_apart,
    paid,
    placed,
    settle,
    stays_refused,
    was_failed,
)

MANY = 8
"""Enough for what goes wrong once in a few such orders, beside those of other cases."""


def _legal_shape(reply: Reply) -> Script[None]:
    """With 3DS or without: one of the two documented shapes, and no mixture (DC-18)."""
    with_page = reply.pay_data_type == "payurl" and bool(reply.pay_data)
    without_page = reply.pay_data_type == "" and not reply.pay_data
    observed = f"payDataType {reply.order_data.get('payDataType')!r}, payData {reply.pay_data!r}"
    yield check("DC-18", reply, holds=with_page or without_page, expected="payurl with a URL, or neither", observed=observed)


def _told_by_callback(settled: Settled) -> Script[None]:
    """Whatever the reply says, the callback comes (DC-21)."""
    observed = f"orderState {settled.reply.order_data.get('orderState')!r} in the reply, " + (
        Notification(settled.callback).describe() if settled.callback else "no terminal callback"
    )
    yield check(
        "DC-21", settled.reply, settled.callback, holds=settled.callback, expected="a terminal callback", observed=observed
    )


@case("DC-18", "DC-20", "DC-21", "CB-01", "CB-03", modes=(CARD,), needs=(Role.APPROVED,), hears=True)
def a_payment_without_3ds_finishes_by_itself(_make: Make) -> Script[None]:
    """A card order answered without a page ends in a callback that says SUCCEED, with nobody acting."""
    control: Placed = yield Control()
    yield from _legal_shape(control.reply)
    settled = yield from settle(control.order, control.reply)
    if not control.reply.pay_url:
        callback = settled.callback
        observed = Notification(callback).describe() if callback else "no terminal callback before the deadline"
        yield check(
            "DC-20", control.reply, callback, holds=callback, expected="a terminal callback, nobody acting", observed=observed
        )
    yield from _told_by_callback(settled)
    yield from notified(settled)
    yield from paid(settled, "CB-03")


@case("DC-18", "DC-21", "CB-01", "CB-03", modes=(CARD,), needs=(Role.CHALLENGE,), pays=True, hears=True)
def a_passed_challenge_pays(make: Make) -> Script[None]:
    """A card order whose payer passes the 3DS challenge ends in a callback that says SUCCEED."""
    order = make.order(role=Role.CHALLENGE, stores=False)
    reply = yield from placed(order)
    yield from _legal_shape(reply)
    settled = yield from settle(order, reply)
    yield from _told_by_callback(settled)
    yield from notified(settled)
    yield from paid(settled, "CB-03")


@case("DC-19", "RS-17", modes=(CARD,), needs=(Role.CHALLENGE,), hears=True)
def nobody_is_charged_before_the_challenge(make: Make) -> Script[None]:
    """Before payers authenticate no callback says SUCCEED, however small an order is, and however many and alike orders are."""
    first, *others = (make.order(role=Role.CHALLENGE, stores=bool(nth % 2)) for nth in range(min(MANY, make.examples)))
    small = make.small(make.order(role=Role.CHALLENGE))
    replies: list[tuple[Order, Reply]] = [(first, (yield from placed(first)))]
    for order in (*(make.alike(other, first) for other in others), *filter(None, (small,))):
        replies.append((order, (yield Create(order))))  # noqa: PERF401 -- a comprehension cannot yield
    waiting = [(one, reply) for one, reply in replies if reply.pay_url]
    if not waiting:
        return
    yield from pages_apart([reply for _, reply in waiting])
    yield Create(make.repeat(waiting[-1][0]))  # which is no answer of the payer's either
    heard: tuple[Callback, ...] = yield Silence(tuple(one for one, _ in waiting))
    paid_ones = [callback for callback in heard if Notification(callback).paid]
    observed = Notification(paid_ones[0]).describe() if paid_ones else f"{len(heard)} callbacks, none of them SUCCEED"
    expected = "no SUCCEED before the payer authenticates"
    yield check("DC-19", *(reply for _, reply in waiting), *paid_ones, holds=not paid_ones, expected=expected, observed=observed)
    order, reply = waiting[len(waiting) // 2]
    if can_settle(make, reply):  # who is paid by another's page shows when nobody opened that
        yield from settle(order, reply)


@case("DC-19", "CB-04", modes=(CARD,), needs=(Role.CHALLENGE,), pays=True, hears=True)
def a_failed_challenge_does_not_pay(make: Make) -> Script[None]:
    """A payer who fails the challenge is not charged, and the merchant is told."""
    order = make.order(role=Role.CHALLENGE, stores=True)  # who fails it must not have the card stored either (CB-18)
    reply = yield from placed(order)
    can_fail = any(page.fill_reject for page in make.profile.payer.pages)
    if not reply.pay_url or not can_fail:
        return
    journey = yield Pay(order, reply.pay_url, Role.CHALLENGE, reject=True)
    if not was_failed(make, journey):
        return
    callback: Callback | None = yield TerminalCallback(order)
    settled = Settled(order, reply, journey, callback)
    yield from not_paid(settled, "DC-19", "CB-04")


@case("DC-22", "CB-04", modes=(CARD,), needs=(Role.DECLINED,), hears=True)
def a_declined_card_does_not_pay(make: Make) -> Script[None]:
    """A declined card is refused, or fails and the merchant is told; it never pays."""
    yield from _declined(make, Role.DECLINED)


@case("DC-22", "CB-04", modes=(CARD,), needs=(Role.CHALLENGE_DECLINED,), pays=True, hears=True)
def a_card_declined_after_its_challenge_does_not_pay(make: Make) -> Script[None]:
    """A card declined after its challenge fails and the merchant is told; it never pays."""
    yield from _declined(make, Role.CHALLENGE_DECLINED)


@case("DC-22", modes=(CARD,), needs=(Role.DECLINED,), hears=True, quick=False)
def a_declined_card_never_pays_now_and_then(make: Make) -> Script[None]:
    """Of many orders with a declined card none pays, stored or not."""
    orders = [make.order(role=Role.DECLINED, stores=bool(nth % 2)) for nth in range(MANY)]
    yield from each_to_its_end(_declined_again(make, order) for order in orders)


def _declined_again(make: Make, order: Order) -> Script[None]:
    reply: Reply = yield Create(order)
    if not reply.accepted:
        yield from stays_refused("DC-22", order, reply)
    elif can_settle(make, reply):
        settled = yield from settle(order, reply)
        yield from declined_as_the_card(order, settled.callback)


def _declined(make: Make, role: Role) -> Script[None]:
    order = make.order(role=role, stores=True)  # a declined card must not be stored either (CB-18)
    reply: Reply = yield Create(order)
    if not reply.accepted:
        yield check("DC-22", reply, holds=reply.refused, expected="refused, or a failure told", observed=reply.describe())
        yield from stays_refused("DC-22", order, reply)
        return
    settled = yield from settle(order, reply)
    yield from not_paid(settled, "DC-22")
    if settled.callback or reply.order_data.get("orderState") != 3:
        yield from not_paid(settled, "CB-04")
