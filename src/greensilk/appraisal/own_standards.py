"""Standards at hand on this machine: the shipped ones, and a user's own, which may speak of imported layers too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greensilk.rules import StandardsAtHand


def find_standards(own: Path | None) -> StandardsAtHand:
    """The shipped standards, and those in a folder of the user's own.

    raises: UsageError if the folder cannot be used; DefinitionError listing every fault of every file
    """
    from greensilk.catalogue.shelves import LAYERS
    from greensilk.rules import standards_at_hand

    return standards_at_hand(own, () if own is None else LAYERS.ids())
