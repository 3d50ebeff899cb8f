"""The judge of the judges: every mutant is caught by the clause it breaks, and no lawful variant is blamed."""

from collections.abc import Callable, Iterable, Sequence

import pytest

import payconform.sandbox.mutants
import payconform.sandbox.variants  # noqa: F401 -- both enter theirs in the catalogue
from payconform.authoring import Case, CaseFamily, Invariants
from payconform.contract.register import applies, clauses, severity
from payconform.engine.invariants import RULES
from payconform.model.clause import Clause, Judged, Severity
from payconform.model.finding import ExitCode, Finding, Outcome
from payconform.model.profile import Role
from payconform.model.run import Ended, Footer, Record
from payconform.sandbox.catalogue import MUTANTS, VARIANTS, Mutant, Variant

Conduct = Callable[[Mutant | Variant, Sequence[Case], str], tuple[Record, ...]]

VARIANTS_OF_EVERY_DAY = (
    "http-400",
    "pay-data-type-empty",
    "pay-data-type-null",
    "other-ids",
    "extra-members",
    "null-members",
    "duplicate-callbacks",
    "intermediate-callback",
    "other-field-names",
    "lesspay2",
    "lesspay2-gateway-401",
)
FAULTS_FOR_INVARIANTS = 2
RARE = {"sometimes", "texts", "partial", "history", "comebacks", "beside", "spellings", "likenesses"}
# A lawful target may do likewise, so the checks that catch these are advisory.
ONLY_WARNED = {
    *("empty-product-name-accepted", "short-year-is-ancient", "token-in-any-case-pays", "blanks-around-a-token-are-cut"),
    *("blank-id-accepted", "amount-is-told-by-its-exponent", "blank-token-accepted", "callback-is-called-a-form"),
    *(
        "return-path-is-decoded",
        "landing-loses-its-query",
        "failure-loses-its-query",
        "detail-code-in-capitals",
        "callback-names-no-type",
        "comma-too-many-accepted",
    ),
    *("reloaded-page-says-it-failed", "form-sent-again-says-it-failed", "late-wrong-password-says-it-failed"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The full matrix has every entry; without it every clause has its first mutant, and the commonest variants are run."""
    full = metafunc.config.getoption("full_matrix")
    if "mutant" in metafunc.fixturenames:
        chosen = list(MUTANTS.values()) if full else first_of_each_clause()
        metafunc.parametrize("mutant", chosen, ids=[mutant.name for mutant in chosen])
    if "variant" in metafunc.fixturenames:
        names = tuple(VARIANTS) if full else VARIANTS_OF_EVERY_DAY
        metafunc.parametrize("variant", [VARIANTS[name] for name in names], ids=names)


def is_judged(clause: Clause) -> bool:
    return clause.judged in (Judged.CASE, Judged.INVARIANT)


def first_of_each_clause() -> list[Mutant]:
    first: dict[str, Mutant] = {}
    for mutant in MUTANTS.values():
        first.setdefault(mutant.clauses[0], mutant)
    return list(first.values())


def is_rare(mutant: Mutant) -> bool:
    """What strikes rarely, or for few orders only, takes all that the default plan sends."""
    return mutant.provider.__module__.rpartition(".")[2] in RARE


def is_single_fault(case: Case) -> bool:
    """A case of a fault carries the fault's name behind its mode."""
    return not case.id.endswith(f"-{case.mode.value}]")


def relevant(clause: str, cases: Sequence[Case]) -> list[Case]:
    """The cases that can catch a mutant of a clause: its own, and for an invariant those that yield evidence of its kind."""
    own = [case for case in cases if clause in case.clauses]
    if clauses()[clause].judged is Judged.CASE:
        return own
    return list(dict.fromkeys((*own, *_with_evidence(clause, cases))))


def _with_evidence(clause: str, cases: Sequence[Case]) -> list[Case]:
    plain = [case for case in cases if case.quick and not is_single_fault(case)]
    if clause.startswith(("CB-", "TK-", "PC-")):
        return [case for case in plain if case.hears or case.opens] + _faults(cases)
    return [case for case in plain if not case.hears or Role.CHALLENGE in case.needs] + _faults(cases)


def _faults(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if is_single_fault(case)][:FAULTS_FOR_INVARIANTS]


def harness_errors(records: Iterable[Record]) -> list[str]:
    return [f"{record.case}: {record.error}" for record in records if isinstance(record, Ended) and record.error]


def findings(records: Iterable[Record]) -> list[Finding]:
    return [record for record in records if isinstance(record, Finding)]


def test_mutant_is_caught(mutant: Mutant, every_case: tuple[Case, ...], conduct: Conduct) -> None:
    clause = mutant.clauses[0]
    rare = is_rare(mutant)
    records = conduct(mutant, every_case if rare else relevant(clause, every_case), "default" if rare else "quick")
    outcomes = {found.outcome for found in findings(records) if found.clause == clause}
    advisory = mutant.name in ONLY_WARNED or severity(clauses()[clause], mutant.dialect) is Severity.ADVISORY
    caught = {Outcome.FAILED, Outcome.WARNED} if advisory else {Outcome.FAILED}
    assert outcomes & caught, f"{clause} is {sorted(outcomes)} although {mutant.statement}"
    assert mutant.name not in ONLY_WARNED or Outcome.FAILED not in outcomes
    assert not harness_errors(records)


def test_variant_is_not_failed(
    variant: Variant, every_case: tuple[Case, ...], conduct: Conduct, request: pytest.FixtureRequest
) -> None:
    full = request.config.getoption("full_matrix")
    chosen = [case for case in every_case if full or case.quick]
    records = conduct(variant, chosen, "default" if full else "quick")
    failed = [found for found in findings(records) if found.outcome is Outcome.FAILED]
    assert not failed, f"blamed although lawful: {variant.statement}"
    assert not harness_errors(records)
    assert isinstance(records[-1], Footer)
    assert records[-1].exit_code == ExitCode.CONFORMANT, records[-1].reason


def test_every_judged_clause_has_a_mutant() -> None:
    broken = {clause for mutant in MUTANTS.values() for clause in mutant.clauses}
    wanted = {clause.id for clause in clauses().values() if is_judged(clause) and applies(clause, "lesspay2")}
    assert wanted - broken == set()


def test_every_mutant_breaks_clauses_that_somebody_judges() -> None:
    broken = {clause for mutant in MUTANTS.values() for clause in mutant.clauses}
    assert all(is_judged(clauses()[clause]) for clause in broken)


def test_the_register_says_how_the_suites_judge(declarations: Sequence[CaseFamily | Invariants]) -> None:
    families = [declared for declared in declarations if isinstance(declared, CaseFamily)]
    by_case = {clause for family in families for case in family.cases for clause in case.clauses}
    listed = [clause for declared in declarations if isinstance(declared, Invariants) for clause in declared.clauses]
    said = {clause.id: clause.judged.value for clause in clauses().values()}
    assert {name for name, judged in said.items() if judged == "case"} == by_case - RULES.keys()
    assert {name for name, judged in said.items() if judged == "invariant"} == RULES.keys()
    assert sorted(listed) == sorted(RULES)
