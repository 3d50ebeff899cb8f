"""Judges callbacks beside the orders that were sent: correlation and echo, orders never called back, and how long callbacks took.

As everywhere in an archive, what surely agrees is counted, and whatever does not goes to the rules of a live run.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec
from msgspec import Struct

from payconform.archive.across import agreement, in_order
from payconform.archive.looking import ACROSS, ALONE, BESIDE, NO_ORDER, TIMELY, Assumptions, Looker
from payconform.archive.parts import Claim, Offender, Part, Row, name_of
from payconform.archive.records import captured, enveloped
from payconform.archive.sent import Sent
from payconform.archive.sound import KIND, TERMINAL, Body
from payconform.contract.register import applies, clauses
from payconform.engine.tally import Example
from payconform.engine.tally import Place as Judged
from payconform.model.clause import Mode
from payconform.model.evidence import Callback
from payconform.model.finding import Observation, Outcome
from payconform.model.notification import Notification
from payconform.model.wire import decoder

GRACE_S = 3600.0
"""An order that was sent so shortly before the archive ends may be called back after it."""

_claims: msgspec.msgpack.Decoder[list[Claim]] = msgspec.msgpack.Decoder(list[Claim])
_sents: msgspec.msgpack.Decoder[list[Sent]] = msgspec.msgpack.Decoder(list[Sent])
_body: Callable[[bytes], Body] = decoder(Body)
_Kept = tuple[tuple[tuple[int, str], ...], Mode, str, bool, bool]
"""What decides which rules look at the sound callbacks of an order: their shapes and signatures, and what is known of it."""


class Span(Struct, frozen=True):
    """When orders were first sent and callbacks last heard (seconds since 1970), and how long one may take, None if unknown."""

    since: float | None = None
    until: float | None = None
    deadline_s: float | None = None


class Beside:
    """Judges one partition at a time: an order and all its callbacks are in one."""

    def __init__(self, assumptions: Assumptions, span: Span) -> None:
        self._looker = Looker(assumptions)
        self._mode = assumptions.mode
        self._span = span
        asked = (*ALONE, *BESIDE, *ACROSS)
        self._clauses = tuple(clause for clause in asked if applies(clauses()[clause], assumptions.dialect))
        self._passes: dict[_Kept, list[Judged]] = {}

    def judge(self, listed: Iterable[bytes], heard: Iterable[bytes]) -> Part:
        """What the orders of a partition and the callbacks that name them come to."""
        part, counts = Part(), Counter[_Kept]()
        orders: dict[str, Sent] = {}
        for sent in (sent for blob in listed for sent in _sents.decode(blob)):
            orders.setdefault(sent.request_id, sent)
        claims: dict[str, list[Claim]] = defaultdict(list)
        for number, claim in enumerate(in_order(map(_claims.decode, heard))):
            claims[claim.order if claim.order != NO_ORDER else f"{NO_ORDER} {number}"].append(claim)
        for name, group in claims.items():
            order = orders.get(name)
            kept = self._kept(order, group) if order else None
            if kept in self._passes:
                counts[kept] += 1
            elif not (kept and order and self._keep_all(part, kept, order, group)):
                self._judge(part, order, group)
        for kept, times in counts.items():
            for judged in self._passes[kept]:
                part.tally.count(judged, Outcome.PASSED, times)
        for name, order in orders.items():
            self._await(part, order, claims.get(name, ()))
        part.orders = len(orders)
        return part

    def _kept(self, order: Sent, group: Sequence[Claim]) -> _Kept | None:
        """What decides which rules look at callbacks that surely agree with their order, and with each other; else None."""
        rows = []
        for claim in group:
            if claim.callback is not None:
                return None
            body, kind = _body_of(claim), claim.shape >> KIND & 3
            if not order.surely_agrees(body, kind):
                return None
            own, number = body.pay_order_id, body.order_status_int
            rows.append(Row(order.request_id, body.order_status, number, body.target_amount, own, kind, claim.at, *claim.place))
        if agreement(rows) is None:
            return None
        flag = str(order.flag) if order.flag in (None, True, False) else ""
        shapes = tuple((claim.shape, claim.signature) for claim in group)
        return shapes, order.mode, flag, bool(order.own), order.whole

    def _keep_all(self, part: Part, kept: _Kept, order: Sent, group: Sequence[Claim]) -> bool:
        """Whether the rules pass the first callbacks of their kind; they are then known to pass all like them."""
        said = self._looker.look([*order.records(), *self._callbacks(order, group)], self._clauses)
        if any(one.outcome is not Outcome.PASSED for one in said):
            return False
        self._passes[kept] = [(one.clause, one.mode) for one in said]
        for one in said:
            part.tally.add(Example(group[0].place, one))
        return True

    def _judge(self, part: Part, order: Sent | None, group: Sequence[Claim]) -> None:
        callbacks = self._callbacks(order, group)
        records = order.records() if order else []
        from_before = order is None and any(claim.at is not None and claim.at < (self._span.since or 0.0) for claim in group)
        if order is None:
            part.strangers += len(group)
        rank = min(claim.place for claim in group)
        known = {callback.id: (callback, claim) for callback, claim in zip(callbacks, group, strict=True)}
        broken: dict[str, dict[str, None]] = defaultdict(dict)
        for one in self._looker.look([*records, *callbacks], self._clauses, complete=not from_before):
            if one.outcome is Outcome.PASSED:
                part.tally.add(Example(rank, one))
                continue
            shown = [known[name] for name in one.evidence if name in known]
            latest = max((claim.at for _, claim in shown if claim.at is not None), default=None)
            part.tally.add(Example(rank, one, tuple(callback for callback, _ in shown)), latest)
            for callback, _ in shown:
                broken[callback.id][one.clause] = None
        part.offenders += [Offender(known[name][1].place, tuple(told), known[name][0]) for name, told in broken.items()]

    def _callbacks(self, order: Sent | None, group: Sequence[Claim]) -> list[Callback]:
        mode = order.mode if order else self._mode
        name = order.request_id if order else NO_ORDER
        made = [claim.callback or self._looker.callback(captured(claim.record), name_of(claim.place)) for claim in group]
        return [msgspec.structs.replace(callback, order=name, mode=mode) for callback in made]

    def _await(self, part: Part, order: Sent, group: Sequence[Claim]) -> None:
        """Whether the order was called back, and after how long."""
        settled = [claim for claim in group if _is_terminal(claim)]
        span = self._span
        if not settled:
            grace = span.deadline_s or GRACE_S
            if order.refused or (order.at is not None and span.until is not None and order.at > span.until - grace):
                return
            part.uncalled_count += 1
            part.uncalled.append(order.request_id)
            self._say_when(part, order, "none in the archive", holds=False)
            return
        first = min((claim.at for claim in settled if claim.at is not None), default=None)
        if order.at is None or first is None:
            self._say_when(part, order, "one came", holds=True)
            return
        seconds = first - order.at
        rounded = float(f"{seconds:.3g}")
        part.latencies[rounded] = part.latencies.get(rounded, 0) + 1
        in_time = span.deadline_s is None or seconds <= span.deadline_s
        self._say_when(part, order, f"after {seconds:.1f} s", holds=in_time)

    def _say_when(self, part: Part, order: Sent, observed: str, *, holds: bool) -> None:
        deadline = self._span.deadline_s
        said = Observation(
            clause=TIMELY,
            mode=order.mode,
            outcome=Outcome.PASSED if holds else Outcome.FAILED,
            expected="a terminal callback" + (f" within {deadline:g} s" if deadline else ""),
            observed=f"{order.request_id!r}: {observed}",
        )
        part.tally.add(Example((sys.maxsize, order.at or 0.0, order.request_id), said), None if holds else order.at)


def _body_of(claim: Claim) -> Body:
    try:
        return _body(claim.record)
    except ValueError:
        opened = enveloped(claim.record)
        return _body(opened.body if opened else claim.record)


def _is_terminal(claim: Claim) -> bool:
    if claim.callback is None:
        return claim.shape >> KIND & 3 == TERMINAL
    heard = Notification(claim.callback)
    return heard.is_object and heard.terminal
