"""The parts of HydroSHEDS that countries are fetched from: overseas land is in them, or the layer is not complete."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.outputs import LayerOutput
from greensilk.catalogue.plans import parts_table

TOOL = Path(__file__).resolve().parents[2] / "tools" / "river_parts.py"


def status(dataset_id: str, country: str) -> str:
    (output,) = datasets()[dataset_id].gives
    assert isinstance(output, LayerOutput)
    return output.coverage.get(country, output.coverage["*"]).status


@pytest.mark.parametrize("dataset_id", ["hydrorivers", "hydrobasins"])
def test_land_overseas_is_fetched_or_not_called_complete(dataset_id: str) -> None:
    """French Guiana, Hawaii, Svalbard, the Canaries, the Azores, Bonaire, Easter Island, the Galapagos."""
    table = parts_table("hydrorivers.csv")
    assert {"eu", "sa", "af"} <= set(table["FRA"])
    assert {"eu", "na"} <= set(table["NLD"])
    for country in ("FRA", "USA", "NOR", "ESP", "PRT", "NLD", "CHL", "ECU", "CPV"):
        assert status(dataset_id, country) == "partial", country
    for country in ("LAO", "CHE", "KEN", "BOL", "DNK", "IDN"):
        assert status(dataset_id, country) == "complete", country


def test_the_table_and_what_is_called_complete_follow_from_the_outlines() -> None:
    spec = importlib.util.spec_from_file_location("river_parts", TOOL)
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    parts, still_open = tool.run()
    assert {code: set(found) for code, found in parts_table("hydrorivers.csv").items()} == parts
    for dataset_id in ("hydrorivers", "hydrobasins"):
        assert {code for code in parts if status(dataset_id, code) == "partial"} == set(still_open)
