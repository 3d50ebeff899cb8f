"""What comes of a callback after it was delivered once: whether the target sends it again (companion page, Guidelines)."""

from payconform.authoring.checks import check
from payconform.authoring.flows import Script
from payconform.authoring.make import Make
from payconform.authoring.steps import Redeliveries
from payconform.model.evidence import Callback
from payconform.model.notification import Notification
from payconform.model.order import Order


def deliveries(order: Order, first: Callback, enough: int) -> Script[list[Callback]]:
    """The deliveries of what the first callback says."""
    heard: tuple[Callback, ...] = yield Redeliveries(order, enough)
    return [callback for callback in heard if Notification(callback).status == Notification(first).status]


def delivered_again(make: Make, order: Order, first: Callback, how: str = "with HTTP 500 and FAIL") -> Script[None]:
    """A callback that was answered as `how` says, and so not acknowledged, comes again (CB-26)."""
    same = yield from deliveries(order, first, 2)
    expected = f"another delivery within {make.profile.callbacks.redelivery_s:g} s of an answer {how}"
    yield check("CB-26", *same, holds=len(same) > 1, expected=expected, observed=f"{len(same)} delivered in that time")
