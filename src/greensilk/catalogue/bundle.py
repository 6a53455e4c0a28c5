"""The data shipped with greensilk: what it is, where it is from, and the ready arrays it gives.

Files are opened only when asked for and kept for the life of the process. Nothing here fetches anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import shapely
from pydantic import Field

from greensilk.catalogue.attribute_file import RowNumbers, TextColumn
from greensilk.catalogue.rasters import Raster
from greensilk.catalogue.ready_indexes import ready_index
from greensilk.catalogue.stamps import content_sha256
from greensilk.errors import BundleError
from greensilk.geometry.arrays import Ints
from greensilk.geometry.features import KINDS, FeatureSet
from greensilk.geometry.outlines import POINT
from greensilk.geometry.shapes import Shapes
from greensilk.records import Label, Record, load_file

FOLDER = Path(__file__).parents[1] / "bundle"


class Upstream(Record):
    """Who made the data."""

    title: str = Field(min_length=1)
    href: str | None = None


class Package(Record):
    """The registry package the file was built from."""

    ecosystem: str
    name: str
    version: str


class BundleFile(Record):
    """One shipped file, as bundle/index.yaml describes it.

    accuracy_m: positional accuracy; loss: what quantising or simplifying lost; values_sha256: of the decoded values
    """

    id: str
    file: str
    title: Label
    kind: Literal["vector", "points", "raster", "table"]
    licence: str
    licence_evidence: str
    attribution: str
    provider: str
    upstream: tuple[Upstream, ...] = Field(min_length=1)
    package: Package | None
    period: str
    version: str
    crs: str | None
    resolution: str | None
    accuracy_m: float | None
    loss: str | None
    rows: int | None
    bytes: int
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    values_sha256: str
    confirmed: bool


class _Index(Record):
    files: tuple[BundleFile, ...]


@dataclass(frozen=True)
class CountryTable:
    """Countries and territories, row by row. iso_a3: null where a territory has none; features: in the same order."""

    iso_a3: tuple[str | None, ...]
    iso_a2: tuple[str | None, ...]
    name_en: tuple[str, ...]
    name_zh: tuple[str, ...]
    features: FeatureSet

    def __len__(self) -> int:
        return len(self.iso_a3)


@cache
def bundle_index() -> dict[str, BundleFile]:
    """Every shipped file by id.

    raises: DefinitionError if bundle/index.yaml is wrong
    """
    return {entry.id: entry for entry in load_file(_Index, FOLDER / "index.yaml").files}


def bundle_path(file_id: str) -> Path:
    """Where a shipped file lies.

    raises: BundleError if there is none of that id, or it is missing on disk
    """
    entry = bundle_index().get(file_id)
    if entry is None:
        raise BundleError("catalogue.bundle_unknown", id=file_id, known=", ".join(sorted(bundle_index())))
    path = FOLDER / entry.file
    if not path.is_file():
        raise BundleError("catalogue.bundle_missing", file=entry.file)
    return path


@cache
def bundle_table(file_id: str) -> pl.DataFrame:
    """A shipped table, or the attributes of a shipped layer (without its geometry)."""
    path = bundle_path(file_id)
    if path.suffix == ".csv":
        return pl.read_csv(path)
    columns = [name for name in pl.read_parquet_schema(path) if name != "geometry"]
    return pl.read_parquet(path, columns=columns)


@cache
def bundle_features(file_id: str) -> FeatureSet:
    """A shipped layer (countries, coastline, rivers, lakes, ports, airports, places) as features, row by row."""
    table = bundle_table(file_id)
    entry = bundle_index()[file_id]
    index = ready_index(bundle_path(file_id), entry.sha256, lambda: _shapes(file_id))
    count = len(index.shape_of)
    kinds = index.shapes.part_kind
    names = table["name" if "name" in table.columns else "name_en"] if _named(table) else None
    return FeatureSet(
        shapes=index.shapes,
        shape_of=index.shape_of,
        names=(None,) * count if names is None else TextColumn(names),
        ids=RowNumbers(count),
        accuracy_m=np.full(count, np.nan if entry.accuracy_m is None else entry.accuracy_m),
        geometry_kind=KINDS[int(kinds.max(initial=POINT))],
    )


def _shapes(file_id: str) -> tuple[Shapes, Ints]:
    """The shapes of a shipped layer and (n,) the shape of each row, from the file itself."""
    table = bundle_table(file_id)
    if "lon" in table.columns:
        lon, lat = (table[axis].cast(pl.Float64).to_numpy() for axis in ("lon", "lat"))
        features = FeatureSet.from_points(lon, lat)
    else:
        geometry = pl.read_parquet(bundle_path(file_id), columns=["geometry"])["geometry"].to_numpy()
        features = FeatureSet.from_geometries(np.asarray(shapely.from_wkb(geometry), dtype=object))
    return features.shapes, features.shape_of


def _named(table: pl.DataFrame) -> bool:
    return "name" in table.columns or "name_en" in table.columns


@cache
def countries() -> CountryTable:
    """Countries and territories with codes, names and outlines, at 10 m detail."""
    table = bundle_table("countries")
    iso_a3, iso_a2, name_en, name_zh = (
        tuple(table[name].to_list()) for name in ("iso_a3", "iso_a2", "name_en", "name_zh")
    )
    return CountryTable(iso_a3, iso_a2, name_en, name_zh, bundle_features("countries"))


@cache
def bundle_raster(file_id: str) -> Raster:
    """A shipped raster, opened on first use."""
    return Raster(bundle_path(file_id))


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as stream:
        return content_sha256(stream)


def verify_bundle() -> list[str]:
    """Ids of shipped files that are missing or differ from what the index says; empty when all is as built."""
    return [
        entry.id
        for entry in bundle_index().values()
        if not (FOLDER / entry.file).is_file() or file_sha256(FOLDER / entry.file) != entry.sha256
    ]
