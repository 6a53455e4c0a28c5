"""What the parts of a client share: the connection, and the forms of its answers."""

from __future__ import annotations

from typing import Any

from greensilk.client.connection import Connection, Object, path_of


class Asking:
    """A part of a client."""

    def __init__(self, connection: Connection) -> None:
        self._at = connection

    def _one(self, *path: str) -> Object:
        found: Object = self._at.get(path_of(*path))
        return found

    def _made(self, path: str, body: Object | None = None, version: int | None = None) -> Object:
        found: Object = self._at.post(path, body, version=version)
        return found

    def _changed(self, path: str, version: int, changes: dict[str, Any]) -> Object:
        found: Object = self._at.patch(path, version, changes)
        return found
