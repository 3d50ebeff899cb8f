"""Chapter B: what is not signed by the scheme is refused, makes no order and learns nothing.

Each order that is sent is valid in itself, so that nothing but its credentials can be refused. What they are refused with is
not told (X-16b): any answer but an accepted order or a server error will do, whatever its body.
"""

from typing import Any

from payconform.authoring import (
    CARD,
    CARDS_FIRST,
    CASHIER,
    EVERY_MODE,
    TOKEN,
    Callback,
    Create,
    Forge,
    Forgery,
    Make,
    Notification,
    Order,
    Reply,
    Script,
    Silence,
    case,
    check,
    made,
    require,
)

GATEWAY_TROUBLE = (502, 503, 504)
PUT_IN = (
    *("target_amount", "target_currency", "notify_url", "success_url", "fail_url", "product_name", "description"),
    *("channel_extra",),
)
PUT_INTO_CARD = ("number", "expiry_month", "expiry_year", "cvv")
"""Whoever still takes the signatures of a time when one of these was not signed lets anybody put it in.

A value changed later shows no such thing: it is part of what was signed, and no signature without it is like that.
"""
FOLLOWED = {"AU-02": Forgery.NO_SIGNATURE, "AU-05": Forgery.UNKNOWN_APP_ID, "AU-06": Forgery.NO_TIMESTAMP}
GUARDS = {**FOLLOWED, "AU-07": Forgery.DAY_OLD}


@case("AU-02", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True)
def a_missing_signature_is_refused(make: Make) -> Script[None]:
    """An order without the signature header, or with an empty one, is refused."""
    yield from _each_refused("AU-02", make, Forgery.NO_SIGNATURE, Forgery.EMPTY_SIGNATURE)


@case("AU-03", "AU-11", "AU-12", modes=EVERY_MODE, forges=True)
def a_forged_order_leaves_nothing_behind(make: Make) -> Script[None]:
    """An order signed with another secret is refused, makes no order, and leaves its request_id free."""
    order = yield from made(make)
    reply = yield from _refused("AU-03", make, order, Forgery.OTHER_SECRET)
    if not reply.accepted:
        yield from _makes_none((order, reply))
        yield from _accepted_again(make, order, reply)


@case("AU-03", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True)
def a_nearly_right_signature_is_refused(make: Make) -> Script[None]:
    """A signature with one digit changed is refused; one in lower case is reported where it is accepted."""
    yield from _each_refused("AU-03", make, Forgery.LAST_DIGIT)
    order = yield from made(make)
    yield from _refused("AU-03", make, order, Forgery.LOWER_CASE, advisory=True)


@case("AU-03", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True, quick=False)
def a_signature_is_compared_in_full(make: Make) -> Script[None]:
    """A signature with its first digit changed, one without its second half and one that goes on are refused."""
    yield from _each_refused("AU-03", make, Forgery.FIRST_DIGIT, Forgery.HALF, Forgery.LONGER)


