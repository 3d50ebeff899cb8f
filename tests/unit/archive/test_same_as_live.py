"""An archive is judged as a run judges the same callbacks: the same findings, by the same rules."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from payconform.archive.findings import findings, judged_clauses
from payconform.archive.looking import ACROSS, NO_ORDER, Assumptions, Looker
from payconform.archive.placing import Placing
from payconform.archive.records import Captured
from payconform.archive.sources import pieces, sources
from payconform.archive.times import iso
from payconform.archive.work import Task, alone
from payconform.contract.register import clauses, reading_defaults
from payconform.engine.judge import judge
from payconform.model.clause import Mode
from payconform.model.evidence import Callback
from payconform.model.finding import Finding, Outcome
from payconform.model.notification import Notification
from tests.journals import header

SAMPLE: dict[str, Any] = json.loads(Path("tests/data/documentation/callback.json").read_bytes())
STATUSES = (("SUCCEED", 2), ("FAILED", 3), ("PENDING_PAY", 1), ("SUCCEED", 1), ("FAILED", 2), ("CANCELED", 4), (None, None))
JUDGED = judged_clauses(with_orders=False)


@st.composite
def callbacks(draw: st.DrawFn) -> bytes:
    status, number = draw(st.sampled_from(STATUSES))
    document = SAMPLE | {"order_status": status, "order_status_int": number}
    document["request_id"] = draw(st.sampled_from(["M1", "M2", "M3", "", 5]))
    document["pay_order_id"] = draw(st.sampled_from(["P1", "P2", "P3", None]))
    document["target_amount"] = draw(st.sampled_from(["1.00", "1.00", "2.00", 1.0]))
    document["event"] = draw(st.sampled_from([None, None, None, "dispute_received"]))
    if draw(st.booleans()):
        document["channel_biz_data"] = draw(st.sampled_from([None, {}, {"card_token": 5}, {"issuer_country": "GBR"}, "text"]))
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from([b"{", b"[]", b'{"request_id":"M1"}', b"\xff", b'{"note":"4242424242424242"}']))
    return json.dumps(document).encode()


def live(bodies: list[bytes], assumptions: Assumptions, *, timed: bool) -> dict[str, Finding]:
    """What a run says that heard these callbacks, each at the path of the order it names."""
    looker = Looker(assumptions)
    heard: list[Callback] = []
    for number, body in enumerate(bodies, start=1):
        callback = looker.callback(Captured(body=body, at=float(number) if timed else None), f"n{number}")
        order = order_of(callback) or f"{NO_ORDER} {number}"
        fields = {name: getattr(callback, name) for name in callback.__struct_fields__}
        heard.append(Callback(**{**fields, "order": order}))
    began = header(assumptions.dialect, modes=(Mode.UNKNOWN,), readings=reading_defaults())
    found = judge([began, *heard], clauses())
    return {one.clause: one for one in found if one.clause in JUDGED}


def order_of(callback: Callback) -> str:
    names = [Notification(callback).document.get(name) for name in ("request_id", "pay_order_id")]
    return next((name for name in names if isinstance(name, str) and name), "")


def names_no_order(body: bytes) -> bool:
    """A run knows the order of such a callback by its path; in an archive nothing binds it to others."""
    return not order_of(Looker(Assumptions()).callback(Captured(body=body), "n1"))


def from_archive(bodies: list[bytes], assumptions: Assumptions, *, timed: bool) -> dict[str, Finding]:
    lines = [enveloped(body, number) if timed else body for number, body in enumerate(bodies, start=1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "callbacks.jsonl"
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        cut = pieces(sources([str(path)]), 500)
        part = alone(Task(assumptions, 3), cut, lambda _: None, Path(folder))
        part.settle()
        placing = Placing(cut, part.lines)
        found = findings(part, (Mode.UNKNOWN,), assumptions.dialect, placing, with_orders=False)
        named = [renamed(one, placing) for one in found]
    return {one.clause: one for one in named}


def enveloped(body: bytes, number: int) -> bytes:
    try:
        said = {"body": body.decode()}
    except UnicodeDecodeError:
        said = {"body_base64": "/w=="}
    return json.dumps({"received_at": iso(float(number)), **said}).encode()


def renamed(finding: Finding, placing: Placing) -> Finding:
    """The finding with callbacks named as the run names them, by their number."""
    fields = {name: getattr(finding, name) for name in finding.__struct_fields__}
    places = [name.removesuffix("-n").split(".") for name in finding.callbacks]
    numbers = [placing._before[int(piece)] + int(line) + 1 for piece, line, _ in places]
    return Finding(**{**fields, "callbacks": tuple(f"n{number}" for number in numbers)})


def told(finding: Finding | None) -> object:
    if finding is None or finding.outcome in (Outcome.NOT_OBSERVED, Outcome.NOT_APPLICABLE):
        return None
    frequency = (finding.frequency.failed, finding.frequency.seen)
    if finding.outcome is Outcome.PASSED:
        return finding.outcome, frequency, finding.expected
    return finding.outcome, finding.blocking, frequency, finding.expected, finding.observed, finding.callbacks


def named(request_id: object, pay_order_id: str) -> bytes:
    return json.dumps(SAMPLE | {"request_id": request_id, "pay_order_id": pay_order_id}).encode()


BETWEEN = [named("M1", "P1"), named("", "P3"), named("M1", "P1"), named("M1", "P2"), named(5, "P3")]
"""The fault of the order heard first shows only after that of another."""


@settings(deadline=None)
@example(BETWEEN, "guide", False)  # noqa: FBT003
@given(st.lists(callbacks(), min_size=1, max_size=12), st.sampled_from(["guide", "lesspay2"]), st.booleans())
def test_an_archive_and_a_run_find_the_same(bodies: list[bytes], dialect: str, timed: bool) -> None:  # noqa: FBT001
    assume(bodies != [b"[]"])  # a file that is one empty list has no callbacks
    assumptions = Assumptions(dialect=dialect, readings=reading_defaults())
    one, other = live(bodies, assumptions, timed=timed), from_archive(bodies, assumptions, timed=timed)
    for clause in set(JUDGED) - ({*ACROSS} if any(map(names_no_order, bodies)) else set()):
        assert told(other.get(clause)) == told(one.get(clause)), clause
