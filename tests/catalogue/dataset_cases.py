"""The small cuts under tests/cases/datasets, built into the files that a provider would give.

A folder `X.zip` becomes an archive, `X.xlsx` a workbook of its CSV files; `NAME.shp.geojson`, `.gpkg.geojson`,
`.fgb.geojson`, `.gdb.geojson` a file of that format; `NAME.tif.yaml`, `.png.yaml`, `.nc.yaml` a raster;
`NAME.csv.gz.csv` is compressed; everything else is copied. All values in them are made up.
"""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import xlsxwriter
import yaml

CASES = Path(__file__).resolve().parents[1] / "cases" / "datasets"
DRIVERS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".gdb": "OpenFileGDB"}


def case_ids() -> list[str]:
    """Ids of the data sets that have a case."""
    return sorted(path.name for path in CASES.iterdir() if (path / "expected.yaml").is_file())


def expected(case: str) -> dict[str, Any]:
    """What must come out of a case."""
    content: dict[str, Any] = yaml.safe_load((CASES / case / "expected.yaml").read_text("utf-8"))
    return content


def build_cut(case: str, into: Path) -> list[Path]:
    """The files of a case as their provider gives them, in a folder."""
    into.mkdir(parents=True, exist_ok=True)
    return [build_file(path, into) for path in sorted((CASES / case / "cut").iterdir())]


def build_file(path: Path, into: Path) -> Path:
    """One file or folder of a cut, as its name says, in a folder."""
    if path.is_dir() and path.suffix == ".xlsx":
        return _workbook(path, into / path.name)
    if path.is_dir():
        inside = into / f"{path.name}.d"
        inside.mkdir()
        for child in sorted(path.iterdir()):
            build_file(child, inside)
        if path.suffix == ".zip":
            target = _zipped(inside, into / path.name)
            shutil.rmtree(inside)
            return target
        return inside.rename(into / path.name)
    name, _, kind = path.name.rpartition(".")
    suffix = Path(name).suffix
    if kind == "geojson" and suffix in DRIVERS:
        return _vector(path, into / name, DRIVERS[suffix])
    if kind == "yaml" and suffix in (".tif", ".png", ".nc"):
        return _raster(yaml.safe_load(path.read_text("utf-8")), into / name)
    if kind == "csv" and suffix == ".gz":
        (into / name).write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        return into / name
    return Path(shutil.copy(path, into / path.name))


def _workbook(folder: Path, target: Path) -> Path:
    with xlsxwriter.Workbook(target, {"strings_to_numbers": True}) as book:
        for sheet in sorted(folder.iterdir()):
            page = book.add_worksheet(sheet.stem)
            with sheet.open(encoding="utf-8", newline="") as stream:
                for number, cells in enumerate(csv.reader(stream)):
                    page.write_row(number, 0, cells)
    return target


def _zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return target


def _vector(path: Path, target: Path, driver: str) -> Path:
    import pyogrio

    features = json.loads(path.read_text("utf-8"))["features"]
    names = list(dict.fromkeys(name for feature in features for name in feature["properties"]))
    cells = {name: [feature["properties"].get(name) for feature in features] for name in names}
    columns = [np.array(values, dtype=_dtype(values)) for values in cells.values()]
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in features]
    kinds = {shape.geom_type.removeprefix("Multi") for shape in shapes}
    kind = kinds.pop() if len(kinds) == 1 else "Unknown"
    if kind != "Unknown" and any(shape.geom_type.startswith("Multi") for shape in shapes):
        kind = f"Multi{kind}"
        many = {"MultiPolygon": shapely.multipolygons, "MultiPoint": shapely.multipoints,
                "MultiLineString": shapely.multilinestrings}[kind]  # fmt: skip
        shapes = [shape if shape.geom_type.startswith("Multi") else many([shape]) for shape in shapes]
    pyogrio.raw.write(
        target, shapely.to_wkb(np.array(shapes, dtype=object)), columns, names,
        driver=driver, geometry_type=kind, crs="EPSG:4326", layer=target.stem,
    )  # fmt: skip
    return target


def _dtype(values: list[Any]) -> Any:
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return np.int64
    return np.float64 if all(isinstance(value, int | float) for value in values) else object


def _raster(said: dict[str, Any], target: Path) -> Path:
    """Cells as the case writes them, rows from north to south."""
    if target.suffix == ".nc":
        return _netcdf(said, target)
    import rasterio
    from affine import Affine
    from rasterio.errors import NotGeoreferencedWarning

    values = np.array(said["values"], dtype=said["dtype"])
    bands = values if values.ndim == 3 else values[None]
    step = said.get("step_deg")
    profile = {
        "driver": {".tif": "GTiff", ".png": "PNG"}[target.suffix],
        "height": bands.shape[1],
        "width": bands.shape[2],
        "count": len(bands),
        "dtype": said["dtype"],
    }
    if "west" in said:
        steps = said.get("step_lon_deg", step), said.get("step_lat_deg", step)
        corner = Affine(steps[0], 0, said["west"], 0, -steps[1], said["north"])
        profile |= {"crs": said.get("crs", "EPSG:4326"), "transform": corner}
    if said.get("nodata") is not None:
        profile["nodata"] = said["nodata"]
    if target.suffix == ".tif":
        profile |= {"tiled": True, "blockxsize": 16, "blockysize": 16}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # pictures say nothing of where they lie
        with rasterio.open(target, "w", **profile) as sink:
            sink.write(bands)
    return target


def _netcdf(said: dict[str, Any], target: Path) -> Path:
    """A classic NetCDF file of one variable over lat and lon."""
    from scipy.io import netcdf_file

    values = np.array(said["values"], dtype=said["dtype"])
    step = said["step_deg"]
    lat = said["north"] - step * (np.arange(values.shape[0]) + 0.5)
    lon = said["west"] + step * (np.arange(values.shape[1]) + 0.5)
    if said.get("ascending_lat"):
        lat, values = lat[::-1], values[::-1]
    with netcdf_file(target, "w") as sink:
        for name, axis, unit in (("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
            sink.createDimension(name, len(axis))
            sink.createVariable(name, "f8", (name,))[:] = axis
            sink.variables[name].units = unit.encode()
        sink.createVariable(said["variable"], values.dtype.str[1:], ("lat", "lon"))[:] = values
        if said.get("nodata") is not None:
            sink.variables[said["variable"]]._FillValue = np.array(said["nodata"], dtype=values.dtype)
    return target
