"""Values that a profile takes from the environment instead of the file."""

import re
from collections.abc import Mapping
from typing import Any

from payconform.profile.mistakes import Mistake

_CUSTOMARY_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


def from_environment(variable: str, key: str, environ: Mapping[str, str]) -> str:
    """What a named variable holds. Surrounding blanks go, because files and shells leave line ends behind."""
    value = environ.get(variable, "").strip()
    if not value:
        # Somebody may have written the secret itself where its variable's name belongs: only what looks like a name is shown.
        name = f"the environment variable {variable}" if _CUSTOMARY_NAME.fullmatch(variable) else "an environment variable"
        raise Mistake(key, f"names {name}, which is {'empty' if variable in environ else 'not set'}")
    return value


def given_or_from_environment(members: Mapping[str, Any], name: str, key: str, environ: Mapping[str, str]) -> str:
    """The member `name`, or what the variable named by `name`_env holds: exactly one of the two must be there."""
    variable = f"{name}_env"
    if name in members and variable in members:
        raise Mistake(f"{key}.{name}", f"stands beside {variable}; keep one of the two")
    if name in members:
        return str(members[name])
    if variable not in members:
        raise Mistake(f"{key}.{name}", f"is missing; give {name}, or {variable} with the name of an environment variable")
    return from_environment(members[variable], f"{key}.{variable}", environ)
