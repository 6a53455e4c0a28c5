"""What one run shares of the net: connections, proxies, and each host's rules and pace. The only door to it.

Redirects are followed by hand: only http and https, never from https to http, never into a private network, and no
secret goes to another host.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin

from greensilk.catalogue.hosts import is_private, origin_of, proxy_of, same_site, without_credentials
from greensilk.catalogue.patience import Interrupted, Pace
from greensilk.catalogue.robots import AGENT, NO_RULES, UNTOLD, Rules, rules_of
from greensilk.catalogue.robots import MOST_BYTES as MOST_RULES_BYTES
from greensilk.catalogue.targets import Target, spoken
from greensilk.errors import FetchError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager
    from urllib3.exceptions import HTTPError

CONNECT_S, READ_S = 10.0, 60.0
MOST_REDIRECTS = 5
REDIRECTS = frozenset((301, 302, 303, 307, 308))
MOST_RULE_TRIES = 3
T = TypeVar("T")
LOGGERS = ("connection", "connectionpool", "poolmanager", "response", "util.retry")  # of urllib3; they tell addresses


class Web:
    """A run's way to the net; use it in a with statement."""

    def __init__(self) -> None:
        self._managers: dict[str | None, PoolManager] = {}
        self._rules: dict[tuple[str, str, int], Rules] = {}
        self._rule_tries: dict[tuple[str, str, int], int] = {}
        self._pace = Pace()
        self._secrets: set[str] = set()

    def __enter__(self) -> Web:
        for name in LOGGERS:
            logging.getLogger(f"urllib3.{name}").addFilter(self._holds_no_secret)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for manager in self._managers.values():
            manager.clear()
        for name in LOGGERS:
            logging.getLogger(f"urllib3.{name}").removeFilter(self._holds_no_secret)

    def open(self, target: Target, headers: dict[str, str]) -> BaseHTTPResponse:
        """The answer of a target, its redirects followed; its body is not read yet.

        raises: FetchError for what will not pass by itself; Interrupted for what may
        """
        self._secrets.update(target.secrets)
        address, carried = target.real, {**headers, **target.headers}
        for _ in range(MOST_REDIRECTS + 1):
            if target.asks_robots:
                self._ask_leave(target, address)
            response = self._send(target, address, carried)
            location = response.headers.get("Location")
            if response.status not in REDIRECTS or location is None:
                return response
            response.close()
            following = _following(target, address, location)
            if not same_site(address, following):
                carried = {name: value for name, value in carried.items() if name not in target.headers}
            address = following
        raise target.error("datasets.fetch_redirects", most=MOST_REDIRECTS)

    def _send(self, target: Target, address: str, headers: dict[str, str]) -> BaseHTTPResponse:
        from urllib3 import Timeout

        manager = self._manager(target, address)
        sent = {"User-Agent": f"{AGENT}/{version(AGENT)}", "Accept": "*/*", **headers}
        options: dict[str, Any] = {"redirect": False, "retries": False, "preload_content": False}
        options["timeout"] = Timeout(connect=CONNECT_S, read=READ_S)
        response = translated(target, lambda: manager.request("GET", address, headers=sent, **options))
        if response.status == 407:
            response.close()
            raise target.error("datasets.fetch_proxy", proxy=_shown_proxy(address))
        return response

    def _manager(self, target: Target, address: str) -> PoolManager:
        from urllib3 import PoolManager, ProxyManager
        from urllib3.exceptions import HTTPError

        proxy = proxy_of(address)
        if proxy not in self._managers:
            plain, authorization, hidden = without_credentials(proxy or "")
            self._secrets.update(hidden)
            given = {f"Proxy-{name}": value for name, value in authorization.items()}
            try:
                self._managers[proxy] = ProxyManager(plain, proxy_headers=given) if proxy else PoolManager()
            except (HTTPError, ValueError):
                fault = target.error("datasets.fetch_proxy", proxy=_shown_proxy(address))
            else:
                return self._managers[proxy]
            raise fault
        return self._managers[proxy]

    def _ask_leave(self, target: Target, address: str) -> None:
        """Waits until the host may be asked, and refuses what its robots.txt forbids."""
        origin = origin_of(address)
        if origin not in self._rules:
            self._rules[origin] = self._fetch_rules(target, origin)
        rules = self._rules[origin]
        if not rules.allow(address):
            raise target.error("datasets.fetch_robots", host=origin[1])
        self._pace.keep(origin[1], max(60.0 / target.request.requests_per_minute, rules.delay_s))

    def _fetch_rules(self, target: Target, origin: tuple[str, str, int]) -> Rules:
        scheme, host, port = origin
        named = f"[{host}]" if ":" in host else host
        asked = replace(target, real=f"{scheme}://{named}:{port}/robots.txt", headers={}, asks_robots=False)
        try:
            answered = self.open(asked, {})
        except FetchError:  # it leads nowhere; what concerns the host itself is told when the file is asked for
            return NO_RULES
        with closing(answered) as response:
            if response.status >= 500 or response.status == 429:
                self._rule_tries[origin] = self._rule_tries.get(origin, 0) + 1
                if self._rule_tries[origin] < MOST_RULE_TRIES:
                    raise Interrupted(spoken("datasets.why_status", status=response.status))
                return UNTOLD
            if response.status >= 300:
                return NO_RULES
            return rules_of(translated(target, lambda: response.read(MOST_RULES_BYTES, decode_content=True)))

    def _holds_no_secret(self, record: logging.LogRecord) -> bool:
        told = record.getMessage() + str(record.exc_info or "")
        return not any(secret in told for secret in self._secrets)


