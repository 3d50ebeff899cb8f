"""What passes between a capture service and those who use it: what it is told to answer, and what it kept."""

import base64
from typing import Annotated

from msgspec import Meta, Struct

from payconform.model.evidence import Headers, Leak, Signature

PLAIN_TEXT = "text/plain; charset=utf-8"

_Path = Annotated[str, Meta(pattern=r"^/[!-\"$->@-~]*$", max_length=500)]
_HeaderText = Annotated[str, Meta(pattern=r"^[ -~]+$", max_length=200)]


class Arming(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A path that is listened to, and how what arrives there is answered.

    `path` is compared with the raw path of a request, before "?"; with `prefix` it ends in "/" and all paths below it are
    armed as well. The first `refuse_first` requests of each path are answered with `refuse_status`, all others with `status`,
    `delay_s` seconds after they are on disk. Refused requests are kept like the others.
    """

    path: _Path
    prefix: bool = False
    status: Annotated[int, Meta(ge=200, le=599)] = 200
    body: Annotated[str, Meta(max_length=20_000)] = "SUCCESS"
    content_type: _HeaderText = PLAIN_TEXT
    delay_s: Annotated[float, Meta(ge=0, le=60)] = 0.0
    refuse_first: Annotated[int, Meta(ge=0, le=1000)] = 0
    refuse_status: Annotated[int, Meta(ge=300, le=599)] = 500


class CallbackRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request that was captured, masked; schemas/formats/callback-record.json describes it.

    `received_at` is ISO 8601 in UTC. The body is `body` when it is UTF-8, else `body_base64`. `answered` is the status its
    sender was given, `signature` what verification said of the raw bytes ("" where no secret was configured), `leaks` what
    was masked.
    """

    received_at: str
    method: str
    path: str
    answered: int
    query: str = ""
    headers: Headers = ()
    body: str | None = None
    body_base64: str | None = None
    peer: str = ""
    signature: Signature = ""
    leaks: tuple[Leak, ...] = ()

    @property
    def raw(self) -> bytes:
        """The bytes of the body, as masked."""
        return base64.b64decode(self.body_base64) if self.body_base64 is not None else (self.body or "").encode()


class Kept(Struct, frozen=True, kw_only=True):
    """A record in a service's store. `offset` grows with every record; `age_s` is how many seconds ago it arrived."""

    offset: int
    age_s: float
    record: CallbackRecord


class Harvest(Struct, frozen=True, kw_only=True):
    """What a service answers whoever asks for records.

    `next` is the offset to ask after the next time. `complete` says that nothing more was there `waited_s` seconds after the
    question came. `store` changes when the service begins a new store, whose offsets start again.
    """

    store: str
    next: int
    complete: bool
    waited_s: float
    records: tuple[Kept, ...]
