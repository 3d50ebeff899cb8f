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


def test_each_fault_is_asked_in_one_mode_and_each_mode_asks_one_or_what_is_absent() -> None:
    broken = ("RQ-01", "RQ-02", "RQ-05", "RQ-09", "RQ-18", "RQ-21")
    family = single_faults("f", *broken, modes=EVERY_MODE, script=refused, title="")
    for clause in broken:
        of_clause = family_of(family, clause)
        for name in {each.id.partition("-target")[2] for each in of_clause.cases}:
            assert asked(CaseFamily("", "", tuple(each for each in of_clause.cases if name in each.id)), *EVERY_MODE), name
        absent = CaseFamily("", "", tuple(each for each in of_clause.cases if each.id.endswith("-absent]")))
        assert asked(absent if clause < "RQ-13" else of_clause, *EVERY_MODE) == set(EVERY_MODE), clause
    sent = [each for each in family.cases if not each.skip(profile(*EVERY_MODE))]
    assert len(sent) < len(family.cases) / 2
    assert not any(each.skip(profile(*EVERY_MODE), "deep") for each in family.cases)


def test_the_quick_plan_asks_a_fault_of_each_clause_in_each_mode() -> None:
    family = single_faults("f", "RQ-01", "RQ-09", "RQ-18", modes=EVERY_MODE, script=refused, title="")
    for clause in ("RQ-01", "RQ-09", "RQ-18"):
        quick = [each for each in family_of(family, clause).cases if each.is_in("quick")]
        assert [each.mode for each in quick] == list(EVERY_MODE)
        assert not any(each.skip(profile(*EVERY_MODE), "quick") for each in quick)


def test_of_the_types_that_a_member_may_leniently_have_the_deep_plan_alone_asks_all() -> None:
    family = single_faults("f", "RQ-31", "DC-01", modes=EVERY_MODE, script=refused, title="", once=True)
    types = [each for each in family.cases if "-description-as-" in each.id]
    usual = [each for each in types if each.is_in("default") and not each.skip(profile(*EVERY_MODE))]
    assert len({each.id for each in usual}) == 2
    assert any(each.id.endswith("as-number]") for each in usual)
    assert all(each.is_in("deep") and not each.skip(profile(*EVERY_MODE), "deep") for each in types)
    assert "deep plan alone" in next(each for each in types if not each.is_in("default")).skip(profile(*EVERY_MODE))
    strict = [each for each in family.cases if "channel_extra-as-" in each.id]
    assert len(strict) == 4
    assert all(each.is_in("default") for each in strict)


def family_of(family: CaseFamily, clause: str) -> CaseFamily:
    return CaseFamily("", "", tuple(each for each in family.cases if clause in each.clauses))


def test_companion_clauses_are_asked_of_their_dialect_alone() -> None:
    family = declared("RQ-23", (CASHIER,), once=True)
    assert asked(family, *EVERY_MODE) == set()
    assert asked(family, *EVERY_MODE, dialect="lesspay2") == {CASHIER}
