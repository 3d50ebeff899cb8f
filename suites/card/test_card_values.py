"""Chapter F: cards that must work and cards that must never pay."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from payconform.authoring import (
    CARD,
    TOKEN,
    Create,
    Fault,
    Make,
    Notification,
    Order,
    Reply,
    Role,
    Script,
    Settled,
    Together,
    can_settle,
    case,
    check,
    each_to_its_end,
    faulty,
    mistyped,
    never_paid,
    repeats_nothing,
    settle,
    single_faults,
    stays_refused,
    stored_token,
)

CardData = Mapping[str, Any]
DECEMBER = 12
FURTHEST_EAST, FURTHEST_WEST = timedelta(hours=14), timedelta(hours=12)
"""How far local time may be ahead of UTC, and behind."""
CLOCKS_DIFFER = timedelta(minutes=5)
USUAL_LENGTH = 16
MADE_UP = {"fifteen digits": "37000000000024", "another scheme": "601100000000001"}
"""Numbers as other schemes have them, without their check digits: the profile need not have a card of each."""


@case("DC-09", modes=(CARD,), needs=(Role.APPROVED,), opens=True)
def every_month_of_the_year_is_valid(make: Make) -> Script[None]:
    """Cards that expire in January, in June and in December are accepted alike."""
    yield from _accepted_months(make, 1, 6, 12)


@case("DC-09", modes=(CARD,), needs=(Role.APPROVED,), opens=True, quick=False)
def no_month_of_the_year_is_left_out(make: Make) -> Script[None]:
    """Cards that expire in any of the other months are accepted alike."""
    yield from _accepted_months(make, 2, 3, 4, 5, 7, 8, 9, 10, 11)


@case("DC-16", modes=(CARD,), opens=True)
def the_flag_is_optional(make: Make) -> Script[None]:
    """The flag store_for_future_use may be left out, true or false."""
    orders = {f"the flag {stores}": make.order(stores=stores) for stores in (True, False)} | {"no flag": make.order()}
    yield from _accepted_alike(make, "DC-16", orders)


@case("DC-14", modes=(CARD,), needs=(Role.APPROVED,))
def a_leading_zero_of_a_cvv_counts(make: Make) -> Script[None]:
    """A cvv that begins with zero is as good as another that is not the card's own either."""
    usual = len(make.profile_card(Role.APPROVED).cvv)
    codes = {"a cvv that begins with zero": "0123"[:usual], "another cvv": "9123"[:usual]}
    orders = {what: make.order(role=Role.APPROVED, card={"cvv": code}) for what, code in codes.items()}
    yield from _accepted_alike(make, "DC-14", orders)


def _accepted_months(make: Make, *months: int) -> Script[None]:
    card = make.profile_card(Role.APPROVED)
    year = max(card.expiry_year, _today().year + 1)
    cards = {f"expiry_month {month}": {"expiry_month": month, "expiry_year": year} for month in months}
    own = f"expiry_month {card.expiry_month}" if year == card.expiry_year else ""
    orders = {what: make.order(role=Role.APPROVED, card=card) for what, card in cards.items()}
    yield from _accepted_alike(make, "DC-09", orders, own)


def _accepted_alike(make: Make, clause: str, orders: Mapping[str, Order], own: str = "") -> Script[None]:
    """All are accepted, and paid; where none is, the fault is in what they have in common, and this clause cannot tell.

    Nor where only the card's `own` expiry does: a target may know its test cards by that too.
    """
    replies: dict[str, Reply] = {}
    for what, order in orders.items():
        replies[what] = yield Create(order)
    if not any(reply.accepted for what, reply in replies.items() if what != own):
        return
    for what, reply in replies.items():
        yield check(clause, reply, holds=reply.accepted, expected=f"accepted with {what}", observed=reply.describe())
    ended = {what: (orders[what], reply) for what, reply in replies.items() if reply.accepted and can_settle(make, reply)}
    settled: tuple[Settled | None, ...] = yield Together(tuple(settle(order, reply) for order, reply in ended.values()))
    heard = {what: Notification(end.callback) for what, end in zip(ended, settled, strict=True) if end and end.callback}
    for what, told in heard.items() if any(told.paid for what, told in heard.items() if what != own) else ():
        yield check(clause, told.callback, holds=told.paid, expected=f"paid with {what}", observed=told.describe())


