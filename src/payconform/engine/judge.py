"""Judges a run: a pure function from journal records to findings. The same journal gives the same findings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    cases = list(chain.from_iterable(record.cases for record in records if isinstance(record, Plan)))
    seen = _by_place(observations(records, header.readings))
    troubles = _troubles(records, cases)
    skips = _skips(cases)
    planned = {(clause, case.mode) for case in cases for clause in case.clauses}
    invariant = {(name, mode) for name in RULES if name in clauses for mode in clauses[name].modes if mode in header.modes}
    wanted = {*planned, *invariant, *seen}
    return tuple(
        _finding(clauses[name], mode, header.target.dialect, seen[name, mode], troubles[name, mode], skips.get((name, mode), ""))
        for name in clauses
        for mode in Mode
        if (name, mode) in wanted
    )


def observations(records: Iterable[Record], readings: dict[str, str]) -> list[Observation]:
    """What the cases said, and what the invariants say of all evidence."""
    records = list(records)
    evidence = Evidence(records, readings)
    said = [record for record in records if isinstance(record, Observation)]
    return said + [observation for rule in RULES.values() for observation in rule(evidence)]


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


def _finding(
    clause: Clause, mode: Mode, dialect: str, said: list[Observation], troubles: list[Observation], skip: str
) -> Finding:
    if not applies(clause, dialect):
        reason = f"a {clause.level.value} clause: it applies with the dialect lesspay2 only"
        return Finding(
            clause=clause.id, level=clause.level, mode=mode, outcome=Outcome.NOT_APPLICABLE, blocking=False, reason=reason
        )
    strict = severity(clause, dialect) is Severity.STRICT
    weighed = [(_weigh(observation, strict=strict), observation) for observation in (*said, *troubles)]
    if not weighed:
        outcome = Outcome.NOT_APPLICABLE if skip else Outcome.NOT_OBSERVED
        reason = skip or "nothing in this run showed it"
        return Finding(clause=clause.id, level=clause.level, mode=mode, outcome=outcome, blocking=False, reason=reason)
    outcome = min((weight for weight, _ in weighed), key=WORST_FIRST.index)
    return _from_observations(clause, mode, outcome, weighed)


def _weigh(observation: Observation, *, strict: bool) -> Outcome:
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
        exchanges=tuple(name for name in ids if name.startswith("x")),
        callbacks=tuple(name for name in ids if name.startswith("n")),
        journeys=tuple(name for name in ids if name.startswith("j")),
        cases=tuple(dict.fromkeys(observation.case for observation in deciding))[:MOST_EVIDENCE],
        frequency=Frequency(
            failed=sum(weight in (Outcome.FAILED, Outcome.WARNED) for weight, _ in weighed),
            seen=sum(weight in SEEN for weight, _ in weighed),
        ),
    )
