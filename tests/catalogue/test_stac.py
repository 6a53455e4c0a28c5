"""The catalogue as STAC: valid, every link leads somewhere, the same bytes each time, nothing of the machine in it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import polars as pl
import pystac
import pytest
import shapely
from pystac.validation.stac_validator import JsonSchemaSTACValidator

from greensilk.catalogue import import_layer
from greensilk.catalogue import stac as catalogue
from greensilk.catalogue.bundle import FOLDER, bundle_index, file_sha256
from greensilk.catalogue.datasets import Dataset, datasets
from greensilk.catalogue.stac import SPDX
from greensilk.catalogue.stac_extents import box_of_shipped, interval_of_version, joined_boxes
from greensilk.catalogue.stac_folder import write_stac
from greensilk.errors import UsageError
from greensilk.records import Label, load_folder

LABEL = Label(en="Reefs", zh="珊瑚礁")
KINDS = {
    "Catalog": pystac.STACObjectType.CATALOG,
    "Collection": pystac.STACObjectType.COLLECTION,
    "Feature": pystac.STACObjectType.ITEM,
}
DEFINITION = """
id: {id}
label: {{en: "Made-up {id}", zh: "虚构数据 {id}"}}
provider: "Institute of Examples"
landing_page: "https://example.org/{id}"
licence: {{name: "{licence}", href: "https://example.org/licence"}}
use: {{commercial: false, redistribute: null, display: true, derived: true}}
attribution: "© Institute of Examples"
citation: "Institute of Examples (2020): {id}."
updates: {{en: "yearly", zh: "每年"}}
stale_after_days: null
versions: {{named: fixed, current: "2021"}}
fetch: {{how: by_hand, instructions: {{en: "Ask for it.", zh: "请索取。"}}}}
gives:
- kind: layer
  layer: {id}
  label: {{en: "{id}", zh: "{id}"}}
  files: ["a.geojson"]
  coverage: {{"*": {{status: partial}}}}
