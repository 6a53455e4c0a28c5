"""Country tables from real files, against what pandas reads in the same files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.installing import Asked
from greensilk.catalogue.outputs import TableOutput
from greensilk.catalogue.pulling import import_files
from greensilk.catalogue.table_records import TableInfo
from greensilk.catalogue.tables import open_table
from greensilk.places import country_codes

CODES = set(country_codes())


def imported(dataset: str, *paths: Path) -> tuple[TableInfo, pl.DataFrame]:
    (info,) = import_files(dataset, paths, Asked(version="2026-01")).made
    assert isinstance(info, TableInfo)
    return info, open_table(info.id).frame


def by_country(frame: pl.DataFrame, indicator: str) -> dict[str, float]:
    return dict(frame.filter(pl.col("indicator") == indicator).select("iso_a3", "value").iter_rows())


def test_every_value_of_gapminder_arrives(shared: Path) -> None:
    (output,) = datasets()["gapminder_systema_globalis"].gives
    assert isinstance(output, TableOutput)
    folder = shared / "gapminder_systema_globalis" / "datapoints"
    info, frame = imported(output.table, *(folder / f"{one.column}.csv" for one in output.variables.values()))
    outside = 0
    for name, one in output.variables.items():
        theirs = pd.read_csv(folder / f"{one.column}.csv", keep_default_na=False, na_values=[""], encoding="utf-8")
        theirs["iso_a3"] = theirs["geo"].str.upper()
        theirs = theirs[theirs["iso_a3"].isin(CODES)].dropna(subset=[one.column])
        expected = {(a, int(b)): float(c) for a, b, c in theirs[["iso_a3", "time", one.column]].itertuples(index=False)}
        ours = frame.filter(pl.col("indicator") == name)
        assert {(a, b): c for a, b, c in ours.select("iso_a3", "year", "value").iter_rows()} == expected
        low, high = one.plausible
        assert low is not None and high is not None
        outside += int(((theirs[one.column] < low) | (theirs[one.column] > high)).sum())
    assert (info.rows, info.flagged, info.unreadable) == (len(frame), outside, 0)
    assert len(info.indicators) == len(output.variables) == 29
    assert 0 < outside < info.rows / 200
    assert set(info.skipped) >= {"ussr"} or info.skipped_rows > 0
    china = frame.filter((pl.col("iso_a3") == "CHN") & (pl.col("year") == 2015))
    assert by_country(china, "coal_toe")["CHN"] == pytest.approx(1919951991.97478, rel=1e-12)


def test_units_of_the_coal_tracker_are_added_up_by_status(shared: Path) -> None:
    path = shared / "gem_coal_tracker" / "global-coal-plant-tracker.csv"
    theirs = pd.read_csv(path, keep_default_na=False, dtype=str, encoding="utf-8-sig")
    units = theirs[theirs["COUNTRY"] != ""]
    assert (len(theirs), units["COUNTRY"].nunique()) == (13_784, 105)
    info, frame = imported("gem_coal_tracker", path)
    # 2,460 rows are the second half of a broken line, with neither country nor state.
    assert (info.left_out, info.skipped) == (2_460, {"Kosovo": 9, "Guadeloupe": 3})
    assert info.countries_held == 105 - 2
    assert [note.en for note in info.notes if "Rkiye" in note.en or "rkiye" in note.en]
    kept = units[~units["COUNTRY"].isin(["Kosovo", "Guadeloupe"])]
    counted = frame.filter(pl.col("indicator").str.starts_with("units_"))["value"].sum()
    assert counted == len(kept) == 13_784 - 2_472
    for status, count in kept["STATUS"].value_counts().items():
        slug = str(status).lower().replace("-", "_")
        assert sum(by_country(frame, f"units_{slug}").values()) == count
        megawatts = kept.loc[kept["STATUS"] == status, "CAPACITY_MW"].astype(float)
        assert sum(by_country(frame, f"capacity_{slug}_mw").values()) == pytest.approx(megawatts.sum(), rel=1e-12)
    turkey = kept[kept["COUNTRY"].str.endswith("rkiye") & (kept["STATUS"] == "Operating")]["CAPACITY_MW"].astype(float)
    assert by_country(frame, "capacity_operating_mw")["TUR"] == pytest.approx(turkey.sum())
    assert info.flagged == 0


@pytest.mark.parametrize(
    ("dataset", "file", "column", "indicator"),
    [
        ("ember_grid_carbon", "ember_average_gco2_per_kwh.csv", "ember_average_gco2_per_kwh", "carbon_intensity_g_kwh"),
        (
            "ifi_grid_factors",
            "unfccc_ifi_2021_marginal_gco2_per_kwh.csv",
            "unfccc_ifi_2021_marginal_gco2_per_kwh",
            "operating_margin_g_kwh",
        ),
    ],
)
def test_grid_factors_arrive_by_country(shared: Path, dataset: str, file: str, column: str, indicator: str) -> None:
    path = shared / "grid_carbon_intensity" / file
    theirs = pd.read_csv(path, keep_default_na=False, na_values=[""])
    info, frame = imported(dataset, path)
    known = theirs[theirs["code"].isin(CODES)]
    assert by_country(frame, indicator) == dict(zip(known["code"], known[column].astype(float), strict=True))
    assert info.rows + info.skipped_rows == len(theirs)
    assert not {area for area in info.skipped if len(area) == 3} & CODES
    assert by_country(frame, indicator)["KEN"] == {"ember_grid_carbon": 84.83, "ifi_grid_factors": 574}[dataset]


def test_zones_of_electricity_maps_are_countries_or_told(shared: Path) -> None:
    path = shared / "grid_carbon_intensity" / "electricity_maps_yearly_2021_2025.csv"
    theirs = pd.read_csv(path, keep_default_na=False, na_values=[""])
    alpha_2 = {one.iso_a2: code for code, one in country_codes().items() if one.iso_a2}
    national = theirs[theirs["zone"].isin(alpha_2)]
    info, frame = imported("electricity_maps_yearly", path)
    expected = {
        (alpha_2[zone], year): float(value)
        for zone, year, value in national[["zone", "year", "gco2eq_per_kwh"]].dropna().itertuples(index=False)
    }
    ours = frame.filter(pl.col("indicator") == "carbon_intensity_g_kwh")
    assert {(a, b): c for a, b, c in ours.select("iso_a3", "year", "value").iter_rows()} == expected
    assert info.skipped_rows == len(theirs) - len(national)
    assert info.years == (2021, 2025)
    assert info.skipped["AU-NSW"] == 5
