"""The inbox at a capture service: arms paths there, and hands on what it captures as the receiver does."""

import json
import threading
import time
from collections.abc import Callable
from secrets import token_hex
from urllib.parse import urlencode

import msgspec

from payconform.adapters.receiver import HTML, RETURN_PAGE
from payconform.adapters.transport import HttpTransport
from payconform.model.capture import Arming, Harvest, Kept
from payconform.model.message import Answer, Arrival, Captured, Request, Response
from payconform.model.profile import Callbacks
from payconform.model.wire import decoder

WAIT_S = 1.0
"""How long the service may hold a question. A silence is believed so much later, in case the service is out of reach."""
TIMEOUT_S = 10.0
STOP_S = 2.0
PAUSES_S = (0.1, 2.0)
MOST_BYTES = 64_000_000

_decode: Callable[[bytes], Harvest] = decoder(Harvest)


class ServiceRefusedError(Exception):
    """The capture service does not do what the profile asks of it; the text is one line for the user."""


class ServiceUnreachedError(Exception):
    """The capture service gives no answer; the text is one line for the user."""


class ServiceInbox:
    """Listens at a capture service below a path of its own, so that runs do not hear each other.

    `on_arrival` is called in a thread of the inbox, once for every callback, with its path as the receiver would give it.
    An exception of it is kept as `failure`. What reaches the service while the network is down is handed on later.
    """

    def __init__(self, callbacks: Callbacks, on_arrival: Callable[[Arrival], Answer]) -> None:
        self._service = callbacks.service_url
        self._token = callbacks.token
        self._prefix = f"/runs/{token_hex(8)}"
        self._acknowledge = callbacks.acknowledge
        self._on_arrival = on_arrival
        self._transport = HttpTransport(TIMEOUT_S, MOST_BYTES)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._store = ""
        self._after = 0
        self._until = 0.0
        self.url = f"{callbacks.public_url or callbacks.service_url}{self._prefix}"
        self.failure: Exception | None = None

    def start(self) -> None:
        """Arm the paths; they are captured from the moment this returns.

        Raises `ServiceRefusedError` or `ServiceUnreachedError`.
        """
        try:
            self._arm()
        except (ServiceRefusedError, ServiceUnreachedError):
            self._transport.close()
            raise
        self._thread = threading.Thread(target=self._listen, name="payconform-service-inbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Disarm the paths, as far as the service can be reached. What was captured stays there until it is forgotten."""
        if self._thread is None:
            return
        self._stopping.set()
        self._transport.close()
        self._thread.join(STOP_S)
        self._thread = None
        transport = HttpTransport(STOP_S)
        for arming in self._armings():
            transport.send(self._request("DELETE", f"/api/armings?{urlencode({'path': arming.path})}"))
        transport.close()

    def heard_until(self) -> float:
        """The `time.monotonic` up to which everything captured has been handed on."""
        return self._until

    def _armings(self) -> tuple[Arming, Arming]:
        callbacks = Arming(
            path=f"{self._prefix}/callbacks/", prefix=True, status=self._acknowledge.status, body=self._acknowledge.body
        )
        return callbacks, Arming(path=f"{self._prefix}/return/", prefix=True, body=RETURN_PAGE, content_type=HTML)

    def _arm(self) -> None:
        """Arm the paths, or see that they are armed. Offsets begin again when the service has another store than before."""
        for arming in self._armings():
            response = self._transport.send(self._request("PUT", "/api/armings", msgspec.json.encode(arming)))
            store = self._store_of(response)
        if store != self._store:
            self._store, self._after = store, 0

    def _store_of(self, response: Response) -> str:
        if response.status is None:
            raise ServiceUnreachedError(f"the capture service at {self._service} cannot be reached: {response.error}")
        if response.status == 401:
            raise ServiceRefusedError(
                f"the capture service at {self._service} does not take the token; "
                "callbacks.token_env must name a variable with the token it was started with"
            )
        try:
            return str(json.loads(response.body)["store"])
        except (ValueError, KeyError, TypeError):
            raise ServiceRefusedError(
                f"callbacks.service_url: {self._service} answers as no capture service does (HTTP {response.status}); "
                "it must be the address of `payconform receive`"
            ) from None

    def _listen(self) -> None:
        pause, armed = PAUSES_S[0], True
        while not self._stopping.is_set():
            try:
                if not armed:
                    self._arm()
                armed = self._fetch()
                pause = PAUSES_S[0]
            except (ServiceRefusedError, ServiceUnreachedError):
                armed = False
                self._stopping.wait(pause)
                pause = min(2 * pause, PAUSES_S[1])

    def _fetch(self) -> bool:
        """Hand on what came since the last time. False when the service has lost what was armed, or its store."""
        query = urlencode({"path": f"{self._prefix}/callbacks/", "after": self._after, "wait": WAIT_S})
        asked = time.monotonic()
        response = self._transport.send(self._request("GET", f"/api/records?{query}"))
        if response.status == 404:
            return False
        try:
            harvest = _decode(response.body)
        except msgspec.DecodeError:
            raise ServiceUnreachedError(response.error) from None
        if harvest.store != self._store:
            return False
        for kept in harvest.records:
            self._hand_on(kept)
        self._after = harvest.next
        if harvest.complete:
            self._until = asked + harvest.waited_s
        return True

    def _hand_on(self, kept: Kept) -> None:
        record = kept.record
        arrival = Arrival(
            method=record.method,
            path=record.path.removeprefix(self._prefix),
            query=record.query,
            headers=record.headers,
            body=record.raw,
            peer=record.peer,
            captured=Captured(ago_s=kept.age_s, answered=record.answered, signature=record.signature, leaks=record.leaks),
        )
        try:
            self._on_arrival(arrival)
        except Exception as error:  # noqa: BLE001 - the others must be handed on, and the caller learns of it by `failure`
            self.failure = self.failure or error

    def _request(self, method: str, path: str, body: bytes = b"") -> Request:
        headers = (("Authorization", f"Bearer {self._token}"), ("Content-Type", "application/json"))
        return Request(method=method, url=f"{self._service}{path}", headers=headers, body=body)
