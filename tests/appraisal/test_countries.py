"""The evaluation of countries: ranks by hand, gaps, groups, profiles, the shipped indices, what it rests on."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from greensilk.appraisal.countries import Evaluation, evaluate
from greensilk.appraisal.evaluating import SummedUp, index_table, part_of, summed_up, until
from greensilk.appraisal.indices import index_definition, index_definitions
from greensilk.appraisal.profiles import trends
from greensilk.catalogue.country_values import SCHEMA, CountryValues, country_indicators, country_values, newest
from greensilk.country_groups import group_members, region_of
from greensilk.errors import UsageError
from greensilk.indices import IndexDefinition
from greensilk.indices.description import availability
from greensilk.indices.preparation import check_definition
from greensilk.places import country_codes

ON = dt.date(2026, 6, 30)
SMALL = """{"id": "small", "label": {"en": "Small", "zh": "小"}, "elements": [
 {"id": "small", "label": {"en": "Small", "zh": "小"}},
 {"id": "one", "label": {"en": "One", "zh": "一"}, "parent": "small"},
 {"id": "two", "label": {"en": "Two", "zh": "二"}, "parent": "small"}],
 "indicators": [
 {"id": "a", "label": {"en": "A", "zh": "甲"}, "unit": "%", "parent": "one", "direction": 1},
 {"id": "b", "label": {"en": "B", "zh": "乙"}, "unit": "t", "parent": "one", "direction": -1},
 {"id": "c", "label": {"en": "C", "zh": "丙"}, "unit": "t", "parent": "two", "direction": -1}],
 "select": {"years": [2024], "within_years": 10}, "screen": {"available": 0.5}}"""


def row(country: str, indicator: str, year: int | None, value: float, note: str = "") -> tuple[object, ...]:
    return (country, indicator, year, value, "%", f"source of {indicator}", note, "made_up", "1", "")


@cache
def small() -> SummedUp:
    """Five countries of two regions, one with a third of the indicators, one with two of three, an undated value."""
    frame = pl.DataFrame(
        [
            *(row("LAO", "a", year, value) for year, value in ((2010, 1.0), (2015, 2.0), (2020, 4.0), (2024, 10.0))),
            row("LAO", "b", 2020, 0.0), row("LAO", "c", None, 5.0), row("LAO", "a", 2025, 99.0),
            row("VNM", "a", 2024, 5.0), row("VNM", "b", 2021, 10.0), row("VNM", "c", 2023, 0.0),
            row("KHM", "a", 2023, 0.0), row("KHM", "b", 2024, 5.0), row("KHM", "c", 2024, 10.0),
            row("KEN", "a", 2024, 5.0), row("KEN", "b", 2024, 5.0),
            row("MNG", "a", 2024, 7.0), row("MNG", "b", 2012, 7.0),
        ],
        schema=SCHEMA, orient="row",
    )  # fmt: skip
    definition = IndexDefinition.model_validate_json(SMALL)
    return summed_up(definition, CountryValues(frame, {}, {}), (ON, 60, 1), lambda doing, share: None)


@cache
def shipped() -> Evaluation:
    return evaluate("eco_environment", group="greensilk_24", on=ON, replications=200)


def test_scores_and_ranks_by_hand() -> None:
    # min-max over LAO, VNM, KHM, KEN. a: 100, 50, 0, 50; b turned: 100, 0, 50, 50; c turned: 50, 100, 0, -.
    # One: 100, 25, 25, 50; two: 50, 100, 0, -; index: 75, 62.5, 12.5, and none for KEN, which lacks half its weight.
    found = small()
    results = {r["unit"]: r for r in found.built.results.iter_rows(named=True)}
    assert {unit: r["small"] for unit, r in results.items()} == {"LAO": 75.0, "VNM": 62.5, "KHM": 12.5, "KEN": None}
    assert {unit: r["rank"] for unit, r in results.items()} == {"LAO": 1.0, "VNM": 2.0, "KHM": 3.0, "KEN": None}
    assert {code: one.nominal for code, one in found.intervals["small"].items()} == {
        "LAO": 1, "VNM": 2, "KHM": 3, "KEN": None,
    }  # fmt: skip
    assert {code: one.nominal for code, one in found.intervals["one"].items()} == {
        "LAO": 1, "KEN": 2, "VNM": 3, "KHM": 3,
    }  # fmt: skip
    assert found.intervals["two"]["KEN"].nominal is None


def test_who_is_not_ranked_and_why() -> None:
    found = small()
    assert set(found.not_ranked) == {"KEN", "MNG"}
    assert found.not_ranked["KEN"].en.startswith("too little of the index's weight")
    # A value of 2012 is more than ten years old in 2024, so that MNG has one of three.
    assert found.not_ranked["MNG"].en.startswith("only 1 of 3 indicators have a value; at least 2")
    assert "MNG" not in found.units
    profile = found.profiles["MNG"]
    assert [one.value for one in profile.rows] == [7.0, None, None]
    assert profile.scores[0].score is None and profile.rank is None and profile.why_not_ranked is not None
    assert (profile.present, profile.missing) == (1, 2)


def test_a_profile_by_hand() -> None:
    profile = small().profiles["LAO"]
    a, b, c = profile.rows
    assert (a.value, a.year, a.rank, a.of, a.rank_in_region, a.of_region) == (10.0, 2024, 1, 4, 1, 3)
    assert (b.value, b.year, b.rank, b.direction) == (0.0, 2020, 1, -1)
    assert (c.value, c.year, c.rank, c.of) == (5.0, None, 2, 3)  # undated
    assert (a.source, a.dataset, a.element) == ("source of a", "made_up", "one")
    # Slopes of 1, 2, 4, 10 and the later 99 in 2010, 2015, 2020, 2024, 2025: the median of the ten pairs.
    years, values = np.array([2010, 2015, 2020, 2024, 2025]), np.array([1, 2, 4, 10, 99])
    pairs = [(values[j] - values[i]) / (years[j] - years[i]) for j in range(5) for i in range(j)]
    assert a.trend_per_year == pytest.approx(np.median(pairs)) and b.trend_per_year is None
    assert (profile.oldest, profile.newest, profile.undated, profile.present) == (2020, 2024, 1, 3)
    assert [score.element for score in profile.scores] == ["small", "one", "two"]
    assert [score.of for score in profile.scores] == [3, 4, 3]
    assert [one.iso_a3 for one in profile.neighbours] == ["CHN", "KHM", "MMR", "THA", "VNM"]
    assert [one.chance_above is None for one in profile.neighbours] == [True, False, True, True, False]
    assert {one.state for one in profile.findings} == {"not_known"}


def test_equal_values_share_the_better_place() -> None:
    places = {code: small().profiles[code].rows[0].rank for code in ("LAO", "VNM", "KEN", "KHM")}
    assert places == {"LAO": 1, "VNM": 2, "KEN": 2, "KHM": 4}


def test_made_up_years_are_no_trend() -> None:
    rows = [row("LAO", "a", year, float(year)) for year in (2000, 2001)]
    rows += [(*row("LAO", "a", 2002, 9.0)[:9], "interpolated"), row("LAO", "a", 2003, 1.0, "projection, medium")]
    assert trends(pl.DataFrame(rows, schema=SCHEMA, orient="row")) == {}


def test_no_later_value_counts() -> None:
    definition = index_definition("eco_environment")
    assert until(definition, dt.date(2020, 5, 1)).select.years == (2020,)
    assert until(definition, ON).select.years == (2025,)
    early = evaluate("water_stress", on=dt.date(2022, 12, 31), replications=50)
    years = [one.year for profile in early.profiles.values() for one in profile.rows if one.year is not None]
    assert max(years) == 2022


def test_asked_by_group_by_name_or_not_at_all() -> None:
    found = shipped()
    assert found.asked == group_members("greensilk_24", ON)
    named = evaluate("water_stress", countries=["老挝", "Mongolia", "LAO"], on=ON, replications=50)
    assert named.asked == ("LAO", "MNG")
    every = evaluate("water_stress", on=ON, replications=50)
    assert every.asked == every.countries
    assert every.intervals == named.intervals  # who is asked changes nobody's rank


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"index_id": "no_such"}, "no_such"),
        ({"index_id": "water_stress", "group": "asean"}, "asean"),
        ({"index_id": "water_stress", "countries": ["Atlantis", "LAO", "Narnia"]}, "Atlantis, Narnia"),
        ({"index_id": "water_stress", "countries": ["LAO"], "group": "bri"}, "both given"),
    ],
)
def test_what_cannot_be_asked(asked: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        evaluate(**asked)  # type: ignore[arg-type]


def test_a_country_that_is_not_known_or_has_no_value() -> None:
    with pytest.raises(UsageError, match="Atlantis"):
        shipped().profile("Atlantis")
    without = sorted(set(country_codes()) - set(shipped().profiles))
    assert without
    with pytest.raises(UsageError, match="no value"):
        shipped().profile(without[0])


def test_no_rank_without_its_interval_and_the_other_way_round() -> None:
    found = shipped()
    for profile in found.profiles.values():
        for score in profile.scores:
            one = score.interval
            bounds = (one.low, one.median, one.high)
            assert (one.nominal is None) == (None in bounds), profile.iso_a3
            if one.low is not None and one.median is not None and one.high is not None:
                assert 1 <= one.low <= one.median <= one.high <= score.of
    ranked = dict(found.built.results.select("unit", "rank").iter_rows())
    assert {code: one.nominal for code, one in found.intervals.items()} == {
        code: None if rank is None else int(rank) for code, rank in ranked.items()
    }
    assert found.ranked + len(set(found.not_ranked)) == len(found.profiles)


def test_chances_are_of_those_ranked() -> None:
    found = shipped()
    there, back = found.chance_above("LAO", "CHN"), found.chance_above("CHN", "LAO")
    assert there is not None and back is not None and there + back == pytest.approx(1)
    assert found.chance_above("LAO", "LAO") == 0.5
    assert found.chance_above("LAO", "ATA") is None and found.chance_above("LAO", "TWN") is None


def test_places_of_values_by_another_way() -> None:
    found = shipped()
    newest_pm = newest(found.values.frame, "pm25_mean", 2025).filter(pl.col("iso_a3").is_in(list(found.countries)))
    known = dict(newest_pm.select("iso_a3", "value").iter_rows())
    near = [value for code, value in known.items() if region_of().get(code) == "south_eastern_asia"]
    one = next(one for one in found.profile("LAO").rows if one.indicator == "pm25_mean")
    assert one.value == known["LAO"]
    assert (one.rank, one.of) == (1 + sum(value < known["LAO"] for value in known.values()), len(known))
    assert (one.rank_in_region, one.of_region) == (1 + sum(value < known["LAO"] for value in near), len(near))


def test_the_same_run_gives_the_same_result_and_another_seed_other_intervals() -> None:
    again = evaluate("eco_environment", group="greensilk_24", on=ON, replications=200)
    assert again.intervals == shipped().intervals and again.profiles == shipped().profiles
    assert again.provenance.run_id == shipped().provenance.run_id
    other = evaluate("eco_environment", group="greensilk_24", on=ON, replications=200, seed=7)
    assert other.intervals != shipped().intervals
    assert other.provenance.run_id != again.provenance.run_id


def test_provenance_names_data_and_arguments_and_no_path(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    content = (Path(__file__).parents[2] / "src/greensilk/definitions/indices/water_stress.yaml").read_text("utf-8")
    file.write_text(content, "utf-8")
    found = evaluate(str(file), countries=["LAO"], on=ON, replications=50).provenance
    assert {used.id for used in found.bundle} == {
        "country_environment", "country_factors", "grid_carbon", "population", "countries",
    }  # fmt: skip
    assert (found.arguments.index, found.arguments.countries, found.arguments.on) == (
        "water_stress",
        ("LAO",),
        "2026-06-30",
    )
    assert str(tmp_path) not in found.model_dump_json()


@pytest.mark.parametrize("index_id", ["eco_environment", "climate_transition", "water_stress"])
def test_shipped_definitions_say_what_they_are(index_id: str) -> None:
    definition = index_definitions()[index_id]
    check_definition(definition, index_table(country_values().frame, definition))
    assert not definition.confirmed and definition.about is not None
    names = country_indicators()
    for one in definition.indicators:
        assert one.why is not None and one.source and one.direction in {-1, 1}, one.id
        assert (one.label, one.unit) == (names[one.id].label, names[one.id].unit), one.id


def test_the_ecological_index_has_four_elements_and_enough_data() -> None:
    found = shipped()
    assert [score.element for score in found.profile("LAO").scores[1:]] == ["air", "water", "ecology", "climate"]
    assert 25 <= len(found.definition.indicators) <= 40
    assert found.ranked > 180
    assert all(found.profiles[code].rank is not None for code in found.asked)
    # Every indicator has enough values, as COINr flags it, and none is left with outliers.
    values = found.built.prepared.denominated.values
    assert (np.isfinite(values).mean(axis=0) > 0.65).all()
    assert all(one.passed for one in found.built.treatments[0])


def test_missing_in_profiles_is_missing_in_the_engine() -> None:
    found = shipped()
    told = {r["unit"]: r for r in availability(found.built).iter_rows(named=True)}
    gaps = np.isnan(found.built.prepared.denominated.values).sum(axis=1)
    for unit, count in zip(found.built.prepared.denominated.units, gaps.tolist(), strict=True):
        assert found.profiles[unit].missing == count
    assert set(told) == set(found.countries)


def test_an_element_by_itself_scores_as_it_does_in_the_index() -> None:
    from greensilk.indices import build

    found = shipped()
    table = index_table(found.values.frame, found.definition).filter(pl.col("unit").is_in(list(found.countries)))
    alone = build(table, part_of(found.definition, "water"))
    whole = dict(found.built.results.select("unit", "water").iter_rows())
    assert {unit: whole[unit] for unit in alone.scores.units} == dict(alone.results.select("unit", "water").iter_rows())
    assert all(whole[unit] is None for unit in set(whole) - set(alone.scores.units))
    assert len(alone.scores.columns) == 1


def test_progress_is_told_in_order() -> None:
    told: list[float] = []
    evaluate("water_stress", on=ON, replications=50, progress=lambda doing, share: told.append(share))
    assert told == sorted(told) and len(told) >= 3
