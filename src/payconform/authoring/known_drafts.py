"""The drafts that every run begins with: what found most faults elsewhere."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from payconform.authoring.choices import BACKWARDS, LONGEST_URL, ORDINARY_QUERIES, STRANGE_QUERIES, Choice, Draft
from payconform.authoring.make import decimals
from payconform.authoring.turns import in_turn
from payconform.model.clause import Mode
from payconform.model.profile import Profile, Role

FLOATING, ROUND = "19.08", "100"
"""A hundred times the first is no whole number in binary, and its cents begin with a zero; the second is one digit and zeros."""
SHOP_PRICE = "49.99"
TENTHS = "12.5"
WHOLE = "1200"
USUAL_DECIMALS = 2
PUNCTUATED = 'Tom & Jerry\'s "<b>" 100%=1+1;\\'
WORLDLY = "Zoë Größe Żółć Ж 訂單"
BEYOND = "😀 𝄞 שלום e\u0301"
SPACED = "  two  spaces,\ttab\nline "
LIKE_JSON = '["a", {"b": "&amp;%41"}]'
OF_OTHER_LAYERS = "%41 &#65; \\u0041 \\n ${x} {{x}} '' +1"
"""What means something else in addresses, pages, programs and templates, and nothing in JSON."""
STRANGE_PLACES = {Mode.CASHIER: (0, 2, 1), Mode.CARD: (2, 0, 3), Mode.TOKEN: (3, 1, 2)}
"""Which of the strange queries an order's addresses have: another in each mode, as all modes call back alike.

Payers of cashier orders come back by the one whose path is the easiest to harm.
"""
MORE_THAN_32_BITS = "42949673.96"
"""So many cents that an unsigned integer of 32 bits has no more than a hundred of them."""

BY_CARD = (Mode.CASHIER, Mode.CARD)
"""The modes in which a payer or a merchant names a card."""


class Known(NamedTuple):
    """What a mode draws first, the ordinary before all, and what other modes draw in its stead."""

    own: tuple[Draft, ...]
    elsewhere: tuple[Draft, ...]


def known_drafts(profile: Profile, mode: Mode) -> Known:
    """Texts, addresses, ids, amounts and cards; as many as the profile has use for.

    What does harm in any mode if it does in one, the modes draw each in turn: ways to end those that cards are named in.
    """
    harmful, endings = (*_harmful(profile, mode), *_telling_amounts(profile, mode)), tuple(_endings(profile))
    own = (*in_turn(harmful, profile, mode), *in_turn(endings, profile, mode, BY_CARD))
    special = (_escaped(profile, mode), *(_other_cards(profile) if mode in BY_CARD else ()))
    others = (*harmful, *(endings if mode in BY_CARD else ()))
    stored = _stored(mode)
    return Known(
        own=(*_ordinary(profile, mode), *((*draft, *stored) for draft in (*own, *special))),
        elsewhere=tuple((*draft, *stored) for draft in others if draft not in own),
    )


def _stored(mode: Mode) -> Draft:
    return (Choice("store_for_future_use", value=True, ordinary=True),) if mode is Mode.CARD else ()


def _ordinary(profile: Profile, mode: Mode) -> tuple[Draft, ...]:
    links = tuple(Choice(f"{name}_url", ORDINARY_QUERIES[3], ordinary=True) for name in ("notify", "success", "fail"))
    named_null = (Choice("product_name", "null", ordinary=True), Choice("description", "0012", ordinary=True))
    longest = _texts(profile, "An ordinary thing to buy in " * 9, ordinary=True)
    backwards = Choice("sequence", BACKWARDS, ordinary=True)
    return (
        (*_stored(mode), *longest, *links, Choice("digits", "9", ordinary=True), *_amount_of(profile, mode, FLOATING)),
        (Choice("digits", "0", ordinary=True), *named_null, backwards, *_amount_of(profile, mode, ROUND)),
    )


def _harmful(profile: Profile, mode: Mode) -> tuple[Draft, ...]:
    """The first of three each is for the cashier, whose page shows the texts and whose payer comes back."""
    limits = profile.limits
    like_json = Choice("product_name", LIKE_JSON[: limits.product_name_max])
    other_layers = Choice("description", OF_OTHER_LAYERS[: limits.description_max])
    return (
        (*_texts(profile, WORLDLY), Choice("request_id", limits.request_id_max)),
        (*_texts(profile, PUNCTUATED), *_amount_of(profile, mode, SHOP_PRICE)),
        _texts(profile, BEYOND),
        (Choice("addresses", LONGEST_URL), *_amount_of(profile, mode, MORE_THAN_32_BITS, ordinary=False)),
        (like_json, other_layers, *_amount_of(profile, mode, TENTHS, ordinary=False)),
        _texts(profile, SPACED),
    )


def _escaped(profile: Profile, mode: Mode) -> Draft:
    escaped = zip(("notify", "success", "fail"), (STRANGE_QUERIES[at] for at in STRANGE_PLACES[mode]), strict=True)
    return (*(Choice(f"{name}_url", query) for name, query in escaped), *_amount_of(profile, mode, WHOLE, digits=0))


def _texts(profile: Profile, text: str, *, ordinary: bool = False) -> Draft:
    name, description = text[: profile.limits.product_name_max], (text * 9)[: profile.limits.description_max]
    return (Choice("product_name", name, ordinary), Choice("description", description, ordinary))


def _telling_amounts(profile: Profile, mode: Mode) -> Iterator[Draft]:
    """More digits than a float of 32 bits has, and three decimals, in currencies of the profile that have as many."""
    for digits, amount in ((USUAL_DECIMALS, "1234567.89"), (3, "12.345")):
        if found := _amount_of(profile, mode, amount, ordinary=False, digits=digits):
            yield found


def _amount_of(profile: Profile, mode: Mode, amount: str, *, ordinary: bool = True, digits: int = USUAL_DECIMALS) -> Draft:
    """An amount in the first currency of so many decimals, nothing where the profile says which amounts may be sent.

    A token need not be good in other currencies than that of the order that stored it (X-25).
    """
    currencies = profile.limits.currencies
    found = [currency for currency in currencies if decimals(currency) == digits]
    if not found or profile.limits.amounts:
        return ()
    return (Choice("amount", (amount, found[0]), ordinary and (mode is not Mode.TOKEN or found[0] == currencies[0])),)


def _endings(profile: Profile) -> Iterator[Draft]:
    """The longest ids, and addresses that need care, on the ways of an order that few take, where another layer may harm them."""
    for role in (Role.DECLINED, Role.CHALLENGE, Role.CHALLENGE_DECLINED):
        if role in profile.roles():
            links = tuple(Choice(f"{name}_url", STRANGE_QUERIES[1]) for name in ("notify", "success", "fail"))
            ordinary = role is Role.CHALLENGE
            longest_id = Choice("request_id", profile.limits.request_id_max)
            yield Choice("role", role.value, ordinary), longest_id, *links, *_texts(profile, OF_OTHER_LAYERS)


def _other_cards(profile: Profile) -> Iterator[Draft]:
    """The cards that no other order takes: all but the first of each role."""
    seen: Counter[Role] = Counter()
    for card in profile.cards:
        if nth := seen[card.role]:
            ordinary = card.role in (Role.APPROVED, Role.CHALLENGE)
            yield Choice("role", card.role.value, ordinary), Choice("card", nth, ordinary)
        seen[card.role] += 1
