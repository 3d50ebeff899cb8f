"""A body that is called sound keeps every clause by the rules of a live run, and its shape says which rules look at it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.archive.glance import Glance
from payconform.archive.looking import ACROSS, ALONE, BESIDE, OWNERS, TIMELY, Assumptions, Looker
from payconform.archive.records import Captured
from payconform.archive.sound import Sieve
from payconform.contract.register import applies, clauses
from payconform.contract.schemas import violations
from payconform.engine.invariants import RULES
from payconform.model.finding import Observation, Outcome
from payconform.model.wire import Malformed, parse_json

SAMPLE: dict[str, Any] = json.loads(Path("tests/data/documentation/callback.json").read_bytes())
DIALECTS = ("guide", "lesspay2")
SIEVES = {dialect: Sieve(dialect, Glance()) for dialect in DIALECTS}
LOOKERS = {dialect: Looker(Assumptions(dialect=dialect)) for dialect in DIALECTS}
SEEN: dict[tuple[str, object], frozenset[str]] = {}

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 13),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["SUCCEED", "FAILED", "PENDING_PAY", "succeed", "4242424242424242", "GB", "12.", ".", "1e3", "٣"]),
    st.lists(st.integers(), max_size=1),
    st.dictionaries(st.sampled_from(["card_token", "issuer", "issuer_country", "cvv"]), st.none() | st.text(max_size=3)),
)
members = st.sampled_from([*SAMPLE, "event", "error_code", "error_msg", "complete_time", "cvc", "body"])
statuses = st.sampled_from(
    [("SUCCEED", 2), ("FAILED", 3), ("PENDING_PAY", 1), ("CANCELED", 4), ("FAILURE", 3), ("FAILED", 2), ("SUCCEED", 1)]
)
channel = st.fixed_dictionaries(
    {},
    optional={
        "card_token": st.sampled_from([None, "", "src_1", "src_4242424242424242", "4242424242424242", "tok_123456789012", 5]),
        "issuer": st.sampled_from([None, "", "CKO", 5]),
        "issuer_country": st.sampled_from([None, "", "GB", "GBR", "gb", "Ä1"]),
    },
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    document = dict(SAMPLE)
    document["order_status"], document["order_status_int"] = draw(statuses)
    if draw(st.booleans()):
        document["channel_biz_data"] = draw(channel)
    for name in draw(st.lists(members, max_size=2)):
        document[name] = draw(odd)
    for name in draw(st.lists(members, max_size=2)):
        document.pop(name, None)
    raw = json.dumps(document, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(raw)))
        raw = raw[:at] + draw(st.sampled_from([b"", b"\xff", b"{", b"]", b'"', b"0", b"\x00", b"\xef\xbb\xbf"])) + raw[at + 1 :]
    return raw


def said_of(raw: bytes, dialect: str) -> list[Observation]:
    looker = LOOKERS[dialect]
    return looker.look([looker.callback(Captured(body=raw), "n1")])


@given(bodies(), st.sampled_from(DIALECTS))
def test_sound_is_what_every_rule_passes(raw: bytes, dialect: str) -> None:
    sound = SIEVES[dialect].sound(raw)
    if sound is None:
        return
    said = [one for one in said_of(raw, dialect) if applies(clauses()[one.clause], dialect)]
    assert [one for one in said if one.outcome is not Outcome.PASSED] == []
    looked = [one.clause for one in said]
    assert len(looked) == len(set(looked))
    assert SEEN.setdefault((dialect, sound[1]), frozenset(looked)) == frozenset(looked)


@given(bodies())
def test_the_rules_find_whatever_the_schema_finds(raw: bytes) -> None:
    document = parse_json(raw)
    if isinstance(document, Malformed):
        return
    broken = {one.clause for one in said_of(raw, "guide") if one.outcome is not Outcome.PASSED}
    listed = {violation.clause for violation in violations("callback/payment", document)}
    if {"CB-05", "CB-06"} & broken:  # a mistyped member is one finding, and a pair with it says nothing
        listed -= {"CB-11", "CB-12"}
    assert listed <= broken


@pytest.mark.parametrize("status", [("SUCCEED", 2), ("FAILED", 3), ("PENDING_PAY", 1)])
@pytest.mark.parametrize("event", [None, "", "dispute_received"])
def test_ordinary_callbacks_are_sound(status: tuple[str, int], event: str | None) -> None:
    document = SAMPLE | {"order_status": status[0], "order_status_int": status[1], "event": event, "complete_time": None}
    if status[0] != "SUCCEED":
        del document["channel_biz_data"]
    assert SIEVES["guide"].sound(json.dumps(document).encode()) is not None


def test_numbers_that_python_refuses_and_deep_nesting_are_not_sound() -> None:
    text = json.dumps(SAMPLE)[:-1]
    for odd_value in ("1" * 5000, "[" * 100 + "]" * 100, "[" * 900 + "]" * 900):
        assert SIEVES["guide"].sound(f'{text}, "x": {odd_value}}}'.encode()) is None


def test_every_clause_of_callbacks_is_judged_somewhere() -> None:
    of_callbacks = {name for name in RULES if name.startswith(("CB-", "PC-")) or name in ("TK-11", "TK-12")}
    only_a_run_shows = {"CB-01", "CB-20", "CB-22", "TK-11"}  # they ask at which order's address a callback arrived
    assert of_callbacks - only_a_run_shows == {*ALONE, *ACROSS, *BESIDE, TIMELY} - set(OWNERS)
