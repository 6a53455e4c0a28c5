"""Connections whose request never comes to the end of its head: the parser limits neither its size nor its time."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 64_000  # browsers and proxies send some hundreds to some thousands
HEAD_S = 30.0  # from the connection, or the first byte of a further request, to the end of its head


class LimitedHeads(HttpToolsProtocol):
    """Hangs up where a head is too large or too slow."""

    _head_bytes = 0
    _ends: asyncio.TimerHandle | None = None  # None while no head is awaited

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head is awaited."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._head_came()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A head is awaited."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """A head came; what follows is a body, whose size is limited elsewhere."""
        self._head_came()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Counted where it did not bring the end of a head."""
        super().data_received(data)
        if self._ends is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self.transport.abort()

    def _await_head(self) -> None:
        self._head_came()
        self._ends = self.loop.call_later(HEAD_S, self.transport.abort)

    def _head_came(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
        self._ends, self._head_bytes = None, 0
