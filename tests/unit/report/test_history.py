"""Runs over time: first seen, last seen, mended, and the page that tells it."""

from collections.abc import Callable

import msgspec
from lxml import html

from payconform.model.clause import Mode
from payconform.model.finding import Finding, Outcome, Verdict
from payconform.model.run import TargetSummary
from payconform.report.history import RUNS_SHOWN, PastRun, TargetHistory, histories
from payconform.report.index import index_html, trend
from payconform.report.register import Register

Found = Callable[..., Finding]


def _run(day: int, *findings: Finding, name: str = "Example", **more: object) -> PastRun:
    target = TargetSummary(name=name, environment="sandbox", base_url="https://provider.example", dialect="guide")
    fields = {"verdict": Verdict.CONFORMANT, "complete": True, "plan": "default", "suite_version": "0.1.0", "run_by": "", **more}
    stamp = f"2026-03-{day:02}T09:00:00+00:00"
    return PastRun(target=target, findings=findings, **{"started_at": stamp, **fields})  # type: ignore[arg-type]


def _only(*runs: PastRun, register: Register) -> TargetHistory:
    (history,) = histories(runs, register)
    return history


def test_a_deviation_is_open_mended_or_not_judged_since(register: Register, found: Found) -> None:
    failed, passed, unseen = (found(outcome, "RS-05") for outcome in (Outcome.FAILED, Outcome.PASSED, Outcome.NOT_OBSERVED))
    for last, state in ((failed, "open"), (passed, "mended"), (unseen, "not judged since")):
        runs = [_run(3, last), _run(1, passed), _run(2, failed)]
        (deviation,) = _only(*runs, register=register).deviations
        assert deviation.state == state
        assert deviation.first.started_at.startswith("2026-03-02")
        assert deviation.last.started_at.startswith("2026-03-03" if state == "open" else "2026-03-02")
        assert deviation.times == (2 if state == "open" else 1)
        assert deviation.judged == (2 if state == "not judged since" else 3)


def test_a_clause_has_its_worst_mode_in_each_run(register: Register, found: Found) -> None:
    first = _run(1, found(Outcome.PASSED, "RS-05"), found(Outcome.FAILED, "RS-05", Mode.TOKEN), found(Outcome.PASSED, "EP-01"))
    history = _only(first, _run(2, found(Outcome.PASSED, "RS-05")), register=register)
    told = {clause.clause: (clause.outcomes, clause.is_steady) for clause in history.clauses}
    assert told == {"RS-05": ((Outcome.FAILED, Outcome.PASSED), False), "EP-01": ((Outcome.PASSED, None), True)}


def test_targets_are_told_apart_and_old_runs_count_without_a_column(register: Register, found: Found) -> None:
    runs = [_run(day, found(Outcome.FAILED, "RS-05")) for day in range(1, 32)]
    ours, theirs = histories([*runs, _run(1, name="Another"), _run(5, started_at="no time")], register)
    assert (ours.name, theirs.name) == ("Another", "Example")
    assert len(theirs.runs) == 32
    assert theirs.runs[0].started_at == "no time"
    assert len(theirs.shown) == RUNS_SHOWN
    assert theirs.deviations[0].times == 31


def test_the_trend_stacks_what_asks_for_attention(register: Register, found: Found) -> None:
    two = _run(1, found(Outcome.FAILED, "RS-05"), found(Outcome.WARNED, "RS-08"))
    made = trend(_only(two, _run(2, found(Outcome.PASSED, "RS-05")), register=register))
    assert made.most == 2
    assert [(part.outcome, part.height) for part in made.segments] == [(Outcome.FAILED, 36.0), (Outcome.WARNED, 36.0)]


def test_the_page_is_harmless_whatever_a_run_is_called(register: Register, found: Found) -> None:
    hostile = "<script>alert(1)</script>\x1b[31m \u202e \ud800"
    run = _run(
        1, found(Outcome.FAILED, hostile, observed=hostile), name=hostile, started_at=hostile, plan=hostile, run_by=hostile
    )
    page = index_html([run, msgspec.structs.replace(run, address="./a/compliance.html")], [hostile], register)
    page.encode()
    document = html.document_fromstring(page)
    assert len(document.xpath("//script")) == 1
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert {link for link in document.xpath("//a/@href") if not link.startswith("#")} == {"./a/compliance.html"}