@case("DC-13", modes=(CARD,), needs=(Role.APPROVED,))
def a_card_is_good_to_the_end_of_its_month(make: Make) -> Script[None]:
    """A card that expires this month, or with this year, pays as one does that expires next year."""
    now = datetime.now(UTC)
    ahead = CLOCKS_DIFFER if _counts_in_utc(make) else FURTHEST_EAST
    if (now + ahead).month != now.month:
        return  # it may be another month already where the target is
    expiries = {(now.month, now.year), (DECEMBER, now.year), (now.month, now.year + 1)}
    cards = {f"expiry {month}/{year}": {"expiry_month": month, "expiry_year": year} for month, year in sorted(expiries)}
    card = make.profile_card(Role.APPROVED)
    own = f"expiry {card.expiry_month}/{card.expiry_year}"
    orders = {what: make.order(role=Role.APPROVED, card=card) for what, card in cards.items()}
    yield from _accepted_alike(make, "DC-13", orders, own)


@case("DC-13", modes=(CARD,), needs=(Role.APPROVED,), hears=True)
def an_expired_card_never_pays(make: Make) -> Script[None]:
    """A card whose last month is over is refused or declined."""
    month_ago = _month_ago(make)
    year_ago = {"expiry_month": DECEMBER, "expiry_year": month_ago["expiry_year"] - 1}  # a month that is not over yet this year
    expired: dict[str, dict[str, Any]] = {
        f"expiry {expiry['expiry_month']}/{expiry['expiry_year']}": expiry for expiry in (month_ago, year_ago)
    }
    expired["a month ago, to be stored"] = {**month_ago, "store_for_future_use": True}
    yield from _none_pays(make, "DC-13", expired)


@case("DC-13", modes=(CARD,), needs=(Role.APPROVED,), hears=True, quick=False)
def no_card_is_good_for_ever(make: Make) -> Script[None]:
    """A card of another scheme, or one that is challenged, is as bad once it expired, and so is one of the last century."""
    card = make.profile_card(Role.APPROVED)
    century_ago = {"expiry_month": card.expiry_month, "expiry_year": card.expiry_year - 100}
    orders = {"an expiry a hundred years before the card's": make.order(role=Role.APPROVED, card=century_ago)}
    month_ago = _month_ago(make)
    further = [one for one in make.profile.cards if one.role is Role.APPROVED]
    others = {one.number[0]: nth for nth, one in enumerate(further) if one.number[0] != card.number[0]}
    for first, nth in others.items():
        orders[f"a card {first}… that expired a month ago"] = make.order(role=Role.APPROVED, nth=nth, card=month_ago)
    if Role.CHALLENGE in make.profile.roles():
        orders["a challenged card that expired a month ago"] = make.order(role=Role.CHALLENGE, card=month_ago)
    yield from _no_order_is_paid(make, "DC-13", orders)


