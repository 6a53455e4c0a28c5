"""Facts of the project and its type: as given, computed, or unknown."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
import shapely

from greensilk.facts import FactColumn
from greensilk.geometry.geodesy import area_m2
from greensilk.project_types import project_types
from greensilk.records import Tier
from greensilk.screening.measure import measure
from greensilk.screening.origins import measures

ON = dt.date(2024, 6, 1)
DAM = "hydropower_large"


def facts(make: SimpleNamespace, **given: object) -> dict[str, FactColumn]:
    return dict(measure(make.portfolio(make.project(None, **given)), {}, ON, {}).columns)


def test_what_is_given_is_a_fact_and_what_is_not_is_unknown(make: SimpleNamespace) -> None:
    day = dt.date(2019, 1, 1)
    found = facts(make, stage="operating", capacity_mw=50.0, date_commitment=day, year_only="date_commitment")
    assert found["stage"].values[0] == "operating"
    assert found["capacity"].values[0] == 50
    assert found["date_commitment"].values[0] == day
    assert found["date_operation"].values[0] is None
    assert found["date_operation"].reasons is not None
    assert found["date_operation"].reasons[0] == "not_given"
    assert found["date_commitment"].features is not None
    assert found["date_commitment"].features[0] == "year"


def test_power_density_is_capacity_over_reservoir(make: SimpleNamespace) -> None:
    found = facts(make, type=DAM, capacity_mw=400.0, reservoir_area_km2=340.0)
    assert found["power_density"].values[0] == pytest.approx(400e6 / 340e6)
    assert found["reservoir_area"].values[0] == 340e6


def test_a_drawn_reservoir_is_measured_and_goes_before_the_number(make: SimpleNamespace) -> None:
    drawn = shapely.box(106, 13.4, 106.2, 13.6)
    found = facts(make, type=DAM, capacity_mw=400.0, reservoir_area_km2=1.0, reservoir=drawn)
    assert found["reservoir_area"].values[0] == pytest.approx(area_m2([drawn])[0])
    assert found["area_of_influence_given"].values[0] is True


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"type": DAM, "capacity_mw": 400.0}, "not_computable"),
        ({"type": DAM, "reservoir_area_km2": 10.0}, "not_computable"),
        ({"type": DAM, "capacity_mw": 400.0, "reservoir_area_km2": 0.0}, "not_computable"),
        ({"type": "solar_pv", "capacity_mw": 400.0, "reservoir_area_km2": 10.0}, "not_of_this_type"),
    ],
)
def test_power_density_is_unknown_without_both_or_for_other_types(
    make: SimpleNamespace, given: dict[str, object], reason: str
) -> None:
    found = facts(make, **given)["power_density"]
    assert found.values[0] is None
    assert found.reasons is not None
    assert found.reasons[0] == reason


def test_power_density_types_are_project_types() -> None:
    assert set(measures().power_density_types) <= set(project_types())


def test_evidence_becomes_levels_and_silence_stays_unknown(make: SimpleNamespace) -> None:
    silent, promised = facts(make, type=DAM), facts(make, type=DAM, mitigations="hss:promised")
    for fact in ("mitigation_biodiversity", "has_offset", "assessed_evidence"):
        assert silent[fact].values[0] is None
    assert promised["mitigation_biodiversity"].values[0] == int(Tier.PROMISED)
    assert promised["mitigation_climate"].values[0] == int(Tier.NONE)
    assert promised["assessed_evidence"].values[0] is False


@pytest.mark.parametrize(("given", "said"), [({"associated_with": "x"}, True), ({"part_of": "x"}, False), ({}, False)])
def test_area_of_influence(make: SimpleNamespace, given: dict[str, object], said: bool) -> None:
    assert facts(make, **given)["area_of_influence_given"].values[0] is said


def test_every_type_gives_its_facts(make: SimpleNamespace) -> None:
    kinds = list(project_types().values())
    table = measure(make.portfolio(*[make.project(None, type=kind.id) for kind in kinds]), {}, ON, {})
    for i, kind in enumerate(kinds):
        assert table["is_built"].values[i] is kind.built
        assert table["type_family"].values[i] == kind.family
        assert table["type_confirmed"].values[i] is kind.confirmed
        assert table["coal_case"].values[i] == kind.coal_case
        assert table["effect_climate"].values[i] == (
            None if kind.effects.climate is None else int(kind.effects.climate)
        )
    tables = table["effect_climate"].features
    assert tables is not None
    assert set(tables) == {kind.table for kind in kinds}
