"""Judges the clauses that callbacks show together: those of one order, and those that name one pay_order_id.

Here too most are plainly sound and only counted; whatever is not goes to the rules of a live run.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Generic, TypeVar

import msgspec

from payconform.archive.looking import ACROSS, OWNERS, Assumptions, Looker
from payconform.archive.parts import Offender, Owner, Part, Row, name_of
from payconform.archive.places import Place
from payconform.archive.sound import EVENT, TERMINAL
from payconform.contract.register import applies, clauses
from payconform.engine.tally import Example, Tally
from payconform.model.evidence import Body, Callback
from payconform.model.finding import Outcome

_rows: msgspec.msgpack.Decoder[list[Row]] = msgspec.msgpack.Decoder(list[Row])
_owners: msgspec.msgpack.Decoder[list[Owner]] = msgspec.msgpack.Decoder(list[Owner])
R = TypeVar("R", Row, Owner)


class Across:
    """Judges one partition at a time: all rows of an order, or of a pay_order_id, are in one."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._looker = Looker(assumptions)
        self._mode = assumptions.mode
        self._across = tuple(clause for clause in ACROSS if applies(clauses()[clause], assumptions.dialect))

    def of_orders(self, blobs: Iterable[bytes]) -> Part:
        """What the callbacks of each order show together."""
        part, alone, plain = Part(), _Counted[Row](), _Counted[Row]()
        for rows in _grouped(_in_order(map(_rows.decode, blobs)), lambda row: row.order):
            if len(rows) == 1 and rows[0].callback is None:
                if rows[0].kind == TERMINAL:
                    alone.note(rows)
            elif _agree(rows):
                plain.note(rows)
            else:
                self._judge(part, rows)
        for counted in (alone, plain):
            self._count(part.tally, counted, self._across, self._of_row)
        return part

    def of_owners(self, blobs: Iterable[bytes]) -> Part:
        """Whether each pay_order_id belongs to one request_id."""
        part, own = Part(), _Counted[Owner]()
        for owners in _grouped(_in_order(map(_owners.decode, blobs)), lambda owner: owner.pay_order_id):
            if len({owner.request_id for owner in owners}) == 1:
                own.note(owners)
            else:
                callbacks = [self._of_owner(owner) for owner in owners]
                self._add(part, callbacks, OWNERS, [owner.place for owner in owners], [None] * len(owners))
        self._count(part.tally, own, OWNERS, self._of_owner)
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
        by_name = {callback.id: (callback, place, at) for callback, place, at in zip(callbacks, places, times, strict=True)}
        for one in self._looker.look(callbacks, asked):
            shown = [by_name[name] for name in one.evidence]
            rank = min((place for _, place, _ in shown), default=places[0])
            if one.outcome is Outcome.PASSED:
                part.tally.add(Example(rank, one))
                continue
            latest = max((at for _, _, at in shown if at is not None), default=None)
            part.tally.add(Example(rank, one, tuple(callback for callback, _, _ in shown)), latest)
            part.offenders += [Offender(place, (one.clause,), callback) for callback, place, _ in shown]

    def _count(self, tally: Tally, counted: "_Counted[R]", asked: Iterable[str], callback: Callable[[R], Callback]) -> None:
        """Add what rules say of the first group that was counted, as often as there were such groups."""
        if counted.first:
            for one in self._looker.look(map(callback, counted.first), asked):
                tally.add(Example(counted.first[0].place, one))
                tally.count((one.clause, one.mode), one.outcome, counted.times - 1)

    def _of_row(self, row: Row) -> Callback:
        event = {"event": "event"} if row.kind == EVENT else {}
        members: dict[str, object] = {
            "order_status": row.status,
            "order_status_int": row.number,
            "target_amount": row.amount,
            **event,
        }
        return self._reduced(
            row.place, row.order, {**members, "pay_order_id": row.pay_order_id, "request_id": row.request_id}, row.at
        )

    def _of_owner(self, owner: Owner) -> Callback:
        return self._reduced(owner.place, owner.request_id, {"pay_order_id": owner.pay_order_id, "request_id": owner.request_id})

    def _reduced(self, place: Place, order: str, members: dict[str, object], at: float | None = None) -> Callback:
        """A sound callback with no more than the clauses across records look at; its body is marked as not whole."""
        body = Body.of(msgspec.json.encode(members), truncated=True)
        return Callback(id=name_of(place), order=order, case="", mode=self._mode, method="POST", path="", body=body, at=at or 0.0)


class _Counted(Generic[R]):
    """Groups of which the rules say the same as of the first of them."""

    def __init__(self) -> None:
        self.first: Sequence[R] = ()
        self.times = 0

    def note(self, group: Sequence[R]) -> None:
        self.first = self.first or group
        self.times += 1


def _in_order(blocks: Iterable[Sequence[R]]) -> Iterable[R]:
    """What blocks hold, in the order of the archive, in whatever order the blocks come."""
    ordered = sorted(blocks, key=lambda block: block[0].place)
    return chain.from_iterable(ordered)


def _grouped(records: Iterable[R], key: Callable[[R], str]) -> Iterable[Sequence[R]]:
    """Records with the same key together, in the order of their first ones."""
    alone: dict[str, R] = {}
    more: dict[str, list[R]] = {}
    for record in records:
        name = key(record)
        first = alone.setdefault(name, record)
        if first is not record:
            more.setdefault(name, [first]).append(record)
    return (more.get(name) or (record,) for name, record in alone.items())


def _agree(rows: Sequence[Row]) -> bool:
    """Whether callbacks of one order are all sound, all terminal, and say the same."""
    first = rows[0]
    outcome = (first.status, first.amount, first.pay_order_id, first.request_id)
    return all(row.kind == TERMINAL and (row.status, row.amount, row.pay_order_id, row.request_id) == outcome for row in rows)
