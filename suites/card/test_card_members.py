"""Chapter F: the members of a direct card order (guide 2.1). The faults are derived from the request schema."""

from payconform.authoring import CARD, refused, single_faults

card_member = single_faults(
    "card_member",
    *("DC-01", "DC-02", "DC-03", "DC-05", "DC-08", "DC-09", "DC-11", "DC-12", "DC-14"),
    modes=(CARD,),
    script=refused,
    title="A card order with one member missing or wrong is refused",
)

card_member_type = single_faults(
    "card_member_type",
    *("DC-06", "DC-10", "DC-17"),
    modes=(CARD,),
    script=refused,
    title="A card order with a member of another type is refused",
)
