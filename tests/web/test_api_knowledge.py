"""What the API tells that belongs to nobody: countries with intervals, the catalogue, standards, a site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from greensilk.web.api.catalogue import HOME

if TYPE_CHECKING:
    from visited import Site

API = "/api/v1"


@pytest.fixture
def get(site: Site) -> Any:
    """Asks as a viewer's program."""
    from greensilk.workspace.tokens import create_token

    with site.store.writing() as db:
        token = create_token(db, site.people.a.viewer, "test", ["read"], 1)[0]

    def ask(path: str, method: str = "GET", **content: Any) -> Any:
        headers = {"authorization": f"Bearer {token}"}
        return site.client.request(method, path, headers=headers, **content)

    return ask


def test_no_rank_is_told_without_its_interval(get: Any) -> None:
    listed = get(f"{API}/countries").json()["items"]
    assert len(listed) > 100
    ranks = [one["rank"]["nominal"] for one in listed if one["rank"]["nominal"] is not None]
    assert ranks == sorted(ranks)
    for one in listed:
        assert {"low", "median", "high"} <= one["rank"].keys()
        assert (one["rank"]["nominal"] is None) == (one["why_not_ranked"] is not None)
    laos = get(f"{API}/countries/lao").json()
    assert laos["rank"] == next(one["rank"] for one in listed if one["iso_a3"] == "LAO")
    assert laos["values"][0].keys() >= {"value", "unit", "year", "source"}
    assert all(one["interval"]["nominal"] is None or one["interval"]["low"] for one in laos["scores"])
    scores = get(f"{API}/indices/eco_environment/scores").json()
    assert scores["run_id"] == laos["run_id"] and scores["items"][0]["iso_a3"] == listed[0]["iso_a3"]
    assert get(f"{API}/countries/XXX").status_code == 404
    assert get(f"{API}/indices/..%2Fx/scores").status_code == 404
    assert get(f"{API}/countries", params={"index": "/etc/passwd"}).status_code == 404


def test_every_link_within_the_catalogue_leads_somewhere(get: Any) -> None:
    root = get(HOME).json()
    assert root["type"] == "Catalog" and "https://api.stacspec.org/v1.0.0/core" in root["conformsTo"]
    pages = [root, *get(f"{HOME}/collections").json()["collections"][:3]]
    seen = {link["href"] for page in pages for link in page["links"] if link["href"].startswith("/")}
    assert len(seen) > 20
    for href in [*sorted(seen)[:12], HOME]:
        assert get(href).status_code == 200, href
    one = get(f"{HOME}/collections/wdpa").json()
    assert one["id"] == "wdpa" and one["license"]
    assert get(f"{HOME}/collections/wdpa/items").json()["type"] == "FeatureCollection"


def test_standards_and_measures_are_whole(get: Any) -> None:
    from greensilk.project_types import mitigations, project_types
    from greensilk.rules import standards

    assert [one["id"] for one in get(f"{API}/standards").json()["items"]] == list(standards())
    gdg = get(f"{API}/standards/gdg_2020").json()
    assert len(gdg["definition"]["rules"]) == gdg["rules"] and gdg["notice"]["zh"]
    assert len(get(f"{API}/project-types").json()["items"]) == len(project_types())
    assert {one["id"] for one in get(f"{API}/measures").json()["items"]} == mitigations().keys()
    fewer = get(f"{API}/measures", params={"type": "hydropower_large"}).json()["items"]
    assert 0 < len(fewer) < len(mitigations())


def test_a_site_is_rated_as_the_command_does(get: Any) -> None:
    asked = {"lon": 102.6, "lat": 18.0, "type": "solar_pv", "layers": [], "standards": ["gdg_2020"], "on": "2026-01-01"}
    found = get(f"{API}/sites", "POST", json=asked).json()
    assert found["project"]["verdicts"]["gdg_2020"]["trace"]
    assert {one["fact"]: one["text"] for one in found["facts"]}["country"] == "LAO; THA"  # on the border
    for wrong in ({"lon": 181}, {"lat": "x"}, {"type": "no such thing"}, {"layers": ["none"]}, {"radius_km": 1e9}):
        answer = get(f"{API}/sites", "POST", json=asked | wrong)
        assert answer.status_code in (409, 422), (wrong, answer.text)
