"""What nobody foresaw: logged whole under a reference, told to nobody but by that reference."""

from __future__ import annotations

import logging
import secrets

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from greensilk.texts import text
from greensilk.web.asking import language
from greensilk.web.errors import shape
from greensilk.web.failing import answered

LOG = logging.getLogger("greensilk.web")


class Caught:
    """Answers 500 where a route fails in a way that no class of errors names."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception:
            reference = secrets.token_hex(6)
            LOG.exception("request failed", extra={"reference": reference, "method": scope["method"]})
            if started:
                raise  # the answer is cut off, which is how its reader learns of it
            request = Request(scope)
            words = text("web_api.unexpected", language(request), reference=reference)
            await answered(request, shape("unexpected", words, 500))(scope, receive, send)
