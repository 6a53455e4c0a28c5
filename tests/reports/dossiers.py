"""A small dossier made by hand: every kind of verdict, hostile names, a line, a polygon, the antimeridian."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from greensilk.appraisal import Dossier
from greensilk.appraisal.provenance import provenance
from greensilk.facts import FactColumn, FactTable
from greensilk.project_types import project_types
from greensilk.records import Label, Support
from greensilk.rules import Standard, judge_all, standard
from greensilk.rules.registry import load_standards
from greensilk.screening.model import LINK_SCHEMA, PROJECT_SCHEMA, REJECT_SCHEMA, Portfolio
from greensilk.vocabulary import FactName, fact_names

ON = dt.date(2026, 1, 1)
STANDARDS = ("gdg_2020", "no_new_coal_2021", "ndrc_2022_408")
MADE = ("made_scale", "made_triggers", "made_duties", "made_targets")
LAYERS = {
    "protected_areas": Label(en="protected areas", zh="自然保护地"),
    "key_biodiversity_areas": Label(en="Key Biodiversity Areas", zh="生物多样性关键区"),
    "ramsar": Label(en="Ramsar sites", zh="国际重要湿地"),
    "world_heritage": Label(en="World Heritage sites", zh="世界遗产"),
    "ecological_redline": Label(en="ecological redline", zh="生态保护红线"),
    "indigenous_lands": Label(en="indigenous lands", zh="原住民土地"),
}
HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\u202eright to left\u202c",
    "x" * 300,
    "🌊 dam \"quoted\" & 'more'",
    "老挝万象—赛色塔综合开发区（二期）",
    "]]></title></svg><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
]
_DTYPES = {"number": pl.Float64, "truth": pl.Boolean, "text": pl.String, "date": pl.Date, "level": pl.Int8}


def project(i: int, **given: Any) -> dict[str, Any]:
    """One row of a portfolio, with what is not given left null."""
    empty = dict.fromkeys(PROJECT_SCHEMA)
    return empty | {"row": i + 1, "id": f"p{i + 1}", "name": f"Project {i + 1}", "type_inferred": False,
                    "place_id": f"p{i + 1}", "location_kind": "point", "location_accuracy_m": 100.0,
                    **given}  # fmt: skip


def portfolio(projects: Sequence[dict[str, Any]], geometry: Sequence[Any], rejected: int = 0) -> Portfolio:
    """A portfolio of rows made by project()."""
    rejects = [
        {"row": len(projects) + k + 1, "id": f"bad{k}", "field": "lat", "value": "=1+1", "reason": "not_a_number",
         "reason_en": "not a number", "reason_zh": "不是数值", "hint_en": "write degrees", "hint_zh": "请填写度数"}
        for k in range(rejected)
    ]  # fmt: skip
    holder = np.empty(len(projects), dtype=object)
    holder[:] = list(geometry)
    return Portfolio(
        projects=pl.DataFrame(projects, schema=PROJECT_SCHEMA),
        geometry=holder,
        reservoirs=np.full(len(projects), None, dtype=object),
        rejects=pl.DataFrame(rejects, schema=REJECT_SCHEMA),
        links=pl.DataFrame([{"project_id": "p1", "other_id": "p2", "relation": "associated_with"}], schema=LINK_SCHEMA),
        rows_read=len(projects) + rejected,
        source_name="deals.geojson",
        source_sha256="0" * 64,
    )


def facts(found: Portfolio, values: Mapping[str, Sequence[Any]], layers: Mapping[str, Label] = LAYERS) -> FactTable:
    """Every fact of the vocabulary: unknown but for the values given and what the type says."""
    given = {**_type_values(found), **values}
    columns = {}
    for name, entry in fact_names(layers).items():
        columns[name] = _column(name, entry, given.get(name, [None] * len(found)))
    return FactTable(found.projects["id"], columns, dict(layers))


def _column(name: str, entry: FactName, values: Sequence[Any]) -> FactColumn:
    series = pl.Series(values, dtype=_DTYPES[entry.kind], strict=False)
    reason = "no_layer" if entry.group == "sensitive" else "too_few_cells" if entry.group == "land" else "not_given"
    return FactColumn(
        name=name,
        values=series,
        support=Support.COUNTRY if entry.group == "country" else Support.METRES,
        dataset=f"test {entry.group}",
        version="1",
        method="by hand",
        reasons=pl.Series([reason if value is None else None for value in values], dtype=pl.String),
        accuracy_m=pl.Series([150.0] * len(series)) if entry.unit == "m" else None,
    )


def _type_values(found: Portfolio) -> dict[str, list[Any]]:
    kinds = [project_types().get(name) for name in found.projects["type"].to_list()]
    levels = {f"effect_{goal}": [None if kind is None else getattr(kind.effects, goal) for kind in kinds]
              for goal in ("pollution", "climate", "biodiversity")}  # fmt: skip
    return levels | {
        "project_type": [kind and kind.id for kind in kinds],
        "is_built": [None if kind is None else kind.built for kind in kinds],
        "type_family": [kind and kind.family for kind in kinds],
        "type_liftable": [None if kind is None else kind.liftable for kind in kinds],
        "coal_case": [kind and kind.coal_case for kind in kinds],
    }


@cache
def made() -> dict[str, Standard]:
    """Standards made up for tests, one of each kind that gives no light: scale, triggers, duties, targets."""
    return load_standards(Path(__file__).parent / "standards")


def dossier(found: Portfolio, table: FactTable, standards: Sequence[str] = STANDARDS) -> Dossier:
    """Judge a hand-made table and put all together. standards: ids, of those made up too."""
    chosen = [made()[name] if name in made() else standard(name) for name in standards]
    judged = judge_all(table, chosen, ON)
    origin = provenance(found, list(standards), ON, {})
    return Dossier(found, table, judged.verdicts, judged.categories, judged.items, ON, {}, origin)


def varied(standards: Sequence[str] = (*STANDARDS, *MADE)) -> Dossier:
    """Nine projects: checked solar, wind by type, a railway, coal, a dam, a scholarship, two hostile, a metro."""
    rows = [
        project(0, name="Garissa solar park", name_zh="加里萨光伏电站", type="solar_pv", stage="operating",
                country_stated="KEN", capacity_mw=50.0, investment=135_700_000.0, currency="USD", loan_id="L1"),
        project(1, name="Turkana wind farm", type="wind_onshore", country_stated="KEN", location_accuracy_m=5000.0),
        project(2, name="Vientiane–Boten railway", name_zh="中老铁路", type="rail_mixed", location_kind="line",
                stage="operating", mitigations="wildlife_passages:contracted", loan_id="L2"),
        project(3, name=HOSTILE[2], type="coal_power_new", date_commitment=dt.date(2016, 1, 1),
                year_only="date_commitment"),
        project(4, name="Sesan dam", type="hydropower_large", capacity_mw=400.0, reservoir_area_km2=335.0,
                type_inferred=True, type_why="title: hydropower"),
        project(5, name=HOSTILE[3], type="scholarship_training", location_kind="none", location_accuracy_m=None),
        project(6, name=HOSTILE[0], name_zh=HOSTILE[6], type="industrial_park", note=HOSTILE[1], source=HOSTILE[7]),
        project(7, id=HOSTILE[1], name=HOSTILE[4], type="road", note=HOSTILE[2], place_id="p1",
                location_kind="polygon"),
        project(8, name="Kunming metro", name_zh="昆明地铁", type="metro_tram", stage="under_construction"),
    ]  # fmt: skip
    railway = shapely.LineString([(102.6, 17.95), (102.45, 18.9), (102.1, 19.9), (101.97, 20.7), (101.68, 21.18)])
    block = shapely.box(39.55, -0.45, 39.75, -0.3)
    points = [(39.65, -0.36), (36.8, 2.5), None, (108.9, 12.6), (106.26, 13.55), None, (179.95, -16.6), None]
    points.append((102.72, 25.04))
    geometry = [shapely.Point(point) if point else None for point in points]
    geometry[2], geometry[7] = railway, block
    found = portfolio(rows, geometry, rejected=2)
    n = len(rows)
    clear = {f"overlap_{layer}": [False] + [None] * (n - 1) for layer in LAYERS}
    clear["overlap_protected_areas"] = [False, None, None, None, None, None, True, None, None]
    return dossier(found, facts(found, clear | {
        "country": ["KEN", "KEN", "LAO", "VNM", "KHM", None, "FJI", "KEN", "CHN"],
        "countries_within_50km": [None, "ETH", "CHN; THA", None, "LAO; VNM", None, None, None, None],
        "distance_port": [402_310.0, 655_123.0, 40_500.0, 22_034.0, 60.0, None, 34_034.0, 12.0, 900_000.0],
        "distance_protected_areas": [23_210.0] + [None] * 5 + [0.0, None, None],
        "land_share_natural_habitat_1_10km": [0.873, 0.004, 0.5, 0.99, 1.0, None, 0.0, None, None],
        "land_share_forest_1_10km": [0.13, 0.0, 0.45, 0.2, 0.3, None, 0.0, None, None],
        "land_cover_here": ["16", "10", "2", "13", "0", None, "9", "12", None],
        "koppen_class": ["BSh", "BWh", "Aw", "Cfa", "Aw", None, "Af", "Aw", None],
        "elevation": [150.0, 812.0, 170.0, 4.0, 50.0, None, 3.0, 1650.0, None],
        "temperature_mean": [28.4, 26.1, 25.0, 16.5, 27.2, None, 25.4, -3.0, None],
        "people_within_10km": [54_321.0, 900.0, 1_200_345.0, 23_451_234.0, 0.0, None, 120.0, 12.0, None],
        "capacity": [50.0, None, None, 1320.0, 400.0, None, None, None, None],
        "date_commitment": [None, None, None, dt.date(2016, 1, 1), None, None, None, None, None],
        "power_density": [None] * 4 + [1.194] + [None] * 4,
        "water_scarcity": [22.3, 22.3, 1.25, 34.0, 1.1, None, None, 22.3, None],
        "species_loss_annual_crop": [1.3e-14] * n,
        "country_stated_differs": [False] * n,
        "route_length": [None, None, 409_000.0, *[None] * 6],
    }), standards)  # fmt: skip
