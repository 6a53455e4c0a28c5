"""Coordinates of any stated system to longitude and latitude (WGS 84). No grid file is ever fetched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from greensilk.catalogue.raw_table import FileNote, Geometries, RawTable
from greensilk.errors import PortfolioError

if TYPE_CHECKING:
    from pyproj import CRS

_CODE = re.compile(r"^(urn:ogc:def:crs:)?[A-Za-z]{2,10}:{1,2}[\w.:]{1,40}$")
_WKT = re.compile(r"^(PROJCS|GEOGCS|PROJCRS|GEOGCRS|GEODCRS|BOUNDCRS|COMPD_CS|COMPOUNDCRS|LOCAL_CS|ENGCRS)\s*\[")
MAX_STATEMENT_CHARACTERS = 100_000
Floats = NDArray[np.float64]
_Move = Callable[[Floats, Floats], tuple[Floats, Floats]]


class Placing:
    """Coordinates of one file, batch by batch, in longitude and latitude without heights.

    crs: said by the user, wins over what the file says
    """

    def __init__(self, file_name: str, crs: str | None = None) -> None:
        self._file_name, self._crs = file_name, crs
        self._transformers: dict[str, _Move | None] = {}
        self._notes: tuple[FileNote, ...] = ()
        self._unstated = self._fitting = 0

    def move(self, table: RawTable) -> Geometries:
        """(n,) geometries of the next rows.

        raises: PortfolioError if the system is unknown
        """
        shapes = np.asarray(shapely.force_2d(table.geometry), dtype=object)
        stated = self._crs or table.crs
        if stated is None:
            self._count(shapes)
            return shapes
        move = self._transformer_of(stated)
        return shapes if move is None else _transformed(shapes, move)

    def notes(self) -> tuple[FileNote, ...]:
        """What was decided, once all rows are seen.

        raises: PortfolioError if no system was said and the numbers are no longitudes and latitudes
        """
        if self._unstated and self._fitting <= self._unstated / 2:
            raise PortfolioError("catalogue.crs_missing", file=self._file_name)
        return tuple(self._notes)

    def _transformer_of(self, stated: str) -> _Move | None:
        if stated not in self._transformers:
            system = _system(stated, self._file_name)
            self._transformers[stated] = None if _is_wgs84(system) else _transformer(system, self._file_name)
            if not _is_wgs84(system):
                self._notes += (FileNote("reprojected", {"crs": system.name}),)
        return self._transformers[stated]

    def _count(self, shapes: Geometries) -> None:
        coordinates = shapely.get_coordinates(shapes)
        finite = coordinates[np.isfinite(coordinates).all(axis=1)]
        self._unstated += len(finite)
        self._fitting += int((np.abs(finite) <= [180.0, 90.0]).all(axis=1).sum())
        if FileNote("crs_assumed") not in self._notes:
            self._notes += (FileNote("crs_assumed"),)


def to_wgs84(table: RawTable, file_name: str, crs: str | None = None) -> tuple[Geometries, tuple[FileNote, ...]]:
    """The geometry of a table in longitude and latitude, without heights.

    crs: said by the user, wins over what the file says
    returns: (n,) geometries, and what was decided
    raises: PortfolioError if the system is unknown, or not said and the numbers are no longitudes and latitudes
    """
    placing = Placing(file_name, crs)
    return placing.move(table), placing.notes()


def points_to_wgs84(x: Floats, y: Floats, crs: str, file_name: str) -> tuple[Floats, Floats]:
    """(n,) eastings and northings of a stated system as degrees; what the system does not cover becomes NaN."""
    system = _system(crs, file_name)
    if _is_wgs84(system):
        return x, y
    lon, lat = _transformer(system, file_name)(x, y)
    return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)


def _system(stated: str, file_name: str) -> CRS:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    text = stated.strip()
    try:
        # Only codes, WKT and PROJJSON: other spellings let a file name further files on this machine.
        if len(text) <= MAX_STATEMENT_CHARACTERS:
            if text.startswith("{"):
                return CRS.from_json_dict(json.loads(text))
            if _WKT.match(text):
                return CRS.from_wkt(text)
            if _CODE.match(text):
                return CRS.from_user_input(text)
    except (CRSError, ValueError, RecursionError) as error:
        raise PortfolioError("catalogue.crs_unknown", file=file_name, crs=text[:80]) from error
    raise PortfolioError("catalogue.crs_unknown", file=file_name, crs=text[:80])


def _is_wgs84(system: CRS) -> bool:
    authority = system.to_authority(min_confidence=100)
    return authority in (("EPSG", "4326"), ("OGC", "CRS84"), ("EPSG", "4979"))


def _transformer(system: CRS, file_name: str) -> _Move:
    from pyproj import Transformer
    from pyproj.exceptions import CRSError, ProjError
    from pyproj.network import set_network_enabled  # type: ignore[attr-defined]

    set_network_enabled(active=False)  # a grid fetched for a place would tell where the place is
    try:
        return Transformer.from_crs(system, "OGC:CRS84", always_xy=True).transform
    except (ProjError, CRSError) as error:
        raise PortfolioError("catalogue.crs_unknown", file=file_name, crs=system.name[:80]) from error


def _transformed(shapes: Geometries, transform: _Move) -> Geometries:
    def move(coordinates: Floats) -> Floats:
        return np.column_stack(transform(coordinates[:, 0], coordinates[:, 1]))

    present = ~shapely.is_missing(shapes)
    moved = shapes.copy()
    moved[present] = shapely.transform(shapes[present], move)
    return moved
