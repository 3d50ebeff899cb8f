"""The clause register and the readings: complete, unambiguous, and true to themselves."""

import json
from collections import Counter

import pytest

from payconform.contract import folder, register
from payconform.model.clause import PAYING_MODES, Clause, Judged, Level, Severity

CHAPTERS = [json.loads(folder.read(path)) for path in folder.paths("clauses/[a-z]-*.json")]
SIZES = {"EP": 9, "AU": 12, "RQ": 31, "RS": 21, "CA": 10, "DC": 22, "TK": 12, "CB": 32, "PC": 3}


def test_every_clause_is_there_once() -> None:
    written = Counter(clause["id"] for chapter in CHAPTERS for clause in chapter["clauses"])
    expected = [f"{prefix}-{number:02}" for prefix, size in SIZES.items() for number in range(1, size + 1)]
    assert written == Counter(expected)
    assert list(register.clauses()) == expected


@pytest.mark.parametrize("clause", register.clauses().values(), ids=lambda clause: clause.id)
def test_a_clause_says_what_it_is(clause: Clause) -> None:
    assert clause.statement.endswith(".")
    assert clause.section
    assert clause.modes
    assert (clause.judged is Judged.NOT_JUDGED) == bool(clause.reason)


def test_statements_are_distinct() -> None:
    statements = Counter(clause.statement for clause in register.clauses().values())
    assert not [statement for statement, times in statements.items() if times > 1]


def test_merely_plausible_clauses_block_only_where_money_or_cards_are_at_stake() -> None:
    strict = {
        clause.id
        for clause in register.clauses().values()
        if clause.level is Level.ADVISORY and clause.severity is Severity.STRICT
    }
    assert strict == {"PC-01", "RS-17", "CB-22", "DC-07", "DC-13", "TK-08"}


def test_readings_are_there_once_and_name_clauses() -> None:
    written = [reading["id"] for reading in json.loads(folder.read("clauses/readings.json"))]
    assert len(set(written)) == len(written)
    assert {f"X-{number:02}" for number in range(1, 56)} <= set(written)
    named = {clause for reading in register.readings().values() for clause in reading.clauses}
    assert named <= set(register.clauses())


def test_clauses_know_the_readings_that_bear_on_them() -> None:
    assert "X-35" in register.clauses()["RQ-26"].readings
    named = {reading for clause in register.clauses().values() for reading in clause.readings}
    assert named <= set(register.readings())


def test_a_key_has_choices_and_one_default() -> None:
    for key, reading in register.reading_choices().items():
        assert len(reading.choices) > 1, key
        assert reading.default in reading.choices, key
        assert reading.clauses, key
    assert len(register.reading_choices()) == sum(bool(reading.key) for reading in register.readings().values())


def test_a_reading_without_a_key_is_fixed() -> None:
    fixed = [reading for reading in register.readings().values() if not reading.key]
    assert not [reading.id for reading in fixed if reading.choices or reading.default]


def test_defaults() -> None:
    assert register.reading_defaults() == {
        "duplicate_request_id": "refuse-or-replay",
        "empty_member": "warn",
        "end_of_card_month": "anywhere",
        "initial_order_state": "warn",
        "missing_notify_url": "refuse",
        "missing_pay_access_type": "refuse",
        "missing_way_type": "refuse",
        "none_pay_data_type": "warn",
        "null_member": "refuse",
        "refusal_status": "any",
        "server_error_refusal": "fail",
        "token_when_flag_omitted": "fail",
    }


def test_companion_clauses_bind_their_dialect_alone() -> None:
    companion = register.clauses()["CB-23"]
    assert register.applies(companion, "lesspay2")
    assert not register.applies(companion, "guide")
    assert register.severity(companion, "lesspay2") is Severity.STRICT
    assert register.severity(companion, "guide") is Severity.ADVISORY


def test_documented_clauses_bind_every_dialect() -> None:
    documented = register.clauses()["RQ-01"]
    assert register.applies(documented, "guide")
    assert register.severity(documented, "guide") is Severity.STRICT
    assert documented.modes == PAYING_MODES
