"""Spoils the credentials of a signed request.

It works on what is about to be sent, so it needs no secret, and a signer of the user's own is tried like the built-in one as
long as its headers are those of the companion page.
"""

import secrets
from collections.abc import Callable, Mapping

import msgspec

from payconform.authoring.steps import UnmetError
from payconform.contract import signature
from payconform.model.forgery import Forgery
from payconform.model.message import Request

APP_ID, TIMESTAMP, SIGNATURE = "x-auth-appid", "x-auth-timestamp", "x-auth-signature"
DAY_MS = 86_400_000

Change = Callable[[str, Request], str | None]
"""From the value of a header and its request, the value to send instead; None sends no such header."""


def forged(signed: Request, forgery: Forgery) -> Request:
    """The request with that forgery. Raises `UnmetError` when the signer adds no header of that name."""
    if forgery is Forgery.NONE:
        return signed
    if forgery in _SPELLINGS:
        spell = _SPELLINGS[forgery]
        own = (APP_ID, TIMESTAMP, SIGNATURE)
        headers = tuple((spell(name) if name.lower() in own else name, value) for name, value in signed.headers)
        return msgspec.structs.replace(signed, headers=headers)
    name, change = _CHANGES[forgery]
    changed = change(_required(signed, name), signed)
    kept = tuple(header for header in signed.headers if header[0].lower() != name or changed is not None)
    headers = tuple((key, changed if key.lower() == name and changed is not None else value) for key, value in kept)
    return msgspec.structs.replace(signed, headers=headers)


def signature_of(signed: Request) -> str:
    """The signature a request carries, "" when it carries none."""
    return next((value for name, value in signed.headers if name.lower() == SIGNATURE), "")


def _required(signed: Request, name: str) -> str:
    found = next((value for key, value in signed.headers if key.lower() == name), None)
    if found is None:
        raise UnmetError(f"the profile's signer adds no header {name}, so there is nothing to forge")
    return found


def _left_out(_value: str, _signed: Request) -> None:
    return None


def _by_another_secret(_value: str, signed: Request) -> str:
    return signature.sign(signed.body, secrets.token_hex(16))


def _emptied(_value: str, _signed: Request) -> str:
    return ""


def _first_digit_changed(value: str, _signed: Request) -> str:
    return ("1" if value.startswith("0") else "0") + value[1:]


def _last_digit_changed(value: str, _signed: Request) -> str:
    return value[:-1] + ("1" if value.endswith("0") else "0")


def _halved(value: str, _signed: Request) -> str:
    return value[: len(value) // 2]


def _longer(value: str, _signed: Request) -> str:
    return value + "0"


def _lower(value: str, _signed: Request) -> str:
    return value.lower()


def _unknown_app_id(value: str, _signed: Request) -> str:
    return secrets.token_hex(max(8, len(value) // 2))


def _letters_behind(value: str, _signed: Request) -> str:
    return value + "abc"


def _word(_value: str, _signed: Request) -> str:
    return "yesterday"


def _shifted(by_ms: int) -> Change:
    def shifted(value: str, _signed: Request) -> str:
        if not (value.isascii() and value.isdigit()):
            raise UnmetError(f"the profile's signer sends no number of milliseconds as {TIMESTAMP}, so it cannot be shifted")
        return str(int(value) + by_ms)

    return shifted


_SPELLINGS: Mapping[Forgery, Callable[[str], str]] = {Forgery.LOWER_NAMES: str.lower, Forgery.UPPER_NAMES: str.upper}
_CHANGES: Mapping[Forgery, tuple[str, Change]] = {
    Forgery.NO_SIGNATURE: (SIGNATURE, _left_out),
    Forgery.EMPTY_SIGNATURE: (SIGNATURE, _emptied),
    Forgery.OTHER_SECRET: (SIGNATURE, _by_another_secret),
    Forgery.FIRST_DIGIT: (SIGNATURE, _first_digit_changed),
    Forgery.LAST_DIGIT: (SIGNATURE, _last_digit_changed),
    Forgery.HALF: (SIGNATURE, _halved),
    Forgery.LONGER: (SIGNATURE, _longer),
    Forgery.LOWER_CASE: (SIGNATURE, _lower),
    Forgery.NO_APP_ID: (APP_ID, _left_out),
    Forgery.UNKNOWN_APP_ID: (APP_ID, _unknown_app_id),
    Forgery.NEAR_APP_ID: (APP_ID, _last_digit_changed),
    Forgery.NO_TIMESTAMP: (TIMESTAMP, _left_out),
    Forgery.WORD_FOR_TIMESTAMP: (TIMESTAMP, _word),
    Forgery.LETTERS_BEHIND_TIMESTAMP: (TIMESTAMP, _letters_behind),
    Forgery.DAY_OLD: (TIMESTAMP, _shifted(-DAY_MS)),
    Forgery.DAY_AHEAD: (TIMESTAMP, _shifted(DAY_MS)),
}
