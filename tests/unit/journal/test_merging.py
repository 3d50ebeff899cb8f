"""Journals that belong together become one: shards of a plan, and runs with their reruns."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payconform.journal.merging import joined_shards, merge
from payconform.journal.reading import Journal, JournalError
from payconform.model.clause import Level, Mode
from payconform.model.evidence import Awaited, Callback, Exchange, Journey, OrderRecord, Silence
from payconform.model.finding import Finding, Observation, Outcome, Verdict
from payconform.model.run import Counts, Ended, Footer, Plan, PlannedCase, Record
from tests.journals import header

PATIENT = settings(deadline=None)  # a busy machine is no failure

HEADER = header(suite_version="1", roles=("approved",))
FOOTER = Footer(
    verdict=Verdict.CONFORMANT,
    exit_code=0,
    reason="",
    counts=Counts(requests=1, callbacks=1, seconds=1.0),
    ended_at="2026-01-01T00:00:01Z",
)
FINDING = Finding(clause="A-1", level=Level.DOCUMENTED, mode=Mode.CARD, outcome=Outcome.PASSED, blocking=False)


def planned(name: str) -> PlannedCase:
    return PlannedCase(id=name, title=name, mode=Mode.CARD, clauses=("A-1",))


def ended(case: str, at: float) -> Ended:
    return Ended(case=case, at=at)


def journey(name: str) -> Journey:
    return Journey(id=name, order="o", case="c", mode=Mode.CARD)


def shard(*records: Record) -> Journal:
    return Journal(records, complete=False, damage="")


def test_shards_become_one_run() -> None:
    first = shard(
        HEADER,
        Plan(cases=(planned("a"), planned("b")), invariants=("I-1",)),
        ended("a", 1),
        journey("j1"),
        ended("a2", 5),
        FOOTER,
    )
    second = shard(
        HEADER,
        Plan(cases=(planned("b"), planned("c")), invariants=("I-1", "I-2")),
        Silence(order="o", case="c", since=0, until=2),
        Awaited(order="o", case="c", since=0, until=3),
        FINDING,
    )
    assert merge([first, second]) == (
        HEADER,
        Plan(cases=(planned("a"), planned("b"), planned("c")), invariants=("I-1", "I-2")),
        ended("a", 1),
        journey("j1"),
        Silence(order="o", case="c", since=0, until=2),
        Awaited(order="o", case="c", since=0, until=3),
        ended("a2", 5),
    )


def test_shards_that_recorded_nothing_make_nothing() -> None:
    assert merge([shard(), shard()]) == ()


@PATIENT
@given(st.lists(st.lists(st.floats(0, 100), max_size=6), max_size=4))
def test_a_shard_s_own_order_is_kept(times: list[list[float]]) -> None:
    shards = [shard(*(ended(f"{place}", at) for at in ats)) for place, ats in enumerate(times)]
    merged = merge(shards)
    assert len(merged) == sum(map(len, times))
    for place, ats in enumerate(times):
        assert [record.at for record in merged if isinstance(record, Ended) and record.case == f"{place}"] == ats


def exchange(name: str, at: float = 1.0) -> Exchange:
    return Exchange(id=name, kind="create", order="o", case="c", mode=Mode.CARD, method="POST", url="u", at=at)


def observation(outcome: Outcome, case: str = "c", *evidence: str) -> Observation:
    return Observation(clause="A-1", mode=Mode.CARD, outcome=outcome, expected="e", observed="o", evidence=evidence, case=case)


def test_the_ids_of_a_rerun_are_told_apart_with_all_that_points_to_them() -> None:
    run = (
        exchange("x1"),
        Callback(id="n1", order="o", case="c", mode=Mode.CARD, method="POST", path="/", at=1),
        Awaited(order="o", case="c", since=0, until=1, callback="n1"),
        Awaited(order="o", case="c", since=0, until=1),
        Journey(id="j1", order="o", case="c", mode=Mode.CARD, exchanges=("x1",)),
        observation(Outcome.PASSED, "c", "x1", "n1"),
    )
    merged = merge([shard(HEADER, *run), shard(HEADER, *run)])
    assert merged[1:7] == run
    assert merged[7:] == (
        msgspec.structs.replace(run[0], id="r2-x1"),
        msgspec.structs.replace(run[1], id="r2-n1"),
        msgspec.structs.replace(run[2], callback="r2-n1"),
        run[3],
        msgspec.structs.replace(run[4], id="r2-j1", exchanges=("r2-x1",)),
        msgspec.structs.replace(run[5], evidence=("r2-x1", "r2-n1")),
    )


def test_a_run_given_twice_is_refused() -> None:
    run = shard(HEADER, OrderRecord(id="o1-1", case="c", mode=Mode.CARD, document={}))
    with pytest.raises(JournalError, match="a run is given twice: two journals hold the order 'o1-1'"):
        merge([run, run])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": msgspec.structs.replace(HEADER.target, name="u")}, "one is of target 't', another of 'u'"),
        ({"suite_version": "2"}, "one is of payconform '1', another of '2'"),
        ({"plan": "quick"}, "one is of plan 'default', another of 'quick'"),
        ({"profile_sha256": "ab"}, "one is of profile '', another of 'ab'"),
        ({"readings": {"a": "b"}}, "one is of readings {}, another of {'a': 'b'}"),
    ],
)
def test_journals_of_different_things_do_not_belong_together(change: dict[str, object], said: str) -> None:
    with pytest.raises(JournalError) as caught:
        merge([shard(HEADER), shard(msgspec.structs.replace(HEADER, **change))])
    assert str(caught.value) == f"the journals do not belong together: {said}"


def test_times_count_from_the_first_beginning() -> None:
    later = msgspec.structs.replace(HEADER, started_at="2026-01-01T01:00:10+01:00")
    silence = Silence(order="o", case="c", since=1, until=2)
    merged = merge([shard(later, ended("b", 1), silence), shard(HEADER, ended("a", 10.5))])
    assert merged == (HEADER, ended("a", 10.5), ended("b", 11), msgspec.structs.replace(silence, since=11, until=12))


def test_what_a_rerun_decided_is_no_longer_undecided() -> None:
    troubled = (observation(Outcome.INCONCLUSIVE), Ended(case="c", at=1, trouble="timed out"))
    decided = (observation(Outcome.PASSED), ended("c", 1))
    for journals in ([shard(HEADER, *troubled), shard(HEADER, *decided)], [shard(HEADER, *decided), shard(HEADER, *troubled)]):
        assert merge(journals) == (HEADER, *decided)


def test_what_a_run_saw_fail_no_rerun_takes_away() -> None:
    failed = (observation(Outcome.FAILED), Ended(case="c", at=1, trouble="timed out"))
    decided = (observation(Outcome.PASSED), ended("c", 1))
    assert merge([shard(HEADER, *failed), shard(HEADER, *decided)]) == (HEADER, failed[0], *decided)


def test_what_no_run_decided_stays_undecided() -> None:
    troubled = (observation(Outcome.INCONCLUSIVE), ended("c", 1))
    assert merge([shard(HEADER, *troubled), shard(HEADER, *troubled)]) == (
        HEADER,
        troubled[0],
        troubled[0],
        troubled[1],
        troubled[1],
    )


def test_a_case_that_one_run_was_asked_for_is_no_background_case() -> None:
    background = msgspec.structs.replace(planned("a"), background=True)
    assert merge([shard(HEADER, Plan(cases=(background,))), shard(HEADER, Plan(cases=(planned("a"),)))]) == (
        HEADER,
        Plan(cases=(planned("a"),)),
    )


@pytest.mark.parametrize(
    ("shards", "together"),
    [
        (["1/2"], "1/2"),
        (["1/2", "2/2"], ""),
        (["3/3", "1/3"], "1,3/3"),
        (["1,3/3", "2/3", "2/3"], ""),
        (["1/2", ""], ""),
        (["1/1"], ""),
    ],
)
def test_all_shards_are_the_whole(shards: list[str], together: str) -> None:
    assert joined_shards(shards) == together


@pytest.mark.parametrize("shards", [["1/2", "2/3"], ["x", "1/2"], ["1/2", "0/2"]])
def test_shards_of_different_cuts_do_not_belong_together(shards: list[str]) -> None:
    with pytest.raises(JournalError):
        joined_shards(shards)
