"""One callback as a checklist, clause by clause."""

import textwrap

from payconform.archive.evidence import string_to_sign
from payconform.archive.findings import judged_clauses
from payconform.archive.looking import ALONE
from payconform.archive.parts import Part
from payconform.contract.register import applies, clauses
from payconform.engine.tally import Example, weigh
from payconform.model.evidence import Callback
from payconform.model.finding import Observation, Outcome
from payconform.report.register import published
from payconform.report.text import one_line
from payconform.report.wording import OUTCOMES

_INDENT = " " * 9
_WIDTH = 100


def checklist(part: Part, dialect: str) -> str:
    """A line for every clause, with what was expected and observed where it was not kept; then the text that was to be signed."""
    lines = []
    for clause in judged_clauses(with_orders=False):
        if not applies(clauses()[clause], dialect):
            continue
        examples = _examples(part, clause)
        if examples:
            lines += _told(examples[0].observation, dialect)
        elif clause in ALONE:
            sign = OUTCOMES[Outcome.NOT_OBSERVED].sign
            lines.append(f"{sign} {clause}  {clauses()[clause].statement} (this callback does not show it)")
    signed = [callback for callback in _callbacks(part) if callback.signature == "mismatch"]
    return "\n".join([*lines, *map(_signed, signed[:1])]) + "\n"


def _examples(part: Part, clause: str) -> list[Example]:
    """What was said of a clause, the worst first."""
    said = [told for (name, _), outcomes in part.tally.places.items() if name == clause for told in outcomes.items()]
    order = list(OUTCOMES)
    return [example for _, told in sorted(said, key=lambda one: order.index(one[0])) for example in told.examples]


def _told(one: Observation, dialect: str) -> list[str]:
    outcome = weigh(one, strict=published().is_strict(one.clause, dialect))
    head = f"{OUTCOMES[outcome].sign} {one.clause}  {clauses()[one.clause].statement}"
    if outcome is Outcome.PASSED:
        return [head]
    told = {"expected": one.expected, "observed": one.observed}
    return [head, *(f"{_INDENT}{label}  {one_line(text)}" for label, text in told.items() if text)]


def _callbacks(part: Part) -> list[Callback]:
    """What the findings that need attention are about."""
    said = (told for outcomes in part.tally.places.values() for told in outcomes.values())
    return [callback for told in said for example in told.examples for callback in example.callbacks]


def _signed(callback: Callback) -> str:
    text = string_to_sign(callback)
    return "\nSigned should have been (SHA-256, upper-case hexadecimal):\n" + textwrap.indent(one_line(text, _WIDTH * 50), "  ")
