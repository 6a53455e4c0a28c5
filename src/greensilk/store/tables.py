"""All tables together, for whoever needs every one of them."""

from __future__ import annotations

from greensilk.store import audit, holdings, people, work
from greensilk.store.columns import Table

ROOMS = (audit, holdings, people, work)  # importing them is what makes their tables known
METADATA = Table.metadata
