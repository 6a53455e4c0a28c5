"""What the files of a data set become here: a layer, a raster or a country table, and how their files are read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from greensilk.catalogue.data_info import ID
from greensilk.catalogue.layer_records import Coverage, KeptWhen
from greensilk.records import Label, Record


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
