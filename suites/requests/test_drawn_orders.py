"""Chapter C: valid orders of many kinds, drawn at random. Every clause of every reply and callback is judged on them."""

from payconform.authoring import (
    EVERY_MODE,
    TOKEN,
    Invariants,
    Make,
    Script,
    case,
    drawn_drafts,
    narrowed,
    ordinary_ones_are_accepted,
    stored_token,
    tried_together,
)


@case("EP-01", modes=EVERY_MODE)
def orders_of_every_kind(make: Make) -> Script[None]:
    """Orders with drawn texts, amounts, URLs, cards and sequences of members are accepted and end as the plain one does."""
    token = ""
    if make.mode is TOKEN:
        token = yield from stored_token()
    trials = yield from tried_together(make, drawn_drafts(make), token)
    yield from narrowed(make, trials, token)
    yield from ordinary_ones_are_accepted(make, trials, "EP-01", token)


text = Invariants("Texts survive unharmed, whatever their characters", ("RQ-25",))
