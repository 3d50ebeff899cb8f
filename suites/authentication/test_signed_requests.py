"""Chapter B: what is signed by the scheme is accepted (companion page Authentication; public demo).

Where a target refuses such an order for a reason of its own, nothing is said: only a refusal of the signature counts.
"""

import json
from typing import Any

from payconform.authoring import (
    CARD,
    EVERY_MODE,
    TOKEN,
    Control,
    Create,
    Forge,
    Forgery,
    Make,
    Order,
    Placed,
    Probe,
    Reply,
    Script,
    case,
    check,
    made,
    require_accepted,
)

EXTRA = "x_conformance"
"""A member that no document names: signed like any other, and without effect."""
UNUSUAL: dict[str, dict[str, Any]] = {
    "a name with capitals, which sorts first": {EXTRA.title(): "a"},
    "an array, signed as its JSON text": {EXTRA: ["a", "b c"]},
    "an object of which {} is left": {EXTRA: {"y": None}},
    "a text of blanks": {EXTRA: " "},
    "a text with outer blanks": {EXTRA: " a "},
}
"""What the provider's own signer, which the public demo holds, is known to make of members."""


@case("AU-01", modes=EVERY_MODE, signs=True)
def a_signed_order_is_accepted(_make: Make) -> Script[None]:
    """The plain order, signed by the scheme, is accepted."""
    control: Placed = yield Control()
    reply = control.reply
    yield check("AU-01", reply, holds=reply.accepted, expected="accepted: signed by the scheme", observed=reply.describe())


@case("AU-01", modes=EVERY_MODE, signs=True, once=True)
def text_is_signed_as_it_is(make: Make) -> Script[None]:
    """Text is signed without escapes and in UTF-8: with the scheme's own signs in it, with letters of any script."""
    limits = make.profile.limits
    texts = {
        "a description with = and &": {"description": "a=b&c={d}"[: limits.description_max]},
        "a description with % and +": {"description": "20%25 + 5 <b>"[: limits.description_max]},
        "a product_name beyond ASCII": {"product_name": "Café 茶"[: limits.product_name_max]},
    }
    for what, members in texts.items():
        order = yield from made(make)
        yield from _accepted("AU-01", make, make.altered(order, "", **members), what)


@case("AU-01", modes=EVERY_MODE, signs=True, once=True)
def numbers_are_signed_as_written(make: Make) -> Script[None]:
    """A number is signed with the digits it is written with: 100.00 is not 100."""
    whole: Reply = yield from _with_number(make, "100")
    if whole.accepted:  # otherwise the target takes no members that it does not know, and no number can be tried
        decimals = yield from _with_number(make, "100.00")
        expected = "accepted with 100.00, as with 100"
        if decimals.accepted or (yield from _signature_is_blamed(make, decimals)):
            yield check("AU-01", whole, decimals, holds=decimals.accepted, expected=expected, observed=decimals.describe())


def _with_number(make: Make, digits: str) -> Script[Reply]:
    order = yield from made(make)
    body = f'{json.dumps(order.document)[:-1]}, "{EXTRA}": {digits}}}'
    reply: Reply = yield Probe(order, body=body.encode())
    return reply


@case("AU-01", modes=EVERY_MODE, signs=True, once=True, quick=False)
def unusual_members_are_signed_by_the_scheme(make: Make) -> Script[None]:
    """Names with capitals, arrays, emptied objects and blanks are signed by the rules of the scheme."""
    order = yield from made(make)
    plain: Reply = yield Create(make.altered(order, "", **{EXTRA: "a"}))
    for what, members in UNUSUAL.items() if plain.accepted else ():
        order = yield from made(make)
        yield from _accepted("AU-01", make, make.altered(order, "", **members), what)


@case("AU-08", modes=EVERY_MODE, signs=True)
def members_without_a_value_are_not_signed(make: Make) -> Script[None]:
    """An order with a member that is null or empty, which the signature leaves out, is accepted."""
    for what, value in {"null": None, "empty": ""}.items():
        order = yield from made(make)
        extra = order.document.get("channel_extra")
        members = {EXTRA: value} if extra is None else {"channel_extra": {**extra, EXTRA: value}}
        yield from _accepted("AU-08", make, make.altered(order, "", **members), f"a member that is {what} and not signed")


@case("AU-09", modes=(CARD, TOKEN), signs=True, opens=True)
def nested_members_are_signed_in_sequence(make: Make) -> Script[None]:
    """Nested objects are signed as key={k=v&k=v} with sorted keys, in whatever sequence they are sent."""
    replies: list[Reply] = []
    for backwards in (False, True):
        order = yield from made(make)
        replies.append((yield Create(make.altered(order, "", **_turned(order.document, backwards=backwards)))))
    if not any(reply.accepted for reply in replies):
        yield from _signed_as_json(make, replies[0])
        return
    for reply, sequence in zip(replies, ("sorted", "sorted backwards"), strict=True):
        expected = f"accepted with nested members sent {sequence}"
        yield check("AU-09", *replies, holds=reply.accepted, expected=expected, observed=reply.describe())


def _signed_as_json(make: Make, refused: Reply) -> Script[None]:
    """No nested order is accepted: the target is at fault if it takes one that was signed as the page's prose may be read."""
    order = yield from made(make)
    text = json.dumps(order.document["channel_extra"], ensure_ascii=False, separators=(",", ":"))
    reply: Reply = yield Forge(order, signed=make.altered(order, "channel_extra signed as JSON text", channel_extra=text))
    if not reply.accepted:
        require_accepted(refused, "a signed order with nested members")
    expected = "accepted with nested objects signed as key={k=v}"
    observed = f"{refused.describe()}; accepted when they are signed as JSON text"
    yield check("AU-09", refused, reply, holds=False, expected=expected, observed=observed)


def _turned(value: Any, *, backwards: bool) -> Any:
    """The same JSON value with the members of every object sorted by name, or backwards."""
    if not isinstance(value, dict):
        return value
    return {name: _turned(value[name], backwards=backwards) for name in sorted(value, reverse=backwards)}


@case("AU-10", modes=EVERY_MODE, signs=True, once=True)
def header_names_are_matched_in_any_case(make: Make) -> Script[None]:
    """Authentication headers are understood with their names in lower and in upper case."""
    for spelling in (Forgery.LOWER_NAMES, Forgery.UPPER_NAMES):
        order = yield from made(make)
        reply: Reply = yield Forge(order, spelling)
        yield check("AU-10", reply, holds=reply.accepted, expected=f"accepted: {spelling.value}", observed=reply.describe())


def _accepted(clause: str, make: Make, order: Order, what: str) -> Script[None]:
    reply: Reply = yield Create(order)
    if reply.accepted or (yield from _signature_is_blamed(make, reply)):
        yield check(clause, reply, holds=reply.accepted, expected=f"accepted: {what}", observed=reply.describe())


def _signature_is_blamed(make: Make, reply: Reply) -> Script[bool]:
    """Whether a refusal is one of the signature: HTTP 401, or just what a forged signature is told and another fault is not."""
    if reply.status == 401:
        return True
    order = yield from made(make)
    forged: Reply = yield Forge(order, Forgery.OTHER_SECRET)
    order = yield from made(make)
    faulty: Reply = yield Create(make.altered(order, "transaction_type-PAYIN", transaction_type="PAYIN"))
    return _said(reply) == _said(forged) != _said(faulty)


def _said(reply: Reply) -> tuple[object, ...]:
    return reply.status, reply.code, reply.msg
