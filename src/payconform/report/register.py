"""The clause register as reports use it: the published one, or one that a test made."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from payconform.contract import register as published_register
from payconform.model.clause import PAYING_MODES, Clause, Judged, Reading, Severity
from payconform.model.finding import Finding
from payconform.report.text import one_line

LONGEST_ID = 40
"""Characters of the id of a clause; only a journal that was forged has longer ones."""


class Register(Struct, frozen=True):
    """Clauses and readings by id, in the register's order, and what breaking a clause does under a dialect."""

    clauses: Mapping[str, Clause]
    readings: Mapping[str, Reading]
    severity: Callable[[Clause, str], Severity]

    def clause_of(self, finding: Finding) -> Clause:
        """The clause a finding is about. A journal may be older than the register, so an unknown one gets a stand-in."""
        return self.clauses.get(finding.clause) or Clause(
            id=one_line(finding.clause, LONGEST_ID),
            chapter="Clauses this version does not know",
            section="unknown",
            level=finding.level,
            modes=PAYING_MODES,
            statement="This version of the clause register has no such clause.",
            severity=Severity.STRICT,
            judged=Judged.CASE,
        )

    def is_strict(self, clause: str, dialect: str) -> bool:
        """Whether breaking a clause blocks under a dialect. A clause this version does not know is taken to block."""
        known = self.clauses.get(clause)
        return known is None or self.severity(known, dialect) is Severity.STRICT


def published() -> Register:
    """The register that comes with this version."""
    return Register(published_register.clauses(), published_register.readings(), published_register.severity)
