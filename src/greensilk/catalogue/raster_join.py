"""Tiles joined on one grid by a virtual raster that names them: nothing is written anew.

Longitudes go round: where the step divides 360 degrees the grid spans the globe from about -180, and a tile across that
edge is named twice. A tile with other steps or an offset is laid to the nearest cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from greensilk.catalogue.raster_files import RasterFile
from greensilk.geometry.arrays import Floats
from greensilk.geometry.raster import Grid

VIRTUAL = "raster.vrt"
GDAL_NAMES = {
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "float32": "Float32",
    "float64": "Float64",
}
# Numbers without one for "no value" -> numbers that hold one more, for where there is no tile.
WITH_A_GAP = {
    "uint8": ("Int16", -32768.0),
    "int8": ("Int16", -32768.0),
    "uint16": ("Int32", -2147483648.0),
    "int16": ("Int32", -2147483648.0),
    "uint32": ("Float64", math.nan),
    "int32": ("Float64", math.nan),
    "float32": ("Float32", math.nan),
    "float64": ("Float64", math.nan),
}
BLOCK = 512  # cells along the edge of what is read at once
MIDDLE = 1e-6  # cells: how far rounding may move the middle of one
ON_GRID = 0.01  # cells: nearer than this, a tile lies on the grid


@dataclass(frozen=True)
class Frame:
    """The grid of all tiles. west, north: outer corner; step_deg: of a square cell; columns, rows: how many; round:
    whether the columns go round the globe; east: how far to the east of `west` tiles reach, in cells"""

    west: float
    north: float
    step_deg: float
    columns: int
    rows: int
    round: bool

    def column(self, lon: float) -> float:
        """Cells from the western edge to a longitude."""
        return (lon - self.west) / self.step_deg

    def row(self, lat: float) -> float:
        """Cells from the northern edge to a latitude."""
        return (self.north - lat) / self.step_deg


@dataclass(frozen=True)
class Placed:
    """A tile on the grid, in cells from its north-west corner; shift: how far it was moved to lie on cells."""

    column: int
    row: int
    columns: int
    rows: int
    shift: float


def frame_of(tiles: Sequence[RasterFile]) -> Frame:
    """The grid on which tiles are joined: the finest step, and the corner of a tile that has it."""
    step = min(min(tile.step_lat_deg, tile.step_lon_deg) for tile in tiles)
    first = min(tiles, key=lambda tile: (tile.step_lat_deg, tile.step_lon_deg, tile.name))
    north = first.north + _cells(max(tile.north for tile in tiles) - first.north, step) * step
    south = min(tile.north - tile.height * tile.step_lat_deg for tile in tiles)
    rows = _cells(north - south, step)
    around = round(360 / step)
    if abs(360 / step - around) < ON_GRID:
        phase = math.fmod(first.west + 540, step)
        phase = 0.0 if min(phase, step - phase) < ON_GRID * step else phase
        return Frame(phase - 180, north, step, around, rows, True)
    west = first.west + _cells(min(tile.west for tile in tiles) - first.west, step) * step
    east = max(tile.west + tile.width * tile.step_lon_deg for tile in tiles)
    return Frame(west, north, step, _cells(east - west, step), rows, False)


def _cells(degrees: float, step_deg: float) -> int:
    """Whole cells that hold so many degrees, or fall short of them by less than a hundredth of one."""
    return math.ceil(degrees / step_deg - ON_GRID)


def _nearest(cells: float) -> int:
    """The nearest line of the grid; from the middle always the later one, or neighbours would part or overlap."""
    return math.floor(cells + 0.5 + MIDDLE)


def placed(tile: RasterFile, frame: Frame) -> Placed:
    """Where a tile lies on the grid."""
    west, north = frame.column(tile.west), frame.row(tile.north)
    east, south = (
        west + tile.width * tile.step_lon_deg / frame.step_deg,
        north + (tile.height * tile.step_lat_deg / frame.step_deg),
    )
    column, row = _nearest(west), _nearest(north)
    columns, rows = max(_nearest(east - west), 1), max(_nearest(south - north), 1)
    shift = max(abs(column - west), abs(row - north), abs(column + columns - east), abs(row + rows - south))
    return Placed(column, row, columns, rows, shift)


def write_virtual(folder: Path, tiles: Sequence[RasterFile], band: int, frame: Frame) -> None:
    """Writes raster.vrt beside the tiles. band: of tiles kept as they came; tiles: each path lies in the folder."""
    first = tiles[0]
    kind, gap = WITH_A_GAP[first.dtype] if first.nodata is None else (GDAL_NAMES[first.dtype], first.nodata)
    root = ElementTree.Element("VRTDataset", rasterXSize=str(frame.columns), rasterYSize=str(frame.rows))
    ElementTree.SubElement(root, "SRS").text = "EPSG:4326"
    corner = (frame.west, frame.step_deg, 0.0, frame.north, 0.0, -frame.step_deg)
    ElementTree.SubElement(root, "GeoTransform").text = ", ".join(repr(float(value)) for value in corner)
    lines = ElementTree.SubElement(
        root, "VRTRasterBand", dataType=kind, band="1",
        blockXSize=str(min(BLOCK, frame.columns)), blockYSize=str(min(BLOCK, frame.rows)),
    )  # fmt: skip
    ElementTree.SubElement(lines, "NoDataValue").text = repr(gap)
    ElementTree.SubElement(lines, "Offset").text = repr(first.offset)
    ElementTree.SubElement(lines, "Scale").text = repr(first.scale)
    boxes = [placed(tile, frame) for tile in tiles]
    over = _overlapped(boxes)
    for tile, box, covered in zip(tiles, boxes, over, strict=True):
        for piece in _pieces(tile, box, frame):
            lines.append(_source(tile, band, piece, covered))
    ElementTree.indent(root)
    (folder / VIRTUAL).write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def tile_boxes(virtual: Path, grid: Grid) -> Floats:
    """(k, 4) west, south, east, north of the tiles that a virtual raster names; one may be named in two parts.

    raises: ValueError if it is none; OSError
    """
    try:
        tree = ElementTree.parse(virtual)  # noqa: S314 - written by write_virtual
        places = [source.attrib for source in tree.iter("DstRect")]
    except ElementTree.ParseError as error:
        raise ValueError(str(error)) from error
    cells = [[float(place.get(name, "nan")) for name in ("xOff", "yOff", "xSize", "ySize")] for place in places]
    column, row, columns, rows = np.array(cells, dtype=np.float64).reshape(-1, 4).T
    west, north, step = grid.west + column * grid.step_deg, grid.north - row * grid.step_deg, grid.step_deg
    return np.column_stack([west, north - rows * step, west + columns * step, north])


def _overlapped(boxes: Sequence[Placed]) -> list[bool]:
    """Whether each tile lies over an earlier one, whose cells are seen where it has no value."""
    found, near = [], dict[tuple[int, int], list[Placed]]()
    edge = max(max(box.columns, box.rows) for box in boxes)
    for box in boxes:
        at = [
            (x, y)
            for x in range(box.column // edge, (box.column + box.columns - 1) // edge + 1)
            for y in range(box.row // edge, (box.row + box.rows - 1) // edge + 1)
        ]
        found.append(any(_meet(box, other) for key in at for other in near.get(key, ())))
        for key in at:
            near.setdefault(key, []).append(box)
    return found


def _meet(one: Placed, other: Placed) -> bool:
    across = one.column < other.column + other.columns and other.column < one.column + one.columns
    return across and one.row < other.row + other.rows and other.row < one.row + one.rows


@dataclass(frozen=True)
class _Piece:
    """A part of a tile, from one column of the tile on (in cells of the grid), and where it lies on the grid."""

    start: int
    column: int
    columns: int
    box: Placed


def _pieces(tile: RasterFile, box: Placed, frame: Frame) -> Iterator[_Piece]:
    """A tile cut where the grid's columns begin anew."""
    if not frame.round:
        yield _Piece(0, box.column, box.columns, box)
        return
    start = 0
    while start < box.columns:
        column = (box.column + start) % frame.columns
        columns = min(box.columns - start, frame.columns - column)
        yield _Piece(start, column, columns, box)
        start += columns


def _source(tile: RasterFile, band: int, piece: _Piece, over: bool) -> ElementTree.Element:
    box = piece.box
    across, down = tile.width / box.columns, tile.height / box.rows
    # A simple source is copied; one with a value for none is looked at cell by cell.
    source = ElementTree.Element("ComplexSource" if over and tile.nodata is not None else "SimpleSource")
    ElementTree.SubElement(source, "SourceFilename", relativeToVRT="1").text = tile.path.name
    ElementTree.SubElement(source, "SourceBand").text = str(band if tile.tiled else 1)
    ElementTree.SubElement(
        source, "SrcRect", xOff=repr(piece.start * across), yOff="0",
        xSize=repr(piece.columns * across), ySize=repr(box.rows * down),
    )  # fmt: skip
    ElementTree.SubElement(
        source, "DstRect", xOff=str(piece.column), yOff=str(box.row), xSize=str(piece.columns), ySize=str(box.rows)
    )
    if source.tag == "ComplexSource":
        ElementTree.SubElement(source, "NODATA").text = repr(tile.nodata)
    return source
