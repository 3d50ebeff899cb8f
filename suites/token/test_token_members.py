"""Chapter G: the members of a token order (guide 2.2). The faults are derived from the request schema."""

from payconform.authoring import TOKEN, refused, single_faults

token_member = single_faults(
    "token_member",
    *("TK-02", "TK-03", "TK-04"),
    modes=(TOKEN,),
    script=refused,
    title="A token order with one member missing or wrong is refused",
)
