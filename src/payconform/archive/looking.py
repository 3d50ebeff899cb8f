"""Looks at one captured callback with the rules of a live run."""

from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec
from msgspec import Struct

from payconform.archive.glance import Glance
from payconform.archive.records import Captured
from payconform.contract.signature import given, uncovered_members, verdict
from payconform.engine.evidence import Evidence
from payconform.engine.invariants import RULES
from payconform.journal.masks import SECRET_MASK
from payconform.journal.redaction import Redactor
from payconform.model.clause import Mode
from payconform.model.evidence import Body, Callback, Signature
from payconform.model.finding import Observation
from payconform.model.run import Record

ALONE = (
    *("CB-02", "CB-05", "CB-06", "CB-07", "CB-08", "CB-09", "CB-10", "CB-11", "CB-12", "CB-13", "CB-14", "CB-15"),
    *("CB-16", "CB-18", "CB-19", "CB-23", "CB-24", "CB-29", "TK-12", "PC-01", "PC-03"),
)
"""The clauses that a callback shows by itself."""

ACROSS = ("CB-21", "CB-27", "CB-28")
"""The clauses that the callbacks of one order show together."""

OWNERS = ("RS-17",)
"""The clauses that show when callbacks of different orders are compared."""

BESIDE = ("CB-17",)
"""The clauses that a callback shows beside its order."""

TIMELY = "CB-30"
"""The clause that an order shows by its callbacks, and by having none."""

NO_ORDER = "unknown"


class Assumptions(Struct, frozen=True, kw_only=True):
    """What is taken for granted of every callback of an archive.

    `mode` is how their orders paid, where nobody gave them. `secret` verifies signatures, "" when they are not verified.
    """

    dialect: str = "guide"
    mode: Mode = Mode.UNKNOWN
    readings: Mapping[str, str] = {}
    secret: str = ""

    def __repr__(self) -> str:
        return f"Assumptions({self.dialect}, {self.mode.value})"


class Looker:
    """Masks callbacks as a run does when it hears them, and judges what they say by themselves."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._assumptions = assumptions
        self._redactor = Redactor(secrets=[assumptions.secret], unknown=True)
        self.glance = Glance(self._redactor.secret_forms())
        self._hides = self._redactor.carries_credentials

    def callback(self, record: Captured, name: str, order: str = NO_ORDER) -> Callback:
        """The callback as a journal holds it. `order` is what binds it to others of its order."""
        masked = record if self.is_clear(record) else self._masked(record)
        signature = self.signature(record)
        return Callback(
            id=name,
            order=order,
            case="",
            mode=self._assumptions.mode,
            method=record.method,
            path=masked.path,
            query=masked.query,
            headers=tuple((name, SECRET_MASK if self._hides(name) else value) for name, value in masked.headers),
            body=Body.of(masked.body),
            at=record.at or 0.0,
            answered=record.answered,
            peer=record.peer,
            signature=signature,
            uncovered=self._uncovered(record) if signature == "mismatch" else (),
            leaks=masked.leaks,
        )

    def is_clear(self, record: Captured) -> bool:
        """Whether surely nothing in a record is to be masked but the headers that carry credentials."""
        try:
            body = record.body.decode()
        except UnicodeDecodeError:
            return False
        beside = "\0".join((record.path, record.query, *chain.from_iterable(record.headers)))
        return self.glance.is_clear(body) and self.glance.is_clear(beside)

    def _masked(self, record: Captured) -> Captured:
        path = self._redactor.text(record.path, "callback path")
        query = self._redactor.text(record.query, "callback query")
        headers = self._redactor.headers(record.headers)
        body = self._redactor.body(record.body, "callback body")
        leaks = dict.fromkeys(record.leaks + path.leaks + query.leaks + headers.leaks + body.leaks)
        return msgspec.structs.replace(
            record, path=path.value, query=query.value, headers=headers.value, body=body.value, leaks=tuple(leaks)
        )

    def signature(self, record: Captured) -> Signature:
        """What the scheme says of the raw bytes; without a secret or headers, what was said when they were captured."""
        secret = self._assumptions.secret
        return verdict(record.headers, record.body, secret) if secret and record.headers else record.signature

    def _uncovered(self, record: Captured) -> tuple[str, ...]:
        """The members that a wrong signature was found to leave out."""
        secret = self._assumptions.secret
        return uncovered_members(record.body, secret, given(record.headers)) if secret else ()

    def look(self, records: Iterable[Record], clauses: Iterable[str] = ALONE, *, complete: bool = False) -> list[Observation]:
        """What the rules of these clauses say of evidence; `complete`: no order was sent but those in it."""
        evidence = Evidence(records, dict(self._assumptions.readings), complete=complete)
        return list(chain.from_iterable(RULES[clause](evidence) for clause in clauses))
