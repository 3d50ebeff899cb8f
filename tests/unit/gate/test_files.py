"""Policies and waivers are read whole, or refused in one line that names file, key, fault and remedy."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.contract.schemas import is_valid, schema
from payconform.gate.files import load_policy, load_waivers, parse_policy, parse_waivers, waiver_text
from payconform.model.clause import Level, Mode
from payconform.model.ruling import Policy, Waiver
from payconform.profile.mistakes import FileError

POLICIES = Path(__file__).parents[3] / "policies"
WAIVER: dict[str, Any] = {
    "clause": "RS-05",
    "mode": "card",
    "target": "Provider",
    "reason": "known",
    "owner": "Ada",
    "ticket": "PAY-1",
    "expiry": date(2027, 1, 31),
}
POLICY: dict[str, Any] = {
    "block": {"failed": ["documented"], "warned": ["implied"], "regressions": False, "vanished_cases": True},
    "evidence": {"max_age_days": 7, "plan": "quick", "observed": ["EP-01", "CB-02/card"]},
    "inconclusive": {"clauses": ["CB-14"], "levels": ["advisory"], "modes": ["token"]},
}


def as_json(document: Any) -> Any:
    """A TOML document as JSON has it: a schema knows dates as texts."""
    return msgspec.to_builtins(document)


def test_a_policy_is_read() -> None:
    assert parse_policy(POLICY, "p.toml") == Policy(
        failed=(Level.DOCUMENTED,),
        warned=(Level.IMPLIED,),
        regressions=False,
        vanished_cases=True,
        max_age_days=7.0,
        plan="quick",
        observed=("EP-01", "CB-02/card"),
        inconclusive_clauses=("CB-14",),
        inconclusive_levels=(Level.ADVISORY,),
        inconclusive_modes=(Mode.TOKEN,),
    )
    assert parse_policy({}, "p.toml") == Policy()


def test_waivers_are_read() -> None:
    (waiver,) = parse_waivers({"waivers": [WAIVER]}, "w.toml")
    assert waiver == Waiver(**{**WAIVER, "mode": Mode.CARD})
    assert parse_waivers({}, "w.toml") == ()


WRONG_POLICIES: list[tuple[dict[str, Any], str]] = [
    ({"blok": {}}, "blok: is not a key of a policy (did you mean block?); here are allowed block, evidence or inconclusive"),
    ({"block": {"failed": []}}, "block.failed: is empty"),
    ({"block": {"failed": ["documentd"]}}, "block.failed[0]: is 'documentd'; allowed is documented, implied"),
    ({"block": {"regressions": "no"}}, "block.regressions: is a text in quotes; it must be true or false"),
    ({"evidence": {"max_age_days": 0}}, "evidence.max_age_days: is 0; allowed is a number greater than 0"),
    ({"evidence": {"plan": "all"}}, "evidence.plan: is 'all'; allowed is quick, default or deep"),
    ({"evidence": {"observed": ["RS-99"]}}, "evidence.observed[0]: is 'RS-99', which is no clause of the contract"),
    ({"evidence": {"observed": ["RS-05/cash"]}}, "evidence.observed[0]: is 'RS-05/cash'; allowed is a clause such as EP-01"),
    ({"evidence": {"observed": ["DC-20/token"]}}, "evidence.observed[0]: is 'token', and DC-20 is judged in card only"),
    ({"inconclusive": {"modes": ["cards"]}}, "inconclusive.modes[0]: is 'cards'; allowed is cashier, card or token"),
]


@pytest.mark.parametrize(("document", "line"), WRONG_POLICIES, ids=[line[:40] for _, line in WRONG_POLICIES])
def test_a_mistaken_policy_is_one_line(document: dict[str, Any], line: str) -> None:
    with pytest.raises(FileError) as caught:
        parse_policy(document, "p.toml")
    assert str(caught.value).startswith(f"p.toml: {line}")
    assert "\n" not in str(caught.value)


WRONG_WAIVERS: list[tuple[dict[str, Any], str]] = [
    ({"clause": "RS-99"}, "waivers[0].clause: is 'RS-99', which is no clause of the contract (did you mean RS-"),
    ({"mode": "all"}, "waivers[0].mode: is 'all'; allowed is cashier, card, token or unknown"),
    ({"clause": "DC-20", "mode": "token"}, "waivers[0].mode: is 'token', and DC-20 is judged in card only"),
    ({"reason": " "}, "waivers[0].reason: is empty"),
    ({"expiry": "2027-01-31"}, "waivers[0].expiry: is a text in quotes; it must be a date: year-month-day without quotes"),
    ({"expires": date(2027, 1, 1)}, "waivers[0].expires: is not a key of a waivers file (did you mean expiry?)"),
    ({"owner": None}, "waivers[0].owner: is missing, and there is no default for it"),
]


@pytest.mark.parametrize(("change", "line"), WRONG_WAIVERS, ids=[line[:40] for _, line in WRONG_WAIVERS])
def test_a_mistaken_waiver_is_one_line(change: dict[str, Any], line: str) -> None:
    entry = {name: value for name, value in (WAIVER | change).items() if value is not None}
    with pytest.raises(FileError) as caught:
        parse_waivers({"waivers": [entry]}, "w.toml")
    assert str(caught.value).startswith(f"w.toml: {line}")
    assert "\n" not in str(caught.value)


def test_two_waivers_of_one_thing_are_a_mistake() -> None:
    other = WAIVER | {"target": "Another"}
    assert len(parse_waivers({"waivers": [WAIVER, other]}, "w.toml")) == 2
    with pytest.raises(FileError, match=r"waivers\[2\]: waives RS-05 in card for Provider a second time"):
        parse_waivers({"waivers": [WAIVER, other, WAIVER | {"owner": "Bob"}]}, "w.toml")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for load, what in ((load_policy, "policy"), (load_waivers, "waivers file")):
        with pytest.raises(FileError, match=f"there is no such file; give the path of a {what}"):
            load(tmp_path / "absent.toml")


def test_the_examples_are_read() -> None:
    assert load_policy(POLICIES / "example.toml").plan == "default"
    (waiver,) = load_waivers(POLICIES / "waivers.toml")
    assert waiver.clause == "RS-05"


@pytest.mark.parametrize("name", ["policy", "waivers"])
def test_the_published_schema_takes_what_the_loader_takes(name: str) -> None:
    example = {"policy": "example.toml", "waivers": "waivers.toml"}[name]
    document = {"policy": POLICY, "waivers": {"waivers": [WAIVER]}}[name]
    for taken in (tomllib.loads((POLICIES / example).read_text()), document, {}):
        assert is_valid(f"formats/{name}", as_json(taken))


@pytest.mark.parametrize(("document", "line"), WRONG_POLICIES, ids=[line[:40] for _, line in WRONG_POLICIES])
def test_the_published_schema_refuses_what_the_loader_refuses(document: dict[str, Any], line: str) -> None:
    known_to_the_register_only = "no clause of the contract" in line or "is judged in" in line
    assert is_valid("formats/policy", document) is known_to_the_register_only


@pytest.mark.parametrize("table", ["", "block", "evidence", "inconclusive"])
def test_the_published_schema_has_the_loader_s_keys(table: str) -> None:
    place = schema("formats/policy")
    for name in filter(None, [table]):
        place = place["properties"][name]
    assert set(place["properties"]) == set(POLICY[table] if table else POLICY)


@settings(deadline=None)
@given(st.tuples(*[st.text(min_size=1).filter(str.strip)] * 4), st.dates())
def test_a_waiver_is_written_as_it_is_read(texts: tuple[str, ...], expiry: date) -> None:
    named = dict(zip(("target", "reason", "owner", "ticket"), texts, strict=True))
    waiver = Waiver(clause="RS-05", mode=Mode.CARD, expiry=expiry, **named)
    assert parse_waivers(tomllib.loads(waiver_text(waiver)), "w.toml") == (waiver,)
