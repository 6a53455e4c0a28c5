"""What to fetch of a data set: versions, countries and the tiles or parts they lie in become requests.

Requests are filled from these alone: nothing of a portfolio can get into one.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

import numpy as np
import polars as pl
import shapely

from greensilk.catalogue.bundle import bundle_path, bundle_table
from greensilk.catalogue.datasets import Dataset, FileDownload, PageDownload, Tiles
from greensilk.catalogue.fetching import Request
from greensilk.catalogue.next_steps import no_such_country
from greensilk.catalogue.raw_table import Geometries
from greensilk.errors import FetchError, UsageError
from greensilk.geometry.arrays import Floats
from greensilk.places import country_codes, find_country
from greensilk.records import DEFINITIONS

PARTS = DEFINITIONS / "datasets" / "parts"
# Rings of 10 km about a site at the border reach into the neighbouring tile, and outlines are off by up to a kilometre.
BORDER_MARGIN_DEG = 0.15  # of latitude, and of a great circle
WORLD = frozenset(("world", "世界", "全球"))
VERSION = re.compile(r"[A-Za-z0-9][\w .,+:-]{0,59}")
DAYS = ("%Y-%m-%d", "%Y-%m", "%Y")  # how a version that is named after a day may be written


@dataclass(frozen=True)
class Area:
    """Countries, as sorted ISO alpha-3 codes; is_world: all there is, asked for by that name."""

    countries: tuple[str, ...] = ()
    is_world: bool = False


def read_area(given: Sequence[str]) -> Area:
    """Countries named by code or name in either language, or the world.

    raises: UsageError naming those that are none
    """
    names = [name.strip() for name in given]
    if any(name.casefold() in WORLD for name in names):
        return Area(is_world=True)
    found = {name: find_country(name) for name in names}
    wrong = [name[:40] or "-" for name, code in found.items() if code is None]
    if wrong:
        raise no_such_country(wrong)
    return Area(tuple(sorted({code for code in found.values() if code})))


def versions_wanted(one: Dataset, asked: str | None, today: dt.date) -> tuple[str | None, ...]:
    """The version to fetch, and those to fall back on where it is not out yet; None = named after the day of the file.

    raises: UsageError where only the newest can be had
    """
    versions = one.versions
    newest = today.strftime(versions.pattern) if versions.pattern else versions.current
    in_address = "{version}" in getattr(one.fetch, "address", "")
    if asked is not None and asked != newest and not in_address:
        raise UsageError("datasets.only_newest", id=one.id, asked=asked[:40])
    if asked is not None or not (versions.pattern and in_address):
        return (asked or newest,)
    last_month = today.replace(day=1) - dt.timedelta(days=1)
    return newest, last_month.strftime(versions.pattern)


def version_stated(one: Dataset, asked: str | None) -> str:
    """The version of files that a user has, as stated, else as the definition names it.

    raises: UsageError if there is none, or it is not called as the data set's versions are
    """
    versions = one.versions
    version = asked or versions.current
    if version is None:
        raise UsageError("datasets.version_needed", id=one.id, landing_page=one.landing_page)
    forms = (versions.pattern,) if versions.pattern else DAYS if versions.named == "day" else ()
    if not VERSION.fullmatch(version) or (forms and version_day(version, forms) is None):
        example = dt.date(2026, 11, 23).strftime(forms[0] if forms else "%Y-%m")
        raise UsageError("datasets.version_wrong", id=one.id, version=version[:40], example=example)
    return version


def version_day(version: str, forms: Sequence[str]) -> dt.date | None:
    """The day that a version is of, as one of some forms of strptime says; None if none does.

    >>> version_day("Nov2026", ["%b%Y"]), version_day("2026", DAYS)
    (datetime.date(2026, 11, 1), datetime.date(2026, 1, 1))
    """
    for form in forms:
        try:
            return dt.datetime.strptime(version, form).date()
        except ValueError:
            continue
    return None


def require_area_of(one: Dataset, area: Area, file_names: Sequence[str]) -> None:
    """Nothing, if files that a user has can be of these countries.

    raises: UsageError for countries of a data set that comes whole, where none is named of one that comes by country,
    and where a file's name says another country
    """
    if comes_by_country(one) and not area.countries and not area.is_world:
        raise UsageError("datasets.say_countries", id=one.id)
    if one.fetch.how != "by_hand" and not comes_by_country(one) and area.countries:
        raise UsageError("datasets.comes_whole", id=one.id)
    pattern = _name_pattern(PurePosixPath(getattr(one.fetch, "address", "")).name)
    for name in file_names if area.countries else ():
        found = pattern and re.fullmatch(pattern, name)
        if found and found[1] not in area.countries:
            raise UsageError("datasets.other_country", file=name, country=found[1], stated=", ".join(area.countries))


def _name_pattern(name: str) -> str | None:
    """A regular expression for names of files that hold a country's code; None where they hold none."""
    if "{iso_a3}" not in name:
        return None
    pieces = re.split(r"(\{\w+\})", name)
    places = {"{iso_a3}": "([A-Z]{3})"}
    return "".join(places.get(piece, ".+?") if piece.startswith("{") else re.escape(piece) for piece in pieces)


