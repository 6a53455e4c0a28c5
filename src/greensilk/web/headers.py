"""Headers that every answer carries: what a browser may load, and what may be kept."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),  # with "no-referrer" a form of ours would not say where it comes from either
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
ONE_YEAR = (b"strict-transport-security", b"max-age=31536000")
KEPT_NOWHERE = (b"cache-control", b"no-store")
IDENTIFYING = frozenset((b"cookie", b"authorization"))


class Headers:
    """Adds them. What somebody signed in is answered is kept nowhere, unless the route said how it may be kept."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.always = (*ALWAYS, ONE_YEAR) if https else ALWAYS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identified = any(name in IDENTIFYING for name, _ in scope["headers"])

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.setdefault("headers", [])
                names = {name for name, _ in given}
                added = [one for one in self.always if one[0] not in names]
                private = identified or b"set-cookie" in names or message["status"] >= 400
                if private and b"cache-control" not in names:
                    added.append(KEPT_NOWHERE)
                message["headers"] = [*given, *added]
            await send(message)

        await self.app(scope, receive, sending)
