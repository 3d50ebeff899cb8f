"""The callbacks that findings point at, as a journal and a file of offending records hold them: whole where they can be had."""

import contextlib
from collections.abc import Iterable
from itertools import groupby
from typing import BinaryIO

import msgspec

from payconform.archive.files import opened
from payconform.archive.lines import LONGEST_LINE
from payconform.archive.looking import Assumptions, Looker
from payconform.archive.parts import Offender
from payconform.archive.places import Place, Source
from payconform.archive.placing import Placing
from payconform.archive.records import UnreadableError, captured
from payconform.archive.times import iso
from payconform.contract.signature import string_to_sign_of_callback
from payconform.journal.masks import SECRET_MASK
from payconform.model.evidence import Callback


def place_of(callback: Callback) -> Place:
    """Where a callback stands that was named by its place."""
    piece, line, byte = callback.id.removesuffix("-n").split(".")
    return Place(int(piece), int(line), int(byte))


class Restorer:
    """Reads again the callbacks of which only some members were kept, where a file lets it: lines that are not compressed."""

    def __init__(self, assumptions: Assumptions, placing: Placing) -> None:
        self._looker = Looker(assumptions)
        self._placing = placing
        self._open: tuple[str, BinaryIO] | None = None

    def close(self) -> None:
        """Close the file that was read last."""
        if self._open:
            self._open[1].close()
            self._open = None

    def whole(self, callback: Callback) -> Callback:
        """The callback with all its members if they can be had, and with its place in words."""
        place = place_of(callback)
        source = self._placing.source(place)
        words = self._placing.words(place)
        if not callback.body.truncated:
            return msgspec.structs.replace(callback, source=words)
        with contextlib.suppress(OSError, UnreadableError):
            if source.form == "lines" and not source.compression:
                read = self._looker.callback(captured(self._line(source, place)), callback.id, callback.order)
                return msgspec.structs.replace(read, source=words)
        return msgspec.structs.replace(callback, source=f"{words}; only the members that the clause compares")

    def _line(self, source: Source, place: Place) -> bytes:
        if self._open is None or self._open[0] != source.path:
            self.close()
            self._open = source.path, opened(source.path)
        file = self._open[1]
        file.seek(place.byte)
        return file.readline(LONGEST_LINE).strip()


def offending_lines(offenders: Iterable[Offender], restorer: Restorer, placing: Placing) -> Iterable[bytes]:
    """Each offending callback once, as an envelope with its place and the clauses it breaks; all masked.

    `offenders` come in the order of their places. Of several records of one callback the first whole one counts.
    """
    for place, same in groupby(offenders, key=lambda offender: offender.place):
        clauses: set[str] = set()
        known: Offender | None = None
        for offender in same:
            clauses.update(offender.clauses)
            known = min(known or offender, offender, key=_worth)
        if known:
            yield _offending(place, tuple(sorted(clauses)), restorer.whole(known.callback), placing) + b"\n"


def _worth(offender: Offender) -> tuple[bool, tuple[str, ...]]:
    """The lowest for what tells most of a callback, in whatever order it comes."""
    return offender.callback.body.truncated, offender.clauses


def _offending(place: Place, clauses: tuple[str, ...], callback: Callback, placing: Placing) -> bytes:
    body = {"body": callback.body.text or ""} if callback.body.base64 is None else {"body_base64": callback.body.base64}
    where = {"source": placing.source(place).name, "line": placing.line(place), "byte": place.byte, "clauses": clauses}
    came = {"received_at": iso(callback.at)} if callback.at else {}
    kept = {name: getattr(callback, name) for name in ("method", "path", "query", "headers", "peer", "signature", "leaks")}
    signed = {"string_to_sign": string_to_sign(callback)} if callback.signature == "mismatch" else {}
    return msgspec.json.encode({**where, **came, **{name: value for name, value in kept.items() if value}, **body, **signed})


def string_to_sign(callback: Callback) -> str:
    """The text that the signature of a callback is made of, with the secret hidden; "" for what is no JSON object."""
    try:
        return string_to_sign_of_callback(callback.body.raw) + f"&key={SECRET_MASK}"
    except ValueError:
        return ""
