"""The OGC API over a real application: pages, filters against GeoPandas, licences, hostile names, refusals."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import geopandas as gpd
import jsonschema
import pytest
import shapely

sys.path.insert(0, str(Path(__file__).parent))
from furnished import Full
from visited import Visitor

from greensilk.catalogue import import_layer

TERMS: dict[str, Any] = {"licence": "CC-BY-4.0", "version": "1", "use_commercial": True, "redistribute": True}
HOSTILE = "<img src=x onerror=alert(1)>'\"; DROP TABLE project --"
COLLECTION_SCHEMA = {
    "type": "object",
    "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": {"$ref": "#/$defs/feature"}},
        "links": {"type": "array", "items": {"type": "object", "required": ["href", "rel", "type"]}},
        "timeStamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberReturned": {"type": "integer", "minimum": 0},
    },
    "$defs": {
        "feature": {
            "type": "object",
            "required": ["type", "id", "geometry", "properties"],
            "properties": {
                "type": {"const": "Feature"},
                "geometry": {"oneOf": [{"type": "null"}, {"type": "object", "required": ["type", "coordinates"]}]},
                "properties": {"type": "object"},
            },
        }
    },
}


@pytest.fixture
def visitor(full: Full) -> Visitor:
    return full.site.visitor(full.site.people.a.viewer)


@pytest.fixture
def grid_file(tmp_path: Path) -> Path:
    """Squares over the globe, with properties of two kinds; names are hostile."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": f"{HOSTILE} {i}" if i % 7 == 0 else f"site {i}",
                "rank": i % 10,
                "Year": 1990 + i % 30,
            },
            "geometry": json.loads(shapely.to_geojson(shapely.box(x, y, x + 0.7, y + 0.7))),
        }
        for i, (x, y) in enumerate((x, y) for x in range(-180, 180, 12) for y in range(-60, 60, 12))
    ]
    path = tmp_path / "grid.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def asked(visitor: Visitor, path: str, status: int = 200) -> Any:
    answer = visitor.get(path)
    assert answer.status_code == status, answer.text[:500]
    return answer.json()


def every_page(visitor: Visitor, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while path:
        page = asked(visitor, path)
        jsonschema.validate(page, COLLECTION_SCHEMA)
        assert page["numberReturned"] == len(page["features"])
        found += page["features"]
        onward = [link["href"] for link in page["links"] if link["rel"] == "next"]
        parts = urlsplit(onward[0]) if onward else None
        path = f"{parts.path}?{parts.query}" if parts else ""
    assert len(found) == page["numberMatched"]
    return found


def test_what_links_name_is_there(visitor: Visitor) -> None:
    landing = asked(visitor, "/ogc")
    for link in landing["links"]:
        answer = visitor.get(urlsplit(link["href"]).path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].replace(" ", "") == link["type"]
    for one in asked(visitor, "/ogc/collections")["collections"]:
        for link in one["links"]:
            assert visitor.get(urlsplit(link["href"]).path).status_code == 200
    assert "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2" in asked(visitor, "/ogc/conformance")["conformsTo"]
    assert asked(visitor, "/ogc/api")["openapi"].startswith("3.0.")


def test_pages_visit_each_feature_once(visitor: Visitor, grid_file: Path) -> None:
    info = import_layer("grid", grid_file, **TERMS)
    found = every_page(visitor, "/ogc/collections/layers-grid/items?limit=77")
    assert [one["id"] for one in found] == list(range(info.features))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("bbox=-10,-10,30.5,25", lambda f: f.intersects(shapely.box(-10, -10, 30.5, 25))),
        ("bbox=-10,-10,0,30.5,25,9", lambda f: f.intersects(shapely.box(-10, -10, 30.5, 25))),
        ("bbox=160,-70,-150,5", lambda f: f.intersects(shapely.box(160, -70, 180, 5))
            | f.intersects(shapely.box(-180, -70, -150, 5))),
        ("rank=3", lambda f: f["rank"] == 3),
        ("filter=rank > 3 AND NOT rank IN (5, 6)&limit=1000", lambda f: (f["rank"] > 3) & ~f["rank"].isin([5, 6])),
        ("filter=name LIKE '<img%25'", lambda f: f["name"].str.startswith("<img")),
        ("filter=S_INTERSECTS(geometry, POLYGON((0 0, 60 0, 30 50, 0 0)))&rank=1",
            lambda f: f.intersects(shapely.Polygon([(0, 0), (60, 0), (30, 50)])) & (f["rank"] == 1)),
    ],
)  # fmt: skip
def test_what_is_found_is_what_geopandas_finds(visitor: Visitor, grid_file: Path, query: str, expected: Any) -> None:
    import_layer("grid", grid_file, **TERMS)
    frame = gpd.read_file(grid_file)
    found = every_page(visitor, f"/ogc/collections/layers-grid/items?{query}".replace(" ", "%20"))
    assert [one["id"] for one in found] == frame.index[expected(frame)].tolist()
    for one in found[:5]:
        assert shapely.from_geojson(json.dumps(one["geometry"])).equals(frame.geometry[one["id"]])
        assert one["properties"] == {name: frame[name][one["id"]] for name in ("name", "rank", "Year")}


def test_a_single_feature_and_one_that_is_not_there(visitor: Visitor, grid_file: Path) -> None:
    import_layer("grid", grid_file, **TERMS)
    one = asked(visitor, "/ogc/collections/layers-grid/items/7")
    assert one["properties"]["name"] == f"{HOSTILE} 7" and one["id"] == 7
    for other in ("300", "-1", "x", "%00", "1e3", "007"):
        assert asked(visitor, f"/ogc/collections/layers-grid/items/{other}", 404)["ok"] is False


