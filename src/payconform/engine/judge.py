"""Judges a run: a pure function from journal records to findings. The same journal gives the same findings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain

from payconform.contract.register import applies, severity
from payconform.engine.evidence import Evidence
from payconform.engine.invariants import RULES
from payconform.model.clause import Clause, Mode, Severity
from payconform.model.finding import Finding, Frequency, Observation, Outcome
from payconform.model.run import Ended, Header, Plan, PlannedCase, Record

MOST_EVIDENCE = 10
SEEN = (Outcome.PASSED, Outcome.FAILED, Outcome.WARNED)
WORST_FIRST = (Outcome.FAILED, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.WARNED, Outcome.PASSED)
Place = tuple[str, Mode]


def judge(records: Sequence[Record], clauses: Mapping[str, Clause]) -> tuple[Finding, ...]:
    """One finding for every clause and mode that the run planned or that its evidence speaks of, in the register's order."""
    header = next(record for record in records if isinstance(record, Header))
    everything = list(chain.from_iterable(record.cases for record in records if isinstance(record, Plan)))
    cases = [case for case in everything if not case.background]
    unasked = {case.id for case in everything if case.background}
    seen = _by_place(observations(records, header.readings, unasked))
    troubles = _troubles(records, cases)
    skips = _skips(cases)
    planned = {(clause, case.mode) for case in cases for clause in case.clauses}
    invariant = {(name, mode) for name in RULES if name in clauses for mode in clauses[name].modes if mode in header.modes}
    wanted = {*planned, *invariant, *seen}
    dialect = header.target.dialect
    return tuple(
        _finding(clauses[name], mode, dialect, [*seen[name, mode], *troubles[name, mode]], skips.get((name, mode), ""))
        for name in clauses
        for mode in Mode
        if (name, mode) in wanted
    )


def of_case(
    records: Sequence[Record], case: str, clauses: Mapping[str, Clause], dialect: str
) -> tuple[Outcome, Sequence[Observation]]:
    """What came of one case: its worst outcome, and the observations that decided it; not observed when it said nothing."""
    said = [record for record in records if isinstance(record, Observation) and record.case == case]
    weighed = [(weigh(one, strict=severity(clauses[one.clause], dialect) is Severity.STRICT), one) for one in said]
    end = next((record for record in records if isinstance(record, Ended) and record.case == case), None)
    if end and (end.error or end.trouble):
        outcome = Outcome.ERROR if end.error else Outcome.INCONCLUSIVE
        weighed.append(
            (outcome, Observation(clause="", mode=Mode.CARD, outcome=outcome, expected="", observed=end.error or end.trouble))
        )
    if not weighed:
        return Outcome.NOT_OBSERVED, []
    worst = min((weight for weight, _ in weighed), key=WORST_FIRST.index)
    return worst, [one for weight, one in weighed if weight is worst]


def observations(
    records: Sequence[Record], readings: dict[str, str], unasked: AbstractSet[str] = frozenset()
) -> list[Observation]:
    """What the cases said, but for the unasked ones, and what the invariants say of all evidence."""
    evidence = Evidence(records, readings)
    said = [record for record in records if isinstance(record, Observation) and record.case not in unasked]
    return said + [observation for rule in RULES.values() for observation in rule(evidence)]


def against(records: Iterable[Record], orders: AbstractSet[str], readings: dict[str, str]) -> tuple[Observation, ...]:
    """What the invariants have against some orders, judged by what was recorded of them alone."""
    own = [record for record in records if not orders.isdisjoint((getattr(record, "order", ""), getattr(record, "id", "")))]
    evidence = Evidence(own, readings)
    judged = (observation for rule in RULES.values() for observation in rule(evidence))
    return tuple(observation for observation in judged if observation.outcome is not Outcome.PASSED)


def _by_place(said: Iterable[Observation]) -> dict[Place, list[Observation]]:
    places: dict[Place, list[Observation]] = defaultdict(list)
    for observation in said:
        places[observation.clause, observation.mode].append(observation)
    return places