def file_requests(one: Dataset, version: str | None, area: Area) -> list[Request]:
    """The files to fetch.

    raises: UsageError if it comes by country and none is named, or as a whole and one is; FetchError for a country of
    which its provider has no part
    """
    download = one.fetch
    if not isinstance(download, FileDownload):
        raise TypeError(one.id)
    _require_countries(one, area)
    filled = (
        {"version": version or "", "iso_a3": iso_a3, "iso_a2": iso_a2, "part": part}
        for iso_a3, iso_a2, part in _pieces(one, download, area.countries)
    )
    return list(
        {request.file_name: request for request in (_request(one, download, words) for words in filled)}.values()
    )


def page_requests(one: Dataset, version: str | None, area: Area) -> list[Request]:
    """The runs of pages to fetch, each as a request without its paging parameter.

    raises: UsageError as file_requests does
    """
    download = one.fetch
    if not isinstance(download, PageDownload):
        raise TypeError(one.id)
    _require_countries(one, area)
    countries = area.countries
    runs = [(one.id, "", "")] if download.by == "whole" else [(f"{one.id}_{c}", c, _alpha_2(c)) for c in countries]
    return [
        Request(
            dataset=one.id,
            landing_page=one.landing_page,
            address=_fill(download.address, {"version": version or "", "iso_a3": iso_a3, "iso_a2": iso_a2}),
            file_name=f"{stem}.json",
            token=download.token,
            header=download.header,
            requests_per_minute=download.requests_per_minute,
            import_options=_import_options(one, iso_a3, version or ""),
        )
        for stem, iso_a3, iso_a2 in runs
    ]


def comes_by_country(one: Dataset) -> bool:
    """Whether parts of the data set can be fetched for countries."""
    return one.by_country


def _require_countries(one: Dataset, area: Area) -> None:
    if not comes_by_country(one):
        if area.countries:
            raise UsageError("datasets.comes_whole", id=one.id)
        return
    has_parts = isinstance(one.fetch, FileDownload) and one.fetch.by == "part" and one.fetch.parts is not None
    if not area.countries and not (area.is_world and has_parts):
        raise UsageError("datasets.name_countries", id=one.id)


