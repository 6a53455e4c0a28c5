"""One log line a request, and the id by which a user's report and a line of the log are found to be the same."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from greensilk.jobs.logs import log_event, user_mark

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
ASKED_BY_PROGRAMS = frozenset(("/health", "/ready"))  # every few seconds: told only where they fail
ID = re.compile(rb"[0-9A-Za-z-]{8,64}")


class RequestLog:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request and writes its line, however it ends."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, started = _request_id(scope), time.perf_counter()
        status = 500  # until an answer begins

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, request_id)]
            await send(message)

        error: BaseException | None = None
        try:
            await self.app(scope, receive, sending)
        except Exception as raised:
            error = raised
            raise
        finally:
            ms = round((time.perf_counter() - started) * 1000, 1)
            _write(scope, {"status": status, "ms": ms, "request": request_id.decode()}, error)


def _request_id(scope: Scope) -> bytes:
    """The id that a proxy gave, where it is one, else a new one."""
    given = next((value for name, value in scope["headers"] if name == HEADER), b"")
    return given if ID.fullmatch(given) else secrets.token_hex(8).encode()


def _write(scope: Scope, fields: dict[str, Any], error: BaseException | None) -> None:
    """The path is told as the route has it, "/projects/{id}": what people may have put into an address stays out."""
    path = getattr(scope.get("route"), "path", None) or "-"
    if path in ASKED_BY_PROGRAMS and fields["status"] == 200:
        return
    actor = scope.get("state", {}).get("actor")
    user = {} if actor is None else {"user": user_mark(actor.user_id)}
    level = logging.ERROR if fields["status"] >= 500 else logging.INFO
    log_event("request", level, method=scope["method"], path=path, error=error, **fields, **user)
