"""From evidence to findings and verdict: of a run that ends, of its shards, and of journals that are judged again."""

from collections.abc import Mapping, Sequence

import msgspec

import payconform
from payconform.contract.register import clauses
from payconform.engine.judge import judge
from payconform.journal.merging import merge
from payconform.journal.reading import Journal
from payconform.model.evidence import Callback, Exchange, OrderRecord
from payconform.model.finding import ExitCode, Finding
from payconform.model.run import Counts, Ended, Footer, Header, Record
from payconform.report.verdict import decide

CUT_OFF = "it has no footer, so the run was cut off"


def conclusion(
    evidence: Sequence[Record],
    *,
    seconds: float,
    ended_at: str,
    interrupted: bool = False,
    flaw: str = "",
    made_of: Sequence[str] = (),
) -> tuple[Record, ...]:
    """The findings and the footer that evidence leads to. `seconds` is how long the run took, `ended_at` is ISO 8601."""
    findings = judge(evidence, clauses()) if evidence else ()
    decision = decide((*evidence, *findings), interrupted=interrupted, flaw=flaw)
    orders = {record.id for record in evidence if isinstance(record, OrderRecord)}
    counts = Counts(
        requests=sum(isinstance(record, Exchange) for record in evidence),
        callbacks=sum(isinstance(record, Callback) for record in evidence),
        seconds=round(seconds, 3),
        orders=len(orders & {record.order for record in evidence if isinstance(record, Exchange)}),
        cases=sum(isinstance(record, Ended) for record in evidence),
    )
    footer = Footer(
        verdict=decision.verdict,
        exit_code=decision.exit_code,
        reason=decision.reason,
        counts=counts,
        ended_at=ended_at,
        interrupted=interrupted,
        judged_with=payconform.__version__,
        flaw=flaw,
        made_of=tuple(made_of),
    )
    return (*findings, footer)


def judged_again(journals: Mapping[str, Journal]) -> tuple[Record, ...]:
    """One run's records, judged by this version: of one journal, of all its shards, or of a run and its reruns.

    Journals come with the names that messages call them by. The same journals give the same records. Evidence that is not
    whole leads to findings as far as it goes, and never to a conformant verdict. Raises `JournalError`.
    """
    evidence = _evidence(journals)
    footers = [record for journal in journals.values() for record in journal.records if isinstance(record, Footer)]
    seals = [journal.seal for journal in journals.values()]
    made_of = seals if len(seals) > 1 else [seal for footer in footers for seal in footer.made_of]
    concluded = conclusion(
        evidence,
        seconds=max([_latest(evidence), *(footer.counts.seconds for footer in footers)]),
        ended_at=max((footer.ended_at for footer in footers), default=""),
        interrupted=any(footer.interrupted for footer in footers) or any(journal.cut_off for journal in journals.values()),
        flaw="; ".join(f"{name}: {flaw}" for name, journal in journals.items() if (flaw := flaw_of(journal))),
        made_of=made_of,
    )
    return (*evidence, *concluded)


def as_recorded(journals: Mapping[str, Journal]) -> tuple[Record, ...]:
    """The records of a whole journal with the findings it has; several journals, and one that is not whole, are judged anew."""
    if len(journals) == 1:
        (journal,) = journals.values()
        if journal.complete:
            return journal.records
    return judged_again(journals)


def exit_code_of_part(records: Sequence[Record]) -> ExitCode:
    """What a job that ran one shard comes to: conformant when it did its part and nothing in it spoke against the target.

    Its journal alone is still inconclusive; what all shards come to is for whoever judges them together.
    """
    whole = [msgspec.structs.replace(record, shard="") if isinstance(record, Header) else record for record in records]
    code = decide(whole).exit_code
    return ExitCode.CONFORMANT if code is ExitCode.NOTHING_OBSERVED else code


def flaw_of(journal: Journal) -> str:
    """Why a journal is not whole, "" when it is."""
    if journal.complete:
        footer = journal.records[-1]
        return footer.flaw if isinstance(footer, Footer) else ""
    return journal.damage or CUT_OFF


def _evidence(journals: Mapping[str, Journal]) -> tuple[Record, ...]:
    if len(journals) > 1:
        return merge(list(journals.values()))
    (journal,) = journals.values()
    return tuple(record for record in journal.records if not isinstance(record, Finding | Footer))


def _latest(evidence: Sequence[Record]) -> float:
    return max((getattr(record, "at", 0.0) for record in evidence), default=0.0)
