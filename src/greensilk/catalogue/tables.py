"""Country tables on this machine: opened only unaltered and where their licence allows it, removed in one step."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl

from greensilk.catalogue.datasets import ID, datasets
from greensilk.catalogue.shelves import INFO, TABLES
from greensilk.catalogue.table_files import FAULTS
from greensilk.catalogue.table_import import TABLE, permit_table
from greensilk.catalogue.table_records import TableInfo
from greensilk.catalogue.table_rows import COLUMNS
from greensilk.errors import LayerError

T = TypeVar("T")


@dataclass(frozen=True)
class CountryTable:
    """An opened country table. frame: (n,) iso_a3, indicator, year, value, unit, source, footnote, flag; sorted by the
    first three; year null where undated; flag "out_of_range" where a value is not plausible, else empty."""

    info: TableInfo
    frame: pl.DataFrame


def installed_tables() -> dict[str, TableInfo]:
    """Every imported table by id.

    raises: LayerError if what is known about one is damaged
    """
    return {table_id: _info(_folder(table_id), table_id) for table_id in TABLES.ids()}


def table_states() -> dict[str, TableInfo | LayerError]:
    """Every imported table by id, or what is wrong with it as far as can be told without reading it."""
    states: dict[str, TableInfo | LayerError] = {}
    for table_id in TABLES.ids():
        try:
            states[table_id] = _steady(table_id, _glance)
        except LayerError as error:
            states[table_id] = error
    return states


def open_table(table_id: str, fingerprint: str | None = None, folder: Path | None = None) -> CountryTable:
    """An imported country table.

    fingerprint: TableInfo.table_sha256 that it must have; folder: of a version that need not be the one in use
    raises: LayerError if it is not installed, was altered on disk or is not the one asked for; LicenceError if the
    organisation may not use it
    """

    def look(where: Path, name: str) -> CountryTable:
        info = _info(where, name)
        if fingerprint is not None and info.table_sha256 != fingerprint:
            raise LayerError("datasets.table_differs", id=name, found=info.table_sha256[:12], expected=fingerprint[:12])
        known = datasets().get(info.dataset or "")
        permit_table(info.label, info.licence, info.use.commercial, known.licence.licensed_route if known else None)
        return CountryTable(info, _frame(where, info))

    return _steady(table_id, look) if folder is None else look(folder, table_id)


def verify_table(table_id: str) -> TableInfo:
    """What is known about a table, once it is read and found unaltered.

    raises: LayerError if it is not installed or was altered on disk
    """

    def look(folder: Path, name: str) -> TableInfo:
        info = _info(folder, name)
        _frame(folder, info)
        return info

    return _steady(table_id, look)


def remove_table(table_id: str) -> None:
    """Takes a table off this machine, with all its versions.

    raises: LayerError if it is not installed
    """
    _folder(table_id)
    TABLES.drop(table_id)


def _steady(table_id: str, look: Callable[[Path, str], T]) -> T:
    """What is found in a table's folder; looked at once more where another import replaced the folder meanwhile."""
    folder = _folder(table_id)
    try:
        return look(folder, table_id)
    except LayerError:
        now = _folder(table_id)
        if now == folder:
            raise
        return look(now, table_id)


def _folder(table_id: str) -> Path:
    folder = TABLES.current(table_id) if re.match(ID, table_id) else None
    if folder is None:
        raise LayerError("datasets.table_not_installed", id=table_id[:60], known=", ".join(TABLES.ids()) or "-")
    return folder


def _info(folder: Path, table_id: str) -> TableInfo:
    try:
        return TableInfo.model_validate_json((folder / INFO).read_bytes())
    except (OSError, ValueError) as error:
        raise LayerError("datasets.table_altered", id=table_id, file=INFO) from error


def _glance(folder: Path, table_id: str) -> TableInfo:
    if not (folder / TABLE).is_file():
        raise LayerError("datasets.table_altered", id=table_id, file=TABLE)
    return _info(folder, table_id)


def _frame(folder: Path, info: TableInfo) -> pl.DataFrame:
    altered = LayerError("datasets.table_altered", id=info.id, file=TABLE)
    try:
        raw = (folder / TABLE).read_bytes()
        if hashlib.sha256(raw).hexdigest() != info.table_sha256:
            raise altered
        frame = pl.read_parquet(io.BytesIO(raw))
    except FAULTS as error:
        raise altered from error
    if dict(frame.schema) != COLUMNS:
        raise altered
    return frame
