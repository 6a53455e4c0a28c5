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


def platform_of(request: Request) -> Platform:
    """The server that answers a request."""
    found: Platform = request.app.state.platform
    return found


Served = Annotated[Platform, Depends(platform_of)]
