"""Layers of sensitive areas: what each standard name means, and what is known about an imported one."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field

from greensilk.catalogue.data_info import ID, DataInfo
from greensilk.records import DEFINITIONS, Label, Record, Source, load_folder

CoverageStatus = Literal["complete", "partial", "withheld", "none"]
ANYWHERE = "*"


class KeptWhen(Record):
    """Features that hold one of these values in one of these columns; case does not count. See row_rules."""

    columns: tuple[str, ...] = Field(min_length=1)
    values: tuple[str, ...] = Field(min_length=1)


class SensitiveLayer(Record):
    """A standard layer name. applies_to: ISO alpha-3 codes outside which nothing of it exists, null = everywhere.

    kept_when: only these features belong to the layer, none that does not say; left_out_when: all but any of these,
    with those that do not say; absence_answered_by: layers that, where complete, show that there is none of this one;
    commercial: what the usual licence allows; established_columns: those that say since when a feature counts, the
    year first
    """

    id: str = Field(pattern=ID)
    label: Label
    group: Literal["ecological", "social", "context"]
    applies_to: tuple[str, ...] | None
    absence_answered_by: tuple[str, ...]
    name_columns: tuple[str, ...]
    established_columns: tuple[str, ...] = ()
    kept_when: KeptWhen | None
    left_out_when: tuple[KeptWhen, ...] = ()
    commercial: bool | None
    how_to_get: Label
    licence_note: Label
    source: tuple[Source, ...] = Field(min_length=1)
    confirmed: bool


@cache
def sensitive_layers() -> dict[str, SensitiveLayer]:
    """The standard layers by id, as defined in definitions/layers."""
    return load_folder(SensitiveLayer, DEFINITIONS / "layers")


class Coverage(Record):
    """How far a layer is complete in one country. Absence counts only where it is complete."""

    status: CoverageStatus
    date: str | None = None
    why: str | None = None


class LayerInfo(DataInfo):
    """An imported layer. coverage: by ISO alpha-3 code, "*" = everywhere else; coverage_stated: of these, what its user
    stated in place of its data set.

    features_sha256: of the stored features, all of them; attributes_sha256: of their attributes; duplicates: features
    whose shape is that of an earlier one; repaired, split: shapes that were mended, or cut at 180 degrees; repaired_m2:
    area that mending added to them; rejected: rows without a usable shape; left_out: rows that are not of this layer;
    accuracy_m: as stated at import
    """

    features_sha256: str
    attributes_sha256: str = ""
    features: int
    geometry_kind: Literal["point", "line", "polygon"]
    accuracy_m: float | None
    coverage: dict[str, Coverage]
    coverage_stated: tuple[str, ...] = ()
    duplicates: int = 0
    repaired: int
    repaired_m2: float = 0.0
    split: int
    rejected: int
    left_out: int

    def coverage_in(self, iso_a3: str) -> Coverage:
        """How far the layer is complete in a country."""
        return self.coverage.get(iso_a3) or self.coverage[ANYWHERE]

    @property
    def is_complete_somewhere(self) -> bool:
        """Whether finding nothing can mean that there is nothing, in any country."""
        return any(one.status == "complete" for one in self.coverage.values())
