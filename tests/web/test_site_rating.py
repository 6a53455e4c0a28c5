"""A place is rated with the data that the organisation of who asks may use, by page and by API alike."""

from __future__ import annotations

import json
from pathlib import Path

from furnished import Full

PLACE = {"lon": 102.6, "lat": 17.97, "type": "solar_pv"}


def reserves(folder: Path) -> None:
    """A layer for non-commercial use alone."""
    from greensilk.catalogue.layer_import import import_layer
    from greensilk.catalogue.settings import on_behalf

    square = [[100.0, 15.0], [106.0, 15.0], [106.0, 20.0], [100.0, 20.0], [100.0, 15.0]]
    area = {"type": "Feature", "properties": {"name": "R"}, "geometry": {"type": "Polygon", "coordinates": [square]}}
    path = folder / "reserves.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [area]}), "utf-8")
    with on_behalf("non_commercial"):
        import_layer(
            "protected_areas", path, licence="Own terms", version="1", use_commercial=False, coverage="complete",
            attribution="Keepers",
        )  # fmt: skip


def test_who_has_not_said_how_it_uses_data_is_told_where_to(full: Full, own_data_dir: Path, tmp_path: Path) -> None:
    reserves(tmp_path)
    people = full.site.people.a
    told = full.ask(people.viewer, "POST", "/api/v1/sites", json=PLACE)
    page = full.browse(people.viewer, "POST", "/map/site", data=PLACE)
    for answer in (told, page):
        assert answer.status_code == 403, answer.text[:300]
        assert "under Administration" in answer.text and "greensilk data use" not in answer.text
    seen = full.ask(people.administrator, "GET", "/api/v1/organisation").headers["etag"]
    change = {"json": {"use": "non_commercial"}, "headers": {"if-match": seen}}
    assert full.ask(people.administrator, "PATCH", "/api/v1/organisation", **change).status_code == 200
    assert full.ask(people.viewer, "POST", "/api/v1/sites", json=PLACE).status_code == 200
    assert full.browse(people.viewer, "POST", "/map/site", data=PLACE).status_code == 200
