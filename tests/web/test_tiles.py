"""Tiles over HTTP: ranges as the file has them, kept for good by their stamp, for who may see the layer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from visited import Site

from greensilk.catalogue import import_layer
from greensilk.catalogue.base_tiles import base_tiles
from greensilk.catalogue.layers_in_use import in_use, tiles_of

TERMS: dict[str, Any] = {"licence": "CC-BY-4.0", "version": "1", "use_commercial": True}


class Reader:
    """Somebody signed in who asks for bytes."""

    def __init__(self, site: Site) -> None:
        self.client = site.client
        cookies = site.visitor(site.people.a.viewer).cookies
        self.cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())

    def get(self, path: str, method: str = "GET", **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.request(method, path, headers={"cookie": self.cookie, **given})


@pytest.fixture
def reader(site: Site) -> Reader:
    return Reader(site)


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    path = tmp_path / "sites.geojson"
    features = [{"type": "Feature", "properties": {"name": f"site {i}"},
                 "geometry": {"type": "Point", "coordinates": [i, i / 2]}} for i in range(50)]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    import_layer("sites", path, **TERMS)
    found = tiles_of(in_use("sites")[0])
    assert found is not None
    return found.read_bytes()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-99", 0, 100), ("5-5", 5, 6), ("100-", 100, None), ("-40", -40, None), ("0-9999999", 0, None)],
)
def test_a_range_is_what_the_file_has(reader: Reader, content: bytes, asked: str, first: int, last: int | None) -> None:
    answer = reader.get("/tiles/sites.pmtiles", range=f"bytes={asked}")
    expected = content[first:last]
    assert answer.status_code == 206 and answer.content == expected
    start = first % len(content)
    assert answer.headers["content-range"] == f"bytes {start}-{start + len(expected) - 1}/{len(content)}"


@pytest.mark.parametrize("asked", ["", "items=0-5", "bytes=5-2", "bytes=-", "bytes=0-1,4-5", "bytes=a-b"])
def test_no_range_or_one_that_is_none_gives_the_whole(reader: Reader, content: bytes, asked: str) -> None:
    answer = reader.get("/tiles/sites.pmtiles", range=asked)
    assert answer.status_code == 200 and answer.content == content


def test_a_range_beyond_the_end_is_refused(reader: Reader, content: bytes) -> None:
    for asked in (f"bytes={len(content)}-", "bytes=-0"):
        answer = reader.get("/tiles/sites.pmtiles", range=asked)
        assert answer.status_code == 416 and answer.headers["content-range"] == f"bytes */{len(content)}"


def test_what_is_named_by_its_stamp_is_kept_for_good(reader: Reader, content: bytes) -> None:
    layer = reader.get("/tiles/index.json").json()["layers"][0]
    answer = reader.get(layer["url"], range="bytes=0-10")
    assert "immutable" in answer.headers["cache-control"] and "private" in answer.headers["cache-control"]
    tag = answer.headers["etag"]
    assert "no-cache" in reader.get("/tiles/sites.pmtiles").headers["cache-control"]
    assert reader.get("/tiles/sites.pmtiles", if_none_match=tag).status_code == 304
    assert reader.get("/tiles/sites.pmtiles", range="bytes=0-10", if_range=tag).status_code == 206
    assert reader.get("/tiles/sites.pmtiles", range="bytes=0-10", if_range='"other"').status_code == 200
    head = reader.get("/tiles/sites.pmtiles", "HEAD")
    assert head.status_code == 200 and not head.content and head.headers["content-length"] == str(len(content))


def test_the_list_says_what_a_map_needs(reader: Reader, content: bytes) -> None:
    told = reader.get("/tiles/index.json").json()
    layer = told["layers"][0]
    assert layer["id"] == "sites" and layer["coarse"] and layer["label"] == {"en": "sites", "zh": "sites"}
    assert layer["bounds"][0] == pytest.approx(0, abs=0.01) and layer["bounds"][2] == pytest.approx(49, abs=0.01)
    assert set(told["base"]) == {"ne", "chn"} and told["base"]["chn"]["attribution"]


@pytest.mark.parametrize(
    "name", ["nobody", "..", "%2e%2e", "a" * 300, "sites%00", "sites%2F..%2Fsites", "base-xx", "SITES"]
)
def test_names_of_no_layer_are_not_there(reader: Reader, content: bytes, name: str) -> None:
    assert reader.get(f"/tiles/{name}.pmtiles").status_code == 404


def test_nobody_is_told_anything_without_signing_in(site: Site, content: bytes) -> None:
    for path in ("/tiles/index.json", "/tiles/sites.pmtiles", "/tiles/base-ne.pmtiles"):
        assert site.client.get(path).status_code == 401


def test_a_layer_that_may_not_be_shown_has_no_tiles(reader: Reader, content: bytes, tmp_path: Path) -> None:
    import_layer("hidden", tmp_path / "sites.geojson", **TERMS, display=False)
    assert reader.get("/tiles/hidden.pmtiles").status_code == 404
    assert [one["id"] for one in reader.get("/tiles/index.json").json()["layers"]] == ["sites"]


def test_the_shipped_map_is_made_once_in_each_view(reader: Reader) -> None:
    path = base_tiles("chn")
    answer = reader.get("/tiles/base-chn.pmtiles", range="bytes=0-126")
    assert answer.status_code == 206 and answer.content == path.read_bytes()[:127]
    made = path.stat().st_mtime_ns
    assert base_tiles("chn") == path and path.stat().st_mtime_ns == made
