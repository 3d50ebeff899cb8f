"""Chapter G: a card stored once pays again without its card data (guide 2.2)."""

import secrets

from payconform.authoring import (
    CARD,
    TOKEN,
    Control,
    Create,
    Make,
    Notification,
    Order,
    Placed,
    Reply,
    Role,
    Script,
    can_settle,
    card_data,
    case,
    check,
    each_to_its_end,
    made,
    never_paid,
    not_paid,
    notified,
    paid,
    placed,
    require,
    schema_violations,
    settle,
    stays_refused,
    stored_token,
    was_failed,
)

HIGH_BITS_OF_A = frozenset("QRSTUVWXYZabcdef")
"""Characters that have the two high bits of "a" in base64."""
IN_OTHER_CASE, WITH_A_BLANK = "in letters of the other case", "with a blank behind"


@case("TK-06", "TK-09", "TK-10", "CB-01", "CB-03", modes=(TOKEN,), hears=True)
def a_stored_card_pays(_make: Make) -> Script[None]:
    """The token from a callback pays: the reply has the shape of a card order's, and a callback says SUCCEED."""
    control: Placed = yield Control()
    yield from _card_shape(control.reply)
    settled = yield from settle(control.order, control.reply)
    yield from notified(settled, "TK-10")
    yield from paid(settled, "TK-06", "CB-03")


@case("TK-07", modes=(TOKEN,), hears=True)
def a_stored_card_pays_again(make: Make) -> Script[None]:
    """The same token pays a second order of another amount."""
    yield Control()
    order = yield from made(make)
    reply: Reply = yield Create(order)
    yield check("TK-07", reply, holds=reply.accepted, expected="the token is accepted again", observed=reply.describe())
    if reply.accepted:
        settled = yield from settle(order, reply)
        yield from paid(settled, "TK-07")


@case("TK-06", "TK-09", "CB-03", "CB-04", modes=(TOKEN,), needs=(Role.CHALLENGE,), pays=True, hears=True)
def a_stored_card_may_be_challenged(make: Make) -> Script[None]:
    """A token of a card that is challenged is answered as the card itself would be: with a page, or without."""
    can_fail = any(page.fill_reject for page in make.profile.payer.pages)
    storing = make.order(mode=CARD, role=Role.CHALLENGE, stores=True)
    stored = yield from settle(storing, (yield from placed(storing)))
    token = Notification(stored.callback).card_token if stored.callback else ""
    require(token, "the challenged card could not be stored: its callback brought no card token")
    small = make.small(make.order(role=Role.CHALLENGE, token=token))
    if small:
        yield Create(small)  # where it is answered with a page, nobody opens it (TK-09)
    for reject in (False, True):
        order = make.order(role=Role.CHALLENGE, token=token)
        reply: Reply = yield Create(order)
        expected = "the token of a card that was challenged is accepted"
        yield check("TK-06", reply, holds=reply.accepted, expected=expected, observed=reply.describe())
        if not reply.accepted:
            return
        yield from _card_shape(reply)
        if not can_settle(make, reply):
            return
        if not reject:
            yield from paid((yield from settle(order, reply)), "TK-06", "CB-03")
        elif reply.pay_url and can_fail:
            settled = yield from settle(order, reply, reject=True)
            if was_failed(make, settled.journey):
                yield from not_paid(settled, "CB-04")


@case("TK-06", modes=(TOKEN,), needs=(Role.APPROVED,), hears=True, quick=False)
def every_card_can_be_stored(make: Make) -> Script[None]:
    """The token of each further card that pays is accepted as that of the first is."""
    further = sum(card.role is Role.APPROVED for card in make.profile.cards) - 1
    yield from each_to_its_end(_stored_and_used(make.branch(), nth) for nth in range(1, further + 1))


def _stored_and_used(make: Make, nth: int) -> Script[None]:
    storing = make.order(mode=CARD, role=Role.APPROVED, stores=True, nth=nth)
    stored = yield from settle(storing, (yield from placed(storing)), nth=nth)
    token = Notification(stored.callback).card_token if stored.callback else ""
    require(token, "the callback of a card order that asked for a token brought none")
    order = make.order(token=token)
    reply: Reply = yield Create(order)
    expected = f"the token of card {nth + 1} is accepted"
    yield check("TK-06", stored.callback, reply, holds=reply.accepted, expected=expected, observed=reply.describe())
    if reply.accepted:
        yield from paid((yield from settle(order, reply, nth=nth)), "TK-06")


@case("TK-08", modes=(TOKEN,), hears=True)
def an_unknown_token_never_pays(make: Make) -> Script[None]:
    """A token that was changed, made up, or is a card number is refused or declined, also where a card stands beside it."""
    token = yield from stored_token()
    number = make.profile_card(make.usual_role()).number
    strange = {
        "changed in its last character": _changed(token, len(token) - 1),
        "changed in its first character": _changed(token, 0),
        "changed in its middle": _changed(token, len(token) // 2),
        "without its last character": token[:-1],
        "with a character more": f"{token}a",
        WITH_A_BLANK: f"{token} ",
        "made up": _made_up(),
        "a card number": number,
    }
    if token.swapcase() != token:
        strange[IN_OTHER_CASE] = token.swapcase()
    orders = {what: make.order(token=value) for what, value in strange.items()}
    beside = make.order(token=_made_up())
    extra = {**beside.document["channel_extra"], "card_data": card_data(make.profile_card(make.usual_role()))}
    orders["made up, beside a card"] = make.altered(beside, "channel_extra with card_data too", channel_extra=extra)
    yield from each_to_its_end(_never_pays(make, order, what) for what, order in orders.items())


def _changed(token: str, place: int) -> str:
    """The token with another character there, one that differs in the high bits of base64, as the low ones may be padding."""
    other = "5" if token[place] in HIGH_BITS_OF_A else "a"
    return token[:place] + other + token[place + 1 :]


def _made_up() -> str:
    return f"src_{secrets.token_hex(13)}"


def _never_pays(make: Make, order: Order, what: str) -> Script[None]:
    reply: Reply = yield Create(order)
    expected, advisory = f"a token {what} is refused or declined", what in (IN_OTHER_CASE, WITH_A_BLANK)
    if not reply.accepted:
        yield check("TK-08", reply, holds=reply.refused, expected=expected, observed=reply.describe(), advisory=advisory)
        yield from stays_refused("TK-08", order, reply)
    elif can_settle(make, reply):  # else nobody can say whether it pays
        yield from never_paid((yield from settle(order, reply)), "TK-08", expected, advisory=advisory)


def _card_shape(reply: Reply) -> Script[None]:
    broken = schema_violations("create-order/accepted", reply.document)
    observed = "; ".join(f"{violation.clause}: {violation.message}" for violation in broken)
    yield check("TK-09", reply, holds=not broken, expected="the reply of a card order", observed=observed or "the same shape")
