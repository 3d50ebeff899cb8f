"""All that a suite imports: the words of a case."""

from payconform.authoring.cases import EVERY_MODE, Case, CaseFamily, Invariants, case, single_faults
from payconform.authoring.checks import Check, check, require
from payconform.authoring.endings import not_paid, notified, paid
from payconform.authoring.flows import Script, can_settle, made, placed, require_accepted, settle, stored_token
from payconform.authoring.make import Make, decimals, fresh_request_id
from payconform.authoring.refusals import faulty, refused
from payconform.authoring.shapes import schema_violations
from payconform.authoring.steps import (
    Control,
    Create,
    CreateTogether,
    Open,
    Pay,
    Placed,
    Probe,
    Settled,
    Silence,
    StoredCard,
    TerminalCallback,
    Together,
    UnmetError,
)
from payconform.contract.faults import Fault
from payconform.model.clause import Mode, Severity
from payconform.model.evidence import Callback, Exchange, Journey
from payconform.model.notification import Notification, same_amount
from payconform.model.order import Order
from payconform.model.profile import Role
from payconform.model.reply import Kind, Reply

CASHIER, CARD, TOKEN = Mode.CASHIER, Mode.CARD, Mode.TOKEN

__all__ = [
    "CARD",
    "CASHIER",
    "EVERY_MODE",
    "TOKEN",
    "Callback",
    "Case",
    "CaseFamily",
    "Check",
    "Control",
    "Create",
    "CreateTogether",
    "Exchange",
    "Fault",
    "Invariants",
    "Journey",
    "Kind",
    "Make",
    "Mode",
    "Notification",
    "Open",
    "Order",
    "Pay",
    "Placed",
    "Probe",
    "Reply",
    "Role",
    "Script",
    "Settled",
    "Severity",
    "Silence",
    "StoredCard",
    "TerminalCallback",
    "Together",
    "UnmetError",
    "can_settle",
    "case",
    "check",
    "decimals",
    "faulty",
    "fresh_request_id",
    "made",
    "not_paid",
    "notified",
    "paid",
    "placed",
    "refused",
    "require",
    "require_accepted",
    "same_amount",
    "schema_violations",
    "settle",
    "single_faults",
    "stored_token",
]
