"""Provenance: the same inputs give the same run id, and any change of what results depend on another."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from greensilk.appraisal import provenance as origins
from greensilk.appraisal.provenance import DataUsed, Provenance, files_sha256, provenance
from greensilk.catalogue import import_layer
from greensilk.screening import read_portfolio
from greensilk.screening.mapping import Mapping
from greensilk.screening.model import LINK_SCHEMA, PROJECT_SCHEMA, REJECT_SCHEMA, Portfolio

ON = dt.date(2026, 1, 1)


def _portfolio(sha256: str = "0" * 64, name: str = "deals.csv") -> Portfolio:
    nothing = np.empty(0, dtype=object)
    tables = (pl.DataFrame(schema=schema) for schema in (PROJECT_SCHEMA, REJECT_SCHEMA, LINK_SCHEMA))
    projects, rejects, links = tables
    return Portfolio(projects, nothing, nothing, rejects, links, 4, name, sha256)


def _run(sha256: str = "0" * 64, on: dt.date = ON, standards: tuple[str, ...] = ("gdg_2020",)) -> Provenance:
    return provenance(_portfolio(sha256), standards, on, {})


def test_the_same_run_has_the_same_id_whenever_and_wherever(monkeypatch: pytest.MonkeyPatch) -> None:
    first = _run()
    monkeypatch.setattr(origins.platform, "machine", lambda: "other")
    second = _run()
    assert second.machine != first.machine
    assert first.run_id == second.run_id and len(first.run_id) == 16


def test_whatever_results_depend_on_changes_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {
        _run().run_id,
        _run(sha256="1" * 64).run_id,
        _run(on=dt.date(2026, 1, 2)).run_id,
        _run(standards=("gdg_2020", "ndrc_2022_408")).run_id,
    }
    changed = DataUsed(id="x", title="x", version="1", sha256="2" * 64, licence="", attribution="")
    monkeypatch.setattr(origins, "bundle_used", lambda: (changed,))
    ids.add(_run().run_id)
    monkeypatch.setattr(origins, "definitions_used", lambda: {"vocabulary.yaml": "3" * 64})
    ids.add(_run().run_id)
    assert len(ids) == 6


def test_rows_and_arguments_are_recorded() -> None:
    found = _run()
    assert (found.portfolio.rows_read, found.portfolio.rows_rejected) == (4, 4)
    assert found.arguments.on == "2026-01-01" and found.arguments.standards == ("gdg_2020",)
    assert {"vocabulary.yaml", "standards", "project_types", "texts"} <= set(found.definitions)
    assert found.machine.libraries["polars"] == pl.__version__


def test_the_hash_of_shipped_data_is_that_of_the_file_on_disk() -> None:
    found = {one.id: one for one in _run().bundle}
    path = origins.BUNDLE / "land_cover.tif"
    assert found["land_cover"].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert all(one.licence and one.version for one in found.values())


def test_files_are_hashed_by_name_and_content_in_any_order(tmp_path: Path) -> None:
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_text("x")
    other.write_text("y")
    both = files_sha256([one, other], tmp_path)
    assert both == files_sha256([other, one], tmp_path)
    one.rename(tmp_path / "c")
    assert both != files_sha256([tmp_path / "c", other], tmp_path)


def test_no_path_of_the_machine_is_recorded() -> None:
    assert str(Path.home()) not in _run().model_dump_json()
    assert "/" not in _run().portfolio.name


def test_how_the_portfolio_was_read_changes_the_id(tmp_path: Path) -> None:
    deals, more = tmp_path / "deals.csv", tmp_path / "more.csv"
    deals.write_text("id,lon,lat,kind,other\na,1,2,road,port\n", "utf-8")
    more.write_text("id,note\na,x\n", "utf-8")
    second = {"attributes": {"file": "more.csv", "key": "id"}}

    def run(content: dict[str, Any]) -> str:
        rule = Mapping.model_validate_json(json.dumps(content))
        return provenance(read_portfolio(deals, rule), ("gdg_2020",), ON, {}).run_id

    road, port = {"columns": {"type": "kind"}}, {"columns": {"type": "other"}}
    ids = [run(road), run(port), run({**road, **second})]
    more.write_text("id,note\na,y\n", "utf-8")
    ids.append(run({**road, **second}))
    assert len(set(ids)) == 4
    assert run(road) == ids[0]


def test_every_part_of_a_shapefile_counts(tmp_path: Path) -> None:
    import pyogrio
    import shapely

    path = tmp_path / "deals.shp"
    data = {"type": np.array(["road"], dtype=object)}
    pyogrio.raw.write(path, shapely.to_wkb([shapely.Point(1, 2)]), list(data.values()), list(data),
                      geometry_type="Point", crs="EPSG:4326", driver="ESRI Shapefile")  # fmt: skip
    before = read_portfolio(path)
    table = tmp_path / "deals.dbf"
    table.write_bytes(table.read_bytes().replace(b"road", b"port"))
    after = read_portfolio(path)
    assert before.source_sha256 == after.source_sha256
    assert provenance(before, (), ON, {}).run_id != provenance(after, (), ON, {}).run_id


def test_what_is_stated_of_a_layer_changes_the_id(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("name,lon,lat\na,101.5,17.5\n", "utf-8")

    def run(**terms: object) -> str:
        info = import_layer("mine", path, licence="CC0", version="1", use_commercial=True, **terms)  # type: ignore[arg-type]
        return provenance(_portfolio(), ("gdg_2020",), ON, {"mine": info}).run_id

    first = run()
    assert len({first, run(coverage="complete"), run(accuracy_m=9_000.0)}) == 3
    assert run() == first


def test_what_is_stated_of_shipped_data_changes_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    from greensilk.catalogue import bundle

    first, index = _run().run_id, dict(bundle.bundle_index())
    index["ports"] = index["ports"].model_copy(update={"accuracy_m": 1.0})
    monkeypatch.setattr(bundle, "bundle_index", lambda: index)
    assert _run().run_id != first
