"""Chapter C: request_id is unique (RQ-26 to RQ-29). A repeat may be refused or answered with the first order (X-35)."""

from payconform.authoring import (
    EVERY_MODE,
    Create,
    CreateTogether,
    Make,
    Notification,
    Order,
    Reply,
    Script,
    can_settle,
    case,
    check,
    made,
    placed,
    require,
    settle,
)

AT_ONCE = 4


def _repeat_is_harmless(make: Make, first: Reply, again: Reply) -> bool:
    choice = make.profile.readings.get("duplicate_request_id", "refuse-or-replay")
    replayed = again.accepted and again.pay_order_id == first.pay_order_id
    return {"refuse": again.refused, "replay": replayed}.get(choice, again.refused or replayed)


def _told(first: Reply, again: Reply) -> str:
    same = "the same" if again.pay_order_id == first.pay_order_id else "another"
    return again.describe() + (f", {same} pay_order_id {again.pay_order_id!r}" if again.accepted else "")


@case("RQ-26", modes=EVERY_MODE)
def a_repeated_order_makes_no_second(make: Make) -> Script[None]:
    """The identical order sent again is refused, or answered with the first order."""
    order = yield from made(make)
    first = yield from placed(order)
    again: Reply = yield Create(make.repeat(order))
    holds = _repeat_is_harmless(make, first, again)
    yield check(
        "RQ-26", first, again, holds=holds, expected=f"refused, or {first.pay_order_id!r} again", observed=_told(first, again)
    )


@case("RQ-27", modes=EVERY_MODE)
def a_used_request_id_changes_nothing(make: Make) -> Script[None]:
    """Another order under a used request_id is refused or answered with the first order, whose amount stays what it was."""
    order = yield from made(make)
    first = yield from placed(order)
    again: Reply = yield Create(make.repeat(order, **_other_amount(make, order)))
    harmless = again.refused or (again.accepted and again.pay_order_id == first.pay_order_id)
    expected = f"refused, or {first.pay_order_id!r} unchanged"
    yield check("RQ-27", first, again, holds=harmless, expected=expected, observed=_told(first, again))
    if not can_settle(make, first):
        return
    settled = yield from settle(order, first)
    if settled.callback:
        amount = Notification(settled.callback).document.get("target_amount")
        overwritten = amount == _other_amount(make, order).get("target_amount")
        observed = f"callback with target_amount {amount!r}"
        expected = f"the first order's amount {order.document['target_amount']!r}"
        yield check("RQ-27", settled.callback, holds=not overwritten, expected=expected, observed=observed)


def _other_amount(make: Make, order: Order) -> dict[str, str]:
    """An amount twice as high, or another from the profile's safe list; where there is none, another currency."""
    if amount := make.other_amount(order):
        return {"target_amount": amount}
    currency = order.document["target_currency"]
    others = [other for other in make.profile.limits.currencies if other != currency]
    require(others, "the profile allows one amount in one currency, so no second order can differ")
    return {"target_currency": others[0]}


@case("RQ-28", modes=EVERY_MODE)
def simultaneous_orders_make_one(make: Make) -> Script[None]:
    """The identical order sent several times at the same moment makes one order."""
    order = yield from made(make)
    replies: tuple[Reply, ...] = yield CreateTogether((order, *(make.repeat(order) for _ in range(AT_ONCE - 1))))
    ids = sorted({reply.pay_order_id for reply in replies if reply.accepted})
    observed = f"{sum(reply.accepted for reply in replies)} of {AT_ONCE} accepted, orders {', '.join(ids) or 'none'}"
    yield check("RQ-28", *replies, holds=len(ids) == 1, expected="one order", observed=observed)


@case("RQ-30", modes=EVERY_MODE, once=True)
def ids_that_look_alike_stay_apart(make: Make) -> Script[None]:
    """Of two request_ids that differ in case, or in a trailing blank, each has its own order or is refused."""
    plain = yield from made(make)
    request_id = plain.request_id[:-1]  # room for one letter more
    first = yield from placed(make.altered(plain, "", request_id=request_id))
    for how, other_id in (("in small letters", request_id.lower()), ("with a blank behind", f"{request_id} ")):
        order = yield from made(make)
        order = make.altered(order, f"request_id {how}", request_id=other_id)
        reply: Reply = yield Create(order)
        mixed = reply.pay_order_id == first.pay_order_id or reply.order_data.get("mchOrderNo") == request_id
        holds = reply.refused or (reply.accepted and not mixed)
        expected = f"refused, or an order of its own, for {other_id!r} after {request_id!r}"
        yield check("RQ-30", first, reply, holds=holds, expected=expected, observed=_told(first, reply))


@case("RQ-29", modes=EVERY_MODE)
def a_refused_order_leaves_its_request_id_free(make: Make) -> Script[None]:
    """After a refusal, the corrected order is accepted under the same request_id."""
    order = yield from made(make)
    refused: Reply = yield Create(make.altered(order, "transaction_type-PAYIN", transaction_type="PAYIN"))
    if refused.refused:
        again: Reply = yield Create(order)
        yield check(
            "RQ-29", refused, again, holds=again.accepted, expected="the corrected order is accepted", observed=again.describe()
        )
