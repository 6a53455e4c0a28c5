"""The type table: what a colour rests on, what is confirmed, and that no name means two types."""

import re

import pytest

from greensilk.project_types import OBJECTIVES, ProjectType, find_type, folded, mitigations, project_types
from greensilk.records import DEFINITIONS, Effect, Light

FAMILIES = {
    "energy",
    "transport",
    "industry",
    "mining",
    "water_waste",
    "agriculture_forestry",
    "buildings_services",
    "zone_logistics",
    "not_a_project",
}
# The examples that the texts on the guidance name, and the colour they give them. Railways: only "not green by itself".
NAMED = {
    Light.RED: {
        "coal_power_new",
        "captive_coal_power",
        "hydropower_large",
        "hydropower_small",
        "petrochemicals",
        "coal_mining",
        "metal_ore_mining",
        "gold_mining",
        "uranium_mining",
        "mining_unspecified",
        "steel",
        "nonferrous_smelting",
    },
    Light.YELLOW: {"waste_to_energy", "urban_freight", "rail_mixed", "rail_passenger", "rail_freight"},
    Light.GREEN: {"solar_pv", "solar_csp", "wind_onshore", "wind_offshore"},
}
HYDRO_AND_RAIL = {
    "hydropower_large",
    "hydropower_small",
    "hydropower_pumped",
    "rail_mixed",
    "rail_passenger",
    "rail_freight",
    "rail_upgrade",
}
TYPES = sorted(path.stem for path in (DEFINITIONS / "project_types").glob("*.yaml"))
every_type = pytest.mark.parametrize("type_id", TYPES)
HAN = re.compile(r"[\u4e00-\u9fff]")


def first_light(kind: ProjectType) -> Light:
    """The colour that the three first effects give before place, dates or mitigation are known."""
    effects = [getattr(kind.effects, objective) for objective in OBJECTIVES]
    if Effect.SIGNIFICANT_HARM in effects:
        return Light.RED
    if None in effects:
        return Light.UNKNOWN
    if Effect.MODERATE_HARM in effects or Effect.CONTRIBUTES not in effects:
        return Light.YELLOW
    return Light.GREEN


def test_every_file_is_a_type() -> None:
    assert sorted(project_types()) == TYPES
    assert len(TYPES) > 45
    assert {kind.family for kind in project_types().values()} == FAMILIES


@every_type
def test_labels_and_reasons_are_in_both_languages(type_id: str) -> None:
    kind = project_types()[type_id]
    for text in (kind.label, kind.reason):
        assert HAN.search(text.zh)
        assert not HAN.search(text.en)
    assert kind.aliases.en
    assert kind.aliases.zh
    assert kind.reason.en.endswith(".")
    assert kind.reason.zh.endswith("。")
    assert not re.search(r"[,;:!?](?!\d)", kind.reason.zh), "half-width punctuation in a Chinese text"


def test_no_name_belongs_to_two_types() -> None:
    owners: dict[str, str] = {}
    clashes = []
    for kind in project_types().values():
        for name in {folded(n) for n in (kind.id, kind.label.en, kind.label.zh, *kind.aliases.en, *kind.aliases.zh)}:
            if name in owners:
                clashes.append((name, owners[name], kind.id))
            owners[name] = kind.id
    assert clashes == []


@pytest.mark.parametrize(
    ("name", "type_id"),
    [
        ("Solar Farm", "solar_pv"),
        ("水电站", "hydropower_large"),
        ("coal-fired power plant", "coal_power_new"),
        ("自备燃煤电厂", "captive_coal_power"),
        ("pumped storage", "hydropower_pumped"),
        ("高铁", "rail_passenger"),
        ("toll road", "motorway"),
        ("工业园", "industrial_park"),
        ("债务减免", "debt_relief"),
        ("power plant", "power_plant_unspecified"),
    ],
)
def test_people_call_types_by_other_names(name: str, type_id: str) -> None:
    assert find_type(name) == type_id


