"""The signature scheme of the companion pages, for requests and callbacks (clauses AU-01, AU-08, AU-09, CB-23).

A signature is the upper-case hexadecimal SHA-256 of a text made of the document's members. It is made from the raw bytes,
because numbers are signed as they were written: 100.00 is not 100.0.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any, NoReturn

from payconform.model.evidence import Headers, Signature
from payconform.model.wire import load_json

SIGNATURE_HEADER = "x-auth-signature"
V1_LEFT_OUT = frozenset({"api_version", "order_status_int", "channel_biz_data", "event", "event_data"})
"""The members a callback of version V1 does not sign."""

MOST_TRIED = 200
"""How many members are looked at for one that a signature leaves out: a callback has some thirty."""


class _Number(str):
    """A JSON number by the text it was written with."""

    __slots__ = ()


def string_to_sign(raw: bytes, leave_out: Collection[str] = ()) -> str:
    """The text that is signed, without the secret: `key=value` of every member that is neither null nor "", joined by "&".

    Keys are sorted by UTF-16 code units, as Java sorts them; a nested object becomes `key={...}` by the same rules, an
    array its JSON text. `leave_out` names top-level members to skip. ValueError: the bytes are no JSON object.
    """
    return _text_of(_parse(raw), leave_out)


def _text_of(document: dict[str, Any], leave_out: Collection[str]) -> str:
    return _canonical({key: value for key, value in document.items() if key not in leave_out})


def sign(raw: bytes, secret: str, leave_out: Collection[str] = ()) -> str:
    """The signature of a JSON object: 64 upper-case hexadecimal digits. ValueError: the bytes are no JSON object."""
    return _digest(string_to_sign(raw, leave_out), secret)


def _digest(canonical: str, secret: str) -> str:
    text = "&".join(filter(None, (canonical, f"key={secret}")))
    # Java replaces a lone surrogate, which UTF-8 cannot encode, by a question mark.
    return hashlib.sha256(text.encode(errors="replace")).hexdigest().upper()


def callback_signature(raw: bytes, secret: str) -> str:
    """The signature of a callback. ValueError as for `sign`."""
    return _digest(string_to_sign_of_callback(raw), secret)


def string_to_sign_of_callback(raw: bytes) -> str:
    """The text that the signature of a callback is made of, without the secret. ValueError as for `sign`."""
    document = _parse(raw)
    return _text_of(document, _left_out(document))


def _left_out(document: dict[str, Any]) -> Collection[str]:
    """The members a callback does not sign, as its own api_version says (reading X-15).

    V1, or no version, leaves out `V1_LEFT_OUT`; every other version signs all members.
    """
    return V1_LEFT_OUT if _version(document) in {"", "V1"} else ()


def _version(document: dict[str, Any]) -> str:
    version = document.get("api_version")
    return "" if version is None else str(version).strip().upper()


def verify_callback(raw: bytes, secret: str, signature: str) -> bool:
    """Whether a callback carries the right signature, upper-case letters included. Bytes that are no JSON object carry none.

    One that names no version may sign all members too: the orders of the guide are V2, and no page says that it has to be told.
    """
    try:
        if _is(callback_signature(raw, secret), signature):
            return True
        return _version(_parse(raw)) == "" and _is(sign(raw, secret), signature)
    except ValueError:
        return False


def uncovered_members(raw: bytes, secret: str, signature: str) -> tuple[str, ...]:
    """The members that somebody may change without this signature of a callback noticing it.

    Found by trial, so only the likely: the members that V1 leaves out, or one member at any depth (dotted). Empty where none
    of these explains the signature: it is right, or wrong in another way.
    """
    try:
        document = _parse(raw)
        if verify_callback(raw, secret, signature):
            return ()
        left_out = tuple(name for name in document if name in V1_LEFT_OUT)
        if left_out and _is(sign(raw, secret, left_out), signature):
            return left_out
        paths = islice(_paths(document), MOST_TRIED)
        found = next((path for path in paths if _is(_digest(_canonical(_without(document, path)), secret), signature)), None)
    except ValueError:
        return ()
    return (".".join(found),) if found else ()


def _paths(members: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in members.items():
        if value in (None, ""):
            continue  # it is not signed, and giving it a value would be noticed
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, *path) for path in _paths(value))


def _without(members: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    name, *rest = path
    if not rest:
        return {key: value for key, value in members.items() if key != name}
    return {**members, name: _without(members[name], tuple(rest))}


def _is(expected: str, signature: str) -> bool:
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))


def verdict(headers: Headers, raw: bytes, secret: str) -> Signature:
    """What the scheme says of a callback as it arrived; "" without a secret to verify by."""
    if not secret:
        return ""
    signed = given(headers)
    if not signed:
        return "absent"
    return "verified" if verify_callback(raw, secret, signed) else "mismatch"


def given(headers: Headers) -> str:
    """The signature a callback came with, "" where it has none."""
    return next((value for name, value in headers if name.lower() == SIGNATURE_HEADER), "")


def _parse(raw: bytes) -> dict[str, Any]:
    document = load_json(raw, parse_int=_Number, parse_float=_Number, parse_constant=_refuse_constant)
    if not isinstance(document, dict):
        raise ValueError("only a JSON object can be signed")  # noqa: TRY004  # the bytes are wrong, not the caller's types
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _canonical(members: dict[str, Any]) -> str:
    names = sorted(members, key=None if all(map(str.isascii, members)) else _utf16)
    return "&".join([f"{name}={_value(members[name])}" for name in names if members[name] not in (None, "")])


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{_canonical(value)}}}"
    return value if isinstance(value, str) else _json_text(value)


def _json_text(value: Any) -> str:
    """Compact JSON whose numbers stay as they were written."""
    if isinstance(value, _Number):
        return value
    if isinstance(value, list):
        return f"[{','.join(map(_json_text, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{_json_text(key)}:{_json_text(item)}' for key, item in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)