def _troubles(records: Sequence[Record], cases: Iterable[PlannedCase]) -> dict[Place, list[Observation]]:
    """For each case that did not reach its end, an observation of its clauses that says why."""
    ended = {record.case: record for record in records if isinstance(record, Ended)}
    places: dict[Place, list[Observation]] = defaultdict(list)
    for case in cases:
        end = ended.get(case.id, Ended(case=case.id, at=0.0, trouble="the run ended before the case did"))
        if case.skip or not (end.trouble or end.error):
            continue
        for clause in case.clauses:
            places[clause, case.mode].append(_trouble(clause, case, end))
    return places


def _trouble(clause: str, case: PlannedCase, end: Ended) -> Observation:
    outcome = Outcome.ERROR if end.error else Outcome.INCONCLUSIVE
    return Observation(
        clause=clause, mode=case.mode, outcome=outcome, expected="", observed=end.error or end.trouble, case=case.id
    )


def _skips(cases: Iterable[PlannedCase]) -> dict[Place, str]:
    return {(clause, case.mode): case.skip for case in cases if case.skip for clause in case.clauses}


def _finding(clause: Clause, mode: Mode, dialect: str, said: list[Observation], skip: str) -> Finding:
    if not applies(clause, dialect):
        return _unjudged(
            clause, mode, Outcome.NOT_APPLICABLE, "a clause of the companion pages: it applies with dialect lesspay2"
        )
    if not said:
        outcome = Outcome.NOT_APPLICABLE if skip else Outcome.NOT_OBSERVED
        return _unjudged(clause, mode, outcome, skip or "nothing in this run showed it")
    strict = severity(clause, dialect) is Severity.STRICT
    weighed = [(weigh(observation, strict=strict), observation) for observation in said]
    outcome = min((weight for weight, _ in weighed), key=WORST_FIRST.index)
    return _from_observations(clause, mode, outcome, weighed)


def _unjudged(clause: Clause, mode: Mode, outcome: Outcome, reason: str) -> Finding:
    return Finding(clause=clause.id, level=clause.level, mode=mode, outcome=outcome, blocking=False, reason=reason)


def weigh(observation: Observation, *, strict: bool) -> Outcome:
    """What an observation counts for: breaking an advisory clause warns."""
    if observation.outcome is Outcome.FAILED and not strict:
        return Outcome.WARNED
    return observation.outcome


def _from_observations(clause: Clause, mode: Mode, outcome: Outcome, weighed: list[tuple[Outcome, Observation]]) -> Finding:
    deciding = [observation for weight, observation in weighed if weight is outcome]
    ids = list(dict.fromkeys(chain.from_iterable(observation.evidence for observation in deciding)))[:MOST_EVIDENCE]
    unclear = outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
    return Finding(
        clause=clause.id,
        level=clause.level,
        mode=mode,
        outcome=outcome,
        blocking=outcome is Outcome.FAILED,
        expected=deciding[0].expected,
        observed="" if unclear else deciding[0].observed,
        reason=deciding[0].observed if unclear else "",
        exchanges=_of_kind(ids, "x"),
        callbacks=_of_kind(ids, "n"),
        journeys=_of_kind(ids, "j"),
        cases=tuple(dict.fromkeys(observation.case for observation in deciding))[:MOST_EVIDENCE],
        frequency=Frequency(
            failed=sum(weight in (Outcome.FAILED, Outcome.WARNED) for weight, _ in weighed),
            seen=sum(weight in SEEN for weight, _ in weighed),
        ),
    )


def _of_kind(ids: Iterable[str], letter: str) -> tuple[str, ...]:
    """The ids of exchanges (x), callbacks (n) or journeys (j); a shard's prefix ends in a hyphen."""
    return tuple(name for name in ids if name.rpartition("-")[2].startswith(letter))
