"""What a value in a user's file may be. A kind takes a value and its key, and gives the value checked, or a `Mistake`."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from payconform.profile.mistakes import Mistake, meant, one_of, shown

Kind = Callable[[Any, str], Any]


class Required(NamedTuple):
    """A member that a table must have."""

    kind: Kind


def table(
    members: Mapping[str, Kind | Required], elsewhere: Mapping[str, str] | None = None, document: str = "a profile"
) -> Kind:
    """A table with some of these members. `elsewhere` says of members often put here what to do instead."""

    def check(value: Any, key: str) -> dict[str, Any]:
        _expect(dict, value, key)
        for name in value:
            if name not in members:
                raise Mistake(_under(key, name), (elsewhere or {}).get(name) or _unknown(name, members, document))
        for name, kind in members.items():
            if isinstance(kind, Required) and name not in value:
                raise Mistake(_under(key, name), "is missing, and there is no default for it")
        kinds = {name: kind.kind if isinstance(kind, Required) else kind for name, kind in members.items()}
        return {name: kinds[name](member, _under(key, name)) for name, member in value.items()}

    return check


def mapping(kind: Kind) -> Kind:
    """A table whose member names are free."""

    def check(value: Any, key: str) -> dict[str, Any]:
        _expect(dict, value, key)
        return {name: kind(member, _under(key, name)) for name, member in value.items()}

    return check


def many(kind: Kind) -> Kind:
    """A list of at least one value."""

    def check(value: Any, key: str) -> tuple[Any, ...]:
        _expect(list, value, key)
        if not value:
            raise Mistake(key, "is empty; give at least one, or leave the key out")
        return tuple(kind(element, f"{key}[{index}]") for index, element in enumerate(value))

    return check


def choice(*allowed: str, later: tuple[str, ...] = ()) -> Kind:
    """One of some words; those in `later` are known, but this version cannot do them."""

    def check(value: Any, key: str) -> str:
        _expect(str, value, key)
        if value in later:
            raise Mistake(key, f'"{value}" is not available in this version; use {one_of(allowed)}')
        if value not in allowed:
            raise Mistake(key, f"is {shown(value)}; allowed is {one_of(allowed)}{meant(value, allowed)}")
        return str(value)

    return check


def text(value: Any, key: str) -> str:
    """A text of at least one character."""
    if not any_text(value, key).strip():
        raise Mistake(key, "is empty; give it a value, or leave the key out")
    return str(value)


def any_text(value: Any, key: str) -> str:
    _expect(str, value, key)
    return str(value)


def whole(least: int, most: int | None = None) -> Kind:
    """A whole number within bounds."""

    def check(value: Any, key: str) -> int:
        _expect(int, value, key)
        if value < least or (most is not None and value > most):
            bounds = f"at least {least}" if most is None else f"from {least} to {most}"
            raise Mistake(key, f"is {shown(value)}; allowed is a whole number {bounds}")
        return int(value)

    return check


def positive(value: Any, key: str) -> float:
    """A number above nought."""
    if not isinstance(value, float):
        _expect(int, value, key, "a number")
    if not 0 < value < float("inf"):
        raise Mistake(key, f"is {shown(value)}; allowed is a number greater than 0")
    return float(value)


def true_or_false(value: Any, key: str) -> bool:
    _expect(bool, value, key)
    return bool(value)


def calendar_date(value: Any, key: str) -> date:
    """A TOML date, without time and without quotes."""
    _expect(date, value, key, "a date: year-month-day without quotes")
    day: date = value
    return day


def http_url(value: Any, key: str) -> str:
    """An absolute http or https URL, given without its trailing slash."""
    if "@" in text(value, key):
        raise Mistake(key, "holds a user name or password; take them out, [auth] names credentials by environment variable")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or re.search(r"\s", value):
        raise Mistake(key, f"is {shown(value)}; allowed is an absolute URL such as https://sandbox.example")
    if parts.query or parts.fragment:
        raise Mistake(key, f"is {shown(value)}; it must end before any ? or #, because paths are appended to it")
    return str(value).rstrip("/")


def url_or_nothing(value: Any, key: str) -> str:
    return http_url(value, key) if any_text(value, key) else ""


def address(value: Any, key: str) -> str:
    """host:port, where port 0 means any free one."""
    host, _, port = text(value, key).rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    usable = bare and "/" not in bare and (":" not in host or bare != host)
    if not usable or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise Mistake(key, f"is {shown(value)}; allowed is host:port such as 127.0.0.1:0 or [::1]:8080")
    return str(value)


def regex(value: Any, key: str) -> str:
    """A regular expression."""
    try:
        re.compile(text(value, key))
    except re.error as error:
        raise Mistake(key, f"is {shown(value)}, which is not a regular expression: {error.msg}") from None
    return str(value)


def amount(value: Any, key: str) -> str:
    """A positive decimal as text, in major units."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,8})?", value) or Decimal(value) == 0:
        raise Mistake(key, f'is {shown(value)}; allowed is a positive decimal in quotes such as "12.34"')
    return value


def amounts(value: Any, key: str) -> tuple[str, ...]:
    """A list to draw from, or the word "any", which is given as no amounts at all."""
    if value == "any":
        return ()
    if not isinstance(value, list):
        raise Mistake(key, f'is {shown(value)}; allowed is "any" or a list of decimals in quotes such as ["10.00", "12.34"]')
    return tuple(many(amount)(value, key))


def currency(value: Any, key: str) -> str:
    """A currency code. The guide speaks of three letters, its platform also has longer ones."""
    if not re.fullmatch(r"[A-Z]{3,5}", text(value, key)):
        raise Mistake(key, f"is {shown(value)}; allowed is a currency code in capitals such as USD")
    return str(value)


def variable(value: Any, key: str) -> str:
    """The name of an environment variable. The value is not shown: it may be the secret itself, put here by mistake."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text(value, key)):
        raise Mistake(key, "is not the name of an environment variable; allowed are letters, digits and _, as in SANDBOX_API_KEY")
    return str(value)


def header_name(name: str, key: str) -> str:
    """The name of an HTTP header (RFC 9110, token)."""
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise Mistake(_under(key, name), "is not the name of an HTTP header")
    return name


def header_value(value: Any, key: str) -> str:
    if not re.fullmatch(r"[\x20-\x7e]*", any_text(value, key)):
        raise Mistake(key, "holds characters that no HTTP header can carry; allowed is printable ASCII")
    return str(value)


_TYPES: Mapping[type, str] = {
    bool: "true or false",
    str: "a text in quotes",
    int: "a whole number",
    float: "a number with a point",
    list: "a list",
    dict: "a table",
    datetime: "a date",
    date: "a date",
    time: "a time",
}


def _expect(wanted: type, value: Any, key: str, named: str = "") -> None:
    """Types are compared exactly, because in Python true is also a whole number."""
    if type(value) is not wanted:
        raise Mistake(key, f"is {_TYPES.get(type(value), type(value).__name__)}; it must be {named or _TYPES[wanted]}")


def _under(key: str, name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z0-9_-]+", name)
    return f"{key}.{name if plain else shown(name)}" if key else name


def _unknown(name: str, members: Mapping[str, object], document: str) -> str:
    return f"is not a key of {document}{meant(name, members)}; here are allowed {one_of(members)}"
