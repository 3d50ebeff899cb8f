"""Sifts the records of a piece: sound ones are counted, the others judged, and what binds them to others is passed on."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from zlib import crc32

import msgspec

from payconform.archive.looking import ALONE, NO_ORDER, Assumptions, Looker
from payconform.archive.parts import Offender, Owner, Part, Row, name_of
from payconform.archive.places import Damage, Lines, Piece, Place
from payconform.archive.reading import read
from payconform.archive.records import UnreadableError, captured, enveloped
from payconform.archive.sound import KIND, UNSOUND, Body, Shape, Sieve
from payconform.contract.register import applies, clauses
from payconform.engine.invariants.rules import is_text
from payconform.engine.tally import Example
from payconform.engine.tally import Place as Judged
from payconform.model.evidence import Callback, Signature
from payconform.model.finding import Outcome
from payconform.model.notification import Notification
from payconform.model.wire import Malformed, parse_json

Looks = tuple[Shape, Signature]
"""What decides which rules look at a sound callback: the shape of its body, and what was said of its signature."""


class Sifter:
    """Sifts pieces. `partitions` is into how many parts the clauses across records are cut."""

    def __init__(self, assumptions: Assumptions, partitions: int = 1) -> None:
        self.partitions = partitions
        self.looker = Looker(assumptions)
        self.sieve = Sieve(assumptions.dialect, self.looker.glance)
        self.clauses = tuple(clause for clause in ALONE if applies(clauses()[clause], assumptions.dialect))

    def sift(self, piece: Piece) -> Iterator[Part]:
        """What the records of a piece come to, a part for each block that was read."""
        passes: dict[Looks, list[Judged]] = {}
        for found in read(piece):
            if isinstance(found, Damage):
                yield Part(damages=[found], damaged=1)
            else:
                yield _Block(self, piece, passes).sift(found)


class _Block:
    """Records that were read together, on their way to a part. `passes` is what rules said of sound records of the piece."""

    def __init__(self, sifter: Sifter, piece: Piece, passes: dict[Looks, list[Judged]]) -> None:
        self._sifter = sifter
        self._piece = piece
        self._passes = passes
        self._part = Part()
        self._rows: dict[int, list[Row]] = defaultdict(list)
        self._owners: dict[int, list[Owner]] = defaultdict(list)
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
            if found is None:
                found, at, signature = self._in_envelope(record)
                bare = found is None and bare
                if found is None and not bare:
                    found = sound(record)
            if found is None:
                self._judge(record, Place(piece, line, byte), lines)
                continue
            body, shape = found
            looks: Looks = (shape, signature)
            if looks in counts:
                counts[looks] += 1
            elif self._keeps_all(looks, record, Place(piece, line, byte)):
                counts[looks] = 1
            else:
                self._judge(record, Place(piece, line, byte), lines)
                continue
            order, own, status, amount = body.request_id, body.pay_order_id, body.order_status, body.target_amount
            row = Row(order, status, body.order_status_int, amount, own, shape >> KIND & 3, at, piece, line, byte)
            rows[crc32(order.encode()) % partitions].append(row)
            owners[crc32(own.encode()) % partitions].append(Owner(own, order, piece, line, byte))
        return self._finished(lines, counts)

    def _in_envelope(self, record: bytes) -> tuple[tuple[Body, Shape] | None, float | None, Signature]:
        """What a sound body in a sound envelope is, when it came, and what is said of its signature."""
        kept = enveloped(record)
        if kept is None or kept.method != "POST" or kept.leaks:
            return None, None, ""
        self._part.heard(kept.at)
        beside = "\0".join((kept.path, kept.query, *chain.from_iterable(kept.headers)))
        signature = self._sifter.looker.signature(kept)
        if signature not in ("", "verified") or not self._sifter.looker.glance.is_clear(beside):
            return None, None, ""
        return self._sifter.sieve.sound(kept.body), kept.at, signature

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
        line = record.strip(b" \t\r\n")
        if not line:
            return
        cut_off = lines.cut_off and not record.endswith(b"\n")
        if (cut_off or self._piece.source.enveloped) and isinstance(document := parse_json(line), Malformed):
            self._damage(place, "is cut off" if cut_off else f"is no JSON: {document.reason}")
            return
        try:
            kept = captured(line)
        except UnreadableError as error:
            self._damage(place, str(error))
            return
        callback = self._sifter.looker.callback(kept, name_of(place))
        heard = Notification(callback)
        callback = msgspec.structs.replace(callback, order=kept.order or _order(heard) or NO_ORDER)
        said = self._sifter.looker.look([callback], self._sifter.clauses)
        for one in said:
            self._part.tally.add(Example(place, one, () if one.outcome is Outcome.PASSED else (callback,)), kept.at)
        broken = tuple(dict.fromkeys(one.clause for one in said if one.outcome is not Outcome.PASSED))
        if broken:
            self._part.offenders.append(Offender(place, broken, callback))
        self._bind(heard, callback, kept.at, place)
        self._part.records += 1
        self._part.heard(kept.at)

    def _damage(self, place: Place, what: str) -> None:
        self._part.damages.append(Damage(place, what))
        self._part.damaged += 1

    def _bind(self, heard: Notification, callback: Callback, at: float | None, place: Place) -> None:
        """Pass on what binds an unsound callback to others."""
        own, request_id = (_text(heard.document.get(name)) for name in ("pay_order_id", "request_id"))
        partitions = self._sifter.partitions
        if callback.order != NO_ORDER:
            row = Row(callback.order, "", 0, "", own, UNSOUND, at, *place, callback)
            self._rows[crc32(callback.order.encode(errors="replace")) % partitions].append(row)
        if own and request_id:
            self._owners[crc32(own.encode(errors="replace")) % partitions].append(Owner(own, request_id, *place))

    def _finished(self, lines: Lines, counts: dict[Looks, int]) -> Part:
        part = self._part
        for looks, times in counts.items():
            part.records += times
            for judged in self._passes[looks]:
                part.tally.count(judged, Outcome.PASSED, times - (looks in self._fresh))
        part.lines[self._piece.number] = len(lines.records)
        part.size = sum(map(len, lines.records))
        encode = msgspec.msgpack.encode
        part.rows = {partition: [encode(rows)] for partition, rows in self._rows.items()}
        part.owners = {partition: [encode(owners)] for partition, owners in self._owners.items()}
        return part


def _order(heard: Notification) -> str:
    return _text(heard.document.get("request_id")) or _text(heard.document.get("pay_order_id"))


def _text(value: object) -> str:
    """A text that can be written as UTF-8, "" for what is no text."""
    return str(value).encode(errors="backslashreplace").decode() if is_text(value) else ""
