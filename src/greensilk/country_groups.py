"""Groups of countries with dated membership, and the region of the world each country is counted in."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Literal

import polars as pl
from pydantic import Field

from greensilk.errors import UsageError
from greensilk.places import country_codes
from greensilk.records import DEFINITIONS, Label, Record, Source, load_file, load_folder

Exactness = Literal["day", "month", "year"]


class Membership(Record):
    """From when to when a country belongs to a group.

    since: null = from the beginning; until: the first day outside, null = still inside; known_to: how exactly the two
    are known: of a year or month the last day is written, so that nothing is counted too early
    """

    since: dt.date | None = None
    until: dt.date | None = None
    known_to: Exactness = "day"

    def holds(self, on: dt.date) -> bool:
        """Whether the country belongs on that day."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


class CountryGroup(Record):
    """A named set of countries. members: ISO alpha-3 -> membership; confirmed: whether it was read, not remembered."""

    id: str
    label: Label
    about: Label
    members: dict[str, Membership] = Field(min_length=1)
    source: tuple[Source, ...] = Field(min_length=1)
    confirmed: bool

    def on(self, day: dt.date) -> tuple[str, ...]:
        """Codes of those that belong on that day, sorted."""
        return tuple(sorted(code for code, membership in self.members.items() if membership.holds(day)))


class Region(Record):
    """A part of a continent as the United Nations count them (standard M49)."""

    label: Label
    continent: Label
    countries: tuple[str, ...]


class _Regions(Record):
    source: tuple[Source, ...]
    confirmed: bool
    regions: dict[str, Region]


class _Ground(Record):
    area_km2: float
    neighbours: tuple[str, ...]


class _Grounds(Record):
    source: tuple[Source, ...]
    countries: dict[str, _Ground]


@cache
def country_groups() -> dict[str, CountryGroup]:
    """Every group by id.

    raises: DefinitionError listing every fault of their files
    """
    return load_folder(CountryGroup, DEFINITIONS / "country_groups")


def group_members(group: str, on: dt.date) -> tuple[str, ...]:
    """Codes of the countries of a group on a day, sorted.

    raises: UsageError if there is no such group
    >>> import datetime as dt
    >>> "ITA" in group_members("bri", dt.date(2022, 6, 1)), "ITA" in group_members("bri", dt.date(2024, 6, 1))
    (True, False)
    """
    found = country_groups().get(group)
    if found is None:
        raise UsageError("countries.group_unknown", group=group[:60], known=", ".join(country_groups()))
    return found.on(on)


@cache
def regions() -> dict[str, Region]:
    """Every region by id, in the order of the file."""
    return load_file(_Regions, DEFINITIONS / "country_regions.yaml").regions


@cache
def region_of() -> dict[str, str]:
    """The id of each country's region, by alpha-3 code; who is in none is not there.

    >>> region_of()["LAO"]
    'south_eastern_asia'
    """
    return {code: name for name, region in regions().items() for code in region.countries}


@cache
def _grounds() -> dict[str, _Ground]:
    return load_file(_Grounds, DEFINITIONS / "country_ground.yaml").countries


def land_neighbours(iso_a3: str) -> tuple[str, ...]:
    """Codes of the countries whose outlines touch this one's, sorted; none for an island or an unknown code.

    >>> land_neighbours("LAO")
    ('CHN', 'KHM', 'MMR', 'THA', 'VNM')
    """
    found = _grounds().get(iso_a3)
    return found.neighbours if found else ()


def areas_km2() -> dict[str, float]:
    """Area within each country's shipped outline, inland water included, by alpha-3 code."""
    return {code: ground.area_km2 for code, ground in _grounds().items()}


def region_table() -> pl.DataFrame:
    """unit, region of every country with a code; region null where it is in none."""
    of = region_of()
    codes = sorted(country_codes())
    columns = {"unit": codes, "region": [of.get(code) for code in codes]}
    return pl.DataFrame(columns, schema={"unit": pl.String, "region": pl.String})
