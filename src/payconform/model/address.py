"""When two web addresses are the same place."""

from urllib.parse import parse_qsl, unquote, urlsplit

PORTS = {"http": 80, "https": 443}


def path_of(target: str) -> str:
    """The path of a request's target, which a client may also write in absolute form (RFC 9112, 3.2.2)."""
    return target if target.startswith("/") else urlsplit(target).path


def same_place(url: str, wanted: str) -> bool:
    """Whether two addresses agree in scheme, host, port and path; what a redirect adds as query does not count (X-37)."""
    try:
        return _place(url) == _place(wanted)
    except ValueError:
        return False


def lost_of_query(url: str, wanted: str) -> tuple[str, ...]:
    """The names of the wanted address's query that the other lacks or says otherwise; more than it is allowed (X-37)."""
    try:
        there = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        asked = parse_qsl(urlsplit(wanted).query, keep_blank_values=True)
    except ValueError:
        return ()
    return tuple(dict.fromkeys(name for name, value in asked if (name, value) not in there))


def _place(url: str) -> tuple[str, str, int | None, tuple[str, ...]]:
    parts = urlsplit(url.strip())
    segments = (parts.path or "/").split("/")  # an escaped slash is none that cuts a path (RFC 3986, 3.3)
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme), tuple(map(unquote, segments))
