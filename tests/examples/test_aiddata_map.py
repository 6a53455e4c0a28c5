"""The mapping file for AidData's footprints: safe patterns, known types, and every one of the 3,319 records typed."""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from greensilk.project_types import project_types
from greensilk.records import DEFINITIONS, read_yaml

ROOT = Path(__file__).resolve().parents[2]
MAP: dict[str, Any] = read_yaml(ROOT / "examples" / "aiddata.map.yaml")
RECORDS = 3_319


def typed(title: str, row: dict[str, str]) -> str | None:
    """The type that the first matching line of the mapping file gives."""
    for line in MAP["types"]:
        if "title" in line and re.search(line["title"], title):
            return str(line["type"])
        if "column" in line and row[line["column"]["name"]] in line["column"]["equals"]:
            return str(line["type"])
    return None


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, str]]:
    with (shared / "aiddata_gcdf_v2_geo" / "projects.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_line_names_a_type_and_one_test() -> None:
    for line in MAP["types"]:
        assert line["type"] in project_types()
        assert ("title" in line) != ("column" in line)
        assert set(line) <= {"title", "column", "type", "why"}


def test_patterns_run_in_linear_time() -> None:
    for line in MAP["types"]:
        pattern = line.get("title", "")
        re.compile(pattern)
        assert not re.search(r"\(\?[=!<]|\\[1-9]", pattern), "lookaround or back reference"
        assert not re.search(r"[+*}]\)[+*{]", pattern), "a quantifier of a quantifier"


def test_columns_are_fields_of_a_portfolio() -> None:
    fields = read_yaml(DEFINITIONS / "portfolio_fields.yaml")["fields"]
    assert set(MAP["columns"]) | set(MAP["constants"]) <= set(fields)


def test_the_footprint_file_has_the_columns(shared: Path) -> None:
    info = pyogrio.read_info(shared / "aiddata_gcdf_v2_geo" / "projects_simplified.gpkg")
    assert info["features"] == RECORDS
    wanted = {*MAP["columns"].values(), *(line["column"]["name"] for line in MAP["types"] if "column" in line)}
    assert wanted <= set(info["fields"])


def test_every_record_gets_a_type(rows: list[dict[str, str]]) -> None:
    counts = Counter(typed(row["Title"], row) for row in rows)
    assert len(rows) == RECORDS
    assert counts[None] == 0
    built = sum(number for kind, number in counts.items() if kind and project_types()[kind].built)
    vague = counts["unspecified_building"] + counts["unspecified_infrastructure"] + counts["power_plant_unspecified"]
    assert built > 2_000
    assert RECORDS - built > 1_000
    assert vague < 30


def test_every_line_is_needed(rows: list[dict[str, str]]) -> None:
    used = set()
    for row in rows:
        for number, line in enumerate(MAP["types"]):
            if ("title" in line and re.search(line["title"], row["Title"])) or (
                "column" in line and row[line["column"]["name"]] in line["column"]["equals"]
            ):
                used.add(number)
                break
    idle = [line for number, line in enumerate(MAP["types"]) if number not in used]
    assert idle == []


# Records whose titles would mislead a careless pattern, with the type that reading the title gives.
READ_BY_HAND = {
    "rehabilitation of the access road to the Mugere Hydroelectric Power Plant": "road",
    "reschedules loan for Phase 1 of the Agadem Oil Project": "debt_relief",
    "Power Transmission System Associated with the Liouesso Hydroelectric Dam": "power_transmission",
    "Medical Team Dormitory Construction Project": "housing",
    "St. Mark's Flood Mitigation": "flood_protection",
    "car dealership in port city of Makassar": "commercial_building",
    "Colombo Port City Project Phase 1": "land_reclamation",
    "Capanda-Lucala-N'dalatando": "power_transmission",
    "Renaissance Bali Nusa Dua Hotel": "commercial_building",
    "Agricultural Bank of China loans $25,000,000 to Cimento Tupi": "cement",
    "Third N'Sukala Sugar Refinery Construction": "food_processing",
    "Jajarm Alumina Refinery": "nonferrous_smelting",
    "Dobrinja Gymnasium": "school",
    "487.8 MW Sopladora Hydroelectric": "hydropower_large",
    "2.2MW Charlotte Falls Mini Hydropower": "hydropower_small",
    "Sulawesi Mining Power Station Project": "captive_coal_power",
    "spare parts worth": "goods_donation",
    "Falcon State Water Pipeline": "water_supply",
    "Palace of Justice Construction": "government_building",
    "Hambantota Port Development— Ancillary Works & Supply of Equipment": "port",
    "Kiffa Health Center Project and provision of school supplies": "hospital",
    "Gas Field Drilling Equipment": "oil_gas_extraction",
    "Teaching Building of the Chinese Language Department": "school",
    "National Geological Survey and Las Cristinas Mine": "gold_mining",
    "PV Module Production and Industrial Park": "light_manufacturing",
    "Solar Cell and Solar Module Production Line": "light_manufacturing",
    "Merida Cable Car Modernization": "tourism_resort",
    "Karimenu II Dam Water Supply": "dam",
}


@pytest.mark.parametrize(("part", "expected"), READ_BY_HAND.items())
def test_titles_that_mislead(rows: list[dict[str, str]], part: str, expected: str) -> None:
    found = [row for row in rows if part in row["Title"]]
    assert found
    assert {typed(row["Title"], row) for row in found} == {expected}
