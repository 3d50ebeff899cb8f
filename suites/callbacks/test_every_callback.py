"""Chapter H: what every callback keeps, judged on all callbacks of a run."""

from payconform.authoring import Invariants

transport = Invariants(
    "A callback is a POST with a JSON object, in time, and its signature verifies", ("CB-02", "CB-23", "CB-24", "CB-30")
)

members = Invariants("The table's members are there and of their types", ("CB-05", "CB-06", "CB-15", "CB-19", "CB-29"))

correlation = Invariants(
    "Ids, amount, currency and echoes are the order's own", ("CB-07", "CB-08", "CB-09", "CB-10", "CB-14", "CB-22", "TK-11")
)

status = Invariants(
    "Status and number agree, and one order has one outcome", ("CB-11", "CB-12", "CB-13", "CB-21", "CB-27", "CB-28")
)

token = Invariants("A card token comes when it was asked for, and only then", ("CB-16", "CB-17", "CB-18", "TK-12"))

silence = Invariants("What was refused is never notified", ("CB-20",))
