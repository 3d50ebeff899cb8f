"""Chapter C: the members every order has (guide, Request Parameters). The faults are derived from the request schemas."""

from payconform.authoring import (
    CASHIER,
    EVERY_MODE,
    Fault,
    Journey,
    Make,
    Pay,
    Script,
    check,
    refused,
    refused_or_placed,
    single_faults,
)

required_member = single_faults(
    "required_member",
    *("RQ-01", "RQ-02", "RQ-03", "RQ-04", "RQ-05", "RQ-06", "RQ-07", "RQ-08", "RQ-09", "RQ-10", "RQ-11", "RQ-12"),
    modes=EVERY_MODE,
    script=refused,
    title="An order without a required member is refused",
)

wrong_constant = single_faults(
    "wrong_constant",
    *("RQ-18", "RQ-19", "RQ-20", "RQ-21"),
    modes=EVERY_MODE,
    script=refused,
    title="An order with another value than the guide's constant is refused",
)

wrong_value = single_faults(
    "wrong_value",
    *("RQ-14", "RQ-15", "RQ-17", "RQ-23"),
    modes=EVERY_MODE,
    script=refused,
    title="An order with an amount, a currency or a URL that is none is refused",
    once=True,
)

wrong_type = single_faults(
    "wrong_type",
    "RQ-13",
    modes=EVERY_MODE,
    script=refused,
    title="An order with a member of another type is refused",
)


def _refused_or_alike(make: Make, fault: Fault) -> Script[None]:
    """Whoever takes the number in another type takes it for what it says: a cashier's page is no answer to a card or a token."""
    placed = yield from refused_or_placed(make, fault)
    reply = placed.reply
    if make.mode is CASHIER or not (reply.accepted and reply.pay_url) or make.profile.payer.kind == "none":
        return
    journey: Journey = yield Pay(placed.order, reply.pay_url, make.usual_role())
    asking = [page.name for page in make.profile.payer.pages if any("{number}" in text for text in page.fill.values())]
    asked = [name for name in journey.pages if name in asking]
    expected, observed = f"refused, or taken for its number: {fault.name}", f"pages that were filled: {', '.join(journey.pages)}"
    yield check("RQ-22", reply, journey, holds=not asked, expected=expected, observed=observed)


type_of_access = single_faults(
    "type_of_access",
    "RQ-22",
    modes=EVERY_MODE,
    script=_refused_or_alike,
    title="An order with a pay_access_type of another type is refused, or taken for the number",
)
