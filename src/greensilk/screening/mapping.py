"""Mapping files: how a table that was not made for greensilk is to be read. Strict, and with no expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping as Pairs
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from greensilk.catalogue.fields import portfolio_fields
from greensilk.errors import UsageError
from greensilk.project_types import project_types, suggest_types
from greensilk.records import Record, load_file

MAX_PATTERN_CHARACTERS = 2_000  # matching is linear in the title, so the length of a pattern costs little
# A repeated group whose content repeats too, as in (a+)+. The matcher is linear and would bear it; other readers of the
# same file may not.
NESTED_QUANTIFIER = re.compile(r"\((?:[^()\\]|\\.)*(?:[+*]|\{\d+,\d*\})\)(?:[+*]|\{\d+,\d*\})")


class ColumnEquals(Record):
    """A column and the values of it that decide."""

    name: str
    equals: tuple[str, ...] = Field(min_length=1)


class TypeLine(Record):
    """One line that gives a type: a pattern in the title, values of a column, or both together."""

    title: str | None = Field(default=None, max_length=MAX_PATTERN_CHARACTERS)
    column: ColumnEquals | None = None
    type: str
    why: str | None = None

    @field_validator("title")
    @classmethod
    def _harmless(cls, title: str | None) -> str | None:
        if title is not None and NESTED_QUANTIFIER.search(title):
            raise ValueError(f"{title}: a repeated group must not hold a repetition")
        return title

    @model_validator(mode="after")
    def _says_something(self) -> TypeLine:
        if self.title is None and self.column is None:
            raise ValueError("needs title or column")
        return self


class AttributesFile(Record):
    """A second file with more columns for the same projects; key: the column that both have."""

    file: str
    key: str


class Mapping(Record):
    """How to read one table. columns: field -> column; constants: field -> value where the cell is empty.

    types: tried in order, the first match wins, and what they give is inferred; unmapped: type of all others, null:
    reject; place_key: columns that make a place the same, "geometry" = the footprint; loan_key: column of the loan
    """

    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, str | float | int] = Field(default_factory=dict)
    types: tuple[TypeLine, ...] = ()
    unmapped: str | None = None
    place_key: tuple[str, ...] = ("geometry",)
    loan_key: str | None = None
    attributes: AttributesFile | None = None
    crs: str | None = None

    def with_columns(self, pairs: Pairs[str, str]) -> Mapping:
        """The same mapping with more columns; the pair crs=EPSG:... names the coordinate system."""
        columns = {field: column for field, column in pairs.items() if field != "crs"}
        return self.model_copy(update={"columns": {**self.columns, **columns}, "crs": pairs.get("crs", self.crs)})


def load_mapping(path: Path) -> Mapping:
    """A mapping file, checked against the fields and types that exist.

    raises: DefinitionError for a malformed file; UsageError for an unknown field or type
    """
    return checked(load_file(Mapping, path))


def checked(mapping: Mapping) -> Mapping:
    """The mapping itself, once every field and type it names is known.

    raises: UsageError naming the first unknown one, with the nearest
    """
    known = portfolio_fields().fields
    for field in (*mapping.columns, *mapping.constants):
        if field not in known:
            fields = get_close_matches(field, known, n=5, cutoff=0.4) or sorted(known)
            raise UsageError("portfolio.no_field", field=field[:60], known=", ".join(fields))
    for name in (*(line.type for line in mapping.types), *([mapping.unmapped] if mapping.unmapped else [])):
        if name not in project_types():
            near = ", ".join(suggest_types(name[:60])) or "-"
            raise UsageError("portfolio.mapping_type_unknown", type=name[:60], suggestions=near)
    return mapping
