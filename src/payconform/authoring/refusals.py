"""The script of every refusal: one fault, sent alone, must be refused and stay without consequence."""

from typing import Any

from payconform.authoring.checks import Check, check
from payconform.authoring.flows import Script, token_if_needed
from payconform.authoring.make import Make
from payconform.authoring.steps import Create, Placed, Silence
from payconform.contract.faults import Fault
from payconform.contract.schemas import Violation
from payconform.model.clause import Severity
from payconform.model.order import Order
from payconform.model.reply import Reply

READING_OF_ABSENT = {"RQ-04": "missing_notify_url", "RQ-10": "missing_way_type", "RQ-12": "missing_pay_access_type"}


def faulty(make: Make, fault: Fault) -> Script[Order]:
    """An order of the case's mode with one fault, with the run's token where the mode needs one."""
    return make.faulty(fault, token=(yield from token_if_needed(make)))


def refused(make: Make, fault: Fault) -> Script[None]:
    """Send an order with one fault. It is refused, and then listened to: a refusal must be followed by silence (RS-20)."""
    yield from refused_or_placed(make, fault)


def refused_or_placed(make: Make, fault: Fault) -> Script[Placed]:
    """As `refused`; answers the order and its reply, for where the fault is advisory and what comes of it is not."""
    order = yield from faulty(make, fault)
    reply: Reply = yield Create(order)
    yield refusal(fault, reply, make.profile.readings)
    if not reply.accepted:
        yield Silence((order,))
    return Placed(order, reply)


def refusal(fault: Fault, reply: Reply, readings: dict[str, str]) -> Check:
    """Whether a reply refuses a faulty order, as strictly as the readings of the profile want it."""
    reading = _reading(fault, readings)
    open_question = reading == "either"
    holds = reply.refused or (reply.accepted and open_question)
    observed = reply.describe() + (", which the profile's readings allow" if reply.accepted and open_question else "")
    advisory = reading == "warn" or (fault.severity is Severity.ADVISORY and fault.kind != "empty")
    return check(fault.clause, reply, holds=holds, expected=f"refused: {fault.name}", observed=observed, advisory=advisory)


def _reading(fault: Fault, readings: dict[str, str]) -> str:
    """What the profile says of a fault the guide leaves open, "refuse" of any other."""
    if fault.kind == "null":
        return readings.get("null_member", "refuse")
    if fault.kind == "empty" and fault.severity is Severity.ADVISORY:
        return readings.get("empty_member", "warn")
    if fault.kind == "absent" and fault.clause in READING_OF_ABSENT:
        return readings.get(READING_OF_ABSENT[fault.clause], "refuse")
    return "refuse"


def is_open(violation: Violation, document: Any, readings: dict[str, str]) -> bool:
    """Whether the readings of the profile leave it open that a document with this violation is refused."""
    if _at(violation.path, document) is None:
        return readings.get("null_member", "refuse") != "refuse"
    absent = violation.keyword == "required"
    return absent and readings.get(READING_OF_ABSENT.get(violation.clause, ""), "refuse") != "refuse"


def _at(path: str, document: Any) -> Any:
    """The value that a JSON pointer leads to; the members of the contract need no escapes."""
    for member in path.split("/")[1:]:
        document = document.get(member, "") if isinstance(document, dict) else ""
    return document
