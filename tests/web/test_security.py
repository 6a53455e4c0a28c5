"""What an attacker sends: names that climb out of folders, numbers and words that no database takes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from greensilk.errors import NotFoundError
from greensilk.web.asking import is_token, masked
from greensilk.web.static_files import static_file
from platform_people import PASSWORD

if TYPE_CHECKING:
    from furnished import Full

ROUTES = b'{"type": "FeatureCollection", "features": []}'
CLIMBING = ("../../climbed.geojson", "/etc/climbed.geojson", "..\\climbed.geojson", "a/../../climbed.geojson")


@pytest.mark.parametrize("name", CLIMBING)
def test_a_file_lies_where_it_is_put_whatever_its_name_says(name: str, full: Full, tmp_path: Path) -> None:
    from greensilk.workspace.uploads import as_file

    analyst = full.site.people.a.analyst
    given = full.ask(analyst, "POST", "/api/v1/routes/comparisons", files={"file": (name, ROUTES)})
    assert given.status_code == 202 and given.json()["arguments"]["file_name"] == "climbed.geojson"
    form = {"every_layer": "1"}
    shown = full.browse(analyst, "POST", "/routes", data=form, files={"file": (name, ROUTES)})
    assert shown.status_code == 303, shown.text[:300]
    job = full.ask(analyst, "GET", shown.headers["location"].replace("/jobs/", "/api/v1/jobs/")).json()
    assert job["arguments"]["file_name"] == "climbed.geojson"
    sha256, _ = full.site.vault.keep(ROUTES)
    with as_file(full.site.vault, sha256, name) as path:
        assert path.name == "climbed.geojson" and path.parent.name.startswith("greensilk-")


@pytest.mark.parametrize("given", ["00" * 60 + " " * 52, " " * 172, "zz" * 86, "é" * 172, "", "0"])
def test_what_is_no_token_against_forgery_is_refused_not_stumbled_over(given: str) -> None:
    token = "t" * 43
    assert not is_token(given, token)
    assert is_token(masked(token), token)


@pytest.mark.parametrize("before", ["0", "-1", "9" * 30, "x"])
def test_no_page_of_the_audit_log_has_such_a_number(before: str, full: Full) -> None:
    who = full.site.people.a.administrator
    assert full.browse(who, "GET", f"/admin/audit?before={before}").status_code == 422
    assert full.browse(who, "GET", "/admin/audit?before=2").status_code == 200


def test_a_site_is_not_smaller_than_a_metre(full: Full) -> None:
    site = {"lon": 1, "lat": 1, "type": "solar_pv", "radius_km": 1e-300}
    assert full.ask(full.site.people.a.viewer, "POST", "/api/v1/sites", json=site).status_code == 422


def test_a_file_of_pages_has_one_name(full: Full) -> None:
    """Else anybody could fill the memory with copies of it."""
    held = static_file.cache_info().currsize
    for name in ("x/../style.css", "./style.css", "js/..//style.css", "/style.css", "style.css/"):
        with pytest.raises(NotFoundError):
            static_file(name)
    assert static_file.cache_info().currsize == held
    assert full.ask(None, "GET", "/static/style.css").status_code == 200


@pytest.mark.parametrize("values", [[10**30], [-(10**30)], [2**31], [10**30, 1], [1, 2**63], [10**30, "a", "b"],
                                    [0, "a\0", "b"], [0, "\ud800", "b"], ["\ud800", "b"]])  # fmt: skip
def test_a_cursor_that_somebody_wrote_is_refused(values: list[str | int], full: Full) -> None:
    word = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    who, screening, portfolio = full.site.people.a.viewer, full.a["screening"], full.a["portfolio"]
    for path in (f"/screenings/{screening}", f"/portfolios/{portfolio}", "/map", "/jobs"):
        assert full.browse(who, "GET", f"{path}?after={word}").status_code == 422
    for path in (f"/screenings/{screening}/ratings", "/projects", "/jobs"):
        assert full.ask(who, "GET", f"/api/v1{path}?after={word}").status_code == 422


@pytest.mark.parametrize("collection", ["projects", "countries"])
def test_half_a_character_in_a_filter_is_told_as_a_fault(collection: str, full: Full) -> None:
    column = "name" if collection == "projects" else "iso_a3"
    asked = {"filter": f'{{"op":"=","args":[{{"property":"{column}"}},"\\ud800"]}}', "filter-lang": "cql2-json"}
    for lang in ("en", "zh"):
        path = f"/ogc/collections/{collection}/items?lang={lang}"
        answer = full.ask(full.site.people.a.viewer, "GET", path, params=asked | {"lang": lang})
        assert answer.status_code == 400 and answer.json()["code"] == "parameter", answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://testserver.evil.example"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://testserver"}, 403),
        ({"origin": "http://testserver"}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "https://behind.a.proxy"}, 303),
        ({}, 303),
    ],
)
def test_another_site_signs_nobody_in(headers: dict[str, str], status: int, full: Full) -> None:
    form = {"login": "a-viewer", "password": PASSWORD}
    answer = full.browse(None, "POST", "/sign-in", data=form, headers=headers)
    assert answer.status_code == status and ("set-cookie" in answer.headers) == (status == 303)


@pytest.mark.parametrize("by", [{"cookie": f"greensilk={'m' * 43}"}, {"authorization": f"Bearer gs_{'m' * 43}"}])
@pytest.mark.parametrize("path", ["/portfolios/{portfolio}/upload", "/projects/{project}/documents", "/routes",
                                  "/api/v1/portfolios/{portfolio}/uploads", "/api/v1/routes/comparisons"])  # fmt: skip
def test_nothing_is_read_of_what_a_stranger_sends(
    path: str, by: dict[str, str], full: Full, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cookie that was made up must not have a large file written to disk first."""
    read: list[bytes] = []

    def parsing(*_: object, **__: object) -> object:
        read.append(b"")
        raise AssertionError

    monkeypatch.setattr("starlette.requests.MultiPartParser.parse", parsing)
    path = path.format(portfolio=full.a["portfolio"], project=full.a["project"])
    answer = full.browse(None, "POST", path, headers=by, files={"file": ("a.csv", b"x" * 5_000_000)})
    assert answer.status_code == 401 and not read
