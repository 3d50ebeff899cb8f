"""Chapter C: the members every order has (guide, Request Parameters). The faults are derived from the request schemas."""

from payconform.authoring import EVERY_MODE, refused, single_faults

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
    *("RQ-13", "RQ-22"),
    modes=EVERY_MODE,
    script=refused,
    title="An order with a member of another type is refused",
)
