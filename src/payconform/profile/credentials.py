"""How a profile's requests are signed, its credentials resolved from the environment."""

import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from payconform.model.profile import Auth
from payconform.profile.environment import from_environment
from payconform.profile.kinds import header_name, header_value
from payconform.profile.mistakes import Mistake, meant, one_of, shown

ENTRY_POINTS = "payconform.signers"

_BUILT_IN = ("none", "headers", "lesspay2")
_NEEDS = {"headers": ("headers_env",), "lesspay2": ("app_id_env", "secret_env")}
_CARRIES_SECRET = re.compile(r"authorization|cookie|api-?key|secret|password|token|^x-auth-", re.IGNORECASE)


def auth(members: Mapping[str, Any], environ: Mapping[str, str]) -> Auth:
    """The checked shape of [auth] with every named variable read."""
    signer = members.get("signer", "none")
    _check_signer(signer, members)
    headers = members.get("headers_env", {})
    return Auth(
        signer=signer,
        headers={header_name(name, "auth.headers_env"): _header(name, headers[name], environ) for name in headers},
        app_id=_named(members, "app_id_env", environ),
        secret=_named(members, "secret_env", environ),
    )


def check_plain_headers(headers: Mapping[str, str]) -> None:
    """Refuse a header in the file whose name says that its value is a credential."""
    for name in headers:
        header_name(name, "target.headers")
        if _CARRIES_SECRET.search(name):
            mend = f'{{ "{name}" = "NAME_OF_A_VARIABLE" }}'
            raise Mistake(
                f"target.headers.{name}",
                f'secrets never stand in a profile; use signer = "headers" and headers_env = {mend} in [auth]',
            )


def _check_signer(signer: str, members: Mapping[str, Any]) -> None:
    allowed = tuple(dict.fromkeys((*_BUILT_IN, *sorted(entry_points(group=ENTRY_POINTS).names))))
    if signer not in allowed:
        hint = f"{one_of(allowed)}{meant(signer, allowed)}; others are installed as entry points of {ENTRY_POINTS}"
        raise Mistake("auth.signer", f"is {shown(signer)}; allowed is {hint}")
    for name in _NEEDS.get(signer, ()):
        if not members.get(name):
            raise Mistake(f"auth.{name}", f'is missing, and signer "{signer}" cannot sign without it')


def _header(name: str, variable: str, environ: Mapping[str, str]) -> str:
    key = f"auth.headers_env.{name}"
    return header_value(from_environment(variable, key, environ), key)


def _named(members: Mapping[str, Any], name: str, environ: Mapping[str, str]) -> str:
    return from_environment(members[name], f"auth.{name}", environ) if name in members else ""
