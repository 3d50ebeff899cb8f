"""Sifts the records of a piece: sound ones are counted, the others judged, and what binds them to others is passed on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec import Struct

from payconform.archive.looking import ALONE, NO_ORDER, Assumptions, Looker
from payconform.archive.parts import Claim, Offender, Owner, Part, Row, name_of
from payconform.archive.places import Damage, Lines, Piece, Place
from payconform.archive.reading import read
from payconform.archive.records import Captured, UnreadableError, captured, enveloped
from payconform.archive.sound import KIND, UNSOUND, Body, Shape, Sieve
from payconform.contract.register import applies, clauses
from payconform.engine.invariants.rules import is_text
from payconform.engine.tally import Example
from payconform.engine.tally import Place as Judged
from payconform.model.evidence import Callback, Signature, named_json
from payconform.model.finding import Outcome
from payconform.model.notification import Notification
from payconform.model.wire import Malformed, parse_json

Looks = tuple[Shape, Signature]
"""What decides which rules look at a sound callback: the shape of its body, and what was said of its signature."""


class Sifter:
    """Sifts pieces. `partitions` is into how many parts the clauses across records are cut.

    With orders (`beside`) nothing is judged yet: every callback waits for what its order says.
    """

    def __init__(self, assumptions: Assumptions, partitions: int = 1, *, beside: bool = False) -> None:
        self.partitions = partitions
        self.beside = beside
        self.looker = Looker(assumptions)
        self.sieve = Sieve(assumptions.dialect, self.looker.glance)
        self.clauses = tuple(clause for clause in ALONE if applies(clauses()[clause], assumptions.dialect))

    def sift(self, piece: Piece) -> Iterator[Part]:
        """What the records of a piece come to, a part for each block that was read."""
        passes: dict[Looks, list[Judged]] = {}
        for found in read(piece):
            if isinstance(found, Damage):
                yield Part(damages=[found], damaged=1)
            elif self.beside:
                yield _Waiting(self, piece).sift(found)
            else:
                yield _Judged(self, piece, passes).sift(found)


class _Opened(NamedTuple):
    """A sound callback: its body, its shape, when it came, what is said of its signature, and the order it goes by."""

    body: Body
    shape: Shape
    at: float | None
    signature: Signature
    order: str


class _Block:
    """Records that were read together, on their way to a part."""

    def __init__(self, sifter: Sifter, piece: Piece) -> None:
        self._sifter = sifter
        self._piece = piece
        self._part = Part()
        self._owners: dict[int, list[Owner]] = defaultdict(list)

    def _open(self, record: bytes) -> _Opened | None:
        """A sound body in a sound envelope, else None."""
        kept = enveloped(record)
        if kept is None or kept.method != "POST" or kept.leaks or not named_json(kept.headers):
            return None
        self._part.heard(kept.at)
        beside = "\0".join((kept.path, kept.query, *chain.from_iterable(kept.headers)))
        signature = self._sifter.looker.signature(kept)
        if signature not in ("", "verified") or not self._sifter.looker.glance.is_clear(beside):
            return None
        found = self._sifter.sieve.sound(kept.body)
        return _Opened(*found, kept.at, signature, kept.order or found[0].request_id) if found else None

    def _captured(self, record: bytes, place: Place, lines: Lines) -> tuple[Captured, Callback] | None:
        """A record that is not surely sound, as it was captured and as it is recorded; None for damage and blank lines."""
        line = record.strip(b" \t\r\n")
        if not line:
            return None
        cut_off = lines.cut_off and not record.endswith(b"\n")
        if (cut_off or self._piece.source.enveloped) and isinstance(document := parse_json(line), Malformed):
            self._damage(place, "is cut off" if cut_off else f"is no JSON: {document.reason}")
            return None
        try:
            kept = captured(line)
        except UnreadableError as error:
            self._damage(place, str(error))
            return None
        callback = self._sifter.looker.callback(kept, name_of(place))
        order = kept.order or _order(Notification(callback)) or NO_ORDER
        self._part.records += 1
        self._part.heard(kept.at)
        return kept, msgspec.structs.replace(callback, order=order)

    def _damage(self, place: Place, what: str) -> None:
        self._part.damages.append(Damage(place, what))
        self._part.damaged += 1

    def _own(self, callback: Callback, place: Place) -> str:
        """Note whose pay_order_id an unsound callback names, and answer it."""
        document = Notification(callback).document
        own, request_id = (_text(document.get(name)) for name in ("pay_order_id", "request_id"))
        if own and request_id:
            partition = crc32(own.encode()) % self._sifter.partitions
            self._owners[partition].append(Owner(own, request_id, *place))
        return own

    def _measured(self, lines: Lines) -> Part:
        """The part, with what is counted of every record."""
        self._part.lines[self._piece.number] = len(lines.records)
        self._part.size = sum(map(len, lines.records)) if lines.stored is None else lines.stored
        self._part.owners = _encoded(self._owners)
        return self._part


class _Judged(_Block):
    """Records that are judged by themselves. `passes` is what rules said of sound records of the piece."""

    def __init__(self, sifter: Sifter, piece: Piece, passes: dict[Looks, list[Judged]]) -> None:
        super().__init__(sifter, piece)
        self._passes = passes
        self._rows: dict[int, list[Row]] = defaultdict(list)
        self._fresh: set[Looks] = set()

    def sift(self, lines: Lines) -> Part:
        """The part of these lines. Whatever is done here for a sound record is done a million times a few seconds."""
        sound, rows, owners, partitions = self._sifter.sieve.sound, self._rows, self._owners, self._sifter.partitions
        counts: dict[Looks, int] = {}
        bare, piece, line = not self._piece.source.enveloped, self._piece.number, lines.first - 1
        at: float | None = None
        signature: Signature = ""
        for record, byte in zip(lines.records, lines.offsets, strict=False):
            line += 1
            found = sound(record) if bare else None
            if found is not None:
                body, shape = found
                order = body.request_id
            elif opened := self._open(record):
                bare = False
                body, shape, at, signature, order = opened
            else:
                self._judge(record, Place(piece, line, byte), lines)
                continue
            looks: Looks = (shape, signature)
            if looks in counts:
                counts[looks] += 1
            elif self._keeps_all(looks, record, Place(piece, line, byte)):
                counts[looks] = 1
            else:
                self._judge(record, Place(piece, line, byte), lines)
                continue
            own, status, amount = body.pay_order_id, body.order_status, body.target_amount
            row = Row(order, status, body.order_status_int, amount, own, shape >> KIND & 3, at, piece, line, byte)
            rows[crc32(order.encode()) % partitions].append(row)
            owners[crc32(own.encode()) % partitions].append(Owner(own, order, piece, line, byte))
        return self._finished(lines, counts)

    def _keeps_all(self, looks: Looks, record: bytes, place: Place) -> bool:
        """Whether the rules pass the first callback that looks so; they are then known to pass all of its kind."""
        if looks not in self._passes:
            looker = self._sifter.looker
            said = looker.look([looker.callback(captured(record), name_of(place))], self._sifter.clauses)
            if any(one.outcome is not Outcome.PASSED for one in said):
                return False
            self._passes[looks] = [(one.clause, one.mode) for one in said]
            self._fresh.add(looks)
            for one in said:
                self._part.tally.add(Example(place, one))
        return True

    def _judge(self, record: bytes, place: Place, lines: Lines) -> None:
        """Judge a record that is not surely sound, if it is one."""
        found = self._captured(record, place, lines)
        if found is None:
            return
        kept, callback = found
        said = self._sifter.looker.look([callback], self._sifter.clauses)
        for one in said:
            self._part.tally.add(Example(place, one, () if one.outcome is Outcome.PASSED else (callback,)), kept.at)
        broken = tuple(dict.fromkeys(one.clause for one in said if one.outcome is not Outcome.PASSED))
        if broken:
            self._part.offenders.append(Offender(place, broken, callback))
        own = self._own(callback, place)
        if callback.order != NO_ORDER:
            row = Row(callback.order, "", 0, "", own, UNSOUND, kept.at, *place, callback)
            self._rows[crc32(callback.order.encode()) % self._sifter.partitions].append(row)

    def _finished(self, lines: Lines, counts: dict[Looks, int]) -> Part:
        part = self._measured(lines)
        for looks, times in counts.items():
            part.records += times
            for judged in self._passes[looks]:
                part.tally.count(judged, Outcome.PASSED, times - (looks in self._fresh))
        part.rows = _encoded(self._rows)
        return part


class _Waiting(_Block):
    """Records that wait for their orders."""

    def __init__(self, sifter: Sifter, piece: Piece) -> None:
        super().__init__(sifter, piece)
        self._bodies = not piece.source.enveloped  # nearly all are of one kind, so the likely look comes first

    def sift(self, lines: Lines) -> Part:
        """The part of these lines."""
        claims: dict[int, list[Claim]] = defaultdict(list)
        partitions = self._sifter.partitions
        for line, (record, byte) in enumerate(zip(lines.records, lines.offsets, strict=False), start=lines.first):
            place = Place(self._piece.number, line, byte)
            claim = self._claim(record, place, lines)
            if claim:
                # What names no order is spread by its place.
                key = claim.order if claim.order != NO_ORDER else name_of(place)
                claims[crc32(key.encode()) % partitions].append(claim)
        part = self._measured(lines)
        part.rows = _encoded(claims)
        return part

    def _claim(self, record: bytes, place: Place, lines: Lines) -> Claim | None:
        opened = self._bare(record) or self._open(record) if self._bodies else self._open(record) or self._bare(record)
        if opened:
            self._part.records += 1
            own = opened.body.pay_order_id
            self._owners[crc32(own.encode()) % self._sifter.partitions].append(Owner(own, opened.order, *place))
            return Claim(opened.order, opened.shape, opened.signature, opened.at, *place, record)
        captured_one = self._captured(record, place, lines)
        if captured_one is None:
            return None
        kept, callback = captured_one
        self._own(callback, place)
        return Claim(callback.order, 0, callback.signature, kept.at, *place, b"", callback)

    def _bare(self, record: bytes) -> _Opened | None:
        """A sound body without an envelope, else None."""
        found = self._sifter.sieve.sound(record)
        return _Opened(*found, None, "", found[0].request_id) if found else None


def _encoded(partitions: Mapping[int, Sequence[Struct]]) -> dict[int, list[bytes]]:
    return {partition: [msgspec.msgpack.encode(kept)] for partition, kept in partitions.items()}


def _order(heard: Notification) -> str:
    return _text(heard.document.get("request_id")) or _text(heard.document.get("pay_order_id"))


def _text(value: object) -> str:
    """A text that can be written as UTF-8, "" for what is no text."""
    return str(value).encode(errors="backslashreplace").decode() if is_text(value) else ""
