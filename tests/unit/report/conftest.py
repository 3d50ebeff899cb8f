"""Journals made by hand, and a small register beside them."""

from collections.abc import Callable, Sequence

import pytest

from payconform.model.clause import PAYING_MODES, Clause, Judged, Level, Mode, Reading, Severity
from payconform.model.evidence import Body, Callback, Exchange, Journey
from payconform.model.finding import Finding, Frequency, Outcome
from payconform.model.run import JOURNAL_FORMAT, Counts, Ended, Footer, Header, Plan, PlannedCase, Record, TargetSummary
from payconform.report.account import Account
from payconform.report.register import Register
from payconform.report.verdict import decide

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=//evil.example onerror=alert(1)> {{ 7*7 }} ]]> "
    "\x1b[31mred\x07 \x00 \u202etxt.exe \ud800 \ufffe |`*"
)

ADVISORY = "RS-08"
CASE = "case[RS-05-card]"

Build = Callable[..., list[Record]]


def _clause(name: str, chapter: str, *, advisory: bool = False, reason: str = "") -> Clause:
    return Clause(
        id=name,
        chapter=chapter,
        section="Response Example",
        level=Level.ADVISORY if advisory else Level.IMPLIED,
        modes=PAYING_MODES,
        statement=f"The statement of {name}.",
        severity=Severity.ADVISORY if advisory else Severity.STRICT,
        judged=Judged.NOT_JUDGED if reason else Judged.CASE,
        reason=reason,
        readings=("X-08",),
    )


@pytest.fixture
def register() -> Register:
    clauses = (
        _clause("EP-01", "A. Endpoint"),
        _clause("RS-05", "D. Envelope"),
        _clause("RS-08", "D. Envelope", advisory=True),
        _clause("CB-02", "H. Callback"),
        _clause("CB-26", "H. Callback", reason="No source gives the schedule."),
    )
    readings = (
        Reading(
            id="X-08",
            where="2.1",
            statement="Empty is open.",
            treatment="Lenient.",
            key="empty",
            choices={"any": "all pass"},
            default="any",
        ),
        Reading(id="X-09", where="2.2", statement="A contradiction.", treatment="Fixed."),
    )
    return Register(
        {clause.id: clause for clause in clauses},
        {reading.id: reading for reading in readings},
        lambda clause, _: clause.severity,
    )


def found(outcome: Outcome, clause: str = "RS-05", mode: Mode = Mode.CARD, **more: object) -> Finding:
    level = Level.ADVISORY if clause == ADVISORY else Level.IMPLIED
    fields = {"blocking": outcome is Outcome.FAILED, "expected": "one id", "observed": "another", **more}
    return Finding(clause=clause, level=level, mode=mode, outcome=outcome, **fields)  # type: ignore[arg-type]


def exchange(
    name: str, body: bytes = b'{"code":0,"msg":"SUCCESS","data":{"pay_order_id":"P1","order_data":{}}}', **more: object
) -> Exchange:
    fields = {
        "request_body": Body.of(b'{"target_amount":100.00}'),
        "response_body": Body.of(body),
        "status": 200,
        "seconds": 0.034,
        "case": CASE,
        **more,
    }
    return Exchange(
        id=name,
        kind="create",
        order="o1",
        mode=Mode.CARD,
        method="POST",
        url="https://provider.example/api/global/v1/pay/create-order",
        **fields,  # type: ignore[arg-type]
    )


@pytest.fixture
def journal(register: Register) -> Build:
    """Builds the records of a run from its findings; with a footer unless it was cut off."""

    def build(
        findings: Sequence[Finding],
        *,
        evidence: Sequence[Record] = (),
        cases: Sequence[PlannedCase] = (),
        ended: Sequence[Ended] = (),
        complete: bool = True,
        target: str = "Example provider",
    ) -> list[Record]:
        header = Header(
            format=JOURNAL_FORMAT,
            suite_version="0.1.0",
            contract_version="2026-02-28",
            started_at="2026-03-04T09:12:44+00:00",
            seed=7,
            plan="default",
            target=TargetSummary(name=target, environment="sandbox", base_url="https://provider.example", dialect="guide"),
            modes=PAYING_MODES,
            roles=("approved",),
            payer="form",
            inbox="receiver",
            quiet_window_s=3.0,
            deadline_s=20.0,
            readings={"empty": "any"},
            command="pytest suites --profile profiles/example.toml",
        )
        records: list[Record] = [header, Plan(cases=tuple(cases)), *evidence, *ended, *findings]
        if not complete:
            return records
        decision = decide(records, register=register)
        counts = Counts(requests=len(evidence), callbacks=0, seconds=31.7, orders=1, cases=len(cases))
        footer = Footer(
            verdict=decision.verdict,
            exit_code=decision.exit_code,
            reason=decision.reason,
            counts=counts,
            ended_at="2026-03-04T09:13:16+00:00",
        )
        return [*records, footer]

    return build


@pytest.fixture
def conformant(journal: Build) -> list[Record]:
    return journal(
        [found(Outcome.PASSED, "EP-01", frequency=Frequency(0, 40)), found(Outcome.PASSED, exchanges=("x1",))],
        evidence=[exchange("x1")],
    )


@pytest.fixture
def hostile(journal: Build) -> list[Record]:
    """A run against a provider that puts hostile text wherever it can, and a megabyte of it once."""
    headers = (("X-Evil", HOSTILE),)
    body = Body(text='{"msg": "' + "<b>" * 400_000 + '"}', size=1_200_011)
    evidence: list[Record] = [
        exchange("x1", response_body=body, response_headers=headers, error=HOSTILE, fault=HOSTILE),
        exchange("x2", response_body=Body.of(b"\xff\xfe<script>alert(1)</script>\x00")),
        Callback(
            id="n1",
            order="o1",
            case=CASE,
            mode=Mode.CARD,
            method=HOSTILE,
            path=HOSTILE,
            query=HOSTILE,
            headers=headers,
            body=Body.of(HOSTILE.encode(errors="replace")),
        ),
        Journey(id="j1", order="o1", case=CASE, mode=Mode.CARD, final_url=HOSTILE, stuck=HOSTILE, fault="provider"),
    ]
    findings = [
        found(
            Outcome.FAILED, observed=HOSTILE * 3_000, exchanges=("x1", "x2"), callbacks=("n1",), journeys=("j1",), cases=(CASE,)
        ),
        found(Outcome.WARNED, ADVISORY, observed=HOSTILE, exchanges=("x1",)),
        found(Outcome.INCONCLUSIVE, "CB-02", reason=HOSTILE),
        found(Outcome.NOT_OBSERVED, "CB-02", Mode.TOKEN, reason=HOSTILE),
        found(Outcome.PASSED, "EP-01", expected=HOSTILE, exchanges=("x2",)),
    ]  # fmt: skip
    case = PlannedCase(id=CASE, title=HOSTILE, mode=Mode.CARD, clauses=("RS-05",), node=HOSTILE)
    return journal(
        findings, evidence=evidence, cases=[case], ended=[Ended(case=case.id, at=2.0, trouble=HOSTILE)], target=HOSTILE
    )


@pytest.fixture
def account(register: Register) -> Callable[[Sequence[Record]], Account]:
    return lambda records: Account(records, register)


@pytest.fixture(name="found")
def found_fixture() -> Callable[..., Finding]:
    return found


@pytest.fixture(name="exchange")
def exchange_fixture() -> Callable[..., Exchange]:
    return exchange
