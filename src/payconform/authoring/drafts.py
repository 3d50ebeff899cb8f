"""Valid orders of many kinds, drawn at random: each is a draft, a few choices by which it differs from the plain order.

Drawing is pure and repeats with its seed, so a run draws all its drafts first and sends them at the same time.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from payconform.authoring.choices import BACKWARDS, ORDINARY_QUERIES, STRANGE_QUERIES, Choice, Draft
from payconform.authoring.known_drafts import known_drafts
from payconform.authoring.make import THREE_DECIMALS, ZERO_DECIMALS, Make, altered_url, fresh_digits, lengthened_url
from payconform.model.clause import Mode
from payconform.model.order import Order
from payconform.model.profile import Profile, Role

T = TypeVar("T")
Strategies = Mapping[str, st.SearchStrategy[Any]]
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ "
FEW = 3
STRANGE = "&=<>\"'\\%+;{}[]?#,/|`~^$éßñøŁЖΩ中訂한ひعש\u0301\u200d\u202e😀𝄞\t\n "
STRANGE_AMOUNTS = tuple((whole, hundredths) for whole in (1, 10, 100, 1000, 1234, 99999) for hundredths in (0, 5, 50, 99))
STRANGE_AMOUNTS += ((0, 1), (0, 99), (1234567, 89), (42949673, 96))
"""Whole and hundredths: edges of what shops sell, more digits than a float of 32 bits has, more cents than an integer has."""


def drawn_drafts(make: Make) -> tuple[Draft, ...]:
    """As many drafts as the run allows a mode: those that found most elsewhere first, the others drawn.

    Where there is room, as in the deep plan, what other modes draw of the known ones is among them.
    """
    own, elsewhere = known_drafts(make.profile, make.mode)
    known = (*own, *elsewhere)[: min(make.examples, max(len(own), make.examples // 2))]
    drawn = draw(_drafts(make.profile, make.mode), make.examples - len(known), make.random.getrandbits(32))
    return known + drawn


def draw(strategy: "st.SearchStrategy[T]", count: int, number: int) -> tuple[T, ...]:
    """Values of a Hypothesis strategy, the same for the same seed `number`.

    The first that Hypothesis makes is the simplest there is, whatever the seed, so that one is left out.
    """
    values: list[T] = []
    if count < 1:
        return ()

    @seed(number)
    @settings(
        max_examples=count + 1,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(strategy)
    def collect(value: T) -> None:
        values.append(value)

    collect()
    return tuple(values[1 : count + 1])


def drafted(make: Make, draft: Draft, token: str = "") -> Order:
    """The order of a draft, with ids of its own."""
    chosen = {choice.what: choice.value for choice in draft}
    role = Role(chosen["role"]) if "role" in chosen else None
    card: dict[str, Any] = {"expiry_month": chosen["expiry_month"]} if "expiry_month" in chosen else {}
    if "cvv" in chosen:
        card["cvv"] = chosen["cvv"].rjust(len(make.profile_card(role or make.usual_role(), nth_card(draft)).cvv), "0")
    order = make.order(
        role=role,
        stores=chosen.get("store_for_future_use"),
        token=token,
        card=card,
        nth=nth_card(draft),
    )
    if "request_id" in chosen:
        order = make.lengthened(order, "request_id", chosen["request_id"])
    document = dict(order.document)
    if "digits" in chosen:
        document["request_id"] = fresh_digits(chosen["digits"], len(document["request_id"]))
    for member in ("product_name", "description"):
        document[member] = chosen.get(member, document[member])
    document["target_amount"], document["target_currency"] = chosen.get(
        "amount", (document["target_amount"], document["target_currency"])
    )
    for member in ("notify_url", "success_url", "fail_url"):
        document[member] = lengthened_url(altered_url(document[member], chosen.get(member, "")), chosen.get("addresses", 0))
    if "sequence" in chosen:
        document = _in_sequence(document, chosen["sequence"])
    return Order(id=order.id, mode=order.mode, document=document, role=order.role)


def _in_sequence(document: dict[str, Any], number: int) -> dict[str, Any]:
    """The members in another sequence, those of the objects in it too."""
    members = [(name, _in_sequence(value, number) if isinstance(value, dict) else value) for name, value in document.items()]
    if number == BACKWARDS:
        return dict(reversed(members))
    return dict(Random(number).sample(members, len(members)))  # noqa: S311 -- repeatable


def nth_card(draft: Draft) -> int:
    """Which of its role's cards pays an order (0: the first)."""
    chosen = {choice.what: choice.value for choice in draft}
    return int(chosen.get("card", 0)) if "role" in chosen else 0


