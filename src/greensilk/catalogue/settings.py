"""Where imported data lives, and what the organisation using it may do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Literal

from greensilk.catalogue.whole_files import write_whole
from greensilk.errors import DefinitionError, UsageError
from greensilk.records import Record, load_file

Use = Literal["commercial", "non_commercial"]
USES: tuple[Use, ...] = ("commercial", "non_commercial")
Behalf = Use | Literal["not_said"]
_BEHALF: ContextVar[Behalf | None] = ContextVar("behalf", default=None)


class _Organisation(Record):
    use: Use | None = None


class _Settings(Record):
    organisation: _Organisation = _Organisation()


def data_dir() -> Path:
    """The folder of imported data: GREENSILK_DATA_DIR, else the platform's folder for a user's data.

    raises: UsageError if a file is there
    """
    import platformdirs

    given = os.environ.get("GREENSILK_DATA_DIR")
    folder = Path(given) if given else platformdirs.user_data_path("greensilk", appauthor=False)
    if folder.is_file():
        raise UsageError("layers.data_dir_file", path=folder)
    return folder


def organisation_use() -> Use | None:
    """How the organisation uses data: GREENSILK_USE, else settings.yaml in the data folder, else None = not said yet.

    Within `on_behalf` it is as that says, whatever this machine has set.
    raises: UsageError if GREENSILK_USE is neither; DefinitionError for a malformed settings.yaml
    """
    behalf = _BEHALF.get()
    if behalf is not None:
        return None if behalf == "not_said" else behalf
    said = os.environ.get("GREENSILK_USE", "").strip()
    if said:
        for use in USES:
            if said == use:
                return use
        raise UsageError("layers.use_unknown", value=said[:40], choices=" | ".join(USES))
    path = data_dir() / "settings.yaml"
    try:
        return load_file(_Settings, path).organisation.use if path.is_file() else None
    except DefinitionError as error:
        raise DefinitionError("layers.settings_wrong", path=path, faults=error.values["faults"]) from error


@contextmanager
def on_behalf(use: Behalf | None) -> Iterator[None]:
    """Within it data are used by somebody else than the owner of this machine; None = by the owner."""
    before = _BEHALF.set(use)
    try:
        yield
    finally:
        _BEHALF.reset(before)


def behalf() -> Behalf | None:
    """On whose behalf data are used now, to be told to other processes; None = of the owner of this machine."""
    return _BEHALF.get()


def save_use(use: Use) -> Path:
    """Keeps how the organisation uses data for all later runs; the file it is kept in."""
    path = data_dir() / "settings.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, f"organisation: {{use: {use}}}\n".encode())
    return path
