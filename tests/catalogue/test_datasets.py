"""Every data set works: its small cut is pulled from a mirror, or imported, and becomes what its case says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.datasets import ByHand, Dataset, datasets
from greensilk.catalogue.installed import everything
from greensilk.catalogue.installing import Asked
from greensilk.catalogue.layer_records import LayerInfo, sensitive_layers
from greensilk.catalogue.layers import open_layer
from greensilk.catalogue.outputs import LayerOutput
from greensilk.catalogue.pulling import import_files, pull
from greensilk.catalogue.raster_store import open_raster
from greensilk.catalogue.tables import open_table
from greensilk.errors import LicenceError
from greensilk.places import country_codes

sys.path.insert(0, str(Path(__file__).parent))
from dataset_cases import build_cut, case_ids, expected

TOKEN = "not-a-real-token"


def made_from(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[DataInfo]:
    """What a case becomes, by the way its definition is fetched."""
    one = datasets()[case]
    said = expected(case)
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    files = build_cut(case, tmp_path / "mirror" / case)
    if isinstance(one.fetch, ByHand):
        how = said["import"]
        return list(import_files(case, files, Asked(how.get("countries", ()), how.get("version"))).made)
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    if getattr(one.fetch, "token", None):
        monkeypatch.setenv(one.fetch.token, TOKEN)  # type: ignore[union-attr, arg-type]
    how = said["pull"]
    return list(pull(case, Asked(how.get("countries", ()), how.get("version"))).installed.made)


@pytest.mark.parametrize("case", case_ids())
def test_a_data_set_becomes_what_its_case_says(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {info.id: info for info in made_from(case, tmp_path, monkeypatch)}
    said = expected(case)
    assert set(made) == {name for kind in ("layers", "rasters", "tables") for name in said.get(kind, {})}
    for name, layer in said.get("layers", {}).items():
        _check_layer(made[name], layer)
    for name, raster in said.get("rasters", {}).items():
        _check_raster(name, raster)
    for name, table in said.get("tables", {}).items():
        _check_table(name, table)
    for info in made.values():
        assert (info.dataset, info.licence) == (case, datasets()[case].licence.name)
        assert TOKEN not in info.model_dump_json()


def _check_layer(info: DataInfo, said: dict[str, Any]) -> None:
    assert isinstance(info, LayerInfo)
    names = said.pop("names", None)
    assert {name: getattr(info, name) for name in said} == said
    if names is not None:
        assert sorted(filter(None, open_layer(info.id).features.names)) == sorted(names)


def _check_raster(name: str, said: dict[str, Any]) -> None:
    opened = open_raster(name)
    raster = opened.raster
    classes = {str(code): tuple(groups) for code, groups in said["classes"].items()}
    assert (opened.info.classes, opened.info.unit) == (classes, said["unit"])
    for lon, lat, value in said["at"]:
        found = raster.values_at([lon], [lat])[0]
        assert found == pytest.approx(float("nan") if value is None else value, nan_ok=True), (lon, lat)


def _check_table(name: str, said: dict[str, Any]) -> None:
    import polars as pl

    table = open_table(name)
    frame = table.frame
    for country, indicator, year, value in said.get("values", ()):
        same = pl.col("year").is_null() if year is None else pl.col("year") == year
        rows = frame.filter((pl.col("iso_a3") == country) & (pl.col("indicator") == indicator) & same)
        assert rows["value"].to_list() == [pytest.approx(value)], (country, indicator, year)
    assert len(frame) == said["rows"]
    assert frame["iso_a3"].n_unique() == said["countries"]
    assert (frame["flag"] != "").sum() == said.get("flagged", 0)


def test_every_data_set_has_a_case_and_at_least_sixteen_work() -> None:
    assert set(case_ids()) == set(datasets())
    assert len(datasets()) >= 16


@pytest.mark.parametrize("name", sorted(datasets()))
def test_a_definition_is_whole(name: str) -> None:
    one = datasets()[name]
    assert name not in sensitive_layers(), "one name would mean two things"
    remembered = any("memory" in source.title for source in one.source)
    assert one.confirmed or remembered, "not confirmed: a source must say what is from memory"
    if one.use.commercial is not True:
        assert one.licence.licensed_route is not None, "not for commercial use: licensed_route must say how it can be"
    for output in one.gives:
        if isinstance(output, LayerOutput):
            named = output.label is not None or output.layer in sensitive_layers()
            assert named, f"{output.layer} is no standard layer and needs a label"
            unknown = set(output.coverage) - {*country_codes(), "*"}
            assert not unknown and "*" in output.coverage, (
                f"coverage of {output.layer} needs '*' and codes of countries"
            )
            unsaid = [code for code, said in output.coverage.items() if said.status == "complete" and not said.why]
            assert not unsaid, f"{output.layer} is called complete in {unsaid}, and must say why"


@pytest.mark.parametrize("case", case_ids())
def test_a_case_states_what_may_be_done_and_where_absence_counts(case: str) -> None:
    """Word for word, so that a definition which promises more than before is noticed."""
    said, one = expected(case), datasets()[case]
    assert said["use"] == one.use.model_dump()
    covered = {output.layer: output.coverage for output in one.gives if isinstance(output, LayerOutput)}
    statuses = {layer: {code: entry.status for code, entry in table.items()} for layer, table in covered.items()}
    assert said.get("coverage", {}) == statuses


def test_what_is_reported_by_states_and_volunteers_is_complete_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a definition says: a reserve that nobody reported must not become a place without one."""
    for case in ("wdpa", "wdpa_api", "kba", "osm_geofabrik", "hydrolakes"):
        made = made_from(case, tmp_path / case, monkeypatch)
        assert made
        for info in made:
            assert isinstance(info, LayerInfo)
            assert not info.is_complete_somewhere, info.id
    for case in ("wdpa", "kba"):
        use = datasets()[case].use
        assert (use.commercial, use.redistribute) == (False, False)
        assert True not in (use.display, use.derived)


