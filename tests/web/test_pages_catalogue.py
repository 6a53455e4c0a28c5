"""Pages of data: everything known stands there, with its licence, for the use that one's organisation said."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from visited import Site, Visitor, sound, words

from greensilk.catalogue.bundle import bundle_index
from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.layer_records import sensitive_layers

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def reader(site: Site) -> Visitor:
    return site.visitor(site.people.a.viewer)


def _put(folder: Path, layer: str = "protected_areas", **terms: Any) -> None:
    from greensilk.catalogue import import_layer

    shape = {"type": "Polygon", "coordinates": [[[102, 18], [103, 18], [103, 19], [102, 18]]]}
    feature = {"type": "Feature", "properties": {"NAME": "Reserve"}, "geometry": shape}
    path = folder / f"{HOSTILE.replace('/', '')}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    given: dict[str, Any] = {"licence": HOSTILE, "version": "7", "use_commercial": True, "coverage": "complete"}
    import_layer(layer, path, **(given | terms))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_list_holds_everything_that_is_known(reader: Visitor, lang: str) -> None:
    page = reader.get("/catalogue", lang)
    sound(page, lang)
    listed = set(re.findall(r'href="/catalogue/([\w.-]+)"', page.text))
    given = {getattr(output, "layer", "") for one in datasets().values() for output in one.gives}
    assert listed == {*datasets(), *bundle_index(), *(sensitive_layers().keys() - given)}
    assert 'class="empty"' in page.text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_listed_has_its_page(reader: Visitor, lang: str) -> None:
    for name in {*datasets(), *bundle_index(), *sensitive_layers()}:
        sound(reader.get(f"/catalogue/{name}", lang), lang)


def test_a_search_finds_by_id_and_by_name_in_both_languages(reader: Visitor) -> None:
    for find in ("natural_earth", "HydroRIVERS", "保护"):
        found = re.findall(r'href="/catalogue/([\w.-]+)"', reader.get(f"/catalogue?find={find}").text)
        assert 0 < len(found) < len(datasets()), find
    nothing = reader.get("/catalogue?find=%25")
    sound(nothing)
    assert not re.findall(r'href="/catalogue/([\w.-]+)"', nothing.text)
    assert HOSTILE not in reader.get(f"/catalogue?find={HOSTILE}").text


def test_what_is_imported_stands_first_with_its_terms(site: Site, reader: Visitor, tmp_path: Path) -> None:
    _put(tmp_path)
    for lang in ("en", "zh"):
        for path in ("/catalogue", "/catalogue/protected_areas"):
            page = reader.get(path, lang)
            sound(page, lang)
            assert HOSTILE not in page.text and "&lt;img" in page.text
    page = reader.get("/catalogue/protected_areas")
    assert page.text.index("On this server") < page.text.index("What the layer means")
    assert "complete everywhere" in words(page)


def test_what_the_organisation_may_not_use_is_said_for_its_own_use(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")  # of the machine: what an organisation may is its own matter
    _put(tmp_path, use_commercial=False)
    visitor = site.visitor(site.people.a.administrator)
    path = "/catalogue/protected_areas"
    assert "before your organisation's use is set" in words(visitor.get(path)).replace("&#39;", "'")
    for use, said in (("commercial", True), ("non_commercial", False)):
        version = re.findall(r'name="version" value="(\d+)"', visitor.get("/admin").text)[0]
        assert visitor.post("/admin", {"name": "A", "use": use, "version": version}).status_code == 303
        assert ("its use is commercial" in words(visitor.get(path))) is said
    assert "its use is commercial" not in words(site.visitor(site.people.b.viewer).get(path))


def test_what_is_damaged_is_said_with_the_way_out(reader: Visitor, tmp_path: Path, own_data_dir: Path) -> None:
    _put(tmp_path)
    for path in (own_data_dir / "layers" / "protected_areas").glob("*/info.json"):
        path.write_text("{", "utf-8")
    page = reader.get("/catalogue/protected_areas")
    sound(page)
    assert 'role="alert"' in page.text and str(own_data_dir) not in page.text
    sound(reader.get("/catalogue", "zh"), "zh")


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fetc", "<img>", "0" * 5000])
def test_what_is_not_known_is_not_found(reader: Visitor, name: str) -> None:
    page = reader.get(f"/catalogue/{name}")
    assert page.status_code == 404 and "<img>" not in page.text
