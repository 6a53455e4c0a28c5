"""Country tables on this machine: opened only unaltered and where their licence allows it, removed in one step."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from greensilk.catalogue.datasets import licensed_route
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.next_steps import damaged
from greensilk.catalogue.shelves import TABLES
from greensilk.catalogue.stores import Store
from greensilk.catalogue.table_files import FAULTS
from greensilk.catalogue.table_import import TABLE
from greensilk.catalogue.table_records import TableInfo
from greensilk.catalogue.table_rows import COLUMNS
from greensilk.errors import LayerError

STORE = Store(TABLES, TableInfo, missing="datasets.table_not_installed", damaged="datasets.table_altered")


@dataclass(frozen=True)
class CountryTable:
    """An opened country table. frame: (n,) iso_a3, indicator, year, value, unit, source, footnote, flag; sorted by the
    first three; year null where undated; flag "out_of_range" where a value is not plausible, else empty."""

    info: TableInfo
    frame: pl.DataFrame


def table_states() -> dict[str, TableInfo | LayerError]:
    """Every imported table by id, or what is wrong with it as far as can be told without reading it."""
    return STORE.states(_glance)


def open_table(table_id: str, fingerprint: str | None = None, folder: Path | None = None) -> CountryTable:
    """An imported country table.

    fingerprint: TableInfo.table_sha256 that it must have; folder: of a version that need not be the one in use
    raises: LayerError if it is not installed, was altered on disk or is not the one asked for; LicenceError if the
    organisation may not use it
    """

    def look(where: Path, name: str) -> CountryTable:
        info = STORE.info(where, name)
        if fingerprint is not None and info.table_sha256 != fingerprint:
            raise LayerError("datasets.table_differs", id=name, found=info.table_sha256[:12], expected=fingerprint[:12])
        require_permission(info.label, info.licence, info.use.commercial, licensed_route(info.dataset))
        return CountryTable(info, _frame(where, info))

    return STORE.steady(table_id, look) if folder is None else look(folder, table_id)


def verify_table(table_id: str) -> TableInfo:
    """What is known about a table, once it is read and found unaltered.

    raises: LayerError if it is not installed or was altered on disk
    """

    def look(folder: Path, name: str) -> TableInfo:
        info = STORE.info(folder, name)
        _frame(folder, info)
        return info

    return STORE.steady(table_id, look)


def remove_table(table_id: str) -> None:
    """Takes a table off this machine, with all its versions.

    raises: LayerError if it is not installed
    """
    STORE.drop(table_id)


def _glance(folder: Path, table_id: str) -> TableInfo:
    if not (folder / TABLE).is_file():
        raise damaged("datasets.table_altered", table_id, file=TABLE)
    return STORE.info(folder, table_id)


def _frame(folder: Path, info: TableInfo) -> pl.DataFrame:
    altered = damaged("datasets.table_altered", info.id, file=TABLE)
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
