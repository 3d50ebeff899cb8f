"""Proxies of the environment, for engineers who reach a sandbox only through their company's."""

import ipaddress
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore


def proxy_for(scheme: str, host: str) -> str:
    """The proxy for a host (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`), or "". A loopback host never has one."""
    if _is_loopback(host) or proxy_bypass(host):
        return ""
    address = getproxies().get(scheme, "")
    return address if not address or "://" in address else f"http://{address}"


def split_credentials(proxy: str) -> tuple[httpcore.URL, tuple[str, str] | None]:
    """The proxy's address without its credentials, and the credentials."""
    parts = urlsplit(proxy)
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target="/"), auth


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
