"""Chapter F: cards that must work and cards that must never pay."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from payconform.authoring import CARD, Create, Make, Notification, Reply, Role, Script, case, check, settle

CardData = Mapping[str, Any]


@case("DC-09", modes=(CARD,), needs=(Role.APPROVED,))
def every_month_of_the_year_is_valid(make: Make) -> Script[None]:
    """Cards that expire in January and in December are accepted."""
    year = max(make.profile_card(Role.APPROVED).expiry_year, _today().year + 1)
    for month in (1, 12):
        reply: Reply = yield Create(make.order(role=Role.APPROVED, card={"expiry_month": month, "expiry_year": year}))
        yield check("DC-09", reply, holds=reply.accepted, expected=f"expiry_month {month} is accepted", observed=reply.describe())


@case("DC-16", modes=(CARD,))
def the_flag_is_optional(make: Make) -> Script[None]:
    """store_for_future_use may be left out, true or false."""
    for stores in (None, True, False):
        order = make.order(stores=stores)
        reply: Reply = yield Create(order)
        sent = "left out" if stores is None else str(stores).lower()
        yield check("DC-16", reply, holds=reply.accepted, expected=f"accepted with the flag {sent}", observed=reply.describe())
        if reply.accepted and stores is False and not reply.pay_url and make.profile.callbacks.inbox != "none":
            yield from settle(order, reply)


@case("DC-13", modes=(CARD,), needs=(Role.APPROVED,), hears=True)
def an_expired_card_never_pays(make: Make) -> Script[None]:
    """A card whose last month is over is refused or declined."""
    last_month = _today().replace(day=1) - timedelta(days=1)
    last_year = last_month.replace(day=1) - timedelta(days=340)
    for expiry in (last_month, last_year):
        card = {"expiry_month": expiry.month, "expiry_year": expiry.year}
        yield from _never_pays(make, "DC-13", card, f"expiry {expiry.month}/{expiry.year}")


@case("DC-07", modes=(CARD,), needs=(Role.APPROVED,), hears=True)
def an_impossible_number_never_pays(make: Make) -> Script[None]:
    """A card number that no issuer can have issued is refused or declined."""
    number = make.profile_card(Role.APPROVED).number
    wrong_check_digit = number[:-1] + str((int(number[-1]) + 5) % 10)
    impossible = {
        "a wrong check digit": wrong_check_digit,
        "letters": f"{wrong_check_digit[:8]}ABCD{wrong_check_digit[12:]}",
        "eleven digits": wrong_check_digit[:11],
        "twenty digits": (wrong_check_digit * 2)[:20],
    }
    for what, value in impossible.items():
        yield from _never_pays(make, "DC-07", {"number": value}, f"a number with {what}")


def _never_pays(make: Make, clause: str, card: CardData, what: str) -> Script[None]:
    order = make.order(role=Role.APPROVED, card=card)
    reply: Reply = yield Create(order)
    if not reply.accepted:
        yield check(clause, reply, holds=reply.refused, expected=f"{what} is refused or declined", observed=reply.describe())
        return
    settled = yield from settle(order, reply)
    notification = Notification(settled.callback) if settled.callback else None
    observed = notification.describe() if notification else "accepted, no terminal callback"
    holds = notification is None or not notification.paid
    yield check(clause, reply, settled.callback, holds=holds, expected=f"{what} is refused or declined", observed=observed)


def _today() -> date:
    return datetime.now(UTC).date()
