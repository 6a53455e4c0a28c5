"""What is known of the things on a shelf: each version has its record, and a thing may be replaced while it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from greensilk.catalogue.data_info import ID, DataInfo
from greensilk.catalogue.next_steps import damaged
from greensilk.catalogue.shelves import CURRENT, INFO, Shelf
from greensilk.errors import LayerError

I = TypeVar("I", bound=DataInfo)  # noqa: E741 - the kind of record
T = TypeVar("T")


@dataclass(frozen=True)
class Store(Generic[I]):
    """The records of a shelf.

    record: their kind; missing, damaged: text keys of what is said where there is nothing, or not what should be
    """

    shelf: Shelf
    record: type[I]
    missing: str
    damaged: str

    def folder(self, thing: str) -> Path:
        """Where the version in use lies.

        raises: LayerError if there is none
        """
        folder = self.shelf.current(thing) if re.match(ID, thing) else None
        if folder is None:
            raise LayerError(self.missing, id=thing[:60], known=", ".join(self.shelf.ids()) or "-")
        return folder

    def info(self, folder: Path, thing: str) -> I:
        """What is known of the version that a folder holds.

        raises: LayerError if that is damaged
        """
        try:
            return self.record.model_validate_json((folder / INFO).read_bytes())
        except (OSError, ValueError) as error:
            raise damaged(self.damaged, thing, file=INFO) from error

    def installed(self) -> dict[str, I]:
        """What is known of every version in use, by id.

        raises: LayerError if that of one is damaged
        """
        return {thing: self.info(self.folder(thing), thing) for thing in self.shelf.ids()}

    def states(self, glance: Callable[[Path, str], I]) -> dict[str, I | LayerError]:
        """The same, or what is wrong with one as far as a glance tells."""
        states: dict[str, I | LayerError] = {}
        for thing in self.shelf.ids():
            try:
                states[thing] = self.steady(thing, glance)
            except LayerError as error:
                states[thing] = error
        lost = {thing: damaged("datasets.pointer_lost", thing, file=CURRENT) for thing in _unpointed(self.shelf)}
        return dict(sorted((states | lost).items()))

    def versions(self, thing: str) -> list[tuple[Path, I]]:
        """Folder and record of every version that is kept and not damaged, the one in use first."""
        found = []
        for folder in reversed(self.shelf.versions(thing) if re.match(ID, thing) else []):
            with suppress(LayerError):
                found.append((folder, self.info(folder, thing)))
        return found

    def steady(self, thing: str, look: Callable[[Path, str], T]) -> T:
        """What is found in a thing's folder; looked at once more where another import replaced it meanwhile."""
        folder = self.folder(thing)
        try:
            return look(folder, thing)
        except LayerError:
            now = self.folder(thing)
            if now == folder:
                raise
            return look(now, thing)

    def drop(self, thing: str) -> None:
        """Takes a thing off this machine, with all its versions.

        raises: LayerError if it is not there
        """
        if thing not in _unpointed(self.shelf):
            self.folder(thing)
        self.shelf.drop(thing)


def _unpointed(shelf: Shelf) -> list[str]:
    """Ids of which versions are kept, and it is not known which of them is in use."""
    found = [path for path in shelf.folder.iterdir() if path.is_dir()] if shelf.folder.is_dir() else []
    kept = [path.name for path in found if re.match(ID, path.name) and shelf.current(path.name) is None]
    return [thing for thing in kept if shelf.versions(thing) or (shelf.folder / thing / CURRENT).exists()]
