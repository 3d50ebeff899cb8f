"""When two web addresses are the same place."""

from urllib.parse import unquote, urlsplit

PORTS = {"http": 80, "https": 443}


def same_place(url: str, wanted: str) -> bool:
    """Whether two addresses agree in scheme, host, port and path; what a redirect adds as query does not count (X-37)."""
    try:
        return _place(url) == _place(wanted)
    except ValueError:
        return False


def _place(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url.strip())
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme), unquote(parts.path) or "/"