def test_layers_that_may_not_be_handed_on_are_not_there(visitor: Visitor, grid_file: Path) -> None:
    for name, redistribute in (("closed", False), ("unsaid", None)):
        import_layer(name, grid_file, **TERMS | {"redistribute": redistribute})
        asked(visitor, f"/ogc/collections/layers-{name}", 404)
        asked(visitor, f"/ogc/collections/layers-{name}/items", 404)
    listed = [one["id"] for one in asked(visitor, "/ogc/collections")["collections"]]
    assert not [one for one in listed if one.startswith("layers-")] and "countries" in listed


def test_a_layer_for_non_commercial_use_is_there_for_whom_it_is(full: Full, grid_file: Path, monkeypatch: Any) -> None:
    from greensilk.store.people import Organisation

    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    import_layer("grid", grid_file, **TERMS | {"use_commercial": False})
    a, b = full.site.people.a, full.site.people.b
    for staff, use, status in ((a, "non_commercial", 200), (b, "commercial", 404), (a, None, 404)):
        with full.site.store.writing() as db:
            db.get_one(Organisation, staff.id).use = use
        visitor = full.site.visitor(staff.viewer)
        asked(visitor, "/ogc/collections/layers-grid/items", status)
        assert visitor.get("/tiles/grid.pmtiles").status_code == status


def test_a_layer_has_the_years_since_when_its_features_count(visitor: Visitor, grid_file: Path) -> None:
    from greensilk.catalogue.layer_records import sensitive_layers

    layer = next(one for one in sensitive_layers().values() if one.established_columns and not one.kept_when)
    source = json.loads(grid_file.read_text("utf-8"))
    for one in source["features"]:
        one["properties"][layer.established_columns[0]] = one["properties"].pop("Year")
    grid_file.write_text(json.dumps(source), "utf-8")
    import_layer(layer.id, grid_file, **TERMS)
    path = f"/ogc/collections/layers-{layer.id}/items?limit=1&datetime="
    for when, years in (("2000-01-01/2004-12-31", 5), ("2019-06-01/..", 1), ("../1990-02-01T00:00:00Z", 1)):
        assert asked(visitor, path + when)["numberMatched"] == 10 * years


def test_projects_carry_their_newest_mark(full: Full, visitor: Visitor) -> None:
    found = every_page(visitor, "/ogc/collections/projects/items?type=solar_pv")
    assert [one["properties"]["key"] for one in found] == ["sun"]
    mark = found[0]["properties"]
    assert mark["lead"] and mark["rated_on"] == "2026-01-01" and mark["portfolio_id"] == full.a["portfolio"]
    of_one = f"/ogc/collections/projects-{full.a['portfolio']}/items"
    assert [one["id"] for one in every_page(visitor, of_one)] == [full.a["project"]]
    assert asked(visitor, f"{of_one}/{full.a['project']}")["geometry"]["type"] == "Point"


def test_what_belongs_to_others_is_not_there(full: Full, visitor: Visitor) -> None:
    for path in (f"projects-{full.b['portfolio']}/items", f"projects/items/{full.b['project']}",
                 f"projects-{'0' * 32}/items"):  # fmt: skip
        asked(visitor, f"/ogc/collections/{path}", 404)
    assert full.b["portfolio"] not in visitor.get("/ogc/collections").text
    nobody = full.site.client.get("/ogc/collections/projects/items")
    assert nobody.status_code == 401 and nobody.json()["ok"] is False


@pytest.mark.parametrize(
    "query",
    ["nonsense=1", "limit=0", "limit=-1", "limit=x", "limit=1&limit=2", "bbox=1,2,3", "bbox=1,2,3,x", "bbox=1,2,3,nan",
     "bbox=1,50,2,40", "bbox=-200,0,0,1", "datetime=yesterday", "datetime=2024-02-30", "datetime=2025/2024",
     "datetime=2025-01-01/2024-01-01", "crs=EPSG:4326", "bbox-crs=x", "filter-crs=x", "filter-lang=cql", "filter=(",
     "filter=nobody=1", "filter=%7B&filter-lang=cql2-json", "after=nothing", "filter=name=%00", "capacity_mw=much",
     "filter=name%20=%20'%00'", "datetime=/".replace("/", "a/b"), "rated_on=soon", "%00=1", "f=html"],
)  # fmt: skip
@pytest.mark.parametrize("collection", ["projects", "countries"])
def test_what_cannot_be_asked_is_refused_in_the_one_shape(visitor: Visitor, collection: str, query: str) -> None:
    told = asked(visitor, f"/ogc/collections/{collection}/items?{query}", 400)
    assert set(told) == {"ok", "code", "error", "errors", "status"} and told["error"]


def test_what_is_held_is_not_sent_again(visitor: Visitor) -> None:
    first = visitor.get("/ogc/collections/countries/items?limit=2")
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    headers = {"cookie": cookies, "if-none-match": first.headers["etag"]}
    path = "/ogc/collections/countries/items?limit="
    assert visitor.client.get(f"{path}2", headers=headers).status_code == 304
    assert visitor.client.get(f"{path}3", headers=headers).status_code == 200


def test_queryables_are_what_can_be_asked(visitor: Visitor) -> None:
    told = asked(visitor, "/ogc/collections/countries/queryables")
    assert told["additionalProperties"] is False and told["properties"]["iso_a3"] == {"type": "string"}
    found = every_page(visitor, f"/ogc/collections/countries/items?iso_a3=LAO&filter={quote('name_zh IS NOT NULL')}")
    assert [one["properties"]["name_en"] for one in found] == ["Laos"]
