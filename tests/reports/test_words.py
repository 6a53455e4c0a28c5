"""Every key that is put together from data has a text: no id shows on a page."""

from __future__ import annotations

import re

import polars as pl

from greensilk.facts import FactColumn, FactTable, Origin
from greensilk.project_types import project_types
from greensilk.records import Label, Support
from greensilk.reports import labels
from greensilk.reports.fact_sheet import PLACE_REASONS, FactSheet, value_words
from greensilk.reports.marks import COUNTED
from greensilk.rules import standards
from greensilk.rules.standard import COMPARISONS
from greensilk.texts import room_texts
from greensilk.vocabulary import fact_names, vocabulary


def test_every_key_made_from_data_has_a_text() -> None:
    kinds = project_types().values()
    wanted = {f"comparison_{name}" for name in COMPARISONS}
    wanted |= {f"family_{kind.family}" for kind in kinds} | {
        f"coal_{kind.coal_case}" for kind in kinds if kind.coal_case
    }
    wanted |= {f"level_{level}" for entry in vocabulary().facts.values() for level in entry.levels}
    wanted |= {f"support_{support.name.lower()}" for support in Support}
    wanted |= {f"objective_{name}" for standard in standards().values() for name in standard.objectives}
    wanted |= {f"light_{kind}" for kind in COUNTED} | {f"next_{kind}" for kind in COUNTED if kind != "NOT_APPLICABLE"}
    assert wanted - set(room_texts("reports")) == set()


def test_whatever_settles_an_unknown_has_a_name() -> None:
    settles = {entry.settled_by for entry in fact_names().values() if entry.settled_by}
    plain = {name for name in settles if labels.settled_by(name).en == name.replace("_", " ")}
    assert plain == set()


def test_a_better_place_is_asked_for_where_no_layer_would_settle_it() -> None:
    reasons = ["no_layer", "no_coverage", *PLACE_REASONS, None]
    values = pl.Series([None] * 4 + [False], dtype=pl.Boolean)
    column = FactColumn(
        "overlap_protected_areas", values, Support.FEATURE, "protected_areas", "1", "overlap_beyond_tolerance",
        reasons=pl.Series(reasons, dtype=pl.String),
    )  # fmt: skip
    layers = {"protected_areas": Label(en="Protected areas", zh="自然保护地")}
    table = FactTable(pl.Series(["a", "b", "c", "d", "e"]), {column.name: column}, layers)
    sheet = FactSheet(table, loaded=["protected_areas"])
    asked = [sheet.settles_for(i, "protected_areas", [column.name]) for i in range(5)]
    assert [placed for _, placed in asked] == [False, False, True, True, False]
    assert "radius" in asked[2][0].en
    assert "location" in asked[3][0].en
    assert asked[1][0] == sheet.settles("protected_areas")


def test_codes_are_shown_as_names() -> None:
    assert labels.countries("LAO; CHN") == ("Laos, China", "老挝、中国")
    assert labels.country("TWN").zh == "中国台湾"
    assert labels.climate("Aw").en.startswith("Tropical savanna")
    assert value_words("type_family", "mining") == ("mining", "采矿")
    assert value_words("land_cover_here", "2") == ("evergreen broadleaf forest", "常绿阔叶林")


def test_chinese_texts_keep_chinese_punctuation_and_spacing() -> None:
    for key, entry in room_texts("reports").items():
        chinese = re.sub(
            r"\{\w+\}|greensilk [a-z ]*|[\w.]+\.(json|csv)|--out|Internal, not for publication", "", entry["zh"]
        )
        assert not re.search(r"[\u4e00-\u9fff][,;:?!]", chinese), key
        assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", chinese), key


def test_a_type_that_leaves_something_open_is_asked_for_more_exactly() -> None:
    assert labels.settled_by("type").en.startswith("a more exact type")
    assert "更具体" in labels.settled_by("type").zh


def test_a_grid_that_is_not_loaded_is_said_once_and_each_value_names_its_data_set() -> None:
    names = [f"population_within_{radius}" for radius in ("1km", "10km", "50km")]
    fine = Origin("population_grid", "2", Support.METRES, "covered_cell_sum")
    columns = [
        FactColumn(
            name, pl.Series([None, 1234.0, None]), Support.KILOMETRES, "other_grid", "1", "covered_cell_sum",
            reasons=pl.Series(["no_layer", None, "not_covered"]),
            others=(fine,), answered_by=pl.Series([0, 1, 0], dtype=pl.UInt8),
        )
        for name in names
    ]  # fmt: skip
    sheet = FactSheet(FactTable(pl.Series(["a", "b", "c"]), {one.name: one for one in columns}))
    assert [view.name for view in sheet.group(0, "people")] == [names[1]]
    assert "a population grid" in sheet.group(0, "people")[0].value.en
    for i, said in ((1, "population_grid"), (2, "other_grid")):
        views = sheet.group(i, "people")
        assert [view.name for view in views] == names
        assert {view.origin.dataset for view in views} == {said}
