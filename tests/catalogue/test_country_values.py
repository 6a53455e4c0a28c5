"""Country values in one table: what is in it, what is computed, what a licence keeps out."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from greensilk.catalogue.bundle import bundle_table
from greensilk.catalogue.country_values import (
    LAST_YEAR,
    SCHEMA,
    SHIPPED,
    country_indicators,
    country_values,
    newest,
    shipped_values,
)
from greensilk.catalogue.data_info import AllowedUse, Stated
from greensilk.catalogue.outputs import TableOutput
from greensilk.catalogue.table_import import import_table
from greensilk.country_groups import areas_km2
from greensilk.places import country_codes

VALUES = shipped_values()


def one(country: str, indicator: str) -> dict[str, object]:
    (row,) = newest(VALUES, indicator, LAST_YEAR).filter(pl.col("iso_a3") == country).iter_rows(named=True)
    return row


def installed(folder: Path, use: AllowedUse) -> None:
    variables = {"a": {"label": {"en": "A", "zh": "甲"}, "unit": "%", "column": "value", "plausible": [0, 100]}}
    output = {
        "kind": "table", "table": "made_up", "label": {"en": "Made up", "zh": "虚构"}, "files": ["*"], "shape": "long",
        "country_column": "country", "year_column": "year", "variables": variables,
    }  # fmt: skip
    file = folder / "a.csv"
    file.write_text("country,year,value\nLAO,2020,5\nLAO,2021,6\nVNM,2021,700\n", "utf-8")
    wanted = TableOutput.model_validate_json(json.dumps(output))
    import_table(wanted, [file], Stated(title="Made up", version="7", licence="X", use=use), lambda share: None)


def test_every_row_is_complete_and_of_a_known_country_and_indicator() -> None:
    assert dict(VALUES.schema) == SCHEMA
    for column in ("iso_a3", "indicator", "value", "unit", "source", "dataset", "version", "flag"):
        assert VALUES[column].null_count() == 0, column
    assert VALUES["value"].is_finite().all()
    assert set(VALUES["iso_a3"]) <= set(country_codes())
    assert set(VALUES["indicator"]) == set(country_indicators())
    for indicator, unit in VALUES.select("indicator", "unit").unique().iter_rows():
        assert country_indicators()[indicator].unit == unit, indicator
    assert not VALUES.select("indicator", "iso_a3", "dataset", "year").is_duplicated().any()


def test_the_order_is_that_of_indicator_country_and_year() -> None:
    keys = VALUES.select("indicator", "iso_a3", "dataset", pl.col("year").fill_null(-1))
    assert keys.equals(keys.sort(keys.columns))


def test_every_shipped_value_is_there_unchanged() -> None:
    for name in SHIPPED:
        table = bundle_table(name)
        table = table.filter(pl.col("iso_a3").is_in(list(country_codes())))
        own = VALUES.filter(pl.col("dataset") == name, pl.col("flag") == "")
        assert len(own) == len(table), name
        column = "population" if name == "population" else "value"
        assert own["value"].sum() == pytest.approx(table[column].cast(pl.Float64).sum(), rel=1e-12)


def test_population_between_two_fifth_years_lies_on_a_line() -> None:
    people = VALUES.filter(pl.col("indicator") == "population", pl.col("iso_a3") == "LAO")
    of = dict(people.select("year", "value").iter_rows())
    # 7,346,533 in 2020 and 7,873,051 in 2025: three fifths of the way.
    assert of[2023] == pytest.approx(7346533 + 0.6 * (7873051 - 7346533))
    flags = dict(people.select("year", "flag").iter_rows())
    assert (flags[2020], flags[2023], flags[2025]) == ("", "interpolated", "")
    assert 2026 not in of and 2030 in of


def test_what_is_computed_by_hand() -> None:
    # Laos, printed: 7.05, 0.17 and 0.13 billion m³ withdrawn of 333.5 billion, all of 2022.
    ratio = one("LAO", "water_withdrawal_ratio")
    assert ratio["value"] == pytest.approx(100 * 7.35 / 333.5)
    assert (ratio["year"], ratio["unit"], ratio["flag"], ratio["dataset"]) == (
        2022,
        "%",
        "computed",
        "country_environment",
    )
    assert one("LAO", "agricultural_withdrawal_share")["value"] == pytest.approx(100 * 7.05 / 7.35)
    # 23.412 Mt CO2 of 2023 over the people of 2023, not of another year.
    per_person = one("LAO", "co2_per_person")
    assert per_person["value"] == pytest.approx(23412000 / 7662443.8)
    assert per_person["dataset"] == "country_environment + population"
    assert one("LAO", "population_density")["value"] == pytest.approx(
        one("LAO", "population")["value"] / areas_km2()["LAO"]
    )


def test_nothing_is_computed_from_a_missing_part_or_a_zero() -> None:
    parts = ["water_withdrawal_agricultural", "water_withdrawal_industrial", "water_withdrawal_municipal"]
    having = [set(VALUES.filter(pl.col("indicator") == name)["iso_a3"]) for name in parts]
    whole = set(VALUES.filter(pl.col("indicator") == "water_withdrawal")["iso_a3"])
    assert whole == set.intersection(*having) != set.union(*having)


def test_what_is_computed_is_plausible() -> None:
    shares = ["low_carbon_electricity_share", "fossil_electricity_share", "agricultural_withdrawal_share",
              "electricity_losses_share", "coal_co2_share", "irrigated_area_share"]  # fmt: skip
    for name in shares:
        values = VALUES.filter(pl.col("indicator") == name)["value"]
        assert values.min() >= 0 and values.max() <= 100.01, name  # type: ignore[operator]
    wide = VALUES.filter(pl.col("indicator").is_in(["low_carbon_electricity_share", "fossil_electricity_share"]))
    total = wide.group_by("iso_a3").agg(pl.col("value").sum(), pl.len()).filter(pl.col("len") == 2)
    assert (total["value"] - 100).abs().max() < 0.02  # type: ignore[operator]


def test_newest_does_not_look_ahead() -> None:
    for year in (2015, 2022):
        assert newest(VALUES, "population", year)["year"].max() == year
    assert newest(VALUES, "pm25_mean", 2018).is_empty()
    assert newest(VALUES, "species_loss_crops", 1990)["year"].null_count() == 183  # undated values are of any day


def test_an_installed_table_is_added_under_its_own_name(tmp_path: Path) -> None:
    installed(tmp_path, AllowedUse(commercial=True, redistribute=True))
    found = country_values()
    own = found.frame.filter(pl.col("dataset") == "made_up")
    rows = own.select("iso_a3", "indicator", "year", "value", "version", "flag").rows()
    assert rows == [
        ("LAO", "made_up:a", 2020, 5.0, "7", ""),
        ("LAO", "made_up:a", 2021, 6.0, "7", ""),
        ("VNM", "made_up:a", 2021, 700.0, "7", "out_of_range"),
    ]
    assert list(found.tables) == ["made_up"] and not found.left_out
    assert newest(found.frame, "made_up:a").select("iso_a3", "value").rows() == [("LAO", 6.0)]


def test_a_table_that_may_not_be_used_is_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    installed(tmp_path, AllowedUse(commercial=False, redistribute=False))
    assert "made_up" in set(country_values().frame["dataset"])
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    found = country_values()
    assert "Made up" in found.left_out["made_up"].en and "虚构" in found.left_out["made_up"].zh
    assert not found.tables and found.frame.equals(shipped_values())


def test_a_damaged_table_is_left_out_and_named(tmp_path: Path, own_data_dir: Path) -> None:
    installed(tmp_path, AllowedUse(commercial=True, redistribute=True))
    (parquet,) = own_data_dir.rglob("*.parquet")
    parquet.write_bytes(b"damaged")
    found = country_values()
    assert list(found.left_out) == ["made_up"] and not found.tables
