"""A screening on a server: what `Client.screen` gives once it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from greensilk.client.connection import Connection, Object, path_of

NAME = re.compile(r"[^\w.\-() ]")  # what a file name on this machine does not take from a server


@dataclass(frozen=True, repr=False)
class Screened:
    """A rated portfolio. screening: as the server tells it; upload: the file as it was read, with rejected rows"""

    screening: Object
    upload: Object
    connection: Connection

    def __repr__(self) -> str:
        counts = self.summary
        return f"Screened({self.id!r}, rated={counts['rated']}, rejected={counts['rejected']})"

    @property
    def id(self) -> str:
        """Of the screening."""
        return str(self.screening["id"])

    @property
    def summary(self) -> Object:
        """Counts by standard, as in results.json."""
        found: Object = self.screening["summary"]
        return found

    @property
    def rejects(self) -> list[Object]:
        """Rejected rows with reason and hint, at most 500."""
        found: list[Object] = self.upload["preview"].get("rejects", [])
        return found

    def ratings(self, lead: str | None = None) -> Iterator[Object]:
        """One a project, in the order of the file. lead: of one mark alone"""
        return self.connection.each(path_of("screenings", self.id, "ratings"), lead=lead)

    def files(self) -> Iterator[Object]:
        """Report and tables that may be downloaded."""
        return self.connection.each(path_of("screenings", self.id, "files"))

    def write(self, out: str | Path) -> list[Path]:
        """Downloads all files into a folder, which is made.

        returns: where they lie
        """
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        return [
            self.connection.download(path_of("files", one["id"]), folder / file_name(one["name"]))
            for one in self.files()
        ]


def file_name(told: str) -> str:
    """A name that a server tells, as one within a folder: never a path, never hidden.

    >>> file_name("../../etc/passwd"), file_name(".bashrc"), file_name("报告 1.html")
    ('passwd', '_bashrc', '报告 1.html')
    """
    last = re.split(r"[/\\]", told)[-1]
    plain = NAME.sub("_", last)[:200]
    return "_" + plain[1:] if plain.startswith(".") or not plain else plain
