"""Chapter F: the members of a direct card order (guide 2.1). The faults are derived from the request schema."""

from payconform.authoring import (
    CARD,
    Create,
    Fault,
    Make,
    Notification,
    Reply,
    Script,
    Silence,
    can_settle,
    check,
    faulty,
    refused,
    settle,
    single_faults,
)

card_member = single_faults(
    "card_member",
    *("DC-01", "DC-02", "DC-03", "DC-05", "DC-08", "DC-09", "DC-11", "DC-12", "DC-14"),
    modes=(CARD,),
    script=refused,
    title="A card order with one member missing or wrong is refused",
)

card_member_type = single_faults(
    "card_member_type",
    *("DC-06", "DC-10"),
    modes=(CARD,),
    script=refused,
    title="A card order with a member of another type is refused",
)


def _not_stored(make: Make, fault: Fault) -> Script[None]:
    """Send the flag as a text or a number that says no. Taking it is lenient; storing the card is against what it says."""
    order = yield from faulty(make, fault)
    reply: Reply = yield Create(order)
    says_no, observed = f"refused, or the card is not stored: {fault.name}", reply.describe()
    if not reply.accepted:
        yield check("DC-17", reply, holds=reply.refused, expected=says_no, observed=observed)
        yield Silence((order,))
        return
    yield check("DC-17", reply, holds=False, expected=f"refused: {fault.name}", observed=observed, advisory=True)
    if can_settle(make, reply):
        settled = yield from settle(order, reply)
        heard = Notification(settled.callback) if settled.callback else None
        observed = "a card_token" if heard and heard.card_token else "no card_token"
        for clause in ("DC-17", "CB-17"):
            yield check(clause, reply, settled.callback, holds=observed == "no card_token", expected=says_no, observed=observed)


flag_of_another_type = single_faults(
    "flag_of_another_type",
    "DC-17",
    modes=(CARD,),
    script=_not_stored,
    title="store_for_future_use false in another type is refused, or stores nothing",
)
