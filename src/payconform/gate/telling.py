"""A ruling and the differences of two runs, for people."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from payconform.gate.claim import Claim
from payconform.gate.differences import place_of
from payconform.gate.files import waiver_text
from payconform.model.finding import Finding
from payconform.model.ruling import Change, Differences, Ruling, Since, Waiver
from payconform.report.text import one_line
from payconform.report.wording import MODES, VERDICTS, amount, waived

_EXPIRY = timedelta(days=90)
_MOST_CASES = 20
_REASON = 200
_TO_NAME = "to be named"


def ruling_text(ruling: Ruling, claim: Claim, *, width: int, now: datetime, since: Since | None = None) -> str:
    """Whether the release passes, every objection, what is waived, and a waiver to paste for each new deviation.

    With a baseline, `since` says what changed; it is told in whole, for what does not stop a release may matter all the same.
    """
    word = VERDICTS[ruling.verdict].word.lower()
    head = f"✓ PASSED THE GATE: {word} (exit code 0)"
    if not ruling.passes:
        head = f"✗ STOPPED BY THE GATE: {word} (exit code {int(ruling.exit_code)})"
    reasons = [objection.reason for objection in ruling.objections] or [ruling.reason]
    lines = [head, *(_item(reason, width) for reason in reasons)]
    if ruling.waived:
        lines += ["", "Waived:"]
        lines += [_item(f"{waiver.clause} ({waiver.mode.value}) {waived(waiver)}", width) for waiver in ruling.waived]
    if since:
        lines += ["", f"Since the last certified run ({one_line(since.started_at)}):"]
        lines += [line for line in _sections(since.differences, width) if line] or ["  Nothing changed."]
    new = waivers_to_paste(ruling, claim, now)
    if new:
        lines += ["", "To bear what is new, put this into the waivers file, with owner and ticket:", "", *map(waiver_text, new)]
    return "\n".join(lines).rstrip("\n") + "\n"


def waivers_to_paste(ruling: Ruling, claim: Claim, now: datetime) -> tuple[Waiver, ...]:
    """A waiver for each deviation that has none, not even an expired one, for a quarter of a year.

    Whoever pastes it answers for it.
    """
    expired = {waiver.place for waiver in ruling.expired}
    new = {place_of(finding): finding for finding in ruling.deviations if place_of(finding) not in expired}
    return tuple(
        Waiver(
            clause=finding.clause,
            mode=finding.mode,
            target=claim.target.name,
            reason=_reason(finding),
            owner=claim.run_by or _TO_NAME,
            ticket=_TO_NAME,
            expiry=(now + _EXPIRY).date(),
        )
        for finding in new.values()
    )


def _reason(finding: Finding) -> str:
    said = f"expected {finding.expected}; observed {finding.observed}" if finding.observed else finding.reason
    return one_line(said, _REASON) or "the clause is broken"


def differences_text(changed: Differences, old: Claim, new: Claim, *, width: int) -> str:
    """What changed, a section for each kind of change that there is."""
    lines = [_run("Old", old), _run("New", new)]
    lines += list(_sections(changed, width)) or ["", "Nothing changed."]
    if changed.vanished_cases is None:
        lines += ["", "A verdict.json does not tell which cases ran; compare journals to see those that vanished."]
    return "\n".join(lines) + "\n"


def _sections(changed: Differences, width: int) -> Iterator[str]:
    """A title and its lines for each kind of change that there is, an empty line before each."""
    sections: Sequence[tuple[str, Iterable[str]]] = (
        ("Regressions", map(_change, changed.regressions)),
        ("Mended", map(_change, changed.mended)),
        ("No longer judged", map(_change, changed.lost)),
        ("Newly judged", map(_change, changed.new)),
        ("Vanished cases", _cases(changed.vanished_cases)),
        ("New cases", _cases(changed.new_cases)),
    )
    for title, items in sections:
        told = [_item(item, width) for item in items]
        if told:
            yield from ("", f"{title}:", *told)


def _run(title: str, claim: Claim) -> str:
    word = VERDICTS[claim.decision.verdict].word.lower()
    whole = "" if claim.complete else ", not whole"
    version = one_line(claim.suite_version)
    return f"{title}: {one_line(claim.target.name)}, {one_line(claim.started_at)}, payconform {version}, {word}{whole}"


def _change(change: Change) -> str:
    before, after = (_word(outcome) for outcome in (change.before, change.after))
    return f"{change.clause} ({MODES[change.mode].lower()}): {before} → {after}"


def _word(outcome: str) -> str:
    return str(outcome).replace("_", " ") or "no finding"


def _cases(names: Sequence[str] | None) -> Iterator[str]:
    yield from (names or ())[:_MOST_CASES]
    if names and len(names) > _MOST_CASES:
        yield f"and {amount(len(names) - _MOST_CASES, 'more case')}"


def _item(text: str, width: int) -> str:
    return textwrap.fill(
        one_line(text, 1_000), max(width, 40), initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
    )
