"""The vocabulary: units are real and have the dimension they claim; templates fill; an unknown name is refused."""

from __future__ import annotations

import re

import pint
import pytest

from greensilk.errors import DefinitionError
from greensilk.records import Label
from greensilk.vocabulary import FactName, fact_name, fact_names, vocabulary

UNITS = pint.UnitRegistry()
UNITS.define("person = [person]")
UNITS.define("USD = [currency]")
UNITS.define("million = 1e6")
LAYER = {"ramsar": Label(en="Ramsar sites", zh="国际重要湿地")}


@pytest.mark.parametrize("name", sorted(fact_names(LAYER)))
def test_unit_has_the_dimension_it_claims(name: str) -> None:
    entry = fact_names(LAYER)[name]
    if entry.kind == "number":
        assert entry.unit and entry.dimension
        unit = re.sub(r"([a-z])(\d)", r"\1**\2", entry.unit)  # "ug/m3" is "ug/m**3" to the units library
        measured = UNITS.Quantity(1, "dimensionless" if unit == "1" else unit.removeprefix("1/")).dimensionality
        measured = measured**-1 if unit.startswith("1/") else measured
        assert measured == UNITS.get_dimensionality(entry.dimension if entry.dimension != "[]" else "")


def test_every_fact_belongs_to_a_named_group() -> None:
    assert {entry.group for entry in vocabulary().facts.values()} == set(vocabulary().groups)


def test_templates_fill_names_and_labels_in_both_languages() -> None:
    entry = fact_names(LAYER)["area_10_50km_ramsar"]
    assert "Ramsar" in entry.label.en and "国际重要湿地" in entry.label.zh
    assert entry.settled_by == "ramsar"
    assert not [name for name in fact_names(LAYER) if "{" in name]


def test_an_unknown_name_is_refused_with_the_way_out() -> None:
    with pytest.raises(DefinitionError, match=r"no fact called distance_prot.*facts\.md"):
        fact_name("distance_prot")


def test_a_number_without_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="a number needs unit and dimension"):
        FactName(label=LAYER["ramsar"], group="place", kind="number")