def _pieces(one: Dataset, download: FileDownload, countries: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """ISO codes and part of each file; a part that several countries share comes more than once."""
    if download.by == "whole":
        yield "", "", ""
    elif download.tiles is not None:
        for code in countries:
            yield from ((code, _alpha_2(code), name) for name in tiles_of(code, download.tiles))
    elif download.parts is not None:
        table = parts_table(download.parts)
        for code in countries or sorted(table):
            if code not in table:
                raise FetchError("datasets.no_part", id=one.id, country=code, landing_page=one.landing_page)
            yield from ((code, _alpha_2(code), part) for part in table[code])
    else:
        yield from ((code, _alpha_2(code), "") for code in countries)


def _alpha_2(iso_a3: str) -> str:
    return country_codes()[iso_a3].iso_a2 or ""


def _fill(address: str, words: dict[str, str]) -> str:
    """The address with all its places filled but the token, which stays out of everything until it is sent."""
    return address.format(**words, token="{token}")  # noqa: S106 - a place, not a password


def _request(one: Dataset, download: FileDownload, words: dict[str, str]) -> Request:
    address = _fill(download.address, words)
    name = download.file_name.format(**words) if download.file_name else PurePosixPath(address.partition("?")[0]).name
    checksum = download.checksum
    known = checksum.of_version.get(words["version"]) if checksum else None
    return Request(
        dataset=one.id,
        landing_page=one.landing_page,
        address=address,
        file_name=name,
        checksum=(checksum.algorithm, known) if checksum and known else None,
        checksum_address=_fill(checksum.address, words) if checksum and checksum.address else None,
        absent_is_none=download.absent_is_none,
        requests_per_minute=download.requests_per_minute,
        import_options=_import_options(one, words["iso_a3"], words["version"]),
    )


def _import_options(one: Dataset, iso_a3: str, version: str) -> str:
    """What `data import` must be told of a file that its user fetches in place of a pull."""
    country = [f"--country {iso_a3}"] if iso_a3 else []
    return " ".join([*country, *([f"--version {version}"] if version and one.versions.named != "fixed" else [])])


@cache
def parts_table(file_name: str) -> dict[str, tuple[str, ...]]:
    """ISO alpha-3 code -> the parts that a country lies in, from definitions/datasets/parts."""
    found: dict[str, list[str]] = {}
    with (PARTS / file_name).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            found.setdefault(row["iso_a3"], []).append(row["part"])
    return {code: tuple(parts) for code, parts in found.items()}


def tiles_of(iso_a3: str, tiles: Tiles) -> list[str]:
    """Names of the tiles that a country and a margin about it touch, from north to south and west to east."""
    codes = bundle_table("countries")["iso_a3"]
    rows = np.flatnonzero((codes == iso_a3).fill_null(False).to_numpy())
    outlines = _outlines()[rows]
    boxes: set[tuple[int, int]] = set()
    for part in shapely.get_parts(outlines):
        bounds = shapely.bounds(part)
        widest = _margin_lon_deg(bounds[[1, 3]]).max()
        grown = bounds + np.array([-widest, -BORDER_MARGIN_DEG, widest, BORDER_MARGIN_DEG])
        west, south, east, north = np.floor(grown / tiles.step_deg).astype(int).tolist()
        found = [(row, column) for row in range(south, north + 1) for column in range(west, east + 1)]
        lat, lon = np.array(found, dtype=float).T * tiles.step_deg
        top, right = lat + tiles.step_deg, lon + tiles.step_deg
        beside = np.maximum(_margin_lon_deg(lat), _margin_lon_deg(top))
        about = lon - beside, lat - BORDER_MARGIN_DEG, right + beside, top + BORDER_MARGIN_DEG
        touched = shapely.intersects(part, shapely.box(*about))
        boxes.update(place for place, hit in zip(found, touched, strict=True) if hit)
    return list(dict.fromkeys(_tile_name(tiles, *place) for place in sorted(boxes, key=lambda at: (-at[0], at[1]))))


def _margin_lon_deg(lat: Floats) -> Floats:
    """The margin in degrees of longitude, which are shorter towards the poles; no land is tiled beyond 84°."""
    margin: Floats = BORDER_MARGIN_DEG / np.cos(np.radians(np.minimum(np.abs(lat), 84.0)))
    return margin


def _tile_name(tiles: Tiles, row: int, column: int) -> str:
    lat, lon = row * tiles.step_deg, column * tiles.step_deg
    lon = (lon + 180) % 360 - 180
    words = {"ns": "N" if lat >= 0 else "S", "ew": "E" if lon >= 0 else "W"}
    return tiles.name.format(**words, lat=abs(round(lat)), lon=abs(round(lon)))


@cache
def _outlines() -> Geometries:

    return np.asarray(
        shapely.from_wkb(pl.read_parquet(bundle_path("countries"), columns=["geometry"])["geometry"].to_numpy()),
        dtype=object,
    )
