"""Clauses of the contract, and the readings of what the documentation leaves open."""

from enum import StrEnum

from msgspec import Struct


class Mode(StrEnum):
    """How an order pays: on the hosted cashier page, with card data in the request, or with a stored token.

    UNKNOWN is the mode of a captured callback whose order nobody gave; no order, clause or profile has it.
    """

    CASHIER = "cashier"
    CARD = "card"
    TOKEN = "token"
    UNKNOWN = "unknown"


PAYING_MODES = (Mode.CASHIER, Mode.CARD, Mode.TOKEN)
"""The modes an order can have."""


class Level(StrEnum):
    """Where a clause comes from: stated by the guide, implied by it, a companion page, or only plausible."""

    DOCUMENTED = "documented"
    IMPLIED = "implied"
    COMPANION = "companion"
    ADVISORY = "advisory"


class Severity(StrEnum):
    """What breaking a clause does: a strict clause blocks, an advisory one warns."""

    STRICT = "strict"
    ADVISORY = "advisory"


class Judged(StrEnum):
    """How a clause is judged: by cases of its own, on all evidence of a run, before the run, or not at all."""

    CASE = "case"
    INVARIANT = "invariant"
    PREFLIGHT = "preflight"
    NOT_JUDGED = "not-judged"


class Clause(Struct, frozen=True, kw_only=True):
    """One testable statement of the contract.

    `reason` says why the clause is not judged and is empty otherwise; `readings` names the readings that bear on it.
    """

    id: str
    chapter: str
    section: str
    level: Level
    modes: tuple[Mode, ...]
    statement: str
    severity: Severity
    judged: Judged
    reason: str = ""
    readings: tuple[str, ...] = ()


class Reading(Struct, frozen=True, kw_only=True):
    """One point the documentation leaves open: `choices` maps what a profile may say to what it means.

    A reading without choices records a contradiction whose treatment is fixed; `key` is then empty.
    """

    id: str
    where: str
    statement: str
    treatment: str
    key: str = ""
    choices: dict[str, str] = {}
    default: str = ""
    clauses: tuple[str, ...] = ()
