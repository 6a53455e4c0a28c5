"""Provenance: the same inputs give the same run id, and any change of what results depend on another."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from greensilk.appraisal import provenance as origins
from greensilk.appraisal.provenance import DataUsed, Provenance, files_sha256, provenance
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
