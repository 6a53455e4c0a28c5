"""Long work of one process, in turns: so much at once, and less of it for one organisation.

Who waits here holds no thread: requests that wait in threads would keep all others from being answered.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from greensilk.errors import TooManyError

MOST_HELD = 60  # turns of one organisation, taken and waited for: as many as an office uploads at once
AGAIN_S = 30


class Turns:
    """at_once: turns in all; of_one: of one organisation."""

    def __init__(self, at_once: int, of_one: int) -> None:
        self._all = asyncio.Semaphore(at_once)
        self._of_one = of_one
        self._of: dict[str, asyncio.Semaphore] = {}
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def taken(self, organisation_id: str) -> AsyncIterator[None]:
        """Waits for a turn, and gives it back at the end.

        raises: TooManyError where too many of the organisation wait already
        """
        if self._held[organisation_id] >= MOST_HELD:
            raise TooManyError("web_api.too_many_requests", AGAIN_S)
        self._held[organisation_id] += 1
        try:
            async with self._of.setdefault(organisation_id, asyncio.Semaphore(self._of_one)), self._all:
                yield
        finally:
            self._held[organisation_id] -= 1
            if not self._held[organisation_id]:
                del self._held[organisation_id]
                self._of.pop(organisation_id, None)
