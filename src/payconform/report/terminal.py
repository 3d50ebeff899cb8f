"""A run for the terminal: the table of clauses by mode, what needs attention, and the verdict."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.finding import Finding, Outcome, Verdict
from payconform.model.ruling import Ruling
from payconform.model.run import Record
from payconform.report.account import Account, Chapter, Row
from payconform.report.register import Register
from payconform.report.rerun import CAPTURED, command
from payconform.report.text import one_line
from payconform.report.verdict import conclusion
from payconform.report.wording import ATTENTION, MODES, OUTCOMES, VERDICTS, amount, duration, level_of, waived

_CELL = 10
_GAP = 1
_ID = 7
_LEAST_STATEMENT = 20
_MOST_IDS = 4
_MOST_CLAUSES = 12
_MOST_FAILURES = 50
_LABEL = 10

_RED, _GREEN, _YELLOW, _MAGENTA, _DIM, _BOLD = "31", "32", "33", "35", "2", "1"
_OUTCOME_COLORS = {
    Outcome.PASSED: _GREEN,
    Outcome.FAILED: _RED,
    Outcome.WARNED: _YELLOW,
    Outcome.INCONCLUSIVE: _MAGENTA,
    Outcome.ERROR: _MAGENTA,
    Outcome.NOT_OBSERVED: _DIM,
    Outcome.NOT_APPLICABLE: _DIM,
}
_VERDICT_COLORS = {
    Verdict.CONFORMANT: _GREEN,
    Verdict.WITH_WARNINGS: _YELLOW,
    Verdict.NON_CONFORMANT: _RED,
    Verdict.INCONCLUSIVE: _MAGENTA,
}


def clause_table(
    records: Sequence[Record],
    *,
    width: int = 80,
    color: bool = False,
    verbose: bool = False,
    register: Register | None = None,
) -> str:
    """The table of clauses by mode. Unless verbose, clauses that need no attention are counted, chapter by chapter."""
    return _Screen(width, color=color).table(Account(records, register), verbose=verbose)


def summary(
    records: Sequence[Record],
    reports: Iterable[Path] = (),
    *,
    width: int = 80,
    color: bool = False,
    verbose: bool = False,
    register: Register | None = None,
    ruling: Ruling | None = None,
) -> str:
    """The table, then each finding that needs attention, then the verdict and where the reports are."""
    account = Account(records, register, ruling)
    screen = _Screen(width, color=color)
    parts = [screen.table(account, verbose=verbose), *screen.failures(account), screen.closing(account, reports)]
    return "\n\n".join(part for part in parts if part) + "\n"


class _Screen:
    """A terminal of a width, with colour or without. Words and signs say everything; colour only helps."""

    def __init__(self, width: int, *, color: bool) -> None:
        self._width = max(width, _ID + _LEAST_STATEMENT + len(PAYING_MODES) * (_CELL + _GAP))
        self._color = color

    def table(self, account: Account, *, verbose: bool) -> str:
        heads = "".join(f"{MODES[mode]:<{_CELL + _GAP}}" for mode in account.modes)
        blocks = [self._paint(_BOLD, f"{'Clause':<{self._width - self._cells(account.modes)}}{heads}".rstrip())]
        for chapter in account.chapters:
            blocks.extend(self._chapter(chapter, account.modes, verbose=verbose))
        return "\n".join([*blocks, "", self._legend(account)])

    def _chapter(self, chapter: Chapter, modes: tuple[Mode, ...], *, verbose: bool) -> list[str]:
        rows = [row for row in chapter.rows if row.findings]
        if not rows:
            return []
        listed = [row for row in rows if verbose or _needs_attention(row)]
        folded = [row for row in rows if row not in listed]
        lines = ["", self._paint(_BOLD, chapter.name), *(self._row(row, modes) for row in listed)]
        return [*lines, f"  {_tally(folded)}"] if folded else lines

    def _cells(self, modes: tuple[Mode, ...]) -> int:
        return len(modes) * (_CELL + _GAP)

    def _row(self, row: Row, modes: tuple[Mode, ...]) -> str:
        room = self._width - self._cells(modes) - _ID - 3
        statement = textwrap.shorten(row.clause.statement, room, placeholder="…")
        cells = "".join(self._cell(row.findings.get(mode)) for mode in modes)
        return f"  {row.clause.id:<{_ID}}{statement:<{room}} {cells}".rstrip()

    def _cell(self, finding: Finding | None) -> str:
        if finding is None:
            return " " * (_CELL + _GAP)
        wording = OUTCOMES[finding.outcome]
        return self._paint(_OUTCOME_COLORS[finding.outcome], f"{wording.sign} {wording.short}".ljust(_CELL)) + " " * _GAP

    def _legend(self, account: Account) -> str:
        counted = Counter(finding.outcome for finding in account.findings)
        shown = [
            f"{OUTCOMES[outcome].sign} {OUTCOMES[outcome].word} {counted[outcome]}" for outcome in OUTCOMES if counted[outcome]
        ]
        return self._wrapped("Findings (clause in a mode): " + (", ".join(shown) or "none") + ".")

    def failures(self, account: Account) -> list[str]:
        """A few lines for each finding that needs attention, failed ones first; modes that say the same share their lines.

        So do clauses that stayed inconclusive for the same reason: of a target that is down it is said once.
        """
        shared = _by_reason(account, account.alike(*ATTENTION))
        blocks = [self._failure(account, groups[0], _others(groups)) for groups in shared[:_MOST_FAILURES]]
        left = sum(map(len, shared[_MOST_FAILURES:]))
        return [*blocks, f"… and {left} more: see compliance.html"] if left else blocks

    def _failure(self, account: Account, group: Sequence[Finding], others: str) -> str:
        finding = group[0]
        clause = account.clause(finding)
        wording = OUTCOMES[finding.outcome]
        modes = ", ".join(alike.mode.value for alike in group)
        waivers = dict.fromkeys(waived(waiver) for alike in group if (waiver := account.waiver(alike)))
        title = f"{wording.sign} {clause.id} {wording.word}{', waived' if waivers else ''} ({modes}; {level_of(finding)})"
        entries = (
            ("clause", clause.statement),
            ("source", clause.section),
            ("expected", finding.expected),
            ("observed", finding.observed),
            ("reason", finding.reason),
            ("likewise", others),
            ("evidence", _evidence(account, group)),
            *(("waived", waiver) for waiver in waivers),
            ("when", _when(group)),
        )
        lines = [self._entry(label, value) for label, value in entries if value]
        # The command stays on one line, however long, so that it can be copied.
        again = f"  {'again':<{_LABEL}}{command(account, finding)}"
        return "\n".join([self._paint(_OUTCOME_COLORS[finding.outcome], title), *lines, again])

    def _entry(self, label: str, value: str) -> str:
        return textwrap.fill(
            one_line(value),
            self._width,
            initial_indent=f"  {label:<{_LABEL}}",
            subsequent_indent=" " * (_LABEL + 2),
            break_on_hyphens=False,
        )

    def closing(self, account: Account, reports: Iterable[Path]) -> str:
        """How much was done, the verdict, and the reports."""
        decision = conclusion(account)
        wording = VERDICTS[decision.verdict]
        counts, target = account.counts, account.header.target
        requests, seed = f"{amount(counts.requests, 'request')}, ", f", seed {account.header.seed}"
        if account.header.plan == CAPTURED:
            requests = seed = ""
        callbacks = f"{amount(counts.callbacks, 'callback')}, {duration(counts.seconds)}"
        done = f"{one_line(target.name)} ({one_line(target.base_url)}), {requests}{callbacks}{seed}"
        verdict = f"{wording.sign} {wording.word.upper()} (exit code {int(decision.exit_code)})"
        if account.ruling and not account.ruling.passes:
            verdict = f"✗ STOPPED BY THE GATE: {wording.word} (exit code {int(decision.exit_code)})"
        painted = self._paint(f"{_BOLD};{_VERDICT_COLORS[decision.verdict]}", verdict)
        paths = [f"  {path}" for path in reports]
        return "\n".join([self._wrapped(done), painted, self._wrapped(one_line(decision.reason)), *paths])

    def _wrapped(self, text: str) -> str:
        return textwrap.fill(text, self._width, break_on_hyphens=False)

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text


def _needs_attention(row: Row) -> bool:
    return any(finding.outcome in ATTENTION for finding in row.findings.values())


def _tally(rows: Sequence[Row]) -> str:
    """Clauses that need no attention, counted by the least favourable outcome of their modes."""
    quiet = (Outcome.NOT_OBSERVED, Outcome.PASSED, Outcome.NOT_APPLICABLE)
    counted = Counter(min((finding.outcome for finding in row.findings.values()), key=quiet.index) for row in rows)
    order = (Outcome.PASSED, Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE)
    parts = [f"{OUTCOMES[outcome].sign} {counted[outcome]} {OUTCOMES[outcome].word}" for outcome in order if counted[outcome]]
    return "   ".join(parts)


def _by_reason(account: Account, groups: Sequence[list[Finding]]) -> list[list[list[Finding]]]:
    """Each group of findings by itself, but for those that are inconclusive for one reason: they stand with the first of them."""
    shared: dict[str | int, list[list[Finding]]] = {}
    for nth, group in enumerate(groups):
        finding = group[0]
        unclear = finding.outcome is Outcome.INCONCLUSIVE and not account.waiver(finding)
        shared.setdefault(finding.reason if unclear else nth, []).append(group)
    return list(shared.values())


def _others(groups: Sequence[Sequence[Finding]]) -> str:
    """The clauses of the groups behind the first one, which the table lists too."""
    ids = list(dict.fromkeys(group[0].clause for group in groups[1:]))
    more = f" and {len(ids) - _MOST_CLAUSES} more" if len(ids) > _MOST_CLAUSES else ""
    return ", ".join(ids[:_MOST_CLAUSES]) + more


def _when(group: Sequence[Finding]) -> str:
    """When captured callbacks broke the clause, "" where no time is known."""
    first = min((finding.first for finding in group if finding.first), default="")
    last = max((finding.last for finding in group if finding.last), default="")
    return f"first {first}, last {last}" if first else ""


def _evidence(account: Account, group: Sequence[Finding]) -> str:
    """Where to look, in the journal or an archive, and how often the clause was broken in the group's modes taken together."""
    ids = list(dict.fromkeys(name for finding in group for name in (*finding.exchanges, *finding.callbacks, *finding.journeys)))
    more = f" and {len(ids) - _MOST_IDS} more" if len(ids) > _MOST_IDS else ""
    failed, seen = sum(finding.frequency.failed for finding in group), sum(finding.frequency.seen for finding in group)
    often = f" ({failed:,} of {amount(seen, 'time')})" if seen else ""
    places = (account.callbacks[name].source or name if name in account.callbacks else name for name in ids[:_MOST_IDS])
    return "; ".join(map(str, places)) + more + often if ids else ""
