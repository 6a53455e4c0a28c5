"""A comparison of routes as a job: rows, files and pages in one language each."""

from __future__ import annotations

import gzip
import io
import json
import re

from greensilk.store.opening import Store
from greensilk.store.vault import Vault
from greensilk.workspace import comparisons, queue, ratings
from platform_people import Gathered
from platform_work import job_now, worked_off

LINES = {"short": [[102.0, 18.5], [102.6, 18.5]], "<b>long": [[102.0, 18.5], [102.3, 18.8], [102.6, 18.5]]}
WEIGHTS = {"about": "a test", "weights": {"length": 1.0}}


def content(lines: dict[str, list[list[float]]]) -> bytes:
    features = [
        {"type": "Feature", "properties": {"alternative": name, "name": name},
         "geometry": {"type": "LineString", "coordinates": line}}
        for name, line in lines.items()
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_routes_are_compared_and_kept(store: Store, vault: Vault, people: Gathered) -> None:
    who = people.a.analyst
    sha256, _ = vault.keep(io.BytesIO(content(LINES)))
    given = {"name": "Two ways", "file_sha256": sha256, "file_name": "ways.geojson",
             "options": {"width_m": 60.0, "weights": WEIGHTS, "layers": []}}  # fmt: skip
    with store.writing() as db:
        job = queue.submit(db, who, "compare_routes", given)
    worked_off(store, vault)
    ended = job_now(store, who, job)
    assert ended.state == "done" and ended.result is not None, ended.error
    with store.reading() as db:
        kept = comparisons.comparison(db, people.a.viewer, ended.result["comparison_id"])
        files = {row.name for row in ratings.files(db, who, job.id)}
        assert [one.id for one in comparisons.comparisons(db, who)] == [kept.id]
        assert comparisons.comparisons(db, people.b.viewer) == []
    assert files == {"routes.html", "routes.csv", "routes.json", "rejects.csv", "provenance.json"}
    assert [row["alternative"] for row in kept.table] == ["short", "<b>long"] and kept.table[0]["rank"] == 1
    assert kept.summary["alternatives"] == 2 and kept.summary["first"] == "short"
    assert kept.summary["compared"] == ["length"] and kept.summary["width_m"] == 60.0
    pages = {lang: gzip.decompress(ratings.part(vault, kept, kept, f"page_{lang}")).decode() for lang in ("en", "zh")}
    for page in pages.values():
        assert "<b>long" not in page and "&lt;b&gt;long" in page
        assert 'lang="' not in page and not re.search(r'<(script|style|button)\b|<[^>]* style="', page)
    assert "not outdone" in pages["en"] and "未被超过" in pages["zh"] and "not outdone" not in pages["zh"]


def test_a_file_without_routes_says_so(store: Store, vault: Vault, people: Gathered) -> None:
    sha256, _ = vault.keep(b"{}")
    with store.writing() as db:
        job = queue.submit(
            db, people.a.analyst, "compare_routes", {"name": "n", "file_sha256": sha256, "file_name": "n.geojson"}
        )
    worked_off(store, vault)
    ended = job_now(store, people.a.viewer, job)
    assert ended.state == "failed" and ended.error is not None and "n.geojson" in ended.error["zh"]