@st.composite
def _drafts(draw_one: Callable[[st.SearchStrategy[Any]], Any], profile: Profile, mode: Mode) -> Draft:
    """Ordinary in everything, or strange in one or two things."""
    ordinary, strange = _ordinary(profile, mode), _strange(profile, mode)
    odd = draw_one(st.sets(st.sampled_from(sorted(strange)), max_size=2))
    usual = draw_one(st.sets(st.sampled_from(sorted(ordinary)), min_size=2))
    choices = [Choice(what, draw_one(ordinary[what]), ordinary=True) for what in sorted(usual - odd)]
    return (*choices, *(Choice(what, draw_one(strange[what])) for what in sorted(odd)))


def _ordinary(profile: Profile, mode: Mode) -> Strategies:
    limits = profile.limits
    roles = [role.value for role in (Role.APPROVED, Role.CHALLENGE) if role in profile.roles()]
    found: dict[str, st.SearchStrategy[Any]] = {
        "product_name": _words(limits.product_name_max),
        "description": _words(limits.description_max),
        "amount": _amounts(profile, st.tuples(_number(11, 499), _number(0, 99)), first_alone=mode is Mode.TOKEN),
        "sequence": _number(BACKWARDS, 999),
        **{f"{name}_url": st.sampled_from(ORDINARY_QUERIES) for name in ("notify", "success", "fail")},
    }
    if mode is not Mode.TOKEN and roles:
        found["role"] = st.sampled_from(roles)
    if mode is Mode.CARD:
        found["store_for_future_use"] = st.sampled_from((True, True, False))  # what one token in 25 lacks has to show
    return found


def _strange(profile: Profile, mode: Mode) -> Strategies:
    limits = profile.limits
    found: dict[str, st.SearchStrategy[Any]] = {
        "product_name": _text(LETTERS + STRANGE * 2, limits.product_name_max),
        "description": _text(LETTERS + STRANGE * 2, limits.description_max),
        "amount": _amounts(profile, st.sampled_from(STRANGE_AMOUNTS), third="5"),
        "notify_url": st.sampled_from(STRANGE_QUERIES),
        **{f"{name}_url": st.sampled_from((*STRANGE_QUERIES, "?a=1#done")) for name in ("success", "fail")},
    }
    if mode is Mode.CARD:
        found |= {"expiry_month": _number(1, 12), "cvv": _number(0, 99).map(lambda number: f"0{number:02}")}
    if mode is not Mode.TOKEN:
        found["role"] = st.sampled_from(sorted(role.value for role in profile.roles()))
    return found


def _number(least: int, most: int) -> st.SearchStrategy[int]:
    """Hypothesis' own integers and texts favour constants of the modules loaded so far, so they differ from run to run."""
    return st.sampled_from(range(least, most + 1))


def _words(longest: int) -> st.SearchStrategy[str]:
    """Letters that anybody may have as a name: not too few, and no blanks around them."""
    return _text(LETTERS, longest).filter(lambda text: text == text.strip() and len(text) >= FEW)


def _text(alphabet: str, longest: int) -> st.SearchStrategy[str]:
    """Text that is no longer than the limit, whether a target counts characters or bytes."""
    texts = st.lists(st.sampled_from(alphabet), min_size=1, max_size=longest).map("".join)
    return texts.map(lambda text: text.encode()[:longest].decode(errors="ignore")).filter(lambda text: bool(text.strip()))


def _amounts(
    profile: Profile, parts: st.SearchStrategy[tuple[int, int]], *, third: str = "0", first_alone: bool = False
) -> st.SearchStrategy[tuple[str, str]]:
    """Amounts with their currency, from the profile's list where it has one, else of whole and hundredths.

    `third` is the third decimal of currencies that have one; with `first_alone` all are in the profile's first currency.
    """
    limits = profile.limits
    currencies = st.sampled_from(limits.currencies[:1] if first_alone else limits.currencies)
    if limits.amounts:
        return st.tuples(st.sampled_from(limits.amounts), currencies)
    return st.tuples(parts, currencies, st.booleans()).map(
        lambda drawn: (_amount(*drawn[0], drawn[1], bare=drawn[2], third=third), drawn[1])
    )


def _amount(whole: int, hundredths: int, currency: str, *, bare: bool, third: str) -> str:
    if currency in ZERO_DECIMALS:
        return str(whole * 100 + hundredths)
    if hundredths == 0 and bare:
        return str(whole)
    return f"{whole}.{hundredths:02}{third if currency in THREE_DECIMALS else ''}"
