"""All that a suite imports: the words of a case."""

from payconform.authoring.cases import CARDS_FIRST, EVERY_MODE, Case, CaseFamily, Invariants, case
from payconform.authoring.checks import Check, check, require
from payconform.authoring.choices import LONGEST_URL
from payconform.authoring.deliveries import delivered_again, deliveries
from payconform.authoring.drafts import drawn_drafts
from payconform.authoring.drawn_orders import drawn_orders, ordinary_ones_are_accepted, texts_are_accepted
from payconform.authoring.endings import (
    called_back_as_asked,
    declined_as_the_card,
    never_paid,
    not_paid,
    notified,
    paid,
    repeats_nothing,
    stays_refused,
)
from payconform.authoring.flows import (
    Script,
    can_settle,
    each_to_its_end,
    made,
    placed,
    require_accepted,
    settle,
    stored_token,
    token_if_needed,
    was_failed,
)
from payconform.authoring.generated import generated_bodies
from payconform.authoring.lives import drawn_lives, lives
from payconform.authoring.make import Make, card_data, decimals, fresh_request_id, mistyped
from payconform.authoring.markup import elements_made, marked_up
from payconform.authoring.refusals import faulty, refused, refused_or_placed
from payconform.authoring.repeats import (
    AT_ONCE,
    OTHER_ADDRESS,
    changed,
    corrected,
    other_amount,
    other_currency,
    other_terms,
    pages_apart,
    repeated,
    simultaneous,
    slips,
)
from payconform.authoring.shapes import schema_violations
from payconform.authoring.single_faults import single_faults
from payconform.authoring.steps import (
    Control,
    Create,
    CreateTogether,
    Forge,
    Open,
    Pay,
    Placed,
    Probe,
    Redeliveries,
    Settled,
    Silence,
    StoredCard,
    TerminalCallback,
    Together,
    Unacknowledged,
    UnmetError,
)
from payconform.authoring.trials import narrowed, tried_together
from payconform.authoring.turns import in_turn
from payconform.contract.faults import Fault
from payconform.contract.register import SIGNING_DIALECT
from payconform.model.clause import Mode, Severity
from payconform.model.evidence import Callback, Exchange, Journey
from payconform.model.forgery import Forgery
from payconform.model.message import Answer
from payconform.model.notification import Notification, same_amount
from payconform.model.order import Order
from payconform.model.profile import Role
from payconform.model.reply import Kind, Reply

CASHIER, CARD, TOKEN = Mode.CASHIER, Mode.CARD, Mode.TOKEN

__all__ = [
    "AT_ONCE",
    "CARD",
    "CARDS_FIRST",
    "CASHIER",
    "EVERY_MODE",
    "LONGEST_URL",
    "OTHER_ADDRESS",
    "SIGNING_DIALECT",
    "TOKEN",
    "Answer",
    "Callback",
    "Case",
    "CaseFamily",
    "Check",
    "Control",
    "Create",
    "CreateTogether",
    "Exchange",
    "Fault",
    "Forge",
    "Forgery",
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
    "Redeliveries",
    "Reply",
    "Role",
    "Script",
    "Settled",
    "Severity",
    "Silence",
    "StoredCard",
    "TerminalCallback",
    "Together",
    "Unacknowledged",
    "UnmetError",
    "called_back_as_asked",
    "can_settle",
    "card_data",
    "case",
    "changed",
    "check",
    "corrected",
    "decimals",
    "declined_as_the_card",
    "delivered_again",
    "deliveries",
    "drawn_drafts",
    "drawn_lives",
    "drawn_orders",
    "each_to_its_end",
    "elements_made",
    "faulty",
    "fresh_request_id",
    "generated_bodies",
    "in_turn",
    "lives",
    "made",
    "marked_up",
    "mistyped",
    "narrowed",
    "never_paid",
    "not_paid",
    "notified",
    "ordinary_ones_are_accepted",
    "other_amount",
    "other_currency",
    "other_terms",
    "pages_apart",
    "paid",
    "placed",
    "refused",
    "refused_or_placed",
    "repeated",
    "repeats_nothing",
    "require",
    "require_accepted",
    "same_amount",
    "schema_violations",
    "settle",
    "simultaneous",
    "single_faults",
    "slips",
    "stays_refused",
    "stored_token",
    "texts_are_accepted",
    "token_if_needed",
    "tried_together",
    "was_failed",
]
