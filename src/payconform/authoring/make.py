"""Makes orders: complete valid documents of the guide's request table, each with a fresh request_id."""

import copy
import secrets
import string
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from payconform.authoring.steps import UnmetError
from payconform.contract.faults import Fault
from payconform.model.clause import Mode
from payconform.model.order import Order
from payconform.model.profile import Card, Profile, Role

ALPHABET = string.ascii_letters + string.digits
REQUEST_ID_LENGTH = 18
ZERO_DECIMALS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF")
)
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
CENTS = (*range(100), *(0, 1, 5, 9, 10, 50, 90, 95, 99) * 8)
"""What follows the point: anything, and as often as not what is rounded, carried or dropped by mistake."""
ACCESS_TYPE = {Mode.CASHIER: 1, Mode.CARD: 2, Mode.TOKEN: 2}


class Make:
    """The maker of one case's orders. `random` decides what may repeat from seed to seed; ids never do.

    `examples` is how many orders a case that draws them may draw.
    """

    def __init__(
        self, profile: Profile, mode: Mode, random: Random, inbox_url: str, next_id: Callable[[], str], *, examples: int = 0
    ) -> None:
        self.profile = profile
        self.mode = mode
        self.random = random
        self.examples = examples
        self._inbox_url = inbox_url
        self._next_id = next_id

    def branch(self) -> "Make":
        """A maker for one of several scripts at a time: what it chooses does not depend on which of them is faster."""
        random = Random(self.random.getrandbits(64))  # noqa: S311 -- repeatable on purpose, not a secret
        return Make(self.profile, self.mode, random, self._inbox_url, self._next_id, examples=self.examples)

    def order(
        self,
        *,
        mode: Mode | None = None,
        role: Role | None = None,
        stores: bool | None = None,
        token: str = "",
        card: Mapping[str, Any] | None = None,
        nth: int = 0,
    ) -> Order:
        """A valid order of a mode, by default the case's.

        `role` is the role of the card that pays (approved, or whichever exists), `nth` says which of that role's cards (0: the
        first); `card` replaces members of `card_data`; `token` is needed in token mode. Cards are stored and tokens used in the
        profile's first currency: the guide does not say that a token is good in others (X-25).
        """
        role = role or self.usual_role()
        mode = mode or self.mode
        document = self._members(mode, in_first_currency=mode is Mode.TOKEN or stores is True)
        if mode is Mode.CARD:
            data = {**card_data(self.profile_card(role, nth)), **(card or {})}
            if stores is not None:
                data["store_for_future_use"] = stores
            document["channel_extra"] = {"extra_type": "card", "card_data": data}
        if mode is Mode.TOKEN:
            document["channel_extra"] = {"extra_type": "token", "token_data": {"token": token}}
        return self._addressed(document, mode, role)

    def faulty(self, fault: Fault, *, token: str = "") -> Order:
        """A valid order with exactly one fault.

        One without a currency of its own is for an amount that any currency may have, lest it be refused for its decimals. A
        card order that lacks a member asks to store the card, and one that has it wrong does not: no wish makes up for it.
        """
        order = self.order(token=token, stores=True if fault.kind == "absent" else None)
        if fault.path == ("target_currency",) and not self.profile.limits.amounts:
            order = self.altered(order, "", target_amount=str(order.document["target_amount"]).partition(".")[0])
        return Order(id=order.id, mode=order.mode, document=fault.apply(order.document), role=order.role, fault=fault.name)

    def lengthened(self, order: Order, member: str, length: int) -> Order:
        """The same order with a text member of exactly that many characters; a request_id alone is another in each run.

        An address still leads where it led, and is longer than `length` where it was so before.
        """
        text = str(order.document[member])
        fresh = _fresh(ALPHABET, length - len(text))
        more = fresh if member == "request_id" else ALPHABET * (length // len(ALPHABET) + 1)
        longer = (text + more)[:length]
        value = lengthened_url(text, length) if member.endswith("_url") else longer
        return Order(id=order.id, mode=order.mode, document=order.document | {member: value}, role=order.role)

    def repeat(self, order: Order, **changed: Any) -> Order:
        """The same order again, same request_id and same inbox path, with top-level members changed."""
        fault = "request_id used before" + "".join(f", other {name}" for name in changed)
        return self.altered(order, fault, **changed)

    def moved(self, order: Order, mode: Mode) -> Order:
        """An order of another mode (cashier or card) under the same request_id, with the same addresses."""
        shared = ("request_id", "notify_url", "success_url", "fail_url")
        document = self.order(mode=mode).document | {name: order.document[name] for name in shared}
        return Order(id=order.id, mode=order.mode, document=document, role=order.role, fault="request_id used before, other mode")

    def altered(self, order: Order, fault: str, **changed: Any) -> Order:
        """The same order with top-level members changed, which breaks what `fault` names."""
        document = copy.deepcopy(order.document) | changed
        return Order(id=order.id, mode=order.mode, document=document, role=order.role, fault=fault)

    def small(self, order: Order) -> Order | None:
        """The same order for half a unit of a currency that has halves; None without such, or where the profile names amounts."""
        halved = [currency for currency in self.profile.limits.currencies if decimals(currency)]
        if self.profile.limits.amounts or not halved:
            return None
        return self.altered(order, "", target_amount="0.50", target_currency=halved[0])

    def priced(self, order: Order, currency: str) -> Order:
        """The same order for an ordinary amount of another currency."""
        return self.altered(order, "", target_amount=self._amount(currency), target_currency=currency)

    def alike(self, order: Order, other: Order) -> Order:
        """An order with the terms of another of its mode: ids and addresses are its own, all else is the other's."""
        own = ("request_id", "notify_url", "success_url", "fail_url", "pay_access_type", "channel_extra")
        document = {name: value if name in own else other.document.get(name, value) for name, value in order.document.items()}
        return Order(id=order.id, mode=order.mode, document=document, role=order.role)

    def usual_role(self) -> Role:
        """The role of the card that pays when a case does not care: approved if the profile has it."""
        roles = [role for role in (Role.APPROVED, Role.CHALLENGE) if role in self.profile.roles()]
        if not roles:
            raise UnmetError("the profile has no card that can pay (role approved or challenge)")
        return roles[0]

    def profile_card(self, role: Role, nth: int = 0) -> Card:
        """A card of a role, by default the first; the plan has seen to it that there is one."""
        card = self.profile.card(role, nth)
        if card is None:
            raise UnmetError(f"the profile has no card of role {role.value}")
        return card

    def _members(self, mode: Mode, *, in_first_currency: bool) -> dict[str, Any]:
        limits = self.profile.limits
        currency = self.random.choice(limits.currencies[:1] if in_first_currency else limits.currencies)
        return {
            "target_amount": self._amount(currency),
            "target_currency": currency,
            "transaction_type": "PAY_IN",
            "request_id": fresh_request_id(limits.request_id_max),
            "product_name": "Conformance order"[: limits.product_name_max],
            "description": "An order of a conformance run"[: limits.description_max],
            "way_type": "CARD_PAYMENT",
            "api_version": "V2",
            "pay_access_type": ACCESS_TYPE[mode],
        }

    def _amount(self, currency: str) -> str:
        if self.profile.limits.amounts:
            return self.random.choice(self.profile.limits.amounts)
        whole, cents = self.random.randint(11, 499), self.random.choice(CENTS)  # rarely alike, lest it look like paid twice
        return f"{whole}{cents:02}" if currency in ZERO_DECIMALS else f"{whole}.{cents:02}"

    def _addressed(self, document: dict[str, Any], mode: Mode, role: Role) -> Order:
        order_id = self._next_id()
        document |= {
            "notify_url": f"{self._inbox_url}/callbacks/{order_id}?order={order_id}",
            "success_url": f"{self._inbox_url}/return/{order_id}/success",
            "fail_url": f"{self._inbox_url}/return/{order_id}/fail",
        }
        return Order(id=order_id, mode=mode, document=document, role=role)


def decimals(currency: str) -> int:
    """How many digits a currency has after the point (ISO 4217), two where nothing else is known."""
    return 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def altered_url(url: str, addition: str) -> str:
    """A URL with a path, a query and a fragment added behind its own path and query."""
    path, _, query = url.partition("?")
    more, _, fragment = addition.partition("#")
    more_path, _, more_query = more.partition("?")
    queries = "&".join(filter(None, (query, more_query)))
    return f"{path}{more_path}{'?' if queries else ''}{queries}{'#' if fragment else ''}{fragment}"


def lengthened_url(url: str, length: int) -> str:
    """A URL of at least that many characters, by a parameter before its fragment."""
    place, mark, fragment = url.partition("#")
    longer = altered_url(place, "?long=") + mark + fragment
    padding = "x" * (length - len(longer))
    return altered_url(place, f"?long={padding}") + mark + fragment if padding else url


def card_data(card: Card) -> dict[str, Any]:
    """A card as `channel_extra.card_data` has it (guide 2.1)."""
    return {"number": card.number, "expiry_month": card.expiry_month, "expiry_year": card.expiry_year, "cvv": card.cvv}


def mistyped(number: str) -> str:
    """A card number with another last digit, which no card can have (ISO/IEC 7812-1)."""
    return number[:-1] + str((int(number[-1]) + 5) % 10)


def fresh_request_id(longest: int) -> str:
    """A request_id never used before, of letters and digits (X-36), so random that no two runs meet."""
    return "M" + _fresh(ALPHABET, min(longest, REQUEST_ID_LENGTH) - 1)


def fresh_digits(first: str, length: int) -> str:
    """A request_id of digits alone: whoever reads it as a number tells a number, and loses a zero before or digits behind."""
    return first + _fresh(string.digits, length - len(first))


def _fresh(alphabet: str, length: int) -> str:
    """The system is asked once: each time it is, a busy thread loses its turn to all others."""
    return "".join(Random(secrets.randbits(128)).choices(alphabet, k=length))  # noqa: S311 -- seeded by the system
