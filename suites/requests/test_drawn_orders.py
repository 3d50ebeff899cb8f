"""Chapter C: valid orders of many kinds, drawn at random. Every clause of every reply and callback is judged on them."""

from payconform.authoring import (
    EVERY_MODE,
    Invariants,
    Make,
    Script,
    case,
    drawn_drafts,
    drawn_orders,
    each_to_its_end,
    narrowed,
    ordinary_ones_are_accepted,
    texts_are_accepted,
    token_if_needed,
    tried_together,
)


@case("EP-01", "RQ-25", modes=EVERY_MODE, draws=True)
def orders_of_every_kind(make: Make) -> Script[None]:
    """Orders with drawn texts, amounts, URLs, cards and sequences of members are accepted and end as the plain one does."""
    orders = drawn_orders(make, (yield from token_if_needed(make)))
    trials = yield from tried_together(orders, drawn_drafts(make))
    told = (
        narrowed(orders, trials),
        ordinary_ones_are_accepted(orders, trials, "EP-01"),
        texts_are_accepted(orders, trials, "RQ-25"),
    )
    yield from each_to_its_end(told)


text = Invariants("Texts survive unharmed, whatever their characters", ("RQ-25",))
