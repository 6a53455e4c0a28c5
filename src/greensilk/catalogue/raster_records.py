"""What is known about an imported raster."""

from __future__ import annotations

from greensilk.catalogue.data_info import DataInfo


class RasterInfo(DataInfo):
    """An imported raster: one band in EPSG:4326, north up, with square cells.

    unit: of its values, "1" for classes; step_deg: edge of a cell; bounds: west, south, east, north of all tiles;
    tiles: files it is made of; nodata: raw number of no value; classes: number of a class -> groups of the vocabulary;
    accuracy_m: of where its cells lie; plausible: range of values; bytes: of its stored files; raster_sha256: over all
    of them, by name and content
    """

    unit: str
    step_deg: float
    bounds: tuple[float, float, float, float]
    tiles: int
    nodata: float | None
    classes: dict[str, tuple[str, ...]]
    accuracy_m: float
    plausible: tuple[float, float] | None
    bytes: int
    raster_sha256: str
