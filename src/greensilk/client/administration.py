"""Oneself, jobs and files, the organisation and its people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from greensilk.client.asking import Asking
from greensilk.client.connection import Object, path_of


class Administration(Asking):
    """A part of a client."""

    def me(self) -> Object:
        """Who the token belongs to, and what it may do."""
        return self._one("me")

    def tokens(self) -> Iterator[Object]:
        """My tokens, the newest first."""
        return self._at.each("/tokens")

    def revoke_token(self, id: str) -> Object:
        """Ends a token, at once and for good."""
        found: Object = json.loads(self._at.send("DELETE", path_of("tokens", id)).data)
        return found

    def jobs(self, state: str | None = None, kind: str | None = None) -> Iterator[Object]:
        """Jobs, the newest first."""
        return self._at.each("/jobs", state=state, kind=kind)

    def job(self, id: str) -> Object:
        """How far a job is."""
        return self._one("jobs", id)

    def cancel_job(self, id: str) -> Object:
        """Stops a job."""
        return self._made(path_of("jobs", id, "cancel"))

    def job_files(self, id: str) -> Iterator[Object]:
        """The files that a job wrote."""
        return self._at.each(path_of("jobs", id, "files"))

    def file_content(self, id: str, target: str | Path) -> Path:
        """Downloads a file that a job wrote."""
        return self._at.download(path_of("files", id), Path(target))

    def organisation(self) -> Object:
        """My organisation."""
        return self._one("organisation")

    def change_organisation(self, version: int, **changes: Any) -> Object:
        """Another name, use or map_approval. version: the one that was seen"""
        return self._changed("/organisation", version, changes)

    def people(self) -> Iterator[Object]:
        """Everybody in my organisation."""
        return self._at.each("/people")

    def person(self, id: str) -> Object:
        """One of them."""
        return self._one("people", id)

    def change_person(self, id: str, version: int, **changes: Any) -> Object:
        """Another name or lang, or disabled; roles and passwords are for persons. version: the one that was seen"""
        return self._changed(path_of("people", id), version, changes)

    def audit(self) -> Iterator[Object]:
        """Who did what, the newest first."""
        return self._at.each("/audit")
