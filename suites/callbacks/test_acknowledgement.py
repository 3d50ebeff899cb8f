"""Chapter H: what an acknowledgement does (companion page Development Guidelines), where the profile says when repeats come."""

from payconform.authoring import (
    CARD,
    Answer,
    Callback,
    Create,
    Make,
    Order,
    Redeliveries,
    Reply,
    Role,
    Script,
    Settled,
    Unacknowledged,
    can_settle,
    case,
    check,
    delivered_again,
    deliveries,
    each_to_its_end,
    placed,
    settle,
)

EXCUSED = 2
"""An acknowledgement can be lost on its way, so one repeat is only reported."""
IN_TROUBLE = {
    "with HTTP 500 and FAIL": Answer(status=500, body="FAIL"),
    "with HTTP 200 and FAIL": Answer(status=200, body="FAIL"),
    "with HTTP 500 and FAIL after 2 s": Answer(status=500, body="FAIL", after_s=2.0),
}


@case("CB-25", modes=(CARD,), hears=True, redelivers=True)
def an_acknowledged_callback_is_not_repeated(make: Make) -> Script[None]:
    """A callback that was answered with SUCCESS is not delivered again and again, whether it tells of a payment or a failure."""
    acknowledge = make.profile.callbacks.acknowledge
    if 200 <= acknowledge.status < 300 and acknowledge.body.strip().upper() == "SUCCESS":
        paying, failing = _settled(make, make.order()), _failed(make)
        yield from each_to_its_end((_heeded(make, paying), _heeded(make, failing), _heeded_at_last(make)))


def _heeded(make: Make, settling: Script[Settled | None]) -> Script[None]:
    settled = yield from settling
    if settled and settled.callback:
        yield from _no_more(make, settled.order, settled.callback, troubled=0)


def _heeded_at_last(make: Make) -> Script[None]:
    """What was not acknowledged comes again, and no more once that is."""
    order = make.order()
    yield Unacknowledged(order)
    settled = yield from _settled(make, order)
    if settled and settled.callback:
        yield Redeliveries(order, 1)  # from now on it is acknowledged
        yield from _no_more(make, order, settled.callback, troubled=1)


def _no_more(make: Make, order: Order, first: Callback, troubled: int) -> Script[None]:
    """Of deliveries behind those that were `troubled`, one is enough; a second is only reported."""
    same = yield from deliveries(order, first, troubled + EXCUSED + 1)
    if len(same) == troubled + EXCUSED:  # who lost an acknowledgement has one by now; who never heeds them comes again
        same = yield from deliveries(order, first, troubled + EXCUSED + 1)
    heeded = len(same) - troubled
    if not heeded:
        return
    observed = f"{heeded} deliveries, each answered with {make.profile.callbacks.acknowledge.body}"
    expected = "no more deliveries once one was acknowledged"
    yield check("CB-25", *same, holds=heeded < EXCUSED, expected=expected, observed=observed, advisory=heeded == EXCUSED)


@case("CB-26", modes=(CARD,), hears=True, redelivers=True)
def an_unacknowledged_callback_is_repeated(make: Make) -> Script[None]:
    """A callback that was answered with FAIL, or with HTTP 500 at once or late, is delivered again, with the order's token."""
    repeated = tuple(_repeated_after(make, how, answer) for how, answer in IN_TROUBLE.items())
    yield from each_to_its_end((*repeated, _failure_repeated(make)))


def _repeated_after(make: Make, how: str, answer: Answer) -> Script[None]:
    order = make.order(stores=True)
    yield Unacknowledged(order, answer)
    settled = yield from _settled(make, order)
    if settled and settled.callback:
        yield from delivered_again(make, order, settled.callback, how)


def _failure_repeated(make: Make) -> Script[None]:
    settled = yield from _failed(make, deaf=True)
    if settled and settled.callback:
        yield from delivered_again(make, settled.order, settled.callback)


def _failed(make: Make, *, deaf: bool = False) -> Script[Settled | None]:
    """The order of a declined card, brought to its end; whoever is `deaf` does not acknowledge it.

    Such a card may be refused at once, or be told of in the reply alone (X-12): then no callback comes that could be repeated.
    """
    if Role.DECLINED not in make.profile.roles():
        return None
    order = make.order(role=Role.DECLINED)
    if deaf:
        yield Unacknowledged(order)
    reply: Reply = yield Create(order)
    return (yield from settle(order, reply)) if reply.accepted and can_settle(make, reply) else None


def _settled(make: Make, order: Order) -> Script[Settled | None]:
    """The order brought to its end; None where it needs a payer and the profile has none."""
    reply = yield from placed(order)
    if reply.pay_url and make.profile.payer.kind == "none":
        return None
    return (yield from settle(order, reply))
