"""Reading a portfolio: any supported file becomes projects, rejected rows and notes, and no row is lost on the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Pairs
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.catalogue.bundle import file_sha256
from greensilk.catalogue.raw_table import RawTable
from greensilk.catalogue.readers import read_table
from greensilk.errors import PortfolioError
from greensilk.project_types import project_types
from greensilk.screening.attributes import joined_attributes
from greensilk.screening.cells import reading
from greensilk.screening.columns import choose_columns, field_cells, heading_units
from greensilk.screening.country_check import check_countries
from greensilk.screening.faults import Ledger
from greensilk.screening.fixes import Fixes, fixed
from greensilk.screening.kinds import read_types, with_captive
from greensilk.screening.links import find_links, place_ids, place_keys
from greensilk.screening.locations import (
    Locations,
    location_kinds,
    read_locations,
    require_places,
    rough_area_km2,
)
from greensilk.screening.mapping import Mapping, checked, load_mapping
from greensilk.screening.model import PROJECT_SCHEMA, Portfolio
from greensilk.screening.values import read_reservoirs, read_values
from greensilk.texts import room_texts

Geometries = NDArray[np.object_]
SHAPEFILE_PARTS = frozenset((".dbf", ".shx", ".prj", ".cpg"))


@dataclass(frozen=True)
class CloseReading:
    """A portfolio with what its file holds. columns: names of the file's columns; chosen: field -> column; cells: (n,)
    one String column a field, of all rows; rows: (n,) their numbers"""

    portfolio: Portfolio
    columns: tuple[str, ...]
    chosen: Pairs[str, str]
    cells: pl.DataFrame
    rows: Sequence[int]


def read_portfolio(
    path: str | Path,
    mapping: Mapping | Path | None = None,
    *,
    columns: Pairs[str, str] | None = None,
    fixes: Fixes | None = None,
) -> Portfolio:
    """A portfolio file of any supported kind.

    mapping: how to read the file, or the YAML file that says so; columns: field -> column, wins over the mapping; the
    pair crs=EPSG:... names the coordinate system; fixes: cells that a user rewrote
    returns: projects, rejected rows with reason and hint, notes, links; rows_read == projects + rejected rows
    raises: PortfolioError if the file as a whole cannot be used; DefinitionError for a malformed mapping file
    """
    rule = load_mapping(mapping) if isinstance(mapping, Path) else mapping or Mapping()
    return read_closely(Path(path), rule.with_columns(columns or {}), fixes or {}).portfolio


def read_closely(path: Path, rule: Mapping, fixes: Fixes) -> CloseReading:
    """A portfolio file with its columns and cells, for those who are to correct it; see read_portfolio."""
    checked(rule)
    raw = read_table(path)
    if not len(raw):
        raise PortfolioError("portfolio.header_only", file=path.name)
    ledger = Ledger(len(raw))
    raw = joined_attributes(raw, path, rule, ledger)
    chosen = choose_columns(raw, path.name, rule, ledger)
    cells = field_cells(raw, path.name, rule, ledger, chosen)
    raw, cells = fixed(raw, cells, fixes, ledger, heading_units(chosen))
    portfolio = assembled(raw, cells, rule, ledger, path)
    if fixes:
        portfolio = replace(portfolio, read_with={**portfolio.read_with, "fixes": _fixes_sha256(fixes)})
    return CloseReading(portfolio, tuple(raw.columns.columns), chosen, cells, raw.rows)


def _fixes_sha256(fixes: Fixes) -> str:
    said = {str(row): dict(texts) for row, texts in fixes.items()}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def assembled(raw: RawTable, cells: pl.DataFrame, rule: Mapping, ledger: Ledger, path: Path) -> Portfolio:
    """A table of cells as a portfolio; cells: (n,) one String column a field, as field_cells gives."""
    _report_unread(raw, ledger)
    types = read_types(cells["type"], cells["name"], raw.columns, rule, ledger)
    types = with_captive(types, cells["captive"], ledger)
    require_places(raw, cells, path.name)
    located = read_locations(raw, cells, path.name, rule.crs, ledger)
    built = _is_built(types["type"])
    _report_places(located, built, raw, ledger)
    values = read_values(cells, ledger)
    reservoirs = read_reservoirs(cells["reservoir_wkt"], path.name, rule.crs, ledger)
    ids = _identities(cells["id"], raw, ledger)
    check_countries(located.geometry, values["country_stated"], ledger)
    kinds = _kinds(located.geometry, types["type"], ledger)
    projects = pl.concat(
        [
            values.with_columns(
                row=pl.Series(list(raw.rows), dtype=pl.Int64),
                id=pl.Series(ids, dtype=pl.String),
                location_kind=pl.Series(kinds.tolist(), dtype=pl.String),
                location_accuracy_m=_accuracy(values["location_accuracy_m"], located),
                loan_id=raw.columns[rule.loan_key] if rule.loan_key else values["loan_id"],
            ),
            types,
        ],
        how="horizontal",
    ).with_columns(name=pl.coalesce("name", "id"))
    return _finished(projects, located.geometry, reservoirs, _Rest(raw, cells, rule, ledger, path, ids))


@dataclass(frozen=True)
class _Rest:
    """What is left over of one reading, for its last step."""

    raw: RawTable
    cells: pl.DataFrame
    rule: Mapping
    ledger: Ledger
    path: Path
    ids: list[str]


def _finished(projects: pl.DataFrame, geometry: Geometries, reservoirs: Geometries, rest: _Rest) -> Portfolio:
    good = rest.ledger.good
    kept = np.flatnonzero(good)
    shapes = geometry[kept]
    by = [rest.raw.columns[name] for name in rest.rule.place_key if name != "geometry"]
    columns = [series.gather(kept) for series in (*by, rest.cells["place_key"])]
    keys = place_keys(shapes, columns, by_shape="geometry" in rest.rule.place_key)
    projects = (
        projects[kept]
        .with_columns(place_id=pl.Series(place_ids(keys), dtype=pl.String))
        .select(pl.col(name).cast(dtype) for name, dtype in PROJECT_SCHEMA.items())
    )
    rejected = {identity for identity, fine in zip(rest.ids, good, strict=True) if not fine}
    links = find_links(projects, rejected, rest.ledger, kept.tolist())
    return Portfolio(
        projects=projects,
        geometry=shapes,
        reservoirs=reservoirs[kept],
        rejects=rest.ledger.rejects(rest.raw.rows, rest.ids),
        links=links,
        rows_read=len(rest.raw),
        source_name=rest.path.name,
        source_sha256=file_sha256(rest.path) if rest.path.is_file() else "",
        read_with=_read_with(rest.path, rest.rule),
        notes=rest.ledger.noted(rest.raw.rows, rest.ids),
    )


def _read_with(path: Path, rule: Mapping) -> dict[str, str]:
    """sha256 of what decided the reading beside the file: the mapping, its second file, the parts of a Shapefile."""
    beside = [path.parent / rule.attributes.file] if rule.attributes else []
    if path.suffix.lower() == ".shp":
        beside += [p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in SHAPEFILE_PARTS]
    said = json.dumps(rule.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
    mapped = {} if rule == Mapping() else {"mapping": hashlib.sha256(said.encode()).hexdigest()}
    return mapped | {file.name: file_sha256(file) for file in sorted(beside)}


def _report_unread(raw: RawTable, ledger: Ledger) -> None:
    position = {row: index for index, row in enumerate(raw.rows)}
    ledger.file_notes(raw.notes)
    for fault in raw.faults:
        if fault.reason != "invalid_geometry":  # told with the other places, which some types do not need
            ledger.fault(position[fault.row], fault.field, fault.value, fault.reason, **fault.values)


def _is_built(types: pl.Series) -> NDArray[np.bool_]:
    not_built = [name for name, entry in project_types().items() if not entry.built]
    return ~types.is_in(not_built).fill_null(False).to_numpy()


def _report_places(located: Locations, built: NDArray[np.bool_], raw: RawTable, ledger: Ledger) -> None:
    position = {row: index for index, row in enumerate(raw.rows)}
    unread = {position[f.row]: (f.field, f.value, f.reason) for f in raw.faults if f.reason == "invalid_geometry"}
    for index, (field, value, reason) in sorted({**located.faults, **unread}.items()):
        if built[index]:
            ledger.fault(index, field, value, reason)
        elif reason != "missing_geometry":
            ledger.note(index, field, value, "not_built_place", reason=room_texts("rejects")[reason])


def _identities(given: pl.Series, raw: RawTable, ledger: Ledger) -> list[str]:
    """(n,) ids: as given, else "row-12"; a second row of the same id becomes a fault."""
    first: dict[str, int] = {}
    taken = set(given.drop_nulls().to_list())
    ids: list[str] = []
    for position, (identity, row) in enumerate(zip(given.to_list(), raw.rows, strict=True)):
        if identity is None:
            identity = f"row-{row}"
            while identity in taken:
                identity += "-"
        elif identity in first:
            ledger.fault(position, "id", identity, "duplicate_id", first=str(first[identity]))
        first.setdefault(identity, row)
        ids.append(identity)
    return ids


def _kinds(geometry: Geometries, types: pl.Series, ledger: Ledger) -> NDArray[np.object_]:
    kinds = location_kinds(geometry)
    area = rough_area_km2(geometry)
    largest = {
        name: entry.typical_footprint_km2[1] for name, entry in project_types().items() if entry.typical_footprint_km2
    }
    most = types.replace_strict(largest, default=None, return_dtype=pl.Float64).fill_null(float("inf")).to_numpy()
    for position in np.flatnonzero(area > reading().too_big_factor * most):
        kinds[position] = "administrative_area"
        limit = f"{reading().too_big_factor * most[position]:,.0f}"
        ledger.note(position, "geometry", "", "too_big", area=f"{area[position]:,.0f}", most=limit)
    return kinds


def _accuracy(given: pl.Series, located: Locations) -> pl.Series:
    found = pl.Series(located.accuracy_m).fill_nan(None)
    return pl.select(pl.coalesce(given, found)).to_series()
