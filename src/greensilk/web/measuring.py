"""Places rated while somebody waits: so many at once by a process, for each takes a core, and layers lie in memory."""

from __future__ import annotations

from threading import BoundedSemaphore

TURNS = BoundedSemaphore(2)
