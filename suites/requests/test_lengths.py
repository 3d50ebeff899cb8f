"""Chapter C: the companion pages' limits of length (RQ-24), as the profile states them."""

from payconform.authoring import (
    CARD,
    CASHIER,
    EVERY_MODE,
    LONGEST_URL,
    SIGNING_DIALECT,
    TOKEN,
    Create,
    Make,
    Notification,
    Order,
    Reply,
    Script,
    can_settle,
    case,
    check,
    made,
    settle,
)

ADDRESSES = ("notify_url", "success_url", "fail_url")


@case("RQ-24", modes=EVERY_MODE, once=True)
def a_text_as_long_as_the_limit_is_accepted(make: Make) -> Script[None]:
    """request_id, product_name, description and addresses of the longest lengths allowed are accepted together."""
    if make.profile.target.dialect == SIGNING_DIALECT:
        order = yield from made(make)
        for member, longest in {**_limits(make), **dict.fromkeys(ADDRESSES, LONGEST_URL)}.items():
            order = make.lengthened(order, member, longest)
        yield from _carried(make, order, tuple(_limits(make)), must=True, beside=f", addresses of {LONGEST_URL}")


@case("RQ-24", modes=EVERY_MODE, once=True, hears=True)
def a_text_beyond_the_limit_is_never_cut(make: Make) -> Script[None]:
    """A text that is one character too long is refused, or comes back whole."""
    if make.profile.target.dialect == SIGNING_DIALECT:
        for member, longest in _limits(make).items():
            order = yield from made(make)
            yield from _carried(make, make.lengthened(order, member, longest + 1), (member,), must=False)


@case("RS-06", "RQ-24", modes=(CARD, CASHIER, TOKEN), once=True)
def an_id_beyond_the_limit_is_never_cut(make: Make) -> Script[None]:
    """A request_id that is one character too long is refused, or stands whole in the reply and in the callback."""
    order = make.lengthened((yield from made(make)), "request_id", make.profile.limits.request_id_max + 1)
    reply: Reply = yield Create(order)
    if reply.accepted and can_settle(make, reply):
        yield from settle(order, reply)  # the invariants compare it (RS-06, CB-08)


def _limits(make: Make) -> dict[str, int]:
    limits = make.profile.limits
    return {
        "request_id": limits.request_id_max,
        "product_name": limits.product_name_max,
        "description": limits.description_max,
    }


def _carried(make: Make, order: Order, members: tuple[str, ...], *, must: bool, beside: str = "") -> Script[None]:
    reply: Reply = yield Create(order)
    lengths = ", ".join(f"{member} of {len(order.document[member])} characters" for member in members) + beside
    expected = f"{'accepted' if must else 'refused, or carried whole'}: {lengths}"
    yield check(
        "RQ-24", reply, holds=reply.accepted or (reply.refused and not must), expected=expected, observed=reply.describe()
    )
    if reply.accepted and can_settle(make, reply):
        settled = yield from settle(order, reply)
        if settled.callback:
            echoed = Notification(settled.callback).document
            cut = [name for name in members if echoed.get(name) not in (None, order.document[name])]
            observed = "; ".join(f"{name} {echoed[name]!r}" for name in cut) or "carried whole"
            yield check("RQ-24", reply, settled.callback, holds=not cut, expected=expected, observed=observed)
