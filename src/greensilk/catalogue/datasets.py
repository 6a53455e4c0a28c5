"""Data sets: who makes them, under which licence, how they are fetched, and what they become here.

One YAML a data set in definitions/datasets. A data set is fetched (or given by its user) as files; its outputs turn
files into layers, rasters and country tables.
"""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from greensilk.catalogue.bundle import bundle_index
from greensilk.catalogue.data_info import ID, AllowedUse
from greensilk.catalogue.layer_records import Coverage
from greensilk.catalogue.outputs import Output
from greensilk.records import DEFINITIONS, Label, Record, Source, load_folder


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
