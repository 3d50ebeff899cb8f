"""The cookies of one payer, as a browser would keep and send them (RFC 6265) while it pays one order."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from payconform.model.message import Response


class _Key(NamedTuple):
    name: str
    domain: str
    path: str


class _Cookie(NamedTuple):
    value: str
    subdomains: bool


class CookieJar:
    """Remembers what `store` is shown and answers `header`. `Secure` is not looked at: sandboxes run without TLS too."""

    def __init__(self) -> None:
        self._cookies: dict[_Key, _Cookie] = {}

    def store(self, url: str, response: Response) -> None:
        """Keep the cookies that the response to `url` sets, and drop those it expires."""
        for name, value in response.headers:
            if name.lower() == "set-cookie":
                self._store_one(url, value, _moment(response.header("date")))

    def header(self, url: str) -> str:
        """The Cookie header for a request to `url`, "" for none; the more specific path comes first."""
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path or "/"
        fitting = [
            (key, cookie)
            for key, cookie in self._cookies.items()
            if _path_fits(key.path, path) and (host == key.domain or (cookie.subdomains and host.endswith(f".{key.domain}")))
        ]
        fitting.sort(key=lambda entry: -len(entry[0].path))
        return "; ".join(f"{key.name}={cookie.value}" for key, cookie in fitting)

    def _store_one(self, url: str, text: str, now: datetime | None) -> None:
        pair, *rest = text.split(";")
        name, separator, value = pair.partition("=")
        if not separator or not name.strip():
            return
        attributes = {key.strip().lower(): content.strip() for key, _, content in (part.partition("=") for part in rest)}
        parts = urlsplit(url)
        host = parts.hostname or ""
        domain = attributes.get("domain", "").lstrip(".").lower()
        if domain and host != domain and not host.endswith(f".{domain}"):
            return
        path = attributes.get("path", "")
        key = _Key(name.strip(), domain or host, path if path.startswith("/") else _folder(parts.path))
        self._cookies.pop(key, None)
        if not _is_expired(attributes, now):
            self._cookies[key] = _Cookie(value.strip(), subdomains=bool(domain))


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _path_fits(cookie_path: str, path: str) -> bool:
    return path == cookie_path or path.startswith(cookie_path if cookie_path.endswith("/") else f"{cookie_path}/")


def _is_expired(attributes: dict[str, str], now: datetime | None) -> bool:
    """Whether the cookie is deleted; `now` is the server's own time, so that the payer needs no clock."""
    age = attributes.get("max-age", "")
    if age:
        return age.startswith("-") or age.strip("0") == ""
    expires = _moment(attributes.get("expires", ""))
    return expires is not None and expires <= (now or datetime(2000, 1, 1, tzinfo=UTC))


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
