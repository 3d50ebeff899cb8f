"""What an archive adds up to: a finding for every clause that callbacks can show."""

from collections.abc import Sequence

from payconform.archive.looking import ACROSS, ALONE, BESIDE, OWNERS, TIMELY
from payconform.archive.parts import Part
from payconform.archive.placing import Placing
from payconform.contract.register import applies, clauses
from payconform.engine.judge import NOT_OF_THE_DIALECT, unjudged
from payconform.engine.tally import Example, finding
from payconform.model.clause import Clause, Mode
from payconform.model.finding import Finding, Observation, Outcome

UNREADABLE = "CB-02"
"""The clause that stays undecided where a record could not be read."""


def judged_clauses(*, with_orders: bool) -> tuple[str, ...]:
    """The clauses that captured callbacks are judged by, in the register's order."""
    asked = {*ALONE, *ACROSS, *OWNERS, *((*BESIDE, TIMELY) if with_orders else ())}
    return tuple(name for name in clauses() if name in asked)


def findings(part: Part, modes: Sequence[Mode], dialect: str, placing: Placing, *, with_orders: bool) -> tuple[Finding, ...]:
    """One finding for each clause and mode, in the register's order."""
    _note_damage(part, modes[0], placing)
    return tuple(
        _finding(part, clauses()[name], mode, dialect)
        for name in judged_clauses(with_orders=with_orders)
        for mode in _asked(part, name, modes)
    )


def _asked(part: Part, name: str, modes: Sequence[Mode]) -> list[Mode]:
    """The modes that a clause has a finding in: those of its own that were heard, and any in which something was said of it."""
    own = () if name in OWNERS else clauses()[name].modes
    asked = [mode for mode in modes if mode in own or part.tally.of((name, mode))]
    return asked or [mode for mode in modes if mode is Mode.UNKNOWN]


def _finding(part: Part, clause: Clause, mode: Mode, dialect: str) -> Finding:
    if not applies(clause, dialect):
        return unjudged(clause, mode, Outcome.NOT_APPLICABLE, NOT_OF_THE_DIALECT)
    said = part.tally.of((clause.id, mode))
    if not said:
        return unjudged(clause, mode, Outcome.NOT_OBSERVED, "no callback of the archive shows it")
    return finding(clause, mode, dialect, said)


def _note_damage(part: Part, mode: Mode, placing: Placing) -> None:
    """What cannot be read cannot be judged, so it keeps an archive from passing as if it were whole."""
    if not part.damages:
        return
    first = part.damages[0]
    more = f", and {part.damaged - 1:,} more places" if part.damaged > 1 else ""
    said = Observation(
        clause=UNREADABLE,
        mode=mode,
        outcome=Outcome.INCONCLUSIVE,
        expected="",
        observed=f"{placing.words(first.place)} {first.what}{more}: what cannot be read is not judged",
    )
    part.tally.add(Example(first.place, said))
    part.tally.count((UNREADABLE, mode), Outcome.INCONCLUSIVE, part.damaged - 1)
