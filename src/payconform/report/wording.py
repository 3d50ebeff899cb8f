"""The words reports use for outcomes, verdicts, levels and modes, the same in all of them."""

from msgspec import Struct

from payconform.model.clause import Level, Mode
from payconform.model.finding import Finding, Outcome, Verdict
from payconform.model.ruling import Waiver


class Wording(Struct, frozen=True):
    """How an outcome is shown: a sign that survives without colour, a word, a word for narrow columns, and what it means."""

    sign: str
    word: str
    short: str
    meaning: str


OUTCOMES = {
    Outcome.FAILED: Wording("✗", "failed", "FAILED", "The target was seen to break the clause."),
    Outcome.WARNED: Wording(
        "!", "warned", "warned", "The target departs from a clause that is advisory: reported, never blocking."
    ),
    Outcome.INCONCLUSIVE: Wording(
        "?",
        "inconclusive",
        "unclear",
        "A prerequisite was missing, or the target could not be reached: the clause could not be judged.",
    ),
    Outcome.ERROR: Wording(
        "#", "error", "ERROR", "The harness itself broke while judging the clause. It says nothing about the target."
    ),
    Outcome.PASSED: Wording("✓", "passed", "passed", "The clause was seen to be kept every time it was looked at."),
    Outcome.NOT_OBSERVED: Wording("○", "not observed", "unseen", "Nothing in this run exercised the clause. It is not a pass."),
    Outcome.NOT_APPLICABLE: Wording(
        "–",
        "not applicable",
        "n/a",
        "The target lacks what the clause is about, or speaks another dialect, as its profile says. It is not a pass.",
    ),
}
"""Every outcome, the ones that ask for attention first."""

ATTENTION = (Outcome.FAILED, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.WARNED)
"""The outcomes a reader has to act on; reports list these in full."""

VERDICTS = {
    Verdict.CONFORMANT: Wording("✓", "Conformant", "conformant", "Every clause that was judged was kept."),
    Verdict.WITH_WARNINGS: Wording("!", "Conformant with warnings", "conformant with warnings", "No blocking clause was broken."),
    Verdict.NON_CONFORMANT: Wording("✗", "Non-conformant", "non-conformant", "At least one blocking clause was broken."),
    Verdict.INCONCLUSIVE: Wording("?", "Inconclusive", "inconclusive", "This run neither proves nor disproves conformance."),
}

LEVELS = {
    Level.DOCUMENTED: "Stated by the provider's guide.",
    Level.IMPLIED: "Follows from the guide's examples or prose.",
    Level.COMPANION: "Stated only by companion pages of the guide; strict only under their dialect.",
    Level.ADVISORY: "Plausible, but not written anywhere; strict only where money or card data is at stake.",
}

MODES = {Mode.CASHIER: "Cashier", Mode.CARD: "Card", Mode.TOKEN: "Token", Mode.UNKNOWN: "Unknown"}


def level_of(finding: Finding) -> str:
    """The level of a finding's clause; where one that can block only warns, that what was expected is advisory."""
    partly = finding.outcome is Outcome.WARNED and finding.level is not Level.ADVISORY
    return f"{finding.level.value}, here advisory" if partly else finding.level.value


def waived(waiver: Waiver) -> str:
    """A waiver for a reader, after the word waived."""
    return f"until {waiver.expiry.isoformat()} by {waiver.owner} ({waiver.ticket}): {waiver.reason}"


def amount(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: `1 finding`, `1,200 findings`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Seconds for a reader: `31.7 s`, `2 min 5 s`."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def duration_ms(seconds: float) -> str:
    """A duration of one exchange: `1.4 ms`, `34 ms`, `1,200 ms`, or seconds when it is long."""
    if seconds >= 10:
        return duration(seconds)
    return f"{seconds * 1000:,.0f} ms" if seconds >= 0.00995 or not seconds else f"{seconds * 1000:.1f} ms"
