"""Pages of compared routes: a file given, its job done, the comparison and two of its routes side by side."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from visited import Site, sound, words

HOSTILE = '<img src=x onerror="alert(1)">'
EXAMPLE = Path(__file__).parents[2] / "examples" / "routes.geojson"


def line(alternative: str, name: str, north: float, **more: Any) -> dict[str, Any]:
    """A line over 60 km in Laos that reaches `north` degrees up in its middle."""
    coordinates = [[102.2, 18.5], [102.5, 18.5 + north], [102.8, 18.5]]
    properties = {"alternative": alternative, "name": name, **more}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": coordinates}}


LINES = (line("a", HOSTILE, 0.0), line("b", "Detour", 0.2), line("c", "Sketch", 0.1, sketch=True))


def _file(*lines: dict[str, Any], name: str = "routes.geojson") -> dict[str, Any]:
    content = json.dumps({"type": "FeatureCollection", "features": list(lines)})
    return {"file": (name, content.encode(), "application/geo+json")}


def _compared(site: Site, **form: Any) -> str:
    """The address of a comparison whose job was done."""
    from greensilk.jobs.worker import do
    from greensilk.store.queue import claim
    from greensilk.store.work import Job

    answer = site.visitor(site.people.a.analyst).post("/routes", form, files=_file(*LINES))
    assert answer.status_code == 303, words(answer)[:400]
    job = claim(site.store, "test")
    assert job is not None
    do(site.store, site.vault, job, threading.Event())
    with site.store.reading() as db:
        done = db.get_one(Job, job.id)
        assert done.state == "done", done.error
        return f"/routes/{done.result['comparison_id']}"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_empty_list_teaches_and_offers_an_example(site: Site, lang: str) -> None:
    visitor = site.visitor(site.people.a.analyst)
    page = visitor.get("/routes", lang)
    sound(page, lang)
    assert 'href="/routes/example.geojson"' in page.text and 'class="empty"' in page.text
    example = visitor.get("/routes/example.geojson")
    assert example.content == EXAMPLE.read_bytes()


def test_the_example_can_be_compared(own_data_dir: Path) -> None:
    from greensilk.appraisal.route_file import read_routes

    found = read_routes(EXAMPLE)
    assert (len(found.alignments), found.rejected) == (3, 0)


def test_a_comparison_from_file_to_files(site: Site) -> None:
    path = _compared(site, name=f"Line {HOSTILE}", width_m="40", every_layer="yes")
    visitor = site.visitor(site.people.a.viewer)
    for lang in ("en", "zh"):
        page = visitor.get(path, lang)
        sound(page, lang)
        assert HOSTILE not in page.text and "&lt;img" in page.text
        listed = visitor.get("/routes", lang)
        sound(listed, lang)
        assert path in listed.text and HOSTILE not in listed.text
    files = [one for one in visitor.get(path).text.split('"') if one.startswith("/api/v1/files/")]
    assert len(files) >= 4
    for address in files:
        assert (
            site.client.get(address, headers={"cookie": f"greensilk={visitor.cookies['greensilk']}"}).status_code == 200
        )


def test_two_routes_side_by_side_tell_what_one_takes_more(site: Site) -> None:
    path = _compared(site, width_m="40", every_layer="yes")
    visitor = site.visitor(site.people.a.viewer)
    both = visitor.get(f"{path}?a=a&b=b")
    sound(both)
    table = both.text[
        both.text.index('class="two-routes"') : both.text.index("</table>", both.text.index('class="two-routes"'))
    ]
    assert "km more" in table and "Length" in table
    back = visitor.get(f"{path}?a=b&b=a", "zh")
    sound(back, "zh")
    assert "少 " in back.text
    apart = words(visitor.get(f"{path}?a=a&b=c"))
    assert "no sketch is set above or below a line" in apart and "km more" not in apart
    for query in ("?a=a&b=a", "?a=a&b=zz", "?a=a"):
        assert "Choose two different routes" in words(visitor.get(path + query))


def test_others_do_not_find_it(site: Site) -> None:
    path = _compared(site, every_layer="yes")
    stranger = site.visitor(site.people.b.administrator)
    assert stranger.get(path).status_code == 404
    assert path not in stranger.get("/routes").text
    assert stranger.get("/routes/" + "0" * 32).status_code == 404


def test_a_viewer_gives_no_file(site: Site) -> None:
    visitor = site.visitor(site.people.a.viewer)
    assert "<form" not in visitor.get("/routes").text.split("<main")[1]
    assert visitor.post("/routes", {"every_layer": "yes"}, files=_file(*LINES)).status_code == 403


@pytest.mark.parametrize(("form", "more", "field"), [
    ({}, {}, "file"),
    ({"width_m": "wide"}, _file(*LINES), "width_m"),
    ({"width_m": "nan"}, _file(*LINES), "width_m"),
    ({"width_m": "1e9"}, _file(*LINES), "width_m"),
    ({}, _file(*LINES) | {"weights": ("w.yaml", b"about: x\nweights: {length: -1}", "text/yaml")}, "weights"),
    ({}, _file(*LINES) | {"weights": ("w.yaml", b"a: &a [1]\nb: *a", "text/yaml")}, "weights"),
    ({}, _file(*LINES) | {"unit_costs": ("c.yaml", b"[" * 2000, "text/yaml")}, "unit_costs"),
    ({"layers": "../../etc"}, _file(*LINES), "layers"),
])  # fmt: skip
def test_what_cannot_be_is_told_at_its_field(site: Site, form: dict[str, str], more: Any, field: str) -> None:
    given = form if "layers" in form else form | {"every_layer": "yes"}
    answer = site.visitor(site.people.a.analyst).post("/routes", given, files=more or {"x": ("", b"", "text/plain")})
    assert answer.status_code == 422, words(answer)[:300]
    assert f'id="{field}-fault"' in answer.text, words(answer)[:600]
    with site.store.reading() as db:
        from greensilk.workspace.queue import jobs

        assert not jobs(db, site.people.a.analyst).items


def test_weights_of_ones_own_go_with_the_job(site: Site) -> None:
    from greensilk.workspace.queue import jobs

    weights = b'about: "Length alone"\nweights: {length: 1}\n'
    files = _file(*LINES, name="..\\..\\up.geojson") | {"weights": ("w.yaml", weights, "text/yaml")}
    assert site.visitor(site.people.a.analyst).post("/routes", {"every_layer": "yes"}, files=files).status_code == 303
    with site.store.reading() as db:
        (job,) = jobs(db, site.people.a.analyst).items
    assert job.arguments["options"]["weights"] == {"about": "Length alone", "weights": {"length": 1.0}}
    assert (job.arguments["name"], job.arguments["file_name"]) == ("up.geojson", "up.geojson")
