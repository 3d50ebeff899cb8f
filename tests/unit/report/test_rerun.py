"""The command that does a finding again."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from payconform.model.clause import Mode
from payconform.model.finding import Finding, Outcome
from payconform.model.run import Header, PlannedCase, Record
from payconform.report.account import Account
from payconform.report.register import Register
from payconform.report.rerun import command

Build = Callable[..., list[Record]]
Found = Callable[..., Finding]
OTHER = PlannedCase(id="other[EP-01-card]", title="", mode=Mode.CARD, clauses=("EP-01",))


def test_a_clause_with_cases_is_selected_by_its_id(journal: Build, register: Register, found: Found) -> None:
    case = PlannedCase(id="c", title="", mode=Mode.CARD, clauses=("EP-01", "RS-05"))
    again = command(Account(journal([], cases=[case]), register), found(Outcome.FAILED))
    assert again == "pytest suites -k RS-05 --profile profiles/example.toml --seed 7"


def test_an_invariant_is_selected_with_the_case_that_showed_it(journal: Build, register: Register, found: Found) -> None:
    finding = found(Outcome.FAILED, cases=("control of card", OTHER.id))
    assert " -k 'EP-01 or RS-05' " in command(Account(journal([], cases=[OTHER]), register), finding)


def test_what_began_without_a_checkout_needs_none(journal: Build, register: Register, found: Found) -> None:
    header, *rest = journal([])
    assert isinstance(header, Header)
    records = [replace(header, command="payconform run --profile a.toml --shard 1/2"), *rest]
    again = command(Account(records, register), found(Outcome.FAILED))
    assert again == "payconform run -k RS-05 --profile a.toml --seed 7"


@pytest.mark.parametrize(("plan", "option"), [("quick", "--plan quick "), ("default", ""), ("deep", "--plan deep "), ("x", "")])
def test_a_seed_comes_with_its_plan(register: Register, found: Found, journal: Build, plan: str, option: str) -> None:
    header, *rest = journal([])
    assert isinstance(header, Header)
    again = command(Account([replace(header, plan=plan), *rest], register), found(Outcome.FAILED))
    assert again == f"pytest suites -k RS-05 --profile profiles/example.toml {option}--seed 7"


def test_a_live_target_is_asked_for(register: Register, found: Found, journal: Build) -> None:
    header, *rest = journal([])
    assert isinstance(header, Header)
    live = replace(header, target=replace(header.target, environment="live"))
    assert " --allow-live " in command(Account([live, *rest], register), found(Outcome.FAILED))


@pytest.mark.parametrize(
    ("started", "option"),
    [
        ("", ""),
        ("pytest suites", ""),
        ("pytest suites --profile", ""),
        ("pytest 'unbalanced --profile x", ""),
        ("pytest --profile=a.toml", "--profile=a.toml "),
        ("pytest --profile 'my profile.toml'", "--profile 'my profile.toml' "),
    ],
)
def test_the_profile_of_the_run_comes_along(register: Register, found: Found, journal: Build, started: str, option: str) -> None:
    header, *rest = journal([])
    assert isinstance(header, Header)
    records = [replace(header, command=started), *rest]
    assert command(Account(records, register), found(Outcome.FAILED)) == f"pytest suites -k RS-05 {option}--seed 7"