def _following(target: Target, address: str, location: str) -> str:
    """Where a redirect leads, without credentials, if it may be followed."""
    try:
        following = without_credentials(urljoin(address, location))[0]
        before, after = origin_of(address), origin_of(following)
    except ValueError:
        following = ""
    if not following:
        raise target.error("datasets.fetch_redirect_refused", host=ascii(location))
    fell = before[0] == "https" and after[0] == "http"
    leaks = not same_site(address, following) and any(secret in following for secret in target.secrets)
    inside = is_private(after[1]) and not is_private(origin_of(target.real)[1])
    if fell or leaks or inside:
        raise target.error("datasets.fetch_redirect_refused", host=f"{after[0]}://{after[1]}")
    return following


def translated(target: Target, act: Callable[[], T]) -> T:
    """Does something on the net; what it raises becomes a FetchError if it will not pass by itself, else Interrupted.

    The texts of urllib3 name whole addresses: none is taken over, and no error keeps one of its exceptions.
    """
    from urllib3.exceptions import HTTPError

    try:
        return act()
    except HTTPError as error:
        fault = _fault(target, error)
    raise fault


def _fault(target: Target, error: HTTPError) -> Exception:
    from urllib3 import exceptions as net

    match error:
        case net.NameResolutionError():
            return Interrupted(spoken("datasets.why_no_host"), cost=3)  # as a rule there is no network at all
        case net.SSLError() if "CERTIFICATE" in str(error).upper():
            return target.error("datasets.fetch_certificate")
        case net.ProxyError() if "407" in str(error.original_error):
            return target.error("datasets.fetch_proxy", proxy=_shown_proxy(target.real))
        case net.ProxyError():
            return Interrupted(spoken("datasets.why_proxy", proxy=_shown_proxy(target.real)))
        case net.LocationValueError():
            return target.error("datasets.fetch_address")
        case net.TimeoutError():
            return Interrupted(spoken("datasets.why_timeout"))
        case _:
            return Interrupted(spoken("datasets.why_connection"))


def _shown_proxy(address: str) -> str:
    return without_credentials(proxy_of(address) or "")[0]
