"""Files become a raster: licence first, then every file is looked at, then tiles are joined; put in use in one step."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from greensilk.catalogue.bundle import file_sha256
from greensilk.catalogue.data_info import Stated
from greensilk.catalogue.licences import require_permission
from greensilk.catalogue.outputs import RasterOutput
from greensilk.catalogue.raster_apart import Apart
from greensilk.catalogue.raster_files import DRIVERS, RasterFile, look
from greensilk.catalogue.raster_join import ON_GRID, Frame, frame_of, placed, write_virtual
from greensilk.catalogue.raster_records import RasterInfo
from greensilk.catalogue.raster_tiling import Seen, look_at_blocks, write_tiled
from greensilk.catalogue.settings import data_dir
from greensilk.catalogue.shelves import INFO, RASTERS
from greensilk.catalogue.stamps import sums_of
from greensilk.errors import LayerError
from greensilk.records import Label
from greensilk.texts import text

ENDINGS = {"GTiff": ".tif", "PNG": ".png", "netCDF": ".nc"}
NAMES_SHOWN = 5
STAMPS = "raster.compared"
MOST_GRID_CELLS = 20_000_000_000_000  # the globe in cells of 10 m has half as many
COUNTS = ("person",)  # units of what a cell holds, not of what it is like
ALIKE = ("bands", "dtype", "nodata", "scale", "offset")  # of all tiles of one raster
Progress = Callable[[float], None]


def import_raster(
    output: RasterOutput, files: Sequence[Path], stated: Stated, progress: Progress | None = None
) -> RasterInfo:
    """Register files as a raster under the id of its definition: tiles of one, or one picture or NetCDF variable.

    output: how the files are read; stated: what their data set, or their user, says of them; progress: told the share
    done. A second import of the same id takes the first one's place.
    raises: LayerError listing every fault of every file; LicenceError if the organisation may not use the data
    """
    require_permission(output.label, stated.licence, stated.use.commercial, stated.licensed_route)
    if not files:
        raise LayerError("rasters.no_files", id=output.raster, files=", ".join(output.files))
    tell = progress or (lambda share: None)

    def write(folder: Path) -> RasterInfo:
        given = sorted(files, key=lambda path: (path.name, str(path)))
        with Apart() as apart:
            info = _Making(output, stated, folder, given, (tell, apart)).info()
        (folder / INFO).write_text(info.model_dump_json(indent=2), "utf-8")
        return info

    return RASTERS.put(output.raster, stated.version, write, in_use=stated.in_use)


class _Making:
    """One import. folder: the version's own, which nobody sees yet; files: as given, by name; told: the share done;
    apart: where NetCDF is read"""

    def __init__(
        self, output: RasterOutput, stated: Stated, folder: Path, files: Sequence[Path], by: tuple[Progress, Apart]
    ) -> None:
        self.output, self.stated, self.folder, self.files = output, stated, folder, files
        self.told, self.apart = by
        self.done, self.notes = 0, list[Label]()

    def info(self) -> RasterInfo:
        """What is known of the raster, once all of its files are written."""
        taken = self._taken()
        sums = [(path.name, file_sha256(path)) for path in self.files]
        tiles = self._tiled(taken)
        frame = frame_of(tiles)
        self._require_joined(tiles, frame)
        write_virtual(self.folder, tiles, self.output.band, frame)
        self._tell_moved(tiles, frame)
        first, output = tiles[0], self.output
        return RasterInfo(
            id=output.raster,
            label=output.label,
            **self.stated.model_dump(exclude={"use", "licensed_route", "in_use"}),
            use=self.stated.use,
            file_name=", ".join(name for name, _ in sums[:NAMES_SHOWN]) + (" …" if sums[NAMES_SHOWN:] else ""),
            file_sha256=sums[0][1] if len(sums) == 1 else _sum_of(sums),
            imported_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            notes=tuple(self.notes),
            unit=output.unit,
            step_deg=frame.step_deg,
            bounds=_bounds(tiles),
            tiles=len(tiles),
            nodata=None if first.nodata is None or math.isnan(first.nodata) else first.nodata,
            classes=output.classes,
            accuracy_m=output.accuracy_m,
            plausible=output.plausible,
            bytes=sum(path.stat().st_size for path in stored_files(self.folder)),
            raster_sha256=stored_sha256(self.folder, thorough=True),
        )

    def _taken(self) -> list[RasterFile]:
        """Every file under a name of our own, looked at.

        raises: LayerError with every fault of every file
        """
        found, faults = list[RasterFile](), list[LayerError]()
        for number, path in enumerate(self.files):
            try:
                taken = _taken_over(path, self.folder, number)
                found.append(self._where_safe(taken, path.name)(look, taken, path.name, self.output))
            except LayerError as error:
                faults.append(error)
        faults += _unlike(found)
        if len(faults) == 1:
            raise faults[0]
        if faults:
            listed = {lang: "\n".join(fault.message(lang) for fault in faults) for lang in ("en", "zh")}
            raise LayerError("rasters.faults", id=self.output.raster, count=len(faults), faults=Label(**listed))
        return found

    def _require_joined(self, tiles: Sequence[RasterFile], frame: Frame) -> None:
        """Nothing, if tiles can be joined on a grid.

        raises: LayerError for a grid that would take too much to look through; for tiles of counts whose cells are not
        those of the grid: what is laid to the nearest cell is copied or lost, and people would be counted twice
        """
        cells = frame.columns * frame.rows
        if cells > MOST_GRID_CELLS:
            told = {"cells": f"{cells:.1g}", "most": f"{MOST_GRID_CELLS:.1g}", "step": f"{frame.step_deg:g}"}
            raise LayerError("rasters.grid_too_large", id=self.output.raster, **told)
        for tile in tiles if self.output.unit in COUNTS else ():
            off = max(abs(step / frame.step_deg - 1) for step in (tile.step_lon_deg, tile.step_lat_deg))
            place = placed(tile, frame)
            if off > ON_GRID or (place.columns, place.rows) != (tile.width, tile.height):
                steps = {"lon": f"{tile.step_lon_deg:g}", "lat": f"{tile.step_lat_deg:g}", "grid": frame.step_deg}
                raise LayerError("rasters.other_cells", file=tile.name, unit=self.output.unit, **steps)

    def _tiled(self, taken: list[RasterFile]) -> list[RasterFile]:
        """All files as tiles: those that are, as they came; the others written anew."""
        every, some = Seen(), Seen()
        look_at_blocks([one for one in taken if one.tiled], self.output, some, self._one_more)
        tiles = []
        for one in taken:
            tiles.append(one if one.tiled else self._anew(one, every))
        if anew := [one.name for one in taken if not one.tiled]:
            self._note("anew", count=len(anew), names=", ".join(anew[:NAMES_SHOWN]))
        for seen, how in ((every, "outside_of_all"), (some, "outside_of_sample")):
            if seen.outside:
                self._note(how, outside=f"{seen.outside:,}", cells=f"{seen.cells:,}", range=self._range())
        return tiles

    def _anew(self, one: RasterFile, seen: Seen) -> RasterFile:
        target = one.path.with_name(f"{one.path.stem}_tiled.tif")
        written: RasterFile
        written, more = self._where_safe(one.path, one.name)(write_tiled, one, self.output, target)
        seen.join(more)
        one.path.unlink()
        self._one_more()
        return written

    def _where_safe(self, path: Path, name: str) -> Callable[..., Any]:
        """What calls a function on a file: here, or apart where reading it may end the process."""
        if path.suffix == ENDINGS["netCDF"]:
            return partial(self.apart.ask, name)
        return lambda function, *given: function(*given)

    def _one_more(self) -> None:
        self.done += 1
        self.told(self.done / len(self.files))

    def _range(self) -> str:
        if self.output.classes:
            return ", ".join(self.output.classes)
        low, high = self.output.plausible or (-math.inf, math.inf)
        return f"{low:g}–{high:g} {self.output.unit}"

    def _tell_moved(self, tiles: list[RasterFile], frame: Frame) -> None:
        moved = [
            shift
            for tile in tiles
            if (shift := placed(tile, frame).shift) > ON_GRID
            or max(tile.step_lon_deg, tile.step_lat_deg) > frame.step_deg * (1 + 1e-9)
        ]
        if moved:
            self._note("moved", count=len(moved), tiles=len(tiles), shift=f"{max(moved):.2f}")

    def _note(self, key: str, **values: object) -> None:
        key = f"note_{key}"
        self.notes.append(Label(en=text(f"rasters.{key}", "en", **values), zh=text(f"rasters.{key}", "zh", **values)))


def _taken_over(path: Path, folder: Path, number: int) -> Path:
    """A file in the folder under a plain name; of the data folder's own files the content is shared, not copied.

    raises: LayerError if it is no file, or of no known format
    """
    try:
        with path.open("rb") as stream:
            ending = ENDINGS.get(DRIVERS.get(stream.read(4), ""))
        if ending is None:
            raise LayerError("rasters.no_raster", file=path.name)
        target = folder / f"tile{number:05d}{ending}"
        if path.resolve().is_relative_to(data_dir().resolve()):
            os.link(path, target)
        else:
            shutil.copyfile(path, target)
    except OSError as error:
        raise LayerError("rasters.unreadable", file=path.name, why=error.strerror or str(error)) from error
    return target


def _unlike(tiles: Sequence[RasterFile]) -> list[LayerError]:
    """What tiles of one raster have that most of the others have not."""
    faults = []
    for what in ALIKE:
        said = [repr(getattr(tile, what)) for tile in tiles]
        usual = Counter(said).most_common(1)[0][0] if said else ""
        faults += [
            LayerError("rasters.unlike", file=tile.name, what=what, value=value, usual=usual)
            for tile, value in zip(tiles, said, strict=True)
            if value != usual
        ]
    return faults


def _bounds(tiles: Sequence[RasterFile]) -> tuple[float, float, float, float]:
    return (
        min(tile.west for tile in tiles),
        min(tile.north - tile.height * tile.step_lat_deg for tile in tiles),
        max(tile.west + tile.width * tile.step_lon_deg for tile in tiles),
        max(tile.north for tile in tiles),
    )


def stored_files(folder: Path) -> list[Path]:
    """The files of a raster, without what is known about them."""
    known = (INFO, STAMPS)
    return sorted(path for path in folder.iterdir() if path.name not in known and not path.name.startswith("."))


def stored_sha256(folder: Path, *, thorough: bool) -> str:
    """One sum over the files of a raster, by name and content. thorough: read all, whatever their stamps say

    raises: OSError if one cannot be read
    """
    return _sum_of(sums_of(stored_files(folder), folder / STAMPS, thorough=thorough))


def _sum_of(sums: Sequence[tuple[str, str]]) -> str:
    digest = hashlib.sha256()
    for name, content in sums:
        digest.update(f"{name}\0{content}\n".encode())
    return digest.hexdigest()