@case("DC-07", modes=(CARD,), needs=(Role.APPROVED,), hears=True)
def an_impossible_number_never_pays(make: Make) -> Script[None]:
    """A card number that no issuer can have issued is refused or declined."""
    number = make.profile_card(Role.APPROVED).number
    wrong_check_digit = mistyped(number)
    impossible = {
        "a wrong check digit": wrong_check_digit,
        "letters": f"{wrong_check_digit[:8]}ABCD{wrong_check_digit[12:]}",
        "a letter too many": f"{number[:8]}A{number[8:]}",
        "eleven digits": _checked(number[:10]),
        "twenty digits": _checked((number * 2)[:19]),
    }
    if len(number) == USUAL_LENGTH:
        impossible["nineteen digits and a wrong check digit"] = f"620{wrong_check_digit}"  # 620 adds 10 to the sum of digits
    cards: dict[str, dict[str, Any]] = {f"a number with {what}": {"number": value} for what, value in impossible.items()}
    cards["a number with a wrong check digit, to be stored"] = {"number": wrong_check_digit, "store_for_future_use": True}
    of_schemes = {card.number[0]: card.number for card in make.profile.cards if card.number[0] != number[0]}
    cards |= {f"a wrong check digit behind {first}…": {"number": mistyped(other)} for first, other in of_schemes.items()}
    cards |= {f"a wrong check digit of {scheme}": {"number": mistyped(_checked(digits))} for scheme, digits in MADE_UP.items()}
    yield from _none_pays(make, "DC-07", cards)


def _checked(digits: str) -> str:
    """Digits with the check digit that makes a card number of them (ISO/IEC 7812-1), whatever their length."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    return digits + str(-(sum(doubled) + sum(map(int, digits[-2::-2]))) % 10)


def _malformed_cvv(make: Make, fault: Fault) -> Script[None]:
    order = yield from faulty(make, fault)
    yield from _never_pays(make, "DC-15", order, f"a cvv of {fault.name.rpartition('cvv-')[2]}")


malformed_cvv = single_faults(
    "malformed_cvv",
    "DC-15",
    modes=(CARD,),
    script=_malformed_cvv,
    title="A cvv that is not three or four digits is refused or declined",
)


@case("DC-04", modes=(CARD,), needs=(Role.DECLINED,), hears=True)
def the_named_data_alone_pays(make: Make) -> Script[None]:
    """A card order with a stored token beside its declined card is refused or declined: extra_type says that the card pays."""
    if TOKEN not in make.profile.modes:
        return  # such a target need not store cards
    token = yield from stored_token()
    order = make.order(role=Role.DECLINED)
    extra = {**order.document["channel_extra"], "token_data": {"token": token}}
    order = make.altered(order, "channel_extra with token_data too", channel_extra=extra)
    yield from _never_pays(make, "DC-04", order, "a declined card beside a token that pays")


def _none_pays(make: Make, clause: str, cards: Mapping[str, dict[str, Any]]) -> Script[None]:
    orders = {what: make.order(role=Role.APPROVED, card=card) for what, card in cards.items()}
    yield from _no_order_is_paid(make, clause, orders)


def _no_order_is_paid(make: Make, clause: str, orders: Mapping[str, Order]) -> Script[None]:
    yield from each_to_its_end(_never_pays(make, clause, order, what) for what, order in orders.items())


def _never_pays(make: Make, clause: str, order: Order, what: str) -> Script[None]:
    reply: Reply = yield Create(order)
    yield from repeats_nothing(order, reply)
    expected = f"{what} is refused or declined"
    if not reply.accepted:
        yield check(clause, reply, holds=reply.refused, expected=expected, observed=reply.describe())
        yield from stays_refused(clause, order, reply)
    elif can_settle(make, reply):
        yield from never_paid((yield from settle(order, reply)), clause, expected)


def _month_ago(make: Make) -> dict[str, int]:
    """The latest expiry that is over wherever the target is: somewhere it is still yesterday."""
    behind = CLOCKS_DIFFER if _counts_in_utc(make) else FURTHEST_WEST + CLOCKS_DIFFER
    last_month = (datetime.now(UTC) - behind).replace(day=1) - timedelta(days=1)
    return {"expiry_month": last_month.month, "expiry_year": last_month.year}


def _counts_in_utc(make: Make) -> bool:
    return make.profile.readings.get("end_of_card_month") == "utc"


def _today() -> date:
    return datetime.now(UTC).date()