source: [{{title: "invented"}}]
confirmed: false
"""


@pytest.fixture
def defined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Dataset]:
    folder = tmp_path / "datasets"
    folder.mkdir()
    for name, licence in (("reefs", "CC-BY-4.0"), ("marshes", "Terms of the Institute")):
        (folder / f"{name}.yaml").write_text(DEFINITION.format(id=name, licence=licence), "utf-8")
    found = load_folder(Dataset, folder)
    monkeypatch.setattr(catalogue, "datasets", lambda: found)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("the network was asked"))
    return found


def imported(tmp_path: Path, name: str, version: str = "2021-06", **terms: Any) -> None:
    shapes = [shapely.box(101.0, 17.25, 102.5, 18.0), shapely.Point(104.0, 16.5).buffer(0.5)]
    features = [
        {"type": "Feature", "properties": {"name": "Somewhere"}, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape in shapes
    ]
    path = tmp_path / "secret-folder" / "a.geojson"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    import_layer(name, path, title="Own", licence="own", version=version, use_commercial=True, **terms)


def contents(folder: Path) -> dict[str, Any]:
    return {path.relative_to(folder).as_posix(): json.loads(path.read_bytes()) for path in folder.rglob("*.json")}


def test_every_object_is_valid_and_every_link_leads_somewhere(defined: dict[str, Dataset], tmp_path: Path) -> None:
    imported(tmp_path, "reefs", dataset="reefs", label=LABEL)
    imported(tmp_path, "my_sites", version="as told / by post")
    out = tmp_path / "stac"
    assert write_stac(out) == out / "catalog.json"
    validator = JsonSchemaSTACValidator()
    found = contents(out)
    for name, content in found.items():
        assert validator.validate_core(content, KINDS[content["type"]], "1.1.0"), name
        for link in content["links"]:
            if "://" not in link["href"]:
                assert ((out / name).parent / link["href"]).is_file(), (name, link)
    root = pystac.Catalog.from_file(str(out / "catalog.json"))
    collections = {child.id: child for child in root.get_children()}
    assert set(collections) == {*defined, *(f"shipped-{name}" for name in bundle_index()), "own-my_sites"}
    items = {item.id: item for item in root.get_items(recursive=True)}
    assert sorted(name[:22] for name in items) == ["layer-my_sites-as-told", "layer-reefs-2021-06"]
    assert len(found) == 1 + len(collections) + len(items)
    reached = {child.get_self_href() for child in collections.values()} | {
        one.get_self_href() for one in items.values()
    }
    assert len(reached) == len(collections) + len(items)


def test_all_that_is_defined_makes_a_valid_catalogue(tmp_path: Path) -> None:
    write_stac(tmp_path)
    validator = JsonSchemaSTACValidator()
    found = contents(tmp_path)
    for content in found.values():
        assert validator.validate_core(content, KINDS[content["type"]], "1.1.0")
    assert {f"{name}/collection.json" for name in datasets()} <= set(found)


def test_a_data_set_says_who_what_where_when_and_under_which_licence(
    defined: dict[str, Dataset], tmp_path: Path
) -> None:
    imported(tmp_path, "reefs", dataset="reefs", label=LABEL)
    write_stac(tmp_path / "stac")
    found = contents(tmp_path / "stac")
    reefs, marshes = found["reefs/collection.json"], found["marshes/collection.json"]
    assert (reefs["license"], marshes["license"]) == ("CC-BY-4.0", "other")
    assert marshes["greensilk:licence"] == "Terms of the Institute"
    assert {"rel": "license", "href": "https://example.org/licence"} in marshes["links"]
    assert reefs["title"] == "Made-up reefs" and reefs["greensilk:title_zh"] == "虚构数据 reefs"
    assert reefs["providers"][0]["roles"] == ["producer", "licensor"]
    assert reefs["greensilk:limits"][0]["en"] == "Not allowed: commercial use."
    assert reefs["extent"]["spatial"]["bbox"] == [[101.0, 16.0, 104.5, 18.0]]
    assert reefs["extent"]["temporal"]["interval"] == [["2021-06-01T00:00:00Z", "2021-06-30T23:59:59Z"]]
    assert marshes["extent"]["spatial"]["bbox"] == [[-180.0, -90.0, 180.0, 90.0]]
    assert marshes["version"] == "2021" and "item" not in {link["rel"] for link in marshes["links"]}
    item = found["reefs/layer-reefs-2021-06/layer-reefs-2021-06.json"]
    assert (
        shapely.from_geojson(json.dumps(item["geometry"])).bounds == tuple(item["bbox"]) == (101.0, 16.0, 104.5, 18.0)
    )
    assert item["properties"]["datetime"] is None and item["properties"]["license"] == "other"


def test_a_version_that_is_no_date_is_dated_by_its_import(defined: dict[str, Dataset], tmp_path: Path) -> None:
    imported(tmp_path, "my_sites", version="first")
    write_stac(tmp_path / "stac")
    item = contents(tmp_path / "stac")["own-my_sites/layer-my_sites-first/layer-my_sites-first.json"]
    assert item["properties"]["datetime"] == item["properties"]["created"]


def test_the_version_of_a_data_set_is_the_newest_by_day_not_by_letter(tmp_path: Path) -> None:
    imported(tmp_path, "sites_of_november", version="Nov2026", dataset="wdpa", label=LABEL)
    imported(tmp_path, "sites_of_october", version="Oct2026", dataset="wdpa", label=LABEL)
    write_stac(tmp_path / "stac")
    assert contents(tmp_path / "stac")["wdpa/collection.json"]["version"] == "Nov2026"


def test_shipped_files_are_named_by_their_content(defined: dict[str, Dataset], tmp_path: Path) -> None:
    write_stac(tmp_path / "stac")
    found = contents(tmp_path / "stac")
    for name, entry in bundle_index().items():
        asset = found[f"shipped-{name}/collection.json"]["assets"]["data"]
        sha256 = file_sha256(FOLDER / entry.file)
        assert asset["file:checksum"] == "1220" + sha256  # multihash: SHA2-256, 32 bytes
        assert asset["file:size"] == (FOLDER / entry.file).stat().st_size
        assert asset["href"].startswith("ni:///sha-256;") and len(asset["href"]) == len("ni:///sha-256;") + 43
    assert found["shipped-temperature/collection.json"]["extent"]["temporal"]["interval"][0][0][:4] == "2000"


@pytest.mark.parametrize("name", ["ports", "rivers", "countries", "population", "temperature", "country_factors"])
def test_the_box_of_a_shipped_file_holds_it(name: str) -> None:
    entry = bundle_index()[name]
    west, south, east, north = box_of_shipped(entry)
    assert -180 <= west < east <= 180 and -90 <= south < north <= 90
    if entry.kind == "points":
        table = pl.read_parquet(FOLDER / entry.file)
        assert (round(table["lon"].min(), 4), round(table["lat"].max(), 4)) == (round(west, 4), round(north, 4))  # type: ignore[arg-type, type-var]
    if entry.kind == "vector":
        shapes = shapely.from_wkb(pl.read_parquet(FOLDER / entry.file)["geometry"].to_numpy())
        assert [west, south, east, north] == pytest.approx(shapely.total_bounds(shapes), abs=1e-5)
    if entry.kind in {"table", "raster"}:
        assert (west, east) == (-180, 180)


def test_the_same_data_gives_the_same_bytes_and_what_is_gone_goes(defined: dict[str, Dataset], tmp_path: Path) -> None:
    out = tmp_path / "stac"
    imported(tmp_path, "my_sites")
    write_stac(out)
    first = {path: path.read_bytes() for path in out.rglob("*.json")}
    (out / "reefs" / "notes.json").write_text("{}")
    (out / "reefs" / "mine").mkdir()
    (out / "reefs" / "mine" / "own.json").write_text("{}")
    write_stac(out)
    assert {path: path.read_bytes() for path in first} == first
    del defined["marshes"]
    imported(tmp_path, "my_sites", version="2022")
    write_stac(out)
    gone = {path.relative_to(out).as_posix() for path in first if not path.is_file()}
    assert gone == {"marshes/collection.json", "own-my_sites/layer-my_sites-2021-06/layer-my_sites-2021-06.json"}
    assert not (out / "marshes").exists() and (out / "reefs" / "mine" / "own.json").is_file()
    assert not list(out.rglob(".*"))


def test_nothing_of_the_machine_is_told(defined: dict[str, Dataset], tmp_path: Path, own_data_dir: Path) -> None:
    imported(tmp_path, "my_sites")
    write_stac(tmp_path / "stac")
    for path in (tmp_path / "stac").rglob("*.json"):
        content = path.read_text("utf-8")
        for told in (str(tmp_path), str(own_data_dir), str(FOLDER), str(Path.home()), "secret-folder", "file://"):
            assert told not in content, (path.name, told)


def test_somebody_elses_catalogue_is_left_alone(defined: dict[str, Dataset], tmp_path: Path) -> None:
    root = tmp_path / "catalog.json"
    root.write_text('{"type": "Catalog"}')
    with pytest.raises(UsageError):
        write_stac(tmp_path)
    assert root.read_text() == '{"type": "Catalog"}' and not (tmp_path / "shipped-ports").exists()


def test_a_hostile_version_stays_in_its_folder(defined: dict[str, Dataset], tmp_path: Path) -> None:
    imported(tmp_path, "my_sites", version="../../../up\x00\n<script>")
    write_stac(tmp_path / "stac")
    names = [path.name for path in (tmp_path / "stac" / "own-my_sites").iterdir()]
    assert all(not set(name) & set("/\\<>\n\x00") for name in names) and len(names) == 2


@pytest.mark.parametrize(
    ("name", "is_spdx"),
    [("CC-BY-4.0", True), ("CC-BY-NC-SA-3.0-IGO", True), ("ODbL-1.0", True), ("CC-BY", False), ("WDPA terms", False),
     ("LicenseRef-public-domain", False), ("not stated", False)],
)  # fmt: skip
def test_only_spdx_identifiers_pass_as_such(name: str, is_spdx: bool) -> None:
    assert bool(SPDX.fullmatch(name)) is is_spdx


def test_dates_that_are_none_are_not_guessed() -> None:
    assert interval_of_version("20240229") == ("2024-02-29T00:00:00Z", "2024-02-29T23:59:59Z")
    assert interval_of_version("2024") == ("2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z")
    for version in ("20230229", "4.1.0", "1234", "2024-13", "", "2024-06-31"):
        assert interval_of_version(version) == (None, None)
    assert joined_boxes([]) == (-180.0, -90.0, 180.0, 90.0)
    assert joined_boxes([(1, 2, 3, 4), (-1, 3, 2, 9)]) == (-1, 2, 3, 9)
