"""Writes the journal of an archive: header, the callbacks that findings point at, the findings, and the verdict."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

import payconform
from payconform.archive.evidence import Restorer, place_of
from payconform.archive.findings import judged_clauses
from payconform.archive.looking import Assumptions
from payconform.archive.parts import Part
from payconform.contract.register import CONTRACT_VERSION
from payconform.journal.recorder import Recorder
from payconform.journal.redaction import Redactor
from payconform.model.clause import Mode
from payconform.model.evidence import Callback
from payconform.model.finding import Finding, Outcome
from payconform.model.run import JOURNAL_FORMAT, Counts, Footer, Header, Plan, Record, TargetSummary
from payconform.report.rerun import CAPTURED
from payconform.report.verdict import decide


class About(Struct, frozen=True, kw_only=True):
    """What a journal says of the archive as a whole."""

    target: TargetSummary
    modes: tuple[Mode, ...]
    assumptions: Assumptions
    with_orders: bool = False
    orders: int = 0
    deadline_s: float = 0.0


def write_journal(
    path: Path | None, about: About, part: Part, found: Sequence[Finding], *, restorer: Restorer, seconds: float
) -> tuple[Record, ...]:
    """Write the journal, closed by its footer, and answer its records. `seconds` is how long judging took."""
    ended = datetime.now(UTC)
    began = datetime.fromtimestamp(part.first if part.first is not None else ended.timestamp() - seconds, UTC)
    shown = _shown(part, found)
    names = {callback.id: f"n{number}" for number, callback in enumerate(shown, start=1)}
    with Recorder(path, Redactor(secrets=[about.assumptions.secret])) as recorder:
        recorder.write(_header(about, began))
        recorder.write(Plan(cases=(), invariants=judged_clauses(with_orders=about.with_orders)))
        for callback in shown:
            whole = restorer.whole(callback)
            at = max(0.0, whole.at - began.timestamp()) if whole.at else 0.0
            recorder.write(msgspec.structs.replace(whole, id=names[callback.id], at=at))
        for finding in found:
            recorder.write(msgspec.structs.replace(finding, callbacks=_renamed(finding.callbacks, names)))
        decision = decide(recorder.records)
        counts = Counts(requests=0, callbacks=part.records, seconds=round(seconds, 3), orders=about.orders)
        recorder.write(
            Footer(
                verdict=decision.verdict,
                exit_code=decision.exit_code,
                reason=decision.reason,
                counts=counts,
                ended_at=ended.isoformat(timespec="seconds"),
            )
        )
        return recorder.records


def _shown(part: Part, found: Iterable[Finding]) -> list[Callback]:
    """The callbacks that a journal holds: of each finding that needs attention, in the order of the archive."""
    wanted = {name for finding in found for name in finding.callbacks}
    tallied = (told for outcomes in part.tally.places.values() for told in outcomes.items())
    said = (told for outcome, told in tallied if outcome is not Outcome.PASSED)
    callbacks = (callback for told in said for example in told.examples for callback in example.callbacks)
    known = {callback.id: callback for callback in callbacks if callback.id in wanted}
    return sorted(known.values(), key=place_of)


def _renamed(ids: Iterable[str], names: dict[str, str]) -> tuple[str, ...]:
    return tuple(names[name] for name in ids if name in names)


def _header(about: About, began: datetime) -> Header:
    return Header(
        format=JOURNAL_FORMAT,
        suite_version=payconform.__version__,
        contract_version=CONTRACT_VERSION,
        started_at=began.isoformat(timespec="seconds"),
        seed=0,
        plan=CAPTURED,
        target=about.target,
        modes=about.modes,
        roles=(),
        payer="none",
        inbox=CAPTURED,
        quiet_window_s=0.0,
        deadline_s=about.deadline_s,
        readings=dict(about.assumptions.readings),
        command=shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
    )
