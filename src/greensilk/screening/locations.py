"""Where each project lies: shapes, WKT or coordinate columns, checked, mended, and given their accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.coordinates import Axis, decimals, point_accuracy_m, read_axis
from greensilk.catalogue.projection import points_to_wgs84, to_wgs84
from greensilk.catalogue.raw_table import FileNote, Geometries, RawTable
from greensilk.catalogue.repair import repair
from greensilk.catalogue.shape_text import read_wkt
from greensilk.errors import PortfolioError
from greensilk.screening.cells import reading
from greensilk.screening.faults import Ledger

Floats = NDArray[np.float64]
Faults = dict[int, tuple[str, str, str]]
AUTHALIC_RADIUS_KM = 6371.007  # sphere of the same area as WGS 84; enough to tell a site from a province
KIND_OF_DIMENSION = np.array(["point", "line", "polygon"], dtype=object)


@dataclass(frozen=True)
class Locations:
    """(n,) lon/lat geometry, None without a place; accuracy_m: (n,) from the digits or the default, NaN without.

    faults: position -> (field, value, reason) of places that cannot be used
    """

    geometry: Geometries
    accuracy_m: Floats
    faults: Faults


def read_locations(raw: RawTable, cells: pl.DataFrame, file_name: str, crs: str | None, ledger: Ledger) -> Locations:
    """The place of every row: the file's shapes first, then WKT, then longitude and latitude.

    cells: columns lon, lat, wkt as text, null where not given
    """
    faults: Faults = {}
    if raw.geometry is not None:
        shapes, notes = to_wgs84(raw, file_name, crs)
        accuracy = _accuracy_of_shapes(shapes, notes)
    else:
        shapes, accuracy, notes = np.full(len(cells), None, dtype=object), np.full(len(cells), np.nan), ()
    ledger.file_notes(notes)
    written = cells["wkt"].is_not_null().to_numpy() & shapely.is_missing(shapes)
    if written.any():
        rows = np.flatnonzero(written)
        shapes[rows], accuracy[rows], notes = _from_wkt(cells["wkt"].gather(rows), file_name, crs, rows, faults)
        ledger.file_notes(notes)
    missing = shapely.is_missing(shapes)
    missing[list(faults)] = False
    if missing.any():
        _fill_points(shapes, accuracy, missing, _Written(cells, crs, file_name, raw.exact_decimals), faults)
    fixed = repair(shapes)
    for position in np.flatnonzero([reason is not None for reason in fixed.refused]):
        faults.setdefault(int(position), _refusal(fixed.refused[position], shapes[position]))
    _refuse_null_island(fixed.geometry, faults)
    for key, mask in (("mended", fixed.mended), ("split", fixed.split), ("reduced", fixed.reduced)):
        for position in np.flatnonzero(mask):
            ledger.note(position, "geometry", "", key)
    geometry = fixed.geometry
    geometry[list(faults)] = None
    return Locations(geometry, np.where(shapely.is_missing(geometry), np.nan, accuracy), faults)


@dataclass(frozen=True)
class _Written:
    cells: pl.DataFrame
    crs: str | None
    file_name: str
    exact_decimals: bool


def _from_wkt(
    cells: pl.Series, file_name: str, crs: str | None, rows: NDArray[np.intp], faults: Faults
) -> tuple[Geometries, Floats, tuple[FileNote, ...]]:
    """Shapes of some rows from their cells; rows: which ones, for the faults."""
    shapes, bad = read_wkt(cells)
    for position in bad:
        faults[int(rows[position])] = ("wkt", str(cells[position])[:200], "invalid_geometry")
    moved, notes = to_wgs84(RawTable(pl.DataFrame(), shapes), file_name, crs)
    return moved, _accuracy_of_shapes(moved, notes), notes


def _accuracy_of_shapes(shapes: Geometries, notes: tuple[FileNote, ...]) -> Floats:
    """(n,) by the digits of points that stand in degrees as given, else the default for drawn shapes."""
    accuracy = np.where(shapely.is_missing(shapes), np.nan, reading().drawn_accuracy_m)
    points = np.flatnonzero((shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes))
    if len(points) and not any(note.key == "reprojected" for note in notes):
        xy = [pl.Series(axis(shapes[points])).cast(pl.String) for axis in (shapely.get_x, shapely.get_y)]
        steps = [0.5 * 10.0 ** -decimals(axis) for axis in xy]
        accuracy[points] = point_accuracy_m(Axis(steps[0], steps[0]), Axis(steps[1], steps[1]), exact_decimals=False)
    return accuracy


def _fill_points(
    shapes: Geometries,
    accuracy: Floats,
    missing: NDArray[np.bool_],
    written: _Written,
    faults: Faults,
) -> None:
    """Points from the coordinate columns, where there is no shape."""
    lon_text, lat_text = written.cells["lon"], written.cells["lat"]
    for position in np.flatnonzero(missing & (lon_text.is_null() | lat_text.is_null()).to_numpy()):
        both = lon_text[int(position)] is None and lat_text[int(position)] is None
        field = "lon" if lon_text[int(position)] is None else "lat"
        faults[int(position)] = (field, "", "missing_geometry" if both else "missing_coordinates")
    rows = np.flatnonzero(missing & (lon_text.is_not_null() & lat_text.is_not_null()).to_numpy())
    if not len(rows):
        return
    lon, lat = read_axis(lon_text.gather(rows), "lon"), read_axis(lat_text.gather(rows), "lat")
    for field, cells, axis in (("lon", lon_text, lon), ("lat", lat_text, lat)):
        for position in rows[np.isnan(axis.degrees)]:
            faults.setdefault(int(position), (field, str(cells[int(position)]), "not_numeric"))
    x, y = lon.degrees, lat.degrees
    if written.crs is not None:
        x, y = points_to_wgs84(x, y, written.crs, written.file_name)
    good = ~np.isnan(lon.degrees) & ~np.isnan(lat.degrees)
    shapes[rows[good]] = shapely.points(x[good], y[good])
    in_degrees = x is lon.degrees
    by_digits = point_accuracy_m(lon, lat, exact_decimals=written.exact_decimals)
    accuracy[rows] = by_digits if in_degrees else reading().drawn_accuracy_m


def _refusal(reason: str, shape: object) -> tuple[str, str, str]:
    if isinstance(shape, shapely.Point) and not shape.is_empty:
        field, value = ("lat", shape.y) if abs(shape.y) > 90.0 else ("lon", shape.x)
        return field, f"{value:.10g}", reason
    return "geometry", "" if shape is None else shapely.to_wkt(shape)[:200], reason


def _refuse_null_island(geometry: Geometries, faults: Faults) -> None:
    points = shapely.get_type_id(geometry) == 0
    zero = points & (shapely.get_x(geometry) == 0.0) & (shapely.get_y(geometry) == 0.0)
    for position in np.flatnonzero(zero):
        faults.setdefault(int(position), ("lon, lat", "0, 0", "null_island"))


def location_kinds(geometry: Geometries) -> Geometries:
    """(n,) "point", "line", "polygon", or "none" without geometry."""
    dimension = shapely.get_dimensions(geometry)
    return np.where(dimension < 0, "none", KIND_OF_DIMENSION[np.maximum(dimension, 0)])


def rough_area_km2(geometry: Geometries) -> Floats:
    """(n,) area to within a percent, in an equal-area cylinder; only to tell a site from a province."""

    def flatten(coordinates: Floats) -> Floats:
        lon, lat = np.radians(coordinates).T
        return np.column_stack([lon * AUTHALIC_RADIUS_KM, np.sin(lat) * AUTHALIC_RADIUS_KM])

    polygons = shapely.get_dimensions(geometry) == 2
    area = np.zeros(len(geometry))
    if polygons.any():
        area[polygons] = shapely.area(shapely.transform(geometry[polygons], flatten))
    return area


def require_places(raw: RawTable, cells: pl.DataFrame, file_name: str) -> None:
    """raises: PortfolioError if the file has no shape and no column that could hold a place."""
    placed = raw.geometry is not None or any(cells[field].is_not_null().any() for field in ("wkt", "lon", "lat"))
    if not placed and len(raw):
        columns = ", ".join(raw.columns.columns[:30])
        raise PortfolioError("portfolio.no_place_columns", file=file_name, columns=columns)
