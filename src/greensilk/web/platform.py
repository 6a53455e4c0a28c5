"""What every request of one server shares: database, vault, settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request

from greensilk.store.opening import Store
from greensilk.store.vault import Vault
from greensilk.web.turns import Turns

if TYPE_CHECKING:
    from greensilk.web.settings import Settings


@dataclass(frozen=True)
class Platform:
    """One running server."""

    settings: Settings
    store: Store
    vault: Vault
    # Files are read by a process a core; a place or an evaluation takes a core, and layers lie in memory.
    reading: Turns = field(default_factory=lambda: Turns(8, 4))
    computing: Turns = field(default_factory=lambda: Turns(3, 2))


async def platform_of(request: Request) -> Platform:
    """The server that answers a request.

    Asynchronous although it waits for nothing, as are the others whose answer is at hand: FastAPI runs plain functions
    in threads, and a change of threads costs more than all that they do.
    """
    found: Platform = request.app.state.platform
    return found


Served = Annotated[Platform, Depends(platform_of)]
