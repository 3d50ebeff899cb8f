"""Chapter C: the life of orders, drawn as sequences of moves. What was decided stays decided, whatever comes after."""

from payconform.authoring import (
    EVERY_MODE,
    Make,
    Script,
    case,
    drawn_lives,
    lives,
    narrowed,
    token_if_needed,
    tried_together,
)


@case("RQ-26", "RQ-27", "RQ-28", "RQ-29", "CB-21", "CA-08", modes=EVERY_MODE, draws=True)
def orders_keep_their_outcome(make: Make) -> Script[None]:
    """Orders paid, declined, abandoned, repeated and gone back to in drawn sequences keep the one outcome they had."""
    sequences = lives(make, (yield from token_if_needed(make)))
    trials = yield from tried_together(sequences, drawn_lives(make))
    yield from narrowed(sequences, trials, most=1, most_advisory=0)
