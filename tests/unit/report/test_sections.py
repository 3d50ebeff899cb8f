"""The parts of the compliance report: what differs, whose doing it is, how to do it again, and how the run went."""

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payconform.model.clause import PAYING_MODES, Mode
from payconform.model.evidence import Awaited, Body, Callback, Exchange, Journey, Silence
from payconform.model.finding import Finding, Frequency, Outcome
from payconform.model.run import Ended, PlannedCase, Record
from payconform.report.account import Account
from payconform.report.sections.attribution import Attributor
from payconform.report.sections.comparison import Piece, compared, marked
from payconform.report.sections.coverage import coverage
from payconform.report.sections.entries import SHOWN_IN_FULL, entries
from payconform.report.sections.latency import Measured, histogram, of_callbacks, of_endpoint, spread
from payconform.report.sections.reproduction import as_curl
from payconform.report.sections.sequence import MERCHANT, MOST_RECORDS, PAYER, PROVIDER, Sequencer
from payconform.report.sections.timeline import MARKS, timeline

if TYPE_CHECKING:
    from tests.unit.report.conftest import Build

Found = Callable[..., Finding]
Exchanged = Callable[..., Exchange]
Accounted = Callable[[Sequence[Record]], Account]


def _heard(name: str, **more: object) -> Callback:
    fields = {"order": "o1", "case": "c", "mode": Mode.CARD, "at": 1.0, "path": "/o1", **more}
    return Callback(id=name, method="POST", **fields)  # type: ignore[arg-type]


