"""How much one asker may send and ask: sizes of bodies, requests a second (definitions/platform/limits.yaml)."""

from __future__ import annotations

import ipaddress
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from math import ceil
from typing import Literal

from pydantic import PositiveFloat, PositiveInt
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from greensilk.errors import TooManyError
from greensilk.records import DEFINITIONS, Record, load_file
from greensilk.texts import text
from greensilk.web.asking import SAFE, cookie_name, language
from greensilk.web.errors import shape, told
from greensilk.web.failing import answered
from greensilk.web.settings import Settings

Kind = Literal["read", "change", "compute", "address"]
# Where files are taken, from who is signed in: everything else takes small bodies alone.
UPLOADS = re.compile(
    r"/api/v1/(portfolios/[^/]+/uploads|projects/[^/]+/documents|routes/comparisons)|"
    r"/(portfolios/[^/]+/upload|projects/[^/]+/documents|routes)"
)
COMPUTED = re.compile(r"/api/v1/(sites|projects/[^/]+/what-if)|/(map/site|projects/[^/]+/what-if)")
FREE = re.compile(r"/(static/.+|health|ready|tiles/[^/]+\.pmtiles)")  # files: cheaper than to count who asks for them
FORM_BYTES = 100_000  # around a file: boundaries, the other fields of the form


class Bucket(Record):
    """What one asker may ask: at once, and from then on."""

    per_second: PositiveFloat
    burst: PositiveInt


class Numbers(Record):
    """The file definitions/platform/limits.yaml."""

    small_body_bytes: PositiveInt
    most_askers: PositiveInt
    buckets: dict[Kind, Bucket]


@cache
def numbers() -> Numbers:
    """The limits."""
    return load_file(Numbers, DEFINITIONS / "platform" / "limits.yaml")


class Buckets:
    """Who has asked how much lately. clock: seconds that only go up."""

    def __init__(self, limits: Numbers, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._held: OrderedDict[tuple[Kind, str], tuple[float, float]] = OrderedDict()

    def wait_s(self, kind: Kind, asker: str) -> float:
        """Takes one from a bucket; 0 where there was one, else the seconds until there will be."""
        limit, now, key = self._limits.buckets[kind], self._clock(), (kind, asker)
        left, at = self._held.get(key, (float(limit.burst), now))
        left = min(float(limit.burst), left + (now - at) * limit.per_second)
        enough = left >= 1.0
        self._held[key] = (left - 1.0 if enough else left, now)
        self._held.move_to_end(key)
        while len(self._held) > self._limits.most_askers:
            self._held.popitem(last=False)
        return 0.0 if enough else (1.0 - left) / limit.per_second


def address_of(request: Request) -> str:
    """Where a request came from, as what one asker has: of IPv6 the network of 64 bits that every customer is given.

    >>> [address_of(Request({"type": "http", "client": (said, 1)})) for said in ("2001:db8::1:2", "::ffff:1.2.3.4")]
    ['2001:db8::/64', '1.2.3.4']
    """
    given = request.client.host if request.client else ""
    try:
        found = ipaddress.ip_address(given)
    except ValueError:
        return given  # a socket that has no address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found), 64), strict=False))


class Limits:
    """Refuses early what is too large or too much.

    A token or session pays from buckets of its own once it was good for an answer; before, its address pays, so that
    nobody gets new buckets by making tokens up.
    """

    def __init__(self, app: ASGIApp, settings: Settings, buckets: Buckets | None = None) -> None:
        self.app = app
        self._most_upload_bytes = settings.most_upload_bytes
        self._cookie = cookie_name(settings.https)
        self._buckets = buckets or Buckets(numbers())
        self._good: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or FREE.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        asker = self._asker(request)
        wait_s = self._wait_s(request, asker)
        most = self._most_bytes(request, asker)
        if wait_s > 0:
            error = TooManyError("web_api.too_many_requests", ceil(wait_s))
            refusal = told(error, language(request))
            await answered(request, refusal, {"Retry-After": str(ceil(wait_s))})(scope, receive, send)
        elif _declared_bytes(request) > most:
            words = text("web_api.http_413", language(request), status=413)
            await answered(request, shape("too_large", words, 413), {"Connection": "close"})(scope, receive, send)
        else:
            await self._passed_on(request, asker, (_counted(receive, most), send))

    async def _passed_on(self, request: Request, asker: str | None, ways: tuple[Receive, Send]) -> None:
        state = request.scope.setdefault("state", {})
        await self.app(request.scope, *ways)
        if asker is not None and "actor" in state:
            self._good[asker] = None
            self._good.move_to_end(asker)
            while len(self._good) > numbers().most_askers:
                self._good.popitem(last=False)

    def _asker(self, request: Request) -> str | None:
        """What an asker is told by, hashed: a token, a session; None without either."""
        given = request.headers.get("authorization") or request.cookies.get(self._cookie)
        return sha256(given.encode()).hexdigest()[:32] if given else None

    def _wait_s(self, request: Request, asker: str | None) -> float:
        if asker is None or asker not in self._good:
            return self._buckets.wait_s("address", address_of(request))
        if request.method == "POST" and COMPUTED.fullmatch(request.url.path):
            return self._buckets.wait_s("compute", asker)
        return self._buckets.wait_s("read" if request.method in SAFE else "change", asker)

    def _most_bytes(self, request: Request, asker: str | None) -> int:
        large = asker is not None and request.method == "POST" and UPLOADS.fullmatch(request.url.path) is not None
        return self._most_upload_bytes + FORM_BYTES if large else numbers().small_body_bytes


def _declared_bytes(request: Request) -> int:
    said = request.headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0


def _counted(receive: Receive, most: int) -> Receive:
    """The same body, refused as soon as it is more than it may be, whatever was declared."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)  # passed through by whatever reads a body
        return message

    return receiving
