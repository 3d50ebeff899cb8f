"""Chapter A: bodies that schemathesis makes of the OpenAPI document to break it, judged by what the contract refuses."""

from payconform.authoring import (
    EVERY_MODE,
    Make,
    Probe,
    Reply,
    Script,
    Silence,
    case,
    check,
    each_to_its_end,
    generated_bodies,
    made,
)


@case("EP-04", modes=EVERY_MODE, quick=False)
def generated_bodies_are_refused(make: Make) -> Script[None]:
    """Bodies generated to break the schema of the mode, with one fault or several, are refused and create nothing."""
    plain = yield from made(make)
    scripts = []
    for broken in generated_bodies(make, plain.document):
        order = yield from made(make)
        scripts.append(_refused(Probe(order, body=broken.for_order(order.document), fault=broken.fault), broken.clause))
    if scripts:
        yield from each_to_its_end(scripts)


def _refused(probe: Probe, clause: str) -> Script[None]:
    reply: Reply = yield probe
    yield check(clause, reply, holds=reply.refused, expected=f"refused: {probe.fault}", observed=reply.describe())
    yield Silence((probe.order,))
