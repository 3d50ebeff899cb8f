"""Of cases that are the same in several modes one is asked, and none whose clauses are of another dialect."""

from payconform.authoring import CARD, CASHIER, EVERY_MODE, TOKEN, CaseFamily, Create, Make, Script, case, refused, single_faults
from payconform.contract.register import reading_defaults
from payconform.model.clause import Mode
from payconform.model.profile import Profile, Target


def profile(*modes: Mode, dialect: str = "guide") -> Profile:
    target = Target(name="t", environment="sandbox", base_url="http://t.example", dialect=dialect)  # type: ignore[arg-type]
    return Profile(target=target, modes=modes, readings=reading_defaults())


def asked(family: CaseFamily, *modes: Mode, dialect: str = "guide") -> set[Mode]:
    return {each.mode for each in family.cases if not each.skip(profile(*modes, dialect=dialect))}


def declared(clause: str, modes: tuple[Mode, ...], *, once: bool) -> CaseFamily:
    """A case, declared here because the plugin collects what a module declares."""

    @case(clause, modes=modes, once=once)
    def a_plain_order(make: Make) -> Script[None]:
        """A plain order."""
        yield Create(make.order())

    return a_plain_order


def test_a_case_is_asked_in_each_of_its_modes() -> None:
    assert asked(declared("EP-01", EVERY_MODE, once=False), *EVERY_MODE) == set(EVERY_MODE)


def test_twins_are_asked_in_the_first_of_their_modes_that_the_profile_enables() -> None:
    family = declared("EP-06", (CARD, CASHIER, TOKEN), once=True)
    assert asked(family, *EVERY_MODE) == {CARD}
    assert asked(family, CASHIER, TOKEN) == {CASHIER}
    assert asked(family, TOKEN) == {TOKEN}
    assert "asked in card mode" in family.cases[1].skip(profile(*EVERY_MODE))


def test_a_fault_has_twins_where_other_modes_have_the_same_member() -> None:
    family = single_faults("f", "RQ-15", "DC-15", modes=EVERY_MODE, script=refused, title="", once=True)
    for modes in (EVERY_MODE, (CARD, TOKEN), (TOKEN,)):
        for name in {each.id.rpartition("-")[2] for each in family_of(family, "RQ-15").cases}:
            alike = CaseFamily("", "", tuple(each for each in family.cases if each.id.endswith(f"-{name}")))
            assert len(asked(alike, *modes)) == 1, name
    assert asked(family_of(family, "DC-15"), *EVERY_MODE) == {CARD}


def test_the_first_fault_of_a_clause_is_asked_in_every_mode_and_the_others_in_turn() -> None:
    family = single_faults("f", "RQ-01", "RQ-02", "RQ-05", modes=EVERY_MODE, script=refused, title="")
    for clause in ("RQ-01", "RQ-02", "RQ-05"):
        absent = CaseFamily("", "", tuple(each for each in family_of(family, clause).cases if each.id.endswith("-absent]")))
        assert asked(absent, *EVERY_MODE) == set(EVERY_MODE)
    others = [each for each in family.cases if not each.id.endswith("-absent]")]
    assert sum(not each.skip(profile(*EVERY_MODE)) for each in others) == len(others) / len(EVERY_MODE)
    assert {each.mode for each in others if not each.skip(profile(*EVERY_MODE))} == set(EVERY_MODE)
    assert not any(each.skip(profile(*EVERY_MODE), "deep") for each in others)


def family_of(family: CaseFamily, clause: str) -> CaseFamily:
    return CaseFamily("", "", tuple(each for each in family.cases if clause in each.clauses))


def test_companion_clauses_are_asked_of_their_dialect_alone() -> None:
    family = declared("RQ-23", (CASHIER,), once=True)
    assert asked(family, *EVERY_MODE) == set()
    assert asked(family, *EVERY_MODE, dialect="lesspay2") == {CASHIER}
