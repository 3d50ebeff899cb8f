"""Judges the clauses that callbacks show together: those of one order, and those that name one pay_order_id.

Here too most are plainly sound and only counted; whatever is not goes to the rules of a live run.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import TypeVar

import msgspec

from payconform.archive.looking import ACROSS, OWNERS, Assumptions, Looker
from payconform.archive.parts import Claim, Offender, Owner, Part, Row, name_of
from payconform.archive.places import Place
from payconform.archive.sound import EVENT, PENDING, TERMINAL, UNSOUND
from payconform.contract.register import applies, clauses
from payconform.engine.tally import Example, Tally
from payconform.model.evidence import Body, Callback
from payconform.model.finding import Outcome

_rows: msgspec.msgpack.Decoder[list[Row]] = msgspec.msgpack.Decoder(list[Row])
_owners: msgspec.msgpack.Decoder[list[Owner]] = msgspec.msgpack.Decoder(list[Owner])
R = TypeVar("R", Row, Owner)
P = TypeVar("P", Row, Owner, Claim)
Looks = tuple[int, int]
"""How many of an order's callbacks are terminal (none, one, more), and how many are about events."""


class Across:
    """Judges one partition at a time: all rows of an order, or of a pay_order_id, are in one."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._looker = Looker(assumptions)
        self._mode = assumptions.mode
        self._across = tuple(clause for clause in ACROSS if applies(clauses()[clause], assumptions.dialect))

    def of_orders(self, blobs: Iterable[bytes]) -> Part:
        """What the callbacks of each order show together."""
        part = Part()
        alone: dict[str, Row] = {}
        more: dict[str, list[Row]] = defaultdict(list)
        for row in in_order(map(_rows.decode, blobs)):
            if alone.setdefault(row.order, row) is not row or row.kind:
                more[row.order].append(row)
        alike: dict[Looks, list[Sequence[Row]]] = defaultdict(list)
        for order, rows in more.items():
            if alone[order] is not rows[0]:
                rows.insert(0, alone[order])
            looks = agreement(rows)
            if looks is None:
                self._judge(part, rows)
            else:
                alike[looks].append(rows)
        single = next(([row] for order, row in alone.items() if order not in more), [])
        self._count(part.tally, single, len(alone) - len(more), self._across, self._of_row)
        for groups in alike.values():
            self._count(part.tally, groups[0], len(groups), self._across, self._of_row)
        return part

    def of_owners(self, blobs: Iterable[bytes]) -> Part:
        """Whether each pay_order_id belongs to one request_id."""
        part = Part()
        alone: dict[str, Owner] = {}
        clashing: dict[str, list[Owner]] = {}
        owners = list(in_order(map(_owners.decode, blobs)))
        for owner in owners:
            if alone.setdefault(owner.pay_order_id, owner).request_id != owner.request_id:
                clashing[owner.pay_order_id] = []
        for owner in owners if clashing else ():
            if owner.pay_order_id in clashing:
                clashing[owner.pay_order_id].append(owner)
        for same in clashing.values():
            callbacks = [self._of_owner(owner) for owner in same]
            self._add(part, callbacks, OWNERS, [owner.place for owner in same], [None] * len(same))
        single = next(([owner] for name, owner in alone.items() if name not in clashing), [])
        self._count(part.tally, single, len(alone) - len(clashing), OWNERS, self._of_owner)
        return part

    def _judge(self, part: Part, rows: Sequence[Row]) -> None:
        timed = all(row.at is not None for row in rows)
        rows = sorted(rows, key=lambda row: (row.at or 0.0, row.place)) if timed else rows
        callbacks = [row.callback or self._of_row(row) for row in rows]
        self._add(part, callbacks, self._across, [row.place for row in rows], [row.at for row in rows])

    def _add(
        self,
        part: Part,
        callbacks: Sequence[Callback],
        asked: Iterable[str],
        places: Sequence[Place],
        times: Sequence[float | None],
    ) -> None:
        """Judge callbacks together, and add what is said of them to a part."""
        rank = min(places)  # a run judges orders in the order in which it first heard of them
        by_name = {callback.id: (callback, place, at) for callback, place, at in zip(callbacks, places, times, strict=True)}
        broken: dict[str, dict[str, None]] = defaultdict(dict)
        for one in self._looker.look(callbacks, asked):
            shown = [by_name[name] for name in one.evidence]
            if one.outcome is Outcome.PASSED:
                part.tally.add(Example(rank, one))
                continue
            latest = max((at for _, _, at in shown if at is not None), default=None)
            part.tally.add(Example(rank, one, tuple(callback for callback, _, _ in shown)), latest)
            for name in one.evidence:
                broken[name][one.clause] = None
        part.offenders += [Offender(by_name[name][1], tuple(told), by_name[name][0]) for name, told in broken.items()]

    def _count(
        self, tally: Tally, group: Sequence[R], times: int, asked: Iterable[str], callback: Callable[[R], Callback]
    ) -> None:
        """Add what rules say of a group, as often as there are groups like it."""
        for one in self._looker.look(map(callback, group), asked):
            tally.add(Example(group[0].place, one))
            tally.count((one.clause, one.mode), one.outcome, times - 1)

    def _of_row(self, row: Row) -> Callback:
        event = {"event": "event"} if row.kind == EVENT else {}
        members: dict[str, object] = {
            "order_status": row.status,
            "order_status_int": row.number,
            "target_amount": row.amount,
            **event,
        }
        return self._reduced(row.place, row.order, {**members, "pay_order_id": row.pay_order_id, "request_id": row.order}, row.at)

    def _of_owner(self, owner: Owner) -> Callback:
        return self._reduced(owner.place, owner.request_id, {"pay_order_id": owner.pay_order_id, "request_id": owner.request_id})

    def _reduced(self, place: Place, order: str, members: dict[str, object], at: float | None = None) -> Callback:
        """A sound callback with no more than the clauses across records look at; its body is marked as not whole."""
        body = Body.of(msgspec.json.encode(members), truncated=True)
        return Callback(id=name_of(place), order=order, case="", mode=self._mode, method="POST", path="", body=body, at=at or 0.0)


def in_order(blocks: Iterable[Sequence[P]]) -> Iterable[P]:
    """What blocks hold, in the order of the archive, in whatever order the blocks come."""
    ordered = sorted(blocks, key=lambda block: block[0].place)
    return chain.from_iterable(ordered)


def agreement(rows: Sequence[Row]) -> Looks | None:
    """What decides which rules look at callbacks of one order that surely keep all clauses; None for any others."""
    if any(row.kind == UNSOUND for row in rows):
        return None
    settled = [row for row in rows if row.kind == TERMINAL]
    others = [row for row in rows if row.kind != TERMINAL]
    if not settled:
        return 0, 0
    first = settled[0]
    outcome = (first.status, first.amount, first.pay_order_id)
    since = min((row.at for row in settled if row.at is not None), default=None)
    for row in others:
        if row.kind == EVENT and row.status != first.status:
            return None
        if row.kind == PENDING and since is not None and row.at is not None and row.at > since:
            return None
    if any((row.status, row.amount, row.pay_order_id) != outcome for row in settled):
        return None
    return min(len(settled), 2), sum(row.kind == EVENT for row in others)
