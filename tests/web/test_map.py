"""The map page without a browser: what it lists, what it hands to its script, borders and stamp, a place rated."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from placed import Placed, place
from visited import Site, sound, words

IMAGE = "<img src=x onerror=alert(1)>"
PLACES = [
    Placed("Nam Ngum", lead="RED", name_zh="南俄"),
    Placed(IMAGE, lead="YELLOW_BY_TYPE"),
    Placed("Across", box=(179.0, -17.0, -179.5, -16.0), lead=None),
    Placed("Nowhere", box=None),
]
VIENTIANE = {"lon": "102.6", "lat": "17.97", "type": "solar_pv", "radius_km": ""}


def settings(page: str) -> dict[str, Any]:
    found = re.search(r'data-settings="([^"]+)"', page)
    assert found is not None
    told: dict[str, Any] = json.loads(unescape(found[1]))
    return told


@pytest.fixture
def held(site: Site) -> tuple[str, list[str]]:
    place(site.store, site.people.b.analyst, "Of others", [Placed("Secret")])
    return place(site.store, site.people.a.analyst, "Mine", PLACES)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_stands_in_both_languages(site: Site, held: tuple[str, list[str]], lang: str) -> None:
    sound(site.visitor(site.people.a.viewer).get("/map", lang), lang)


def test_the_list_has_what_the_map_has_and_nothing_of_others(site: Site, held: tuple[str, list[str]]) -> None:
    visitor, (_, ids) = site.visitor(site.people.a.viewer), held
    page = visitor.get("/map")
    assert re.findall(r'href="/projects/([0-9a-f]{32})"', page.text) == ids
    drawn = visitor.get("/map/projects").json()
    assert [one["properties"]["id"] for one in drawn["features"]] == ids[:3] and drawn["more"] is False
    assert "no location: not on the map" in words(page)
    assert "Secret" not in page.text and "Secret" not in json.dumps(drawn)
    assert IMAGE not in page.text and "&lt;img" in page.text


def test_marks_and_places_are_those_of_the_newest_rating(site: Site, held: tuple[str, list[str]]) -> None:
    drawn = site.visitor(site.people.a.viewer).get("/map/projects?lang=zh").json()["features"]
    assert [one["properties"]["mark"] for one in drawn] == ["RED", "YELLOW_BY_TYPE", "NOT_RATED"]
    assert drawn[0]["properties"]["name"] == "南俄"
    assert drawn[0]["geometry"] == {"type": "Point", "coordinates": [102.2, 17.1]}
    assert drawn[2]["geometry"]["coordinates"] == [179.75, -16.5]  # the middle, across 180 degrees


def test_map_and_list_are_narrowed_alike(site: Site, held: tuple[str, list[str]]) -> None:
    visitor, (portfolio, ids) = site.visitor(site.people.a.viewer), held
    place(site.store, site.people.a.analyst, "Other", [Placed("Elsewhere", lead="RED")])
    for query, wanted in (
        (f"portfolio={portfolio}&light=", ids),
        (f"portfolio={portfolio}&light=RED", ids[:1]),
        (f"portfolio={portfolio}&light=NOT_RATED", ids[2:3]),
    ):
        page = visitor.get(f"/map?{query}")
        assert re.findall(r'href="/projects/([0-9a-f]{32})"', page.text) == wanted
        told = settings(page.text)["projects"]
        assert [one["properties"]["id"] for one in visitor.get(told).json()["features"]] == wanted[:3]


def test_a_portfolio_of_others_is_not_there(site: Site, held: tuple[str, list[str]]) -> None:
    stranger = site.visitor(site.people.b.administrator)
    for path in (f"/map?portfolio={held[0]}", f"/map/projects?portfolio={held[0]}", f"/map?portfolio={'0' * 32}"):
        assert stranger.get(path).status_code == 404


def test_nobody_signed_in_sees_nothing(site: Site) -> None:
    for path in ("/map/projects", "/map/names", "/tiles/own/base.pmtiles"):
        assert site.client.get(path, follow_redirects=False).status_code == 401
    assert site.client.post("/map/site", data=VIENTIANE).status_code == 401


def test_a_long_list_is_paged(site: Site) -> None:
    _, ids = place(site.store, site.people.a.analyst, "Long", [Placed(f"P{i}") for i in range(60)])
    visitor = site.visitor(site.people.a.viewer)
    seen, path = [], "/map?light=GREEN"
    for _ in range(2):
        page = visitor.get(path).text
        seen += re.findall(r'href="/projects/([0-9a-f]{32})"', page)
        path = unescape((re.findall(r'rel="next" href="([^"]+)"', page) or [""])[0])
    assert seen == ids and path == ""


@pytest.mark.parametrize(("lang", "query", "view"), [("en", "", "ne"), ("zh", "", "chn"), ("en", "?view=chn", "chn"),
                                                     ("zh", "?view=ne", "ne")])  # fmt: skip
def test_borders_are_those_of_the_language_or_as_asked(site: Site, lang: str, query: str, view: str) -> None:
    visitor = site.visitor(site.people.a.viewer)
    page = visitor.get(f"/map{query}", lang)
    told = settings(page.text)
    assert told["base"] == f"/tiles/base-{view}.pmtiles"
    names = visitor.get(told["names"], lang).json()["features"]
    assert {"Laos", "老挝"} & {one["properties"]["name"] for one in names} == {"Laos" if lang == "en" else "老挝"}
    # A name of its own in one view alone.
    assert any(re.search("Taiwan|台湾", one["properties"]["name"]) for one in names) == (view == "ne")
    assert "内部使用，不得公开" in page.text


def test_an_approval_replaces_the_stamp(site: Site) -> None:
    from greensilk.workspace.people import change_organisation

    administrator = site.people.a.administrator
    with site.store.writing() as db:
        change_organisation(db, administrator, 1, map_approval="GS(2026)0001")
    page = site.visitor(administrator).get("/map").text
    assert "GS(2026)0001" in page and "内部使用，不得公开" not in page


def tiles_of_pictures(kind: int) -> bytes:
    header = bytearray(127)
    header[:8], header[99] = b"PMTiles\x03", kind
    return bytes(header) + b"tiles"


def own_base(site: Site, content: bytes) -> None:
    folder: Path = site.client.app.state.platform.settings.folder / "base"  # type: ignore[attr-defined]
    folder.mkdir()
    (folder / f"{site.people.a.id}.pmtiles").write_bytes(content)


def test_a_base_map_of_the_organisation_is_used_by_it_alone(site: Site) -> None:
    own_base(site, tiles_of_pictures(2))
    visitor, other = site.visitor(site.people.a.viewer), site.visitor(site.people.b.viewer)
    told = settings(visitor.get("/map").text)
    assert told["base"] == "/tiles/own/base.pmtiles" and told["base_is_pictures"] is True
    ranged = visitor.client.get(
        told["base"], headers={"range": "bytes=0-6", "cookie": f"greensilk={visitor.cookies['greensilk']}"}
    )
    assert ranged.status_code == 206 and ranged.content == b"PMTiles"
    assert settings(other.get("/map").text)["base"] == "/tiles/base-ne.pmtiles"
    assert other.get("/tiles/own/base.pmtiles").status_code == 404


@pytest.mark.parametrize("content", [b"", b"PMTiles\x03", tiles_of_pictures(1), b"GIF89a" + b"\0" * 200])
def test_a_base_map_that_cannot_be_drawn_is_told_and_not_used(site: Site, content: bytes) -> None:
    own_base(site, content)
    visitor = site.visitor(site.people.a.viewer)
    page = visitor.get("/map")
    assert "cannot be used" in page.text and settings(page.text)["base_is_pictures"] is False
    assert visitor.get("/tiles/own/base.pmtiles").status_code == 404


def test_a_place_is_rated_without_script(site: Site) -> None:
    page = site.visitor(site.people.a.viewer).post("/map/site", VIENTIANE)
    sound(page)
    seen = words(page)
    assert "Green by type, site unchecked" in seen and "Laos" in seen and "What is still open" in seen
    assert 'value="102.6"' in page.text


def test_the_script_gets_the_answer_alone_in_the_language_of_the_page(site: Site) -> None:
    visitor = site.visitor(site.people.a.viewer)
    headers = {"hx-request": "true", "cookie": f"greensilk={visitor.cookies['greensilk']}"}
    place_in_china = VIENTIANE | {"lon": "116.4", "lat": "39.9", "csrf": visitor.csrf}
    answer = visitor.client.post("/map/site?lang=zh", data=place_in_china, headers=headers)
    assert answer.status_code == 200 and "<html" not in answer.text
    assert "GCJ-02" in answer.text and "光伏发电" in answer.text


@pytest.mark.parametrize(("changed", "said"), [
    ({"lon": "east"}, "Longitude"), ({"lat": "91"}, "Latitude"), ({"lat": "nan"}, "Latitude"),
    ({"lat": ""}, "Latitude"), ({"radius_km": "1e9"}, "Radius"), ({"type": "poem"}, "not a known type"),
    ({"type": "solar photovoltaik"}, "Solar photovoltaic"),
    ({"type": IMAGE}, "&lt;img"), ({"lon": "9" * 10_000}, "Longitude"),
])  # fmt: skip
def test_what_cannot_be_rated_is_told(site: Site, changed: dict[str, str], said: str) -> None:
    answer = site.visitor(site.people.a.viewer).post("/map/site", VIENTIANE | changed)
    assert answer.status_code == 422
    told = answer.text[answer.text.index('id="rating"') :]
    assert 'role="alert"' in told and said in told and IMAGE not in answer.text


def test_without_the_token_of_the_form_nothing_is_rated(site: Site) -> None:
    assert site.visitor(site.people.a.viewer).post("/map/site", VIENTIANE, csrf=False).status_code == 403


def test_without_the_script_the_list_stays(
    site: Site, held: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("greensilk.web.pages.map.SCRIPTS", {"maplibre": "js/missing.mjs"})
    page = site.visitor(site.people.a.viewer).get("/map")
    sound(page)
    assert "is not installed" in page.text and "Nam Ngum" in page.text and "map.js" not in page.text