@case("AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True, quick=False)
def a_refused_order_may_be_sent_again(make: Make) -> Script[None]:
    """An order that was refused for its credentials is accepted when it is sent again, rightly signed."""
    tried = []
    for clause, forgery in FOLLOWED.items():
        order = yield from made(make)
        tried.append((order, (yield from _refused(clause, make, order, forgery))))
    yield from _makes_none(*tried)
    for order, refused in tried:
        if not refused.accepted:
            yield from _accepted_again(make, order, refused)


@case(*GUARDS, "AU-11", "AU-12", modes=(CASHIER, TOKEN), forges=True, quick=False)
def every_mode_is_guarded(make: Make) -> Script[None]:
    """Orders without card data are refused as well, without a signature, a merchant or a time of signing."""
    tried = []
    for clause, forgery in GUARDS.items():
        order = yield from made(make)
        tried.append((order, (yield from _refused(clause, make, order, forgery))))
    yield from _makes_none(*tried)


@case("AU-04", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True)
def a_changed_order_is_refused(make: Make) -> Script[None]:
    """An order whose amount, number or notify_url was changed after it was signed is refused."""
    tried = []
    for name in ("target_amount", "request_id", "notify_url"):
        order = yield from made(make)
        signed = make.altered(order, f"{name} changed after signing", **{name: f"{order.document[name]}1"})
        tried.append((order, (yield from _refused("AU-04", make, order, signed=signed))))
    yield from _makes_none(*tried)


@case("AU-04", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True)
def a_used_signature_is_refused(make: Make) -> Script[None]:
    """An order that stands under the signature of another, which was accepted, is refused."""
    first, order = (yield from made(make)), (yield from made(make))
    accepted: Reply = yield Create(first)
    if not accepted.accepted:
        yield from _not_locked(make)
    signed = make.altered(first, "the signature of another order")
    reply = yield from _refused("AU-04", make, order, signed=signed)
    yield from _makes_none((order, reply), known=accepted.pay_order_id)


@case("AU-04", "AU-11", "AU-12", modes=(CARD,), forges=True)
def a_changed_card_is_refused(make: Make) -> Script[None]:
    """An order whose card was changed, or is to be stored, since it was signed is refused."""
    order, storing = make.order(), make.order(stores=True)
    signed = _signed_with(make, order, "card_data", "number changed after signing", {"number": "0"})
    first = yield from _refused("AU-04", make, order, signed=signed)
    signed = _signed_with(make, storing, "card_data", "store_for_future_use added after signing", {"store_for_future_use": None})
    second = yield from _refused("AU-04", make, storing, signed=signed)
    yield from _makes_none((order, first), (storing, second))


@case("AU-04", "AU-11", "AU-12", modes=(TOKEN,), forges=True)
def a_changed_token_is_refused(make: Make) -> Script[None]:
    """An order whose token was put in after it was signed is refused."""
    order = yield from made(make)
    signed = _signed_with(make, order, "token_data", "token changed after signing", {"token": "another"})
    yield from _makes_none((order, (yield from _refused("AU-04", make, order, signed=signed))))


@case("AU-04", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True, quick=False)
def a_member_put_in_later_is_refused(make: Make) -> Script[None]:
    """An order is refused when one of its members was not there yet when it was signed."""
    tried = []
    for name in PUT_IN:
        order = yield from made(make)
        if name not in order.document:
            continue
        signed = make.altered(order, f"{name} added after signing", **{name: None})
        tried.append((order, (yield from _refused("AU-04", make, order, signed=signed))))
    for name in PUT_INTO_CARD if make.mode is CARD else ():
        order = make.order()
        signed = _signed_with(make, order, "card_data", f"{name} added after signing", {name: None})
        tried.append((order, (yield from _refused("AU-04", make, order, signed=signed))))
    yield from _makes_none(*tried)


@case("AU-05", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True)
def an_unknown_merchant_is_refused(make: Make) -> Script[None]:
    """An order without an application id, or with one that nobody has or that is nearly right, is refused."""
    yield from _each_refused("AU-05", make, Forgery.NO_APP_ID, Forgery.UNKNOWN_APP_ID, Forgery.NEAR_APP_ID)


@case("AU-06", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True)
def a_timestamp_that_is_none_is_refused(make: Make) -> Script[None]:
    """An order without a timestamp, or with a word for one, or with letters behind it, is refused."""
    forgeries = (Forgery.NO_TIMESTAMP, Forgery.WORD_FOR_TIMESTAMP, Forgery.LETTERS_BEHIND_TIMESTAMP)
    yield from _each_refused("AU-06", make, *forgeries)


@case("AU-07", "AU-11", "AU-12", modes=CARDS_FIRST, forges=True, once=True)
def a_stale_timestamp_is_refused(make: Make) -> Script[None]:
    """An order that says it was signed a day ago, or will be tomorrow, is refused."""
    yield from _each_refused("AU-07", make, Forgery.DAY_OLD, Forgery.DAY_AHEAD)


def _each_refused(clause: str, make: Make, *forgeries: Forgery) -> Script[None]:
    tried = []
    for forgery in forgeries:
        order = yield from made(make)
        tried.append((order, (yield from _refused(clause, make, order, forgery))))
    yield from _makes_none(*tried)


def _makes_none(*tried: tuple[Order, Reply], known: str = "") -> Script[None]:
    """Forged orders that were not accepted have no id but one that is `known`, no page, and nothing is heard of them."""
    refused = [(order, reply) for order, reply in tried if not reply.accepted]
    if not refused:
        return
    for _, reply in refused:
        told = f"pay_order_id {reply.pay_order_id!r}, payData {reply.pay_data!r}"
        holds = reply.pay_order_id in ("", known) and not reply.pay_data
        yield check("AU-11", reply, holds=holds, expected="a refusal without an order", observed=told)
    heard: tuple[Callback, ...] = yield Silence(tuple(order for order, _ in refused))
    told = Notification(heard[0]).describe() if heard else "silence"
    yield check("AU-11", *heard[:1], holds=not heard, expected="no callback about a forged order", observed=told)


def _accepted_again(make: Make, order: Order, refused: Reply) -> Script[None]:
    """The request_id of an order that was refused for its credentials is still to be had."""
    again: Reply = yield Create(order)
    if not again.accepted:
        yield from _not_locked(make)
    expected = "the same order, rightly signed, is accepted"
    yield check("AU-11", refused, again, holds=again.accepted, expected=expected, observed=again.describe())


def _refused(
    clause: str,
    make: Make,
    order: Order,
    forgery: Forgery = Forgery.NONE,
    *,
    signed: Order | None = None,
    advisory: bool = False,
) -> Script[Reply]:
    """Send a forged order. It must be refused, and the refusal tell nothing that would help to forge the next."""
    reply: Reply = yield Forge(order, forgery, signed)
    require(reply.status not in GATEWAY_TROUBLE, f"a gateway answered for the target: {reply.describe()}")
    broke_down = (reply.status or 0) >= 500
    excused = broke_down and make.profile.readings.get("server_error_refusal") == "warn"
    holds = not reply.accepted and not broke_down
    expected = f"refused: {signed.fault if signed else forgery.value}"
    yield check(clause, reply, holds=holds, expected=expected, observed=reply.describe(), advisory=advisory or excused)
    if not reply.accepted:
        yield from _tells_nothing(order, reply)
    return reply


def _tells_nothing(order: Order, reply: Reply) -> Script[None]:
    """No secret, no right signature (the recorder masks and notes both) and no text to sign: its sorted pairs give it away."""
    told = [f"{leak.what} in {leak.where}" for leak in reply.exchange.leaks if leak.what == "secret"]
    if f"request_id={order.request_id}&" in reply.exchange.response_body.raw.decode(errors="replace"):
        told.append("the text to sign")
    expected = "neither the secret, nor the right signature, nor the text to sign"
    yield check("AU-12", reply, holds=not told, expected=expected, observed=", ".join(told) or "none of them")


def _not_locked(make: Make) -> Script[None]:
    """Stop as inconclusive when no order at all is accepted any more."""
    order = yield from made(make)
    reply: Reply = yield Create(order)
    locked = "the target takes no orders since forged ones were sent, as if it had locked the merchant out"
    require(reply.accepted, f"{locked}: {reply.describe()}")


def _signed_with(make: Make, order: Order, data: str, fault: str, members: dict[str, Any]) -> Order:
    """The order as it is said to have been signed: with other members in an object of channel_extra."""
    extra = order.document["channel_extra"]
    return make.altered(order, fault, channel_extra={**extra, data: extra[data] | members})
