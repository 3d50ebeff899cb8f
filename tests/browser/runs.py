"""Journals made by hand for the tests in a browser."""

import json
from collections.abc import Iterator

import msgspec

from payconform.contract.register import clauses, reading_defaults
from payconform.model.clause import PAYING_MODES, Judged, Mode
from payconform.model.evidence import Body, Callback, Exchange, Journey, OrderRecord, Silence
from payconform.model.finding import Finding, Frequency, Outcome, Verdict
from payconform.model.run import JOURNAL_FORMAT, Counts, Footer, Header, Record, TargetSummary
from payconform.report.history import PastRun
from payconform.report.verdict import decide

HOSTILE = (
    "<script>alert(1)</script><img src='https://evil.example/x.png' onerror='alert(2)'><style>*{display:none}</style>"
    " javascript:alert(3) \x1b[31mred\x07 \x00 \u202etxt.exe \ud800 \ufffe ]]> {{ 7*7 }} " + "unbroken" * 60
)
LARGE = "<b>&" * 250_000
"""A megabyte that HTML would make five of."""

URL = "https://provider.example/api/global/v1/pay/create-order"
MANY = 10_000


def run_with_deviations() -> list[Record]:
    """A run whose provider puts hostile text wherever it can: every kind of outcome, evidence of every kind."""
    body = Body.of(json.dumps({"code": 0, "msg": HOSTILE}).encode())
    exchanges = [
        _exchange(1, response_body=body, url=f"{URL}/{HOSTILE}", response_headers=(("X-Evil", HOSTILE),), fault=HOSTILE),
        _exchange(2, response_body=Body.of(b"\xff\xfe<script>alert(1)</script>\x00")),
        _exchange(3, response_body=Body(text=LARGE, size=len(LARGE))),
        _exchange(4, kind="page", status=None, error=HOSTILE),
    ]
    callback = Callback(
        id="n1", order="o1", case="c", mode=Mode.CARD, method=HOSTILE, path=HOSTILE, query=HOSTILE, at=2.5,
        headers=(("X-Evil", HOSTILE),), body=Body.of(json.dumps({"order_status": HOSTILE}).encode()),
    )  # fmt: skip
    journey = Journey(id="j1", order="o1", case="c", mode=Mode.CARD, final_url=HOSTILE, stuck=HOSTILE, fault="provider")
    evidence: list[Record] = [
        OrderRecord(id="o1", case="c", mode=Mode.CARD, document={"request_id": HOSTILE}),
        *exchanges,
        callback,
        journey,
        Silence(order="o1", case="c", since=2.5, until=3.5),
    ]
    return _closed([_header(), *evidence, *_findings()], requests=4)


def past_runs() -> list[PastRun]:
    """Thirty runs, each of which breaks another clause, and the hostile one."""
    findings = [finding for finding in _findings() if finding.mode is Mode.CARD]
    kept = [msgspec.structs.replace(finding, outcome=Outcome.PASSED) for finding in findings]
    runs = []
    for day in range(1, 31):
        broken = msgspec.structs.replace(kept[day], outcome=Outcome.WARNED)
        runs.append(_past([*kept[:day], broken, *kept[day + 1 :]], f"2026-03-{day:02}T09:00:00+00:00", Verdict.WITH_WARNINGS))
    return [*runs, _past(findings, "2026-04-01T09:00:00+00:00", Verdict.NON_CONFORMANT)]


def _past(findings: list[Finding], started_at: str, verdict: Verdict) -> PastRun:
    return PastRun(
        target=_header().target,
        verdict=verdict,
        complete=True,
        plan="default",
        started_at=started_at,
        suite_version="0.1.0",
        run_by=HOSTILE,
        findings=tuple(findings),
    )


def run_of_many_findings() -> list[Record]:
    """Ten thousand exchanges with bodies of some size, and every clause failed in every mode with words at length."""
    body = Body.of(json.dumps({"code": 0, "msg": "<&>" * 600, "data": {"pay_order_id": "P1"}}).encode())
    exchanges = [_exchange(number, order=f"o{number // 3}", response_body=body, at=number / 100) for number in range(MANY)]
    findings = [
        Finding(
            clause=clause.id, level=clause.level, mode=mode, outcome=Outcome.FAILED, blocking=True, expected=f"{LARGE} '7'",
            observed=f"{LARGE} '8'", exchanges=tuple(f"x{place * 20 + near}" for near in range(10)), frequency=Frequency(9, 40),
        )
        for place, clause in enumerate(clauses().values())
        for mode in PAYING_MODES
    ]  # fmt: skip
    return _closed([_header(), *exchanges, *findings], requests=MANY)


def _exchange(number: int, **more: object) -> Exchange:
    fields = {
        "kind": "create",
        "order": "o1",
        "status": 200,
        "at": number / 2,
        "seconds": 0.02 * (1 + number % 7),
        "url": URL,
        "request_headers": (("Content-Type", "application/json"),),
        "request_body": Body.of(b'{"target_amount":"7","request_id":"R1"}'),
        **more,
    }
    return Exchange(id=f"x{number}", case="c", mode=Mode.CARD, method="POST", **fields)  # type: ignore[arg-type]


def _header() -> Header:
    target = TargetSummary(name="Example provider", environment="sandbox", base_url="https://provider.example", dialect="guide")
    return Header(
        format=JOURNAL_FORMAT, suite_version="0.1.0", contract_version="2026-02-28", started_at="2026-03-04T09:12:44+00:00",
        seed=7, plan="default", target=target, modes=PAYING_MODES, roles=("approved",), payer="form", inbox="receiver",
        quiet_window_s=3.0, deadline_s=20.0, readings=reading_defaults(), run_by="A. Auditor",
    )  # fmt: skip


def _findings() -> Iterator[Finding]:
    outcomes = {
        "RS-05": Outcome.FAILED,
        "RS-08": Outcome.WARNED,
        "CB-04": Outcome.INCONCLUSIVE,
        "CB-05": Outcome.INCONCLUSIVE,
        "TK-06": Outcome.NOT_OBSERVED,
        "PC-01": Outcome.ERROR,
    }
    for clause in clauses().values():
        for mode in clause.modes if clause.judged is not Judged.NOT_JUDGED else ():
            outcome = outcomes.get(clause.id, Outcome.PASSED)
            failed = outcome is Outcome.FAILED
            yield Finding(
                clause=clause.id, level=clause.level, mode=mode, outcome=outcome, blocking=failed, expected="one id",
                observed=HOSTILE, reason=HOSTILE if outcome in (Outcome.INCONCLUSIVE, Outcome.NOT_OBSERVED) else "",
                exchanges=("x1", "x2", "x3") if failed else (), callbacks=("n1",) if outcome is Outcome.WARNED else (),
                journeys=("j1",) if failed else (), frequency=Frequency(int(failed), 40),
            )  # fmt: skip


def _closed(records: list[Record], *, requests: int) -> list[Record]:
    decision = decide(records)
    return [
        *records,
        Footer(
            verdict=decision.verdict,
            exit_code=decision.exit_code,
            reason=decision.reason,
            counts=Counts(requests=requests, callbacks=1, seconds=requests / 100 + 4, orders=1, cases=1),
            ended_at="2026-03-04T09:12:48+00:00",
        ),
    ]
