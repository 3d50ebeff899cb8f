"""The findings that need attention, each with all that its part of the report shows."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from payconform.contract.register import SIGNING_DIALECT
from payconform.model.clause import Clause
from payconform.model.finding import Finding, Outcome
from payconform.model.run import PlannedCase
from payconform.report.account import Account
from payconform.report.exhibits import Curator, Exhibition
from payconform.report.rerun import CAPTURED, command
from payconform.report.sections.attribution import Attribution, Attributor
from payconform.report.sections.comparison import Comparison, compared
from payconform.report.sections.reproduction import Reproduction, as_curl
from payconform.report.sections.sequence import Diagram, Sequencer
from payconform.report.text import clip, visible
from payconform.report.wording import ATTENTION

CASES_SHOWN = 3
WORDS, FEW_WORDS = 1_500, 300
SHOWN_IN_FULL = 60
_MOST_ALIKE = 3


class Entry(Struct, frozen=True):
    """A finding, and the others that stayed inconclusive for the same reason; `reason` is cut to what a page bears."""

    finding: Finding
    also: tuple[Finding, ...]
    clause: Clause
    attribution: Attribution
    comparison: Comparison
    reason: str
    diagram: Diagram | None
    exhibition: Exhibition
    curl: Reproduction | None
    cases: tuple[PlannedCase, ...]
    command: str


def entries(account: Account) -> list[Entry]:
    """What needs attention, failed first. The first ones take the room they need; what comes after them is kept short."""
    makers = _Makers(account)
    return [
        makers.entry(group, WORDS if place < SHOWN_IN_FULL else FEW_WORDS)
        for place, group in enumerate(_groups(account.with_outcome(*ATTENTION)))
    ]


class _Makers:
    def __init__(self, account: Account) -> None:
        self._account = account
        self._curator = Curator(account)
        self._sequencer = Sequencer(account)
        self._attributor = Attributor(account)

    def entry(self, group: list[Finding], words: int) -> Entry:
        account, finding = self._account, group[0]
        return Entry(
            finding=finding,
            also=tuple(group[1:]),
            clause=account.clause(finding),
            attribution=self._attributor.of(finding),
            comparison=compared(_shown(finding.expected, words), _shown(finding.observed, words)),
            reason=_shown(finding.reason, words),
            diagram=self._sequencer.diagram(finding),
            exhibition=self._curator.exhibition(finding),
            curl=self._curl(finding) if words == WORDS else None,
            cases=tuple(account.cases[case] for case in finding.cases[:CASES_SHOWN] if case in account.cases),
            command=command(account, finding),
        )

    def _curl(self, finding: Finding) -> Reproduction | None:
        header = self._account.header
        exchange = self._curator.creating(finding)
        if exchange is None or header.plan == CAPTURED:
            return None
        return as_curl(exchange, is_signed=header.target.dialect == SIGNING_DIALECT)


def _shown(text: str, words: int) -> str:
    return visible(clip(text, words))


def _groups(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Findings by themselves, but for those that many share a reason with: an unreachable target is told of once."""
    findings = list(findings)
    by_reason: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.outcome is Outcome.INCONCLUSIVE and finding.reason:
            by_reason.setdefault(finding.reason, []).append(finding)
    for finding in findings:
        alike = by_reason.get(finding.reason, []) if finding.outcome is Outcome.INCONCLUSIVE else []
        if len(alike) <= _MOST_ALIKE:
            yield [finding]
        elif alike[0] is finding:
            yield alike