@every_type
def test_isic_stands_for_what_is_built_and_only_for_that(type_id: str) -> None:
    kind = project_types()[type_id]
    assert kind.built == (kind.isic is not None) == (kind.typical_footprint_km2 is not None)
    assert kind.built == (kind.family != "not_a_project")
    if kind.isic is not None:
        assert 1 <= int(kind.isic[:2]) <= 99


@every_type
def test_sizes_are_plausible(type_id: str) -> None:
    kind = project_types()[type_id]
    assert (kind.corridor_width_m is not None) == (kind.geometry == "line")
    if kind.corridor_width_m is not None:
        assert 5 <= kind.corridor_width_m <= 200
    if kind.typical_footprint_km2 is not None:
        low, high = kind.typical_footprint_km2
        assert 0 < low < high


@every_type
def test_the_guidance_lends_its_name_only_to_its_examples(type_id: str) -> None:
    kind = project_types()[type_id]
    named = {one for ids in NAMED.values() for one in ids}
    assert kind.confirmed == (kind.table == "gdg_2020") == (type_id in named)
    if kind.confirmed:
        assert all(source.href for source in kind.source)


@pytest.mark.parametrize(("light", "type_id"), [(light, one) for light, ids in NAMED.items() for one in sorted(ids)])
def test_named_examples_get_their_colour(light: Light, type_id: str) -> None:
    assert first_light(project_types()[type_id]) is light


def test_only_hydropower_and_rail_can_be_lifted() -> None:
    liftable = {kind.id for kind in project_types().values() if kind.liftable}
    assert liftable == HYDRO_AND_RAIL
    for type_id in liftable:
        kind = project_types()[type_id]
        assert first_light(kind) is not Light.GREEN
        assert kind.effects.biodiversity in {Effect.MODERATE_HARM, Effect.SIGNIFICANT_HARM}


def test_coal_and_fossil_fuel_are_never_better_than_red() -> None:
    fossil = {"coal_power_new", "coal_power_retrofit", "captive_coal_power", "coal_equipment", "coal_mining"}
    fossil |= {"gas_power", "oil_power", "oil_gas_extraction", "oil_gas_pipeline", "lng_terminal", "refinery"}
    assert {first_light(project_types()[one]) for one in fossil} == {Light.RED}
    cases = {kind.id: kind.coal_case for kind in project_types().values() if kind.coal_case}
    assert cases == {
        "coal_power_new": "new_build",
        "coal_power_retrofit": "retrofit",
        "captive_coal_power": "captive",
        "coal_equipment": "equipment_only",
    }


@pytest.mark.parametrize(
    "type_id",
    ["nuclear_power", "biomass_power", "district_heating", "power_plant_unspecified", "industrial_park"],
)
def test_what_the_type_does_not_tell_stays_unknown(type_id: str) -> None:
    assert first_light(project_types()[type_id]) is Light.UNKNOWN


def test_mitigations_apply_to_types_that_exist() -> None:
    for measure in mitigations().values():
        assert set(measure.families) <= set(TYPES), measure.id
        assert HAN.search(measure.label.zh)
        assert measure.aliases.en
        assert measure.aliases.zh


def test_no_name_belongs_to_two_measures() -> None:
    owners: dict[str, str] = {}
    clashes = []
    for one in mitigations().values():
        for name in {folded(n) for n in (one.id, one.label.en, one.label.zh, *one.aliases.en, *one.aliases.zh)}:
            if name in owners:
                clashes.append((name, owners[name], one.id))
            owners[name] = one.id
    assert clashes == []


def test_offsets_are_never_recognised_and_every_liftable_type_has_a_recognised_measure() -> None:
    offsets = {one.id for one in mitigations().values() if one.hierarchy == "offset"}
    assert offsets == {"biodiversity_offset", "carbon_offset"}
    recognised = [one for one in mitigations().values() if one.recognised]
    assert offsets.isdisjoint(one.id for one in recognised)
    for type_id in HYDRO_AND_RAIL:
        assert any(
            one.objective == "biodiversity" and (not one.families or type_id in one.families) for one in recognised
        ), type_id