@pytest.mark.parametrize("coverage", [None, {"*": {"status": "none"}}])
def test_layers_that_state_no_coverage_have_that_of_their_data_set(coverage: dict[str, Any] | None) -> None:
    whole = json.loads(datasets()["wdpa"].model_dump_json())
    for output in whole["gives"][1:]:
        del output["coverage"]
    whole["coverage"] = coverage or {}
    if coverage is None:
        with pytest.raises(ValidationError, match="needs a coverage"):
            Dataset.model_validate_json(json.dumps(whole))
        return
    own, *others = Dataset.model_validate_json(json.dumps(whole)).gives
    assert own == datasets()["wdpa"].gives[0]
    for output in others:
        assert isinstance(output, LayerOutput)
        assert {code: entry.status for code, entry in output.coverage.items()} == {"*": "none"}


@pytest.mark.parametrize("case", [name for name in case_ids() if datasets()[name].use.commercial is False])
def test_what_a_licence_forbids_is_refused_before_anything_is_made(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = build_cut(case, tmp_path / "mirror" / case)
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    for call in (lambda: pull(case, Asked(["LAO"])), lambda: import_files(case, files, Asked(version="1"))):
        with pytest.raises(LicenceError) as caught:
            call()
        assert datasets()[case].licence.licensed_route.en in caught.value.message("en")  # type: ignore[union-attr]
    assert everything() == []
    assert not (tmp_path / "greensilk-data" / "downloads").exists()


def test_a_licence_of_ones_own_opens_what_the_public_one_closes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = next(name for name in case_ids() if isinstance(datasets()[name].fetch, ByHand) and
                datasets()[name].use.commercial is False)  # fmt: skip
    files = build_cut(case, tmp_path / "files")
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    made = import_files(case, files, Asked(version="2026", licence="Contract 12", commercial=True)).made
    assert {info.licence for info in made} == {"Contract 12"}
    assert {info.use.display for info in made} == {None}
