"""Hosts: which are inside somebody's network, which are the same, and through which proxy they are reached."""

from __future__ import annotations

import base64
import ipaddress
import socket
from urllib.parse import unquote, urlsplit, urlunsplit

PORTS = {"http": 80, "https": 443}


def origin_of(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address.

    raises: ValueError where it has no host or a port that is none
    >>> origin_of("HTTPS://Data.Example/a?b")
    ('https', 'data.example', 443)
    """
    parts = urlsplit(address)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    if scheme not in PORTS or not host:
        raise ValueError("no address of the web")
    return scheme, host, parts.port or PORTS[scheme]


def same_site(before: str, after: str) -> bool:
    """Whether a secret for one address may go to the other: the same origin, or its step up from HTTP to HTTPS.

    >>> same_site("http://a.example/x", "https://a.example/y"), same_site("https://a.example/", "https://b.example/")
    (True, False)
    """
    one, other = origin_of(before), origin_of(after)
    stepped_up = (one[0], one[2], other[0], other[2]) == ("http", 80, "https", 443)
    return one == other or (one[1] == other[1] and stepped_up)


def is_private(host: str) -> bool:
    """Whether a host is, or its name resolves to, anything but an address of the public internet.

    A name is resolved again when it is opened, and a hostile name server could answer differently then; what it would
    gain is a file on the user's own disk. A name that does not resolve here is not private: opening it fails by itself,
    or a proxy resolves it.
    """
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return False
    return any(not _is_public(numeric) for numeric in found)


def _is_public(numeric: str) -> bool:
    address = ipaddress.ip_address(numeric.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return bool(inner.is_global) and not inner.is_multicast


def is_loopback(address: str) -> bool:
    """Whether an address names this very machine, in numbers or as localhost."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def without_credentials(address: str) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """An address without user and password; the header that carries them instead; what must not be shown.

    >>> without_credentials("https://me:pw@mirror.example/x")
    ('https://mirror.example/x', {'Authorization': 'Basic bWU6cHc='}, ('me:pw', 'pw', 'bWU6cHc='))
    """
    parts = urlsplit(address)
    credentials, at, place = parts.netloc.rpartition("@")
    if not at:
        return address, {}, ()
    user, _, password = credentials.partition(":")
    plain = f"{unquote(user)}:{unquote(password)}"
    coded = base64.b64encode(plain.encode()).decode()
    hidden = tuple(secret for secret in (credentials, unquote(password), coded) if secret)
    return urlunsplit(parts._replace(netloc=place)), {"Authorization": f"Basic {coded}"}, hidden


def proxy_of(address: str) -> str | None:
    """The proxy that the environment names for an address (HTTPS_PROXY, HTTP_PROXY, NO_PROXY), with its credentials."""
    from urllib.request import getproxies, proxy_bypass

    scheme, host, port = origin_of(address)
    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(host) or proxy_bypass(f"{host}:{port}"):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
