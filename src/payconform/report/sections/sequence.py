"""The steps that led to a finding: who said what to whom, in the order of time, ready to be drawn."""

from collections.abc import Collection, Iterator
from itertools import chain

from msgspec import Struct

from payconform.model.evidence import Awaited, Callback, Exchange, Journey, Silence
from payconform.model.finding import Finding
from payconform.model.notification import Notification
from payconform.model.reply import Reply
from payconform.report.account import Account
from payconform.report.text import one_line
from payconform.report.wording import duration, duration_ms

MOST_RECORDS = 8
BUDGET = 900_000
"""Characters of diagrams in one report, by an estimate of what a step takes."""

_OF_A_STEP = 900
_ORDERS = 3
_LABEL = 44
_ROW, _TOP = 38.0, 44.0
MERCHANT, PROVIDER, PAYER = "Merchant (harness)", "Provider", "Payer"
_PLACES = {MERCHANT: 150.0, PROVIDER: 450.0, PAYER: 750.0}

Told = Exchange | Callback | Journey | Silence | Awaited


class Step(Struct, frozen=True):
    """One arrow, or a note where `source` and `target` are the same. `id` names a record of the journal.

    `is_answer` draws it dashed; `decides` says that the finding points at it; `y` is its place, `at` seconds of the run.
    """

    id: str
    at: float
    source: str
    target: str
    label: str
    is_answer: bool = False
    decides: bool = False
    y: float = 0.0

    @property
    def x1(self) -> float:
        return _PLACES[self.source]

    @property
    def x2(self) -> float:
        return _PLACES[self.target]


class Diagram(Struct, frozen=True):
    """Steps and who takes part; `left` counts the records of these orders that only the journal has."""

    parties: tuple[tuple[str, float], ...]
    steps: tuple[Step, ...]
    left: int
    height: float
    width: float


class Sequencer:
    """Draws the steps around findings until the report's budget for diagrams is spent."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._budget = BUDGET
        self._of_order: dict[str, list[Told]] = {}
        records = chain(account.exchanges.values(), account.callbacks.values(), account.journeys.values(), account.waits)
        for record in records:
            self._of_order.setdefault(record.order, []).append(record)

    def diagram(self, finding: Finding) -> Diagram | None:
        """The steps of the orders that a finding is about; None where there is nothing to draw, or no room left."""
        if self._budget <= 0:
            return None
        decisive = {*finding.exchanges, *finding.callbacks, *finding.journeys}
        records = [record for order in self._orders(finding) for record in self._of_order.get(order, ())]
        shown = _most_telling(sorted(records, key=self._ended), decisive)
        steps = sorted((step for record in shown for step in self._steps(record, decisive)), key=lambda step: step.at)
        if not steps:
            return None
        self._budget -= len(steps) * _OF_A_STEP
        return _drawn(steps, len(records) - len(shown))

    def _steps(self, record: Told, decisive: Collection[str]) -> Iterator[Step]:
        return _steps(
            record, self._ended(record), decides=isinstance(record, Exchange | Callback | Journey) and record.id in decisive
        )

    def _ended(self, record: Told) -> float:
        """When a record came to its end; of a journey, which has no time of its own, when its last page did."""
        match record:
            case Exchange():
                return record.at + record.seconds
            case Callback():
                return record.at
            case Journey():
                known = (self._account.exchanges[name] for name in record.exchanges if name in self._account.exchanges)
                return max((exchange.at + exchange.seconds for exchange in known), default=0.0)
            case _:
                return record.until

    def _orders(self, finding: Finding) -> list[str]:
        """The orders of one case that shows the finding: those of its exchanges, or else of its first callback or journey."""
        account = self._account
        exchanges = [account.exchanges[name] for name in finding.exchanges if name in account.exchanges]
        if exchanges:
            first = exchanges[0].case
            return list(dict.fromkeys(exchange.order for exchange in exchanges if exchange.case == first))[:_ORDERS]
        others = [
            *(account.callbacks[name].order for name in finding.callbacks if name in account.callbacks),
            *(account.journeys[name].order for name in finding.journeys if name in account.journeys),
        ]
        return others[:1]


def _most_telling(records: list[Told], decisive: Collection[str]) -> list[Told]:
    """The first record, those that decide, and then the earliest others, in the order of time."""
    decides = [place for place, record in enumerate(records) if getattr(record, "id", "") in decisive]
    ranked = dict.fromkeys((*range(min(1, len(records))), *decides, *range(len(records))))
    return [records[place] for place in sorted(list(ranked)[:MOST_RECORDS])]


def _drawn(steps: list[Step], left: int) -> Diagram:
    taking_part = {party for step in steps for party in (step.source, step.target)} | {MERCHANT, PROVIDER}
    placed = [
        Step(step.id, step.at, step.source, step.target, step.label, step.is_answer, step.decides, _TOP + _ROW * (place + 1))
        for place, step in enumerate(steps)
    ]
    parties = tuple((name, x) for name, x in _PLACES.items() if name in taking_part)
    return Diagram(parties, tuple(placed), left, _TOP + _ROW * len(steps) + 20, parties[-1][1] + 100)


def _steps(record: Told, at: float, *, decides: bool) -> Iterator[Step]:
    """The steps of a record that came to its end at a moment."""
    match record:
        case Exchange():
            yield from _of_exchange(record, decides=decides)
        case Callback():
            label = f"{record.id} {_of_callback(record)} → {record.answered}"
            yield Step(record.id, at, PROVIDER, MERCHANT, _clipped(label), decides=decides)
        case Journey():
            landed = f"landed on {record.landed}_url" if record.landed else "did not come back"
            yield Step(record.id, at, PAYER, PAYER, f"{record.id} {landed}", decides=decides)
        case Silence():
            yield Step("", at, MERCHANT, MERCHANT, f"listened {duration(at - record.since)} for callbacks")
        case Awaited(callback=""):
            yield Step("", at, MERCHANT, MERCHANT, f"waited {duration(at - record.since)}, no final callback came", decides=True)


def _of_exchange(exchange: Exchange, *, decides: bool) -> Iterator[Step]:
    caller = PAYER if exchange.kind == "page" else MERCHANT
    what = {"create": "create-order", "page": "page"}.get(exchange.kind, exchange.kind)
    asked = f"{exchange.id} {exchange.method} {what}" + (f", breaks {exchange.fault}" if exchange.fault else "")
    yield Step(exchange.id, exchange.at, caller, PROVIDER, _clipped(asked), decides=decides)
    answer = _answer(exchange)
    yield Step(exchange.id, exchange.at + exchange.seconds, PROVIDER, caller, _clipped(answer), is_answer=True, decides=decides)


def _answer(exchange: Exchange) -> str:
    took = duration_ms(exchange.seconds)
    if exchange.status is None:
        return f"no response: {exchange.error} ({took})"
    if exchange.kind == "page":
        return f"HTTP {exchange.status} ({took})"
    reply = Reply(exchange)
    code = f", code {reply.code!r}" if "code" in reply.document else ""
    return f"HTTP {exchange.status}{code} ({took})"


def _of_callback(callback: Callback) -> str:
    status = Notification(callback).status
    return f"callback {status}" if status else "callback"


def _clipped(label: str) -> str:
    line = one_line(label, 4 * _LABEL)
    return line if len(line) <= _LABEL else f"{line[: _LABEL - 1]}…"
