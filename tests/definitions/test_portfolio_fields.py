"""The names under which people keep their columns and stages."""

import re
from typing import Any

import pytest

from greensilk.project_types import folded
from greensilk.records import DEFINITIONS, read_yaml
from greensilk.screening.model import PROJECT_SCHEMA

FIELDS: dict[str, Any] = read_yaml(DEFINITIONS / "portfolio_fields.yaml")
# What the reader works out by itself, or keeps under another name than the person does.
WORKED_OUT = {"row", "type_inferred", "type_why", "year_only", "location_kind", "place_id", "country_stated"}


@pytest.mark.parametrize("part", ["fields", "stages"])
def test_no_name_belongs_to_two(part: str) -> None:
    owners: dict[str, str] = {}
    clashes = []
    for key, entry in FIELDS[part].items():
        names = [key, *entry["label"].values(), *entry["aliases"]["en"], *entry["aliases"]["zh"]]
        for name in {folded(n) for n in names}:
            if name in owners:
                clashes.append((name, owners[name], key))
            owners[name] = key
    assert clashes == []


@pytest.mark.parametrize("part", ["fields", "stages"])
def test_every_entry_is_in_both_languages(part: str) -> None:
    for key, entry in FIELDS[part].items():
        assert entry["label"]["en"], key
        assert re.search(r"[\u4e00-\u9fff]", entry["label"]["zh"]), key
        assert entry["aliases"]["en"], key
        assert entry["aliases"]["zh"], key


def test_every_field_of_a_project_can_be_given() -> None:
    assert set(PROJECT_SCHEMA) - WORKED_OUT <= set(FIELDS["fields"])


def test_numbers_say_their_unit() -> None:
    units = {"_usd_m": "million USD", "_mw": "MW", "_km2": "km2", "_g_kwh": "g/kWh", "_years": "year"}
    units |= {"_t_co2e_per_year": "t/year", "_m": "m"}
    for key, unit in units.items():
        ending = [field for field in FIELDS["fields"] if field.endswith(key)]
        ending = [field for field in ending if key != "_m" or not field.endswith("_usd_m")]
        assert ending
        assert {FIELDS["fields"][field]["unit"] for field in ending} == {unit}
