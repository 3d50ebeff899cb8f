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
    called_back_as_asked,
    can_settle,
    case,
    check,
    made,
    settle,
)

VERY_LONG = 300
"""Characters: more than the 255 that databases and programs often stop at."""
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
    """A text that is one character too long is refused, or comes back whole; so is a callback's address."""
    if make.profile.target.dialect == SIGNING_DIALECT:
        for member, longest in _limits(make).items():
            order = yield from made(make)
            yield from _carried(make, make.lengthened(order, member, longest + 1), (member,), must=False)
        order = yield from made(make)
        yield from _kept_whole(make, make.lengthened(order, "notify_url", LONGEST_URL + 1))


@case("CB-14", modes=(CARD, CASHIER, TOKEN), once=True, hears=True, quick=False)
def a_text_that_is_very_long_is_never_cut(make: Make) -> Script[None]:
    """A text longer than any limit the profile states, or than most databases have, is refused, or comes back whole."""
    limits = make.profile.limits
    for name, description in ((limits.product_name_max + 1, limits.description_max + 1), (VERY_LONG, VERY_LONG)):
        order = make.lengthened((yield from made(make)), "product_name", name)
        yield from _kept_whole(make, make.lengthened(order, "description", description))


@case("RS-06", "RQ-24", modes=(CARD, CASHIER, TOKEN), once=True)
def an_id_beyond_the_limit_is_never_cut(make: Make) -> Script[None]:
    """A request_id that is one character too long is refused, or stands whole in the reply and in the callback."""
    order = make.lengthened((yield from made(make)), "request_id", make.profile.limits.request_id_max + 1)
    yield from _kept_whole(make, order)


def _kept_whole(make: Make, order: Order) -> Script[None]:
    """The order may be refused; where it is not, the invariants compare what it is told with (RS-06, CB-08, CB-14)."""
    reply: Reply = yield Create(order)
    if reply.accepted and can_settle(make, reply):
        settled = yield from settle(order, reply)
        if settled.callback:
            yield called_back_as_asked(order, settled.callback, reply)


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
