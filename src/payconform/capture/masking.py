"""From what arrived to what is stored: nothing unmasked gets further than this."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain

from payconform.capture.screen import Screen
from payconform.contract.signature import verdict
from payconform.journal.masks import CALLBACK_BODY, SECRET_MASK
from payconform.journal.redaction import Redactor
from payconform.model.capture import CallbackRecord
from payconform.model.evidence import Body, Headers, Leak
from payconform.model.message import Arrival


class Masker:
    """Makes records of arrivals. `secret` verifies signatures, "" when they are not verified; `tokens` are masked as it is."""

    def __init__(self, secret: str = "", tokens: Iterable[str] = ()) -> None:
        self._secret = secret
        self._redactor = Redactor(secrets=(secret, *tokens), unknown=True)
        self._screen = Screen(self._redactor.secret_forms())
        self._is_masked_whole = lru_cache(maxsize=1000)(self._redactor.carries_credentials)

    def record(self, arrival: Arrival, received_at: float, answered: int) -> CallbackRecord:
        """The masked record of an arrival; `received_at` is Unix time. The signature is that of the bytes as they came."""
        masked, leaks = (arrival, ()) if self._is_clean(arrival) else self._masked(arrival)
        body = Body.of(masked.body)
        return CallbackRecord(
            received_at=datetime.fromtimestamp(received_at, UTC).isoformat(timespec="microseconds"),
            method=arrival.method,
            path=masked.path,
            query=masked.query,
            headers=self._headers(masked.headers),
            body=body.text,
            body_base64=body.base64,
            peer=arrival.peer,
            answered=answered,
            signature=verdict(arrival.headers, arrival.body, self._secret),
            leaks=leaks,
        )

    def _is_clean(self, arrival: Arrival) -> bool:
        try:
            body = arrival.body.decode()
        except UnicodeDecodeError:
            return False
        parts = (body, arrival.path, arrival.query, *chain.from_iterable(arrival.headers))
        return self._screen.is_clean("\0".join(parts))

    def _masked(self, arrival: Arrival) -> tuple[Arrival, tuple[Leak, ...]]:
        path = self._redactor.text(arrival.path, "callback path")
        query = self._redactor.text(arrival.query, "callback query")
        headers = self._redactor.headers(arrival.headers)
        body = self._redactor.body(arrival.body, CALLBACK_BODY)
        masked = Arrival(
            method=arrival.method, path=path.value, query=query.value, headers=headers.value, body=body.value, peer=arrival.peer
        )
        return masked, path.leaks + query.leaks + headers.leaks + body.leaks

    def _headers(self, headers: Headers) -> Headers:
        """Headers with the values masked whose names say that they carry credentials."""
        return tuple((name, SECRET_MASK if self._is_masked_whole(name) else value) for name, value in headers)
