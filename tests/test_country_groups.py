"""Groups of countries: who belongs on which day, regions, neighbours and areas."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import polars as pl
import pytest
import shapely
from pyproj import Geod

from greensilk.catalogue.bundle import bundle_path, bundle_table
from greensilk.country_groups import (
    Membership,
    areas_km2,
    country_groups,
    group_members,
    land_neighbours,
    region_of,
    region_table,
    regions,
)
from greensilk.errors import UsageError
from greensilk.places import country_codes

NAMED = {"MNG", "MYS", "KHM", "PHL", "IRQ", "ISR", "OMN"}


def test_membership_begins_on_its_day_and_ends_before_its_last() -> None:
    of = Membership(since=dt.date(2019, 3, 23), until=dt.date(2023, 12, 31))
    days = [dt.date(2019, 3, 22), dt.date(2019, 3, 23), dt.date(2023, 12, 30), dt.date(2023, 12, 31)]
    assert [of.holds(day) for day in days] == [False, True, True, False]
    assert Membership().holds(dt.date(1900, 1, 1))


def test_the_belt_and_road_group_grows_and_shrinks() -> None:
    assert group_members("bri", dt.date(2013, 1, 1)) == ()
    assert {"PAK", "KHM"} <= set(group_members("bri", dt.date(2013, 12, 31)))
    then, now = group_members("bri", dt.date(2022, 12, 31)), group_members("bri", dt.date(2026, 1, 1))
    assert {"ITA", "PAN"} <= set(then) and not {"ITA", "PAN"} & set(now)
    assert "HND" in now and "HND" not in then
    assert len(then) > 140
    assert not country_groups()["bri"].confirmed


def test_a_year_alone_counts_from_its_last_day() -> None:
    for code, membership in country_groups()["bri"].members.items():
        if membership.known_to == "year":
            assert membership.since is not None and (membership.since.month, membership.since.day) == (12, 31), code


def test_the_selection_of_24_follows_its_rule() -> None:
    chosen = group_members("greensilk_24", dt.date(2026, 1, 1))
    assert len(chosen) == 24 and set(chosen) >= NAMED
    of_2020 = bundle_table("population").filter(pl.col("year") == 2020)
    people = dict(of_2020.select("iso_a3", "population").iter_rows())
    picked: list[str] = []
    for code in sorted(group_members("bri", dt.date(2022, 12, 31)), key=lambda code: -people.get(code, 0)):
        near = Counter(region_of()[one] for one in picked)
        if code not in NAMED and len(picked) < 17 and near[region_of()[code]] < 2:
            picked.append(code)
    assert set(picked) == set(chosen) - NAMED


def test_every_member_is_a_country() -> None:
    for group in country_groups().values():
        assert set(group.members) <= set(country_codes()), group.id


def test_unknown_group_names_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"asean.*bri"):
        group_members("asean", dt.date(2026, 1, 1))


def test_every_country_but_antarctica_is_in_one_region() -> None:
    listed = [code for region in regions().values() for code in region.countries]
    assert len(listed) == len(set(listed))
    assert set(country_codes()) - set(listed) == {"ATA"}
    assert region_table().filter(pl.col("region").is_null())["unit"].to_list() == ["ATA"]
    assert region_of()["LAO"] == "south_eastern_asia"


def test_neighbours_are_mutual_and_right() -> None:
    assert land_neighbours("MNG") == ("CHN", "RUS")
    assert land_neighbours("MDG") == () and land_neighbours("XXX") == ()
    for code in country_codes():
        assert all(code in land_neighbours(other) for other in land_neighbours(code)), code


def test_areas_are_those_of_the_shipped_outlines() -> None:
    table = pl.read_parquet(bundle_path("countries"), columns=["iso_a3", "geometry"])
    asked = {"LAO", "MNG", "FJI", "VAT", "ISR"} & set(table["iso_a3"].drop_nulls())
    geod = Geod(ellps="WGS84")
    for code, wkb in table.filter(pl.col("iso_a3").is_in(list(asked))).iter_rows():
        expected = abs(geod.geometry_area_perimeter(shapely.from_wkb(wkb))[0]) / 1e6
        assert areas_km2()[code] == pytest.approx(expected, rel=1e-5), code
    assert areas_km2().keys() == country_codes().keys()
