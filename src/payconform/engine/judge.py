"""Judges a run: a pure function from journal records to findings. The same journal gives the same findings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain

from payconform.contract.register import applies, severity
from payconform.contract.register import clauses as register
from payconform.engine.evidence import Evidence
from payconform.engine.invariants import RULES
from payconform.engine.sending import NOT_ENDED
from payconform.engine.tally import WORST_FIRST, Place, Said, finding, tallied, weigh
from payconform.model.clause import Clause, Mode, Severity
from payconform.model.finding import Finding, Observation, Outcome
from payconform.model.profile import Profile
from payconform.model.run import Ended, Header, Plan, PlannedCase, Record

NOT_OF_THE_DIALECT = "a clause of the companion pages: it applies with dialect lesspay2"


def judge(records: Sequence[Record], clauses: Mapping[str, Clause]) -> tuple[Finding, ...]:
    """One finding for every clause and mode that the run planned or that its evidence speaks of, in the register's order."""
    header = next(record for record in records if isinstance(record, Header))
    everything = list(chain.from_iterable(record.cases for record in records if isinstance(record, Plan)))
    cases = [case for case in everything if not case.background]
    unasked = {case.id for case in everything if case.background}
    tally = tallied([*observations(records, header.readings, unasked), *_troubles(records, cases)])
    skips = _skips(cases)
    planned = {(clause, case.mode) for case in cases for clause in case.clauses}
    invariant = {(name, mode) for name in RULES if name in clauses for mode in clauses[name].modes if mode in header.modes}
    wanted = {*planned, *invariant, *tally.places}
    dialect = header.target.dialect
    return tuple(
        _finding(clauses[name], mode, dialect, tally.of((name, mode)), skips.get((name, mode), ""))
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


def against(records: Iterable[Record], orders: AbstractSet[str], profile: Profile) -> tuple[Observation, ...]:
    """What the invariants have against some orders, judged by what was recorded of them alone, by the clauses that apply."""
    own = [record for record in records if not orders.isdisjoint((getattr(record, "order", ""), getattr(record, "id", "")))]
    evidence = Evidence(own, profile.readings)
    held = (rule for name, rule in RULES.items() if applies(register()[name], profile.target.dialect))
    judged = (observation for rule in held for observation in rule(evidence))
    return tuple(observation for observation in judged if observation.outcome is not Outcome.PASSED)


def _troubles(records: Sequence[Record], cases: Iterable[PlannedCase]) -> Iterator[Observation]:
    """For each case that did not reach its end, an observation of its clauses that says why."""
    ended = {record.case: record for record in records if isinstance(record, Ended)}
    for case in cases:
        end = ended.get(case.id, Ended(case=case.id, at=0.0, trouble=NOT_ENDED))
        if case.skip or not (end.trouble or end.error):
            continue
        for clause in case.clauses:
            yield _trouble(clause, case, end)


def _trouble(clause: str, case: PlannedCase, end: Ended) -> Observation:
    outcome = Outcome.ERROR if end.error else Outcome.INCONCLUSIVE
    return Observation(
        clause=clause, mode=case.mode, outcome=outcome, expected="", observed=end.error or end.trouble, case=case.id
    )


def _skips(cases: Iterable[PlannedCase]) -> dict[Place, str]:
    return {(clause, case.mode): case.skip for case in cases if case.skip for clause in case.clauses}


def _finding(clause: Clause, mode: Mode, dialect: str, said: dict[Outcome, Said], skip: str) -> Finding:
    if not applies(clause, dialect):
        return unjudged(clause, mode, Outcome.NOT_APPLICABLE, NOT_OF_THE_DIALECT)
    if not said:
        outcome = Outcome.NOT_APPLICABLE if skip else Outcome.NOT_OBSERVED
        return unjudged(clause, mode, outcome, skip or "nothing in this run showed it")
    return finding(clause, mode, dialect, said)


def unjudged(clause: Clause, mode: Mode, outcome: Outcome, reason: str) -> Finding:
    """A finding that says why there is nothing to say."""
    return Finding(clause=clause.id, level=clause.level, mode=mode, outcome=outcome, blocking=False, reason=reason)
