"""What would settle the verdicts of a portfolio, where: by the light it could change, whether the basis does or not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from greensilk.rules import judge, standard

ON = dt.date(2026, 1, 1)
COAL = {"project_type": "coal_power_new", "coal_case": "new_build", "country": "PAK"}
SOLAR = {"project_type": "solar_pv", "is_built": True, "type_liftable": False, "country": "LAO"}
SOLAR |= {"effect_pollution": "neutral", "effect_climate": "contributes", "effect_biodiversity": "neutral"}


def test_what_changes_a_light_settles_it_though_the_basis_stays(table: Any) -> None:
    rows = [COAL, COAL | {"date_construction_start": dt.date(2020, 5, 5)}, COAL | {"country": "CHN"}]
    found = judge(table(rows, "no_new_coal_2021"), standard("no_new_coal_2021"), ON)
    settlers = {name: where.tolist() for name, where in found.settlers().items()}
    assert settlers["date_commitment"] == [True, False, False]
    for row in range(3):
        assert {name for name, where in settlers.items() if where[row]} == {
            one.settled_by for one in found.questions(row)
        }


def test_a_layer_settles_the_projects_where_it_is_not_known(table: Any) -> None:
    rows = [SOLAR, SOLAR | {"overlap_ramsar": False}, SOLAR | {"overlap_ramsar": True}]
    settlers = judge(table(rows), standard("gdg_2020"), ON).settlers()
    assert settlers["ramsar"].tolist() == [True, False, False]
    assert settlers["world_heritage"].tolist() == [True, True, False]  # a red that nothing lifts is settled


def test_what_is_known_settles_nothing(table: Any) -> None:
    layers = ("protected_areas", "key_biodiversity_areas", "ramsar", "world_heritage")
    clear = {f"overlap_{layer}": False for layer in layers}
    inside_china = SOLAR | clear | {"country": "CHN"}  # where the redline is asked for
    found = judge(table([inside_china]), standard("gdg_2020"), ON)
    assert found.settling()["settled_by"].to_list() == ["ecological_redline"]


def test_nothing_open_is_an_empty_table_of_the_same_columns(table: Any) -> None:
    some, none = (
        judge(table([row]), standard("gdg_2020"), ON).settling() for row in (SOLAR, SOLAR | {"is_built": False})
    )
    assert none.height == 0 and none.schema == some.schema
    assert some.schema["changes_light"] == pl.Int64