def _differing(pieces: Sequence[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.differs]


@pytest.mark.parametrize(
    ("expected", "observed", "left", "right"),
    [
        ("the string '74.22', or one of equal value", "'71.9934'", ["'74.22'"], ["'71.9934'"]),
        ("pay_order_id P2124 as in the reply", "2124", ["P"], ["2124"]),
        ("target_currency 'CNY' as sent", "'EUR'", ["'CNY'"], ["'EUR'"]),
        ("refused: no signature", "HTTP 200, code 0, msg 'SUCCESS'", [], ["200", "0", "'SUCCESS'"]),
        ("no callback within 1.0 s", "order_status 'SUCCEED'", [], ["'SUCCEED'"]),
        ("a reply in JSON", "a reply in HTML", ["JSON"], ["HTML"]),
        ("neither an id nor a callback", "something else entirely", [], []),
        ("description 'one'", "description 'one'", [], []),
        ("", "", [], []),
    ],
)
def test_values_that_one_side_alone_has_are_what_differs(expected: str, observed: str, left: list[str], right: list[str]) -> None:
    comparison = compared(expected, observed)
    if left == ["P"]:  # only the stretch in which two similar values differ
        assert _differing(comparison.expected) == left
    else:
        assert (_differing(comparison.expected), _differing(comparison.observed)) == (left, right)


@given(st.text(), st.text())
def test_a_comparison_keeps_every_character(expected: str, observed: str) -> None:
    comparison = compared(expected, observed)
    assert "".join(piece.text for piece in comparison.expected) == expected
    assert "".join(piece.text for piece in comparison.observed) == observed


@given(st.text(), st.lists(st.text(max_size=4)))
def test_marking_keeps_every_character(text: str, values: list[str]) -> None:
    assert "".join(piece.text for piece in marked(text, values)) == text


def test_values_are_marked_where_they_stand_by_themselves() -> None:
    pieces = marked('{"a": "71.99", "b": 171.99, "c": 71.995}', ["71.99"])
    assert _differing(pieces) == ["71.99"]


@pytest.mark.parametrize(
    ("outcome", "evidence", "party"),
    [
        (Outcome.FAILED, {}, "provider"),
        (Outcome.ERROR, {}, "harness"),
        (Outcome.INCONCLUSIVE, {"fault": "profile"}, "profile"),
        (Outcome.INCONCLUSIVE, {"fault": "provider"}, "provider"),
        (Outcome.INCONCLUSIVE, {"status": None}, "network"),
        (Outcome.INCONCLUSIVE, {"kind": "throttled"}, "profile"),
        (Outcome.INCONCLUSIVE, {}, "not settled"),
    ],
)
def test_a_finding_is_attributed_by_its_evidence(
    outcome: Outcome, evidence: dict[str, object], party: str, judged: Callable[..., Account]
) -> None:
    account = judged(outcome, **evidence)
    assert Attributor(account).of(account.findings[0]).party == party


@pytest.fixture
def judged(journal: "Build", found: Found, exchange: Exchanged, account: Accounted) -> Callable[..., Account]:
    """An account of one finding whose case had a journey with a fault and one exchange."""

    def build(outcome: Outcome, *, fault: str = "", **of_exchange: object) -> Account:
        journey = Journey(id="j1", order="o1", case="c", mode=Mode.CARD, fault=fault)  # type: ignore[arg-type]
        sent = _replaced(exchange("x1", case="c"), **of_exchange)
        return account(journal([found(outcome, cases=("c",))], evidence=[journey, sent]))

    return build


def _replaced(sent: Exchange, **more: object) -> Exchange:
    fields = {name: getattr(sent, name) for name in sent.__struct_fields__}
    return Exchange(**{**fields, **more})


def test_a_missing_callback_may_be_the_networks_doing(journal: "Build", found: Found, account: Accounted) -> None:
    finding = found(Outcome.FAILED, "CB-02")
    told = Attributor(account(journal([finding]))).of(finding)
    assert "cannot reach the inbox" in told.why


def test_a_request_becomes_a_command_that_a_shell_reads_back() -> None:
    body = '{"name": "it\'s $HOME `x` \\\\ !"}'
    headers = (("Content-Type", "application/json"), ("Content-Length", "9"), ("X-Odd", "a'b"))
    sent = Exchange(
        id="x1",
        kind="create",
        order="o1",
        case="c",
        mode=Mode.CARD,
        method="POST",
        url="https://p.example/a?b=c&d='",
        request_headers=headers,
        request_body=Body.of(body.encode()),
    )
    made = as_curl(sent, is_signed=True)
    options = ["-H", "Content-Type: application/json", "-H", "X-Odd: a'b", "--data-raw", body]
    assert shlex.split(made.command.replace("\\\n", "")) == ["curl", "-sS", "-i", "-X", "POST", sent.url, *options]
    assert any("signature" in remark for remark in made.remarks)


UNBEARABLE = [Body.of(b"\xff\xfe"), Body.of(b"\x1b[31m"), Body.of(b"x" * 4_000), Body(text="x", truncated=True, size=9)]


@pytest.mark.parametrize("body", UNBEARABLE)
def test_a_body_that_no_command_line_bears_is_left_to_the_journal(body: Body, exchange: Exchanged) -> None:
    made = as_curl(exchange("x1", request_body=body), is_signed=False)
    assert made.command.endswith("--data-binary @body")
    assert "x1" in made.remarks[-1]


def test_steps_are_drawn_in_the_order_of_time_and_the_decisive_ones_marked(
    journal: "Build", found: Found, exchange: Exchanged, account: Accounted
) -> None:
    page = _replaced(exchange("x2", at=1.0), kind="page", method="GET")
    records: list[Record] = [
        _heard("n1", at=2.0, body=Body.of(b'{"order_status": "FAILED"}')),
        exchange("x1", at=0.5),
        page,
        Journey(id="j1", order="o1", case="c", mode=Mode.CARD, landed="fail", exchanges=("x2",)),
        Silence(order="o1", case="c", since=2.0, until=5.0),
        Awaited(order="o1", case="c", since=2.0, until=6.0),
        _replaced(exchange("x9", at=0.1), order="another"),
    ]
    finding = found(Outcome.FAILED, callbacks=("n1",))
    diagram = Sequencer(account(journal([finding], evidence=records))).diagram(finding)
    assert diagram is not None
    told = [(step.source, step.target, step.decides) for step in diagram.steps]
    assert told == [
        (MERCHANT, PROVIDER, False),
        (PROVIDER, MERCHANT, False),
        (PAYER, PROVIDER, False),
        (PROVIDER, PAYER, False),
        (PAYER, PAYER, False),
        (PROVIDER, MERCHANT, True),
        (MERCHANT, MERCHANT, False),
        (MERCHANT, MERCHANT, True),
    ]
    assert [step.y for step in diagram.steps] == sorted(step.y for step in diagram.steps)
    assert "callback FAILED" in diagram.steps[5].label


def test_a_long_order_shows_its_first_and_its_decisive_steps(
    journal: "Build", found: Found, exchange: Exchanged, account: Accounted
) -> None:
    finding = found(Outcome.FAILED, exchanges=("x30",))
    records = journal([finding], evidence=[exchange(f"x{number}", at=float(number)) for number in range(40)])
    diagram = Sequencer(account(records)).diagram(finding)
    assert diagram is not None
    assert diagram.left == 40 - MOST_RECORDS
    names = [step.id for step in diagram.steps]
    assert names[0] == "x0"
    assert "x30" in names
    assert Sequencer(account(journal([]))).diagram(finding) is None


@given(st.lists(st.floats(0, 1_000), min_size=1))
def test_percentiles_were_measured(seconds: list[float]) -> None:
    told = spread("All", sorted(seconds))
    assert {told.p50, told.p90, told.p95, told.p99, told.most} <= set(seconds)
    assert told.p50 <= told.p90 <= told.p95 <= told.p99 <= told.most == max(seconds)
    plot = histogram([Measured(f"x{place}", "Card", value) for place, value in enumerate(seconds)])
    assert plot is not None
    assert all(0 <= bar.x <= 640 and bar.height > 0 for bar in plot.bars)
    assert all(0 <= line.x <= 640 for line in plot.lines)


def test_the_99th_percentile_of_a_hundred_is_the_99th() -> None:
    told = spread("All", [float(number) for number in range(1, 101)])
    assert (told.p50, told.p90, told.p95, told.p99, told.most) == (50, 90, 95, 99, 100)


def test_a_callback_waits_from_the_last_answer_before_it(journal: "Build", exchange: Exchanged, account: Accounted) -> None:
    evidence = [
        exchange("x1", at=1.0, seconds=0.5),
        exchange("x2", at=4.0, seconds=1.0),
        _heard("n1", at=3.5),
        _heard("n2", at=9.0),
    ]
    made = account(journal([], evidence=evidence))
    plot = of_callbacks(made)
    assert plot is not None
    assert plot.slowest == (("n1", 2.0),)
    endpoint = of_endpoint(made)
    assert endpoint is not None
    assert endpoint.slowest[0] == ("x2", 1.0)
    assert of_endpoint(account(journal([], evidence=[exchange("x3", status=None)]))) is None


def test_the_timeline_counts_everything_once(journal: "Build", found: Found, exchange: Exchanged, account: Accounted) -> None:
    evidence = [exchange(f"x{number}", at=number / 10) for number in range(300)]
    findings = [found(Outcome.FAILED, f"ZZ-{number}", exchanges=(f"x{number}",)) for number in range(300)]
    line = timeline(account(journal(findings, evidence=[*evidence, _heard("n1", at=40.0)])))
    assert line is not None
    assert {lane.name: lane.count for lane in line.lanes} == {"Endpoint": 300, "Callbacks": 1}
    assert all(sum(lane.tenths) == lane.count for lane in line.lanes)
    assert len(line.marks) <= MARKS
    assert sum(len(mark.findings) for mark in line.marks) == 300
    assert 5 <= len(line.ticks) <= 14
    assert timeline(account(journal([], complete=False))) is None


def test_coverage_tells_how_often_and_why_not(journal: "Build", found: Found, account: Accounted) -> None:
    findings = [
        found(Outcome.PASSED, "EP-01", frequency=Frequency(0, 7)),
        found(Outcome.NOT_OBSERVED, "CB-02", reason="none came"),
        found(Outcome.INCONCLUSIVE, "RS-05"),
    ]
    told = coverage(account(journal(findings)))
    assert told.total.states == {
        "judged": 1, "tried": 1, "not_observed": 1, "not_applicable": 0, "left_out": 1, "no_case": 1,
    }  # fmt: skip
    assert told.total.looks == 7
    assert ("none came", ("CB-02 (card)",)) in [(reason.text, reason.clauses) for reason in told.reasons]


def test_what_is_inconclusive_for_one_reason_is_told_of_once(journal: "Build", found: Found, account: Accounted) -> None:
    alike = [found(Outcome.INCONCLUSIVE, f"ZZ-{number}", mode, reason="refused") for number in range(3) for mode in PAYING_MODES]
    own = found(Outcome.INCONCLUSIVE, "EP-01", reason="another")
    made = entries(account(journal([*alike, own])))
    assert sorted(len(entry.also) for entry in made) == [0, 8]


def test_the_entries_that_come_late_are_kept_short(journal: "Build", found: Found, account: Accounted) -> None:
    findings = [found(Outcome.FAILED, f"ZZ-{number:03}", observed="w" * 9_000) for number in range(SHOWN_IN_FULL + 1)]
    made = entries(account(journal(findings)))
    sizes = [sum(len(piece.text) for piece in entry.comparison.observed) for entry in made]
    assert sizes[0] > 1_000
    assert sizes[-1] < 500


def test_a_case_that_met_trouble_names_the_network_when_nothing_answered(
    journal: "Build", found: Found, exchange: Exchanged, account: Accounted
) -> None:
    case = PlannedCase(id="c", title="t", mode=Mode.CARD, clauses=("RS-05",))
    finding = found(Outcome.INCONCLUSIVE, cases=("elsewhere",), reason="unreachable")
    records = journal(
        [finding], evidence=[exchange("x1", status=None)], cases=[case], ended=[Ended(case="c", at=1.0, trouble="unreachable")]
    )
    assert Attributor(account(records)).of(finding).party == "network"
