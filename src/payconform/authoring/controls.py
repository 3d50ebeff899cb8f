"""Cases that no suite declares: the plain order of each mode, for runs that selected nothing else to look at."""

from payconform.authoring.cases import EVERY_MODE, case
from payconform.authoring.flows import Script, settle
from payconform.authoring.make import Make
from payconform.authoring.steps import Control, Placed


@case(modes=EVERY_MODE, opens=True)
def the_plain_order(make: Make) -> Script[None]:
    """The plain valid order of a mode, brought to its end where the profile can."""
    control: Placed = yield Control()
    can_pay = not control.reply.pay_url or make.profile.payer.kind != "none"
    if control.reply.accepted and can_pay and make.profile.callbacks.inbox != "none":
        yield from settle(control.order, control.reply)
