"""Data sets: who makes them, under which licence, how they are fetched, and what they become here.

One YAML a data set in definitions/datasets. A data set is fetched (or given by its user) as files; its outputs turn
files into layers, rasters and country tables.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from greensilk.catalogue.bundle import bundle_index
from greensilk.catalogue.data_info import AllowedUse
from greensilk.catalogue.layer_records import Coverage, KeptWhen
from greensilk.records import DEFINITIONS, Label, Record, Source, load_folder

ID = r"^[a-z][a-z0-9_]{1,40}$"


class Licence(Record):
    """name: SPDX identifier, else the licence's own name; licensed_route: how an organisation that may not use the
    data under it can license it."""

    name: str = Field(min_length=1)
    href: str | None
    licensed_route: Label | None = None


class Versions(Record):
    """How versions are called.

    named: fixed = `current`; month = as `pattern` of strftime says, today's; day = the day the file was last changed
    """

    named: Literal["fixed", "month", "day"]
    current: str | None = None
    pattern: str | None = None

    @model_validator(mode="after")
    def _stated(self) -> Versions:
        if (self.named == "fixed") != (self.current is not None) or (self.named == "month") != (
            self.pattern is not None
        ):
            raise ValueError("fixed needs current, month needs pattern, day needs neither")
        return self


class Checksum(Record):
    """What the provider publishes to check a file: the sum of this very version, or the address of a file with it."""

    algorithm: Literal["sha256", "md5"]
    of_version: dict[str, str] = Field(default_factory=dict)
    address: str | None = None


class Tiles(Record):
    """A grid of tiles in degrees, each named by its south-west (or, for dem tiles, lower left) corner.

    step_deg: edge of a tile; name: with {ns}, {lat}, {ew}, {lon}, as str.format writes them ("{ns}{lat:02d}")
    """

    step_deg: float = Field(gt=0)
    name: str


class FileDownload(Record):
    """Files at known addresses.

    by: whole = one file for the world; country = one a country; part = one a part that a country lies in, from the
    table `parts` (iso_a3, part) or the grid `tiles`; file_name: what it is stored as, the address's last part if null;
    absent_is_none: that an address does not exist means that there is nothing there (a tile of open sea)
    """

    how: Literal["files"]
    by: Literal["whole", "country", "part"]
    address: str
    file_name: str | None = None
    parts: str | None = None
    tiles: Tiles | None = None
    checksum: Checksum | None = None
    absent_is_none: bool = False
    requests_per_minute: int = Field(default=60, ge=1)


class PageDownload(Record):
    """An interface that answers page by page in JSON; every page is kept as a file.

    paging: page = `parameter` counts pages from `first`; offset = it counts records; by: one run of pages for the world
    or one a country; records: where in an answer the list of records is (keys and positions); total: where the number
    of pages (pages), of records (records) or the word that this was the last (last) stands, null = until an empty page
    header: header that carries the token, where it does not stand in the address
    """

    how: Literal["pages"]
    by: Literal["whole", "country"]
    address: str
    paging: Literal["page", "offset"]
    parameter: str
    first: int = 1
    size: int = Field(ge=1)
    records: tuple[str | int, ...]
    total: tuple[str | int, ...] | None = None
    total_counts: Literal["pages", "records", "last"] | None = None
    most_pages: int = Field(default=1000, ge=1)
    token: str | None = None
    header: str | None = None
    requests_per_minute: int = Field(default=60, ge=1)


class ByHand(Record):
    """Nothing that a program may fetch: its user gets the files as instructed and imports them."""

    how: Literal["by_hand"]
    instructions: Label


Fetch = Annotated[FileDownload | PageDownload | ByHand, Field(discriminator="how")]


class LayerOutput(Record):
    """A layer from files. layer: id; files: names or patterns of its files, once unpacked; several are one layer;
    key_column: what tells a feature from others in every version.

    files: of a file with several layers "x.gpkg:layer" or "x.gdb:layer", both with * where names vary
    columns: lon, lat, wkt -> column; fields: column -> place in a JSON record, for paged interfaces, `geometry` = place
    of its GeoJSON; kept_when: besides what the layer's own definition says; coverage: see LayerInfo,
    none = that of its data set
    """

    kind: Literal["layer"]
    layer: str = Field(pattern=ID)
    label: Label | None = None
    files: tuple[str, ...] = Field(min_length=1)
    name_column: str | None = None
    key_column: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    fields: dict[str, tuple[str | int, ...]] = Field(default_factory=dict)
    kept_when: KeptWhen | None = None
    accuracy_m: float | None = None
    coverage: dict[str, Coverage] = Field(default_factory=dict)


class RasterGrid(Record):
    """Cells of a picture that does not say where it lies: EPSG:4326, from its north-west corner."""

    west: float
    north: float
    step_deg: float = Field(gt=0)


class RasterOutput(Record):
    """A raster from files: several are tiles of one. raster: id; variable: of a NetCDF file; classes: number of a class
    -> the land-cover groups of the vocabulary that it belongs to; unit: of the values, "1" for classes."""

    kind: Literal["raster"]
    raster: str = Field(pattern=ID)
    label: Label
    files: tuple[str, ...] = Field(min_length=1)
    variable: str | None = None
    band: int = Field(default=1, ge=1)
    grid: RasterGrid | None = None
    nodata: float | None = None
    unit: str
    plausible: tuple[float, float] | None = None
    classes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    accuracy_m: float


class Variable(Record):
    """A quantity of a country table.

    column: where it stands: a heading, or its code in `indicator_column`; null = the rows of a country are counted;
    file: the file that it stands in, where all files have the same headings; kept_when: rows that count, all of these
    plausible: values outside are flagged, not dropped; source, footnote: said of every value, null = the data set's
    """

    label: Label
    unit: str
    column: str | None = None
    file: str | None = None
    kept_when: tuple[KeptWhen, ...] = ()
    plausible: tuple[float | None, float | None]
    source: str | None = None
    footnote: str | None = None


class TableOutput(Record):
    """A country table from files: rows of country, year, indicator, value.

    shape: long = one row a country and year, a column (or a file, or a code in `indicator_column`) a variable; wide =
    one column a year; records = units of a country (plants, mines) that are counted or added up
    files: a sheet of a workbook as "book.xlsx:Sheet"; records_at, fields: of JSON pages: where the list of records is,
    and column -> place in a record; columns: "A | B" is the first of them that a file has
    name_column: what areas that are no countries are called, where country_column holds codes or nothing for them
    year_column: where the year stands; of a wide table how its headings are written: "{year} [YR{year}]", or
    "{column}_{year}" with the column of each variable; year: of all rows, null = undated; kept_when: rows that count,
    all of these
    """

    kind: Literal["table"]
    table: str = Field(pattern=ID)
    label: Label
    files: tuple[str, ...] = Field(min_length=1)
    shape: Literal["long", "wide", "records"]
    country_column: str
    name_column: str | None = None
    year_column: str | None = None
    year: int | None = None
    indicator_column: str | None = None
    value_column: str | None = None
    footnote_column: str | None = None
    records_at: tuple[str | int, ...] = ()
    fields: dict[str, tuple[str | int, ...]] = Field(default_factory=dict)
    kept_when: tuple[KeptWhen, ...] = ()
    variables: dict[str, Variable] = Field(min_length=1)

    @model_validator(mode="after")
    def _stated(self) -> TableOutput:
        if self.year_column is not None and self.year is not None:
            raise ValueError("year_column and year are alternatives")
        if self.shape == "wide" and "{year}" not in (self.year_column or ""):
            raise ValueError("wide needs a year_column with {year}")
        if self.shape == "long" and (self.indicator_column is None) != (self.value_column is None):
            raise ValueError("indicator_column needs value_column")
        unplaced = [name for name, variable in self.variables.items() if variable.column is None]
        needs = self.shape == "long" or self.indicator_column or "{column}" in (self.year_column or "")
        if unplaced and needs:
            raise ValueError(f"{unplaced[0]} needs a column")
        return self


Output = Annotated[LayerOutput | RasterOutput | TableOutput, Field(discriminator="kind")]


class Dataset(Record):
    """A data set. updates: how often its provider renews it; stale_after_days: an older version is called stale, null =
    never; coverage: of layers that state none; confirmed: addresses and licence were read, not remembered."""

    id: str = Field(pattern=ID)
    label: Label
    provider: str = Field(min_length=1)
    landing_page: str
    licence: Licence
    use: AllowedUse
    attribution: str = Field(min_length=1)
    citation: str = Field(min_length=1)
    updates: Label
    stale_after_days: int | None
    versions: Versions
    fetch: Fetch
    coverage: dict[str, Coverage] = Field(default_factory=dict)
    gives: tuple[Output, ...] = Field(min_length=1)
    source: tuple[Source, ...] = Field(min_length=1)
    confirmed: bool

    @field_validator("gives")
    @classmethod
    def _covered(cls, gives: tuple[Output, ...], info: ValidationInfo) -> tuple[Output, ...]:
        bare, shared = [one for one in gives if not getattr(one, "coverage", True)], info.data.get("coverage")
        if bare and not shared:
            raise ValueError("a layer needs a coverage, of its own or of the data set")
        return tuple(one.model_copy(update={"coverage": shared}) if one in bare else one for one in gives)

    @property
    def by_country(self) -> bool:
        """Whether parts of it can be fetched for countries."""
        return self.fetch.how != "by_hand" and self.fetch.by != "whole"


@cache
def datasets() -> dict[str, Dataset]:
    """Every data set by id, as defined in definitions/datasets.

    raises: DefinitionError listing every fault
    """
    return load_folder(Dataset, DEFINITIONS / "datasets")


def dataset(dataset_id: str) -> Dataset:
    """One data set.

    raises: LayerError if there is none of that id, naming what gives a layer of that name, or is spelt like it
    """
    found = datasets().get(dataset_id)
    if found is None:
        from greensilk.catalogue.next_steps import no_such_dataset  # which rests on this module

        raise no_such_dataset(dataset_id)
    return found


@cache
def reserved_names() -> frozenset[str]:
    """Names that no layer may have: those of shipped data, and of rasters and country tables that data sets give."""
    outputs = (output for one in datasets().values() for output in one.gives)
    return frozenset((*bundle_index(), *(getattr(out, out.kind) for out in outputs if out.kind != "layer")))


def licensed_route(dataset_id: str | None) -> Label | None:
    """How an organisation that may not use a data set under its licence can license it; None where nothing is known."""
    found = datasets().get(dataset_id or "")
    return found.licence.licensed_route if found else None
