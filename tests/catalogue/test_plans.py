"""What is asked of a provider: versions, countries and tiles, and nothing of a portfolio."""

from __future__ import annotations

import datetime as dt
import inspect

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from greensilk.catalogue import plans, pulling
from greensilk.catalogue.bundle import countries
from greensilk.catalogue.datasets import Dataset, FileDownload, PageDownload, Tiles, Versions, datasets
from greensilk.catalogue.fetching import Request
from greensilk.catalogue.installing import Asked
from greensilk.catalogue.plans import Area
from greensilk.errors import FetchError, UsageError
from greensilk.places import country_codes

WORLDCOVER = Tiles(step_deg=3, name="{ns}{lat:02d}{ew}{lon:03d}")


def a_dataset(fetch: FileDownload | PageDownload, versions: Versions) -> Dataset:
    """Any definition, fetched in this way."""
    return next(iter(datasets().values())).model_copy(update={"id": "some_data", "fetch": fetch, "versions": versions})


def files(**terms: object) -> FileDownload:
    return FileDownload.model_validate({"how": "files", "address": "https://data.example/{version}/all.zip", **terms})


FIXED = Versions(named="fixed", current="2.0")


def test_versions_follow_their_rule() -> None:
    month = Versions(named="month", pattern="%b%Y")
    today = dt.date(2026, 1, 23)
    assert plans.versions_wanted(a_dataset(files(by="whole"), month), None, today) == ("Jan2026", "Dec2025")
    assert plans.versions_wanted(a_dataset(files(by="whole"), month), "Oct2026", today) == ("Oct2026",)
    assert plans.versions_wanted(a_dataset(files(by="whole"), FIXED), None, today) == ("2.0",)
    assert plans.versions_wanted(a_dataset(files(by="whole"), FIXED), "1.0", today) == ("1.0",)
    daily = a_dataset(files(by="whole", address="https://data.example/newest.zip"), Versions(named="day"))
    assert plans.versions_wanted(daily, None, today) == (None,)


@pytest.mark.parametrize("versions", [FIXED, Versions(named="day"), Versions(named="month", pattern="%b%Y")])
def test_a_version_that_no_address_leads_to_is_not_made_up(versions: Versions) -> None:
    """What is there today must not be kept under the name of an older version."""
    one = a_dataset(files(by="whole", address="https://data.example/all.zip"), versions)
    assert len(plans.versions_wanted(one, None, dt.date(2026, 1, 23))) == 1
    with pytest.raises(UsageError, match="newest"):
        plans.versions_wanted(one, "2019", dt.date(2026, 1, 23))


def test_a_whole_file_is_one_request_and_takes_no_country() -> None:
    one = a_dataset(files(by="whole", checksum={"algorithm": "sha256", "of_version": {"2.0": "ab"}}), FIXED)
    (request,) = plans.file_requests(one, "2.0", Area())
    assert (request.address, request.file_name) == ("https://data.example/2.0/all.zip", "all.zip")
    assert request.checksum == ("sha256", "ab")
    with pytest.raises(UsageError, match="whole"):
        plans.file_requests(one, "2.0", Area(("LAO",)))


def test_a_file_a_country_has_the_country_in_its_name() -> None:
    one = a_dataset(files(by="country", address="https://data.example/{iso_a2}/x_{iso_a3}.zip?t=1"), FIXED)
    found = plans.file_requests(
        one,
        "2.0",
        Area(
            (
                "LAO",
                "VNM",
            )
        ),
    )
    assert [request.file_name for request in found] == ["x_LAO.zip", "x_VNM.zip"]
    assert found[0].address == "https://data.example/LA/x_LAO.zip?t=1"
    assert found[0].import_options == "--country LAO"
    with pytest.raises(UsageError, match="--country"):
        plans.file_requests(one, "2.0", Area())


def test_a_country_without_a_part_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "parts_table", lambda name: {"LAO": ("as",), "VNM": ("as",), "RUS": ("as", "si", "eu")})
    one = a_dataset(files(by="part", parts="some.csv", address="https://data.example/{part}.zip"), FIXED)
    assert [
        r.file_name
        for r in plans.file_requests(
            one,
            "2.0",
            Area(
                (
                    "LAO",
                    "VNM",
                )
            ),
        )
    ] == ["as.zip"]
    world = plans.file_requests(one, "2.0", Area(is_world=True))
    assert [r.file_name for r in world] == ["as.zip", "si.zip", "eu.zip"]
    with pytest.raises(UsageError, match="--country"):
        plans.file_requests(one, "2.0", Area())
    with pytest.raises(FetchError, match="ATA"):
        plans.file_requests(one, "2.0", Area(("ATA",)))


