"""How requests prove who sends them: the companion pages' signature, static headers, nothing, or a signer of the user's own.

A signer of one's own is installed as an entry point of the group `payconform.signers`: a callable that takes the profile's
`Auth` and returns a `Signer`. The entry point's name is what the profile says. Forged requests are made of what it returns: its
headers are spoilt, and a body is put under headers that were made for another.
"""

import time
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Protocol, cast

import msgspec

from payconform.contract.signature import sign
from payconform.model.message import Request
from payconform.model.profile import Auth

GROUP = "payconform.signers"
BUILT_IN = ("none", "headers", "lesspay2")

Clock = Callable[[], float]


class SignerError(Exception):
    """There is no such signer, or it cannot be made; the text is one line for the user."""


class Signer(Protocol):
    """Adds to a request what authenticates it. The body is final: what is signed is what is sent."""

    def sign(self, request: Request) -> Request:
        """The request with its credentials. Has to take any body, because refusals are tested with broken ones."""
        ...


class HeaderSigner:
    """Adds the same headers to every request; none at all without headers."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def sign(self, request: Request) -> Request:
        return _with_headers(request, self._headers)


class Lesspay2Signer:
    """Signs by the companion page "Authentication" (AU-01). `clock` gives seconds since 1970; the header has milliseconds."""

    def __init__(self, app_id: str, secret: str, clock: Clock = time.time) -> None:
        self._app_id = app_id
        self._secret = secret
        self._clock = clock

    def sign(self, request: Request) -> Request:
        return _with_headers(
            request,
            {
                "x-auth-appid": self._app_id,
                "X-Auth-Timestamp": str(int(self._clock() * 1000)),
                "x-auth-signature": self._signature(request.body),
            },
        )

    def _signature(self, body: bytes) -> str:
        try:
            return sign(body, self._secret)
        except ValueError:
            # The scheme signs objects only. Anything else is signed as an empty one, so that it can be sent and refused.
            return sign(b"{}", self._secret)


def signer_for(auth: Auth, clock: Clock = time.time) -> Signer:
    """The signer a profile names. Raises `SignerError` where none of that name is built in or installed."""
    if auth.signer == "none":
        return HeaderSigner({})
    if auth.signer == "headers":
        return HeaderSigner(auth.headers)
    if auth.signer == "lesspay2":
        return Lesspay2Signer(auth.app_id, auth.secret, clock)
    return _installed(auth)


def _installed(auth: Auth) -> Signer:
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if auth.signer not in found:
        known = ", ".join([*BUILT_IN, *sorted(found)])
        raise SignerError(f"no signer is called {auth.signer!r}; a profile may name {known}")
    try:
        return cast(Signer, found[auth.signer].load()(auth))
    except Exception as error:
        # Without the error's own text, which may quote the secret it was given.
        raise SignerError(f"the signer {auth.signer!r} cannot be made: {type(error).__name__}") from error


def _with_headers(request: Request, headers: Mapping[str, str]) -> Request:
    """The request with these headers; those it has already stay as they are, so that a case can send wrong ones."""
    given = {name.lower() for name, _ in request.headers}
    added = tuple((name, value) for name, value in headers.items() if name.lower() not in given)
    return msgspec.structs.replace(request, headers=request.headers + added)
