"""Answers in few bytes: not sent again to who holds them (ETag), and as gzip where that pays.

An answer is packed if it comes in one piece; files are sent as they are. Pages hold a token against forgery, which is
masked anew for each page (web.asking), so that the length of what is packed tells nothing of it.
"""

from __future__ import annotations

import gzip
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST_BYTES = 1_000  # below, an answer fits into one packet anyway
LEVEL = 4  # of gzip: higher ones cost twice the time for some hundredths of the bytes
PACKED = ("application/json", "application/geo+json", "application/schema+json", "application/vnd.oai.openapi+json",
          "application/problem+json", "text/", "image/svg+xml", "application/javascript")  # fmt: skip
HELD_BACK = frozenset((b"content-encoding", b"content-range"))


class Packed:
    """Compares, then packs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                first, start = start, None
                whole = message["type"] == "http.response.body" and not message.get("more_body", False)
                message = _packed(scope, first, message) if whole else message
                await send(first)
            await send(message)

        await self.app(scope, receive, sending)


def _packed(scope: Scope, start: Message, body: Message) -> Message:
    """The body to send; the headers of `start` are changed to fit it."""
    headers, content = MutableHeaders(raw=start["headers"]), body.get("body", b"")
    asked = {name: value for name, value in scope["headers"] if name in (b"if-none-match", b"accept-encoding")}
    if scope["method"] in ("GET", "HEAD") and start["status"] == 200:
        if "etag" not in headers and headers.get("content-type", "").startswith("application/") and content:
            headers["etag"] = f'W/"{sha256(content).hexdigest()[:32]}"'
        if "etag" in headers and _holds(asked.get(b"if-none-match", b"").decode("latin-1"), headers["etag"]):
            start["status"] = 304
            for name in ("content-length", "content-type"):
                if name in headers:
                    del headers[name]
            start["headers"] = headers.raw
            return {"type": "http.response.body", "body": b""}
    if _pays(start, content):
        headers.add_vary_header("Accept-Encoding")
        if b"gzip" in asked.get(b"accept-encoding", b""):
            content = gzip.compress(content, LEVEL, mtime=0)
            headers["content-encoding"], headers["content-length"] = "gzip", str(len(content))
    start["headers"] = headers.raw
    return {"type": "http.response.body", "body": content}


def _pays(start: Message, content: bytes) -> bool:
    kinds = [value.decode("latin-1") for name, value in start["headers"] if name == b"content-type"]
    held_back = any(name in HELD_BACK for name, _ in start["headers"])
    return len(content) >= LEAST_BYTES and not held_back and any(kind.startswith(PACKED) for kind in kinds)


def _holds(asked: str, tag: str) -> bool:
    """Whether If-None-Match names a tag, by the weak comparison."""
    plain = tag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") == plain or one.strip() == "*" for one in asked.split(",") if one)
