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
        held = False  # what the asker holds already is not sent: the rest of the answer is dropped

        async def sending(message: Message) -> None:
            nonlocal start, held
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                first, start = start, None
                whole = message["type"] == "http.response.body" and not message.get("more_body", False)
                _tag(scope, first, message.get("body", b"") if whole else b"")
                held = _is_held(scope, first)
                if held:
                    await send(_not_modified(first))
                    await send({"type": "http.response.body", "body": b""})
                    return
                message = _packed(scope, first, message) if whole else message
                await send(first)
            if not held:
                await send(message)

        await self.app(scope, receive, sending)


def _asked(scope: Scope, wanted: bytes) -> bytes:
    return b",".join(value for name, value in scope["headers"] if name == wanted)


def _tag(scope: Scope, start: Message, content: bytes) -> None:
    """Tags an answer for programs by its content, where the route gave it no tag."""
    headers = MutableHeaders(raw=start["headers"])
    if scope["method"] in ("GET", "HEAD") and start["status"] == 200 and content and "etag" not in headers:
        if headers.get("content-type", "").startswith("application/"):
            headers["etag"] = f'W/"{sha256(content).hexdigest()[:32]}"'
        start["headers"] = headers.raw


def _is_held(scope: Scope, start: Message) -> bool:
    """Whether If-None-Match names the tag of an answer, by the weak comparison."""
    tag, asked = MutableHeaders(raw=start["headers"]).get("etag"), _asked(scope, b"if-none-match").decode("latin-1")
    if tag is None or not asked or start["status"] != 200 or scope["method"] not in ("GET", "HEAD"):
        return False
    plain = tag.removeprefix("W/")
    return any(one.strip() == "*" or one.strip().removeprefix("W/") == plain for one in asked.split(","))


def _not_modified(start: Message) -> Message:
    left_out = (b"content-length", b"content-type", b"content-disposition")
    kept = [(name, value) for name, value in start["headers"] if name not in left_out]
    return {"type": "http.response.start", "status": 304, "headers": kept}


def _packed(scope: Scope, start: Message, body: Message) -> Message:
    """The body to send; the headers of `start` are changed to fit it."""
    content = body.get("body", b"")
    if not _pays(start, content):
        return body
    headers = MutableHeaders(raw=start["headers"])
    headers.add_vary_header("Accept-Encoding")
    if b"gzip" in _asked(scope, b"accept-encoding"):
        content = gzip.compress(content, LEVEL, mtime=0)
        headers["content-encoding"], headers["content-length"] = "gzip", str(len(content))
    start["headers"] = headers.raw
    return {"type": "http.response.body", "body": content}


def _pays(start: Message, content: bytes) -> bool:
    kinds = [value.decode("latin-1") for name, value in start["headers"] if name == b"content-type"]
    held_back = any(name in HELD_BACK for name, _ in start["headers"])
    return len(content) >= LEAST_BYTES and not held_back and any(kind.startswith(PACKED) for kind in kinds)
