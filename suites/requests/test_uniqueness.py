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
    if make.profile.callbacks.inbox == "none" or (first.pay_url and make.profile.payer.kind == "none"):
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
    amount, currency, limits = order.document["target_amount"], order.document["target_currency"], make.profile.limits
    if not limits.amounts:
        whole, point, cents = amount.partition(".")
        return {"target_amount": f"{int(whole) * 2}{point}{cents}"}
    others = [{"target_amount": other} for other in limits.amounts if other != amount]
    others += [{"target_currency": other} for other in limits.currencies if other != currency]
    require(others, "the profile allows one amount in one currency, so no second order can differ")
    return others[0]


@case("RQ-28", modes=EVERY_MODE)
def simultaneous_orders_make_one(make: Make) -> Script[None]:
    """The identical order sent several times at the same moment makes one order."""
    order = yield from made(make)
    replies: tuple[Reply, ...] = yield CreateTogether((order, *(make.repeat(order) for _ in range(AT_ONCE - 1))))
    ids = sorted({reply.pay_order_id for reply in replies if reply.accepted})
    observed = f"{sum(reply.accepted for reply in replies)} of {AT_ONCE} accepted, orders {', '.join(ids) or 'none'}"
    yield check("RQ-28", *replies, holds=len(ids) == 1, expected="one order", observed=observed)


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