def test_countries_are_read_in_either_language() -> None:
    assert plans.read_area(["老挝", "VNM", "Lao PDR"]) == Area(("LAO", "VNM"))
    assert plans.read_area(["LAO", "全球"]) == Area(is_world=True)
    with pytest.raises(UsageError, match="Atlantis, Lemuria"):
        plans.read_area(["Atlantis", "LAO", "Lemuria"])


@pytest.mark.parametrize(
    ("country", "tiles"),
    [("LUX", {"N48E003", "N48E006"}), ("SGP", {"N00E102"}), ("MCO", {"N42E006"})],
)
def test_tiles_of_small_countries(country: str, tiles: set[str]) -> None:
    """By their extent in an atlas."""
    assert set(plans.tiles_of(country, WORLDCOVER)) == tiles


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["NOR", "FIN", "RUS", "LUX", "LAO"]))
def test_a_ring_of_ten_kilometres_about_the_border_lies_in_the_tiles(country: str) -> None:
    geod = Geod(ellps="WGS84")
    tiles = set(plans.tiles_of(country, WORLDCOVER))
    table = countries()
    parts = table.features.parts[table.features.feature == table.iso_a3.index(country)]
    for lon, lat in shapely.get_coordinates(parts)[::211]:
        for azimuth in (0, 90, 180, 270):
            x, y, _ = geod.fwd(lon, lat, azimuth, 10_000)
            row, column = int(np.floor(y / 3)) * 3, int(np.floor(x / 3)) * 3
            name = f"{'N' if row >= 0 else 'S'}{abs(row):02d}{'E' if column >= 0 else 'W'}{abs(column):03d}"
            assert name in tiles, (lon, lat, azimuth)


def test_tiles_wrap_at_the_antimeridian() -> None:
    found = plans.tiles_of("FJI", WORLDCOVER)
    assert {"S18E177", "S18W180"} <= set(found)
    assert not any("W183" in name or "E180" in name for name in found)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(country_codes())), st.sampled_from([1.0, 3.0, 10.0]))
def test_every_point_of_a_country_lies_in_one_of_its_tiles(country: str, step_deg: float) -> None:
    tiles = set(plans.tiles_of(country, Tiles(step_deg=step_deg, name="{ns}{lat:02d}{ew}{lon:03d}")))
    table = countries()
    row = table.iso_a3.index(country)
    parts = table.features.parts[table.features.feature == row]
    for lon, lat in shapely.get_coordinates(parts)[::97]:
        at = np.floor(min(lon, 179.999) / step_deg) * step_deg, np.floor(lat / step_deg) * step_deg
        name = f"{'N' if at[1] >= 0 else 'S'}{abs(int(at[1])):02d}{'E' if at[0] >= 0 else 'W'}{abs(int(at[0])):03d}"
        assert name in tiles


@pytest.mark.parametrize("name", sorted(datasets()))
def test_requests_of_every_definition_hold_only_what_is_public(name: str) -> None:
    one = datasets()[name]
    if one.fetch.how == "files":
        wanted = Area(("LAO",)) if plans.comes_by_country(one) else Area()
        found = plans.file_requests(one, "2026", wanted)
        assert found and len({request.file_name for request in found}) == len(found)
        assert all(request.address.startswith("https://") for request in found)
        assert all(("{token}" in request.address or bool(request.header)) == bool(request.token) for request in found)
    elif one.fetch.how == "pages":
        assert plans.page_requests(one, "2026", Area(("LAO",)) if plans.comes_by_country(one) else Area())


def test_there_is_no_way_to_hand_a_coordinate_to_a_fetch() -> None:
    """Everything a request is filled from is a version, countries, and the definition."""
    assert set(inspect.signature(pulling.pull).parameters) == {"dataset_id", "asked", "progress"}
    assert set(Asked.__dataclass_fields__) == {
        "countries", "version", "licence", "commercial", "redistribute", "coverage", "beside"
    }  # fmt: skip
    assert set(inspect.signature(plans.file_requests).parameters) == {"one", "version", "area"}
    assert not {name for name in Request.__dataclass_fields__ if "lon" in name or "lat" in name or "site" in name}
