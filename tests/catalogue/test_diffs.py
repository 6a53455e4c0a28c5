"""What changed between versions: features by key, by name and by content alone, tables, rasters; each change once."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.catalogue import import_layer
from greensilk.catalogue.data_info import AllowedUse, Stated
from greensilk.catalogue.diffs import ADDED, CHANGED, REMOVED, Diff, diff
from greensilk.catalogue.installing import Asked
from greensilk.catalogue.outputs import RasterOutput
from greensilk.catalogue.pulling import import_files, pull
from greensilk.catalogue.raster_changes import changed_cells
from greensilk.catalogue.raster_import import import_raster
from greensilk.catalogue.shelves import INFO, LAYERS, RASTERS
from greensilk.errors import LayerError, LicenceError
from greensilk.records import Label

sys.path.insert(0, str(Path(__file__).parent))
from dataset_cases import CASES, build_cut


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for all providers, and an organisation that may use everything."""
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    monkeypatch.setenv("GREENSILK_MIRROR", str(tmp_path / "mirror"))
    return tmp_path / "mirror"


def counts(found: Diff) -> tuple[int, int, int]:
    return found.count(ADDED), found.count(REMOVED), found.count(CHANGED)


# ---- layers


def points(folder: Path, version: str, rows: Sequence[dict[str, Any]]) -> None:
    """A layer of points, each at its "at" (thousandths of a degree) with its other entries as attributes."""
    features = [
        {
            "type": "Feature",
            "properties": {name: value for name, value in row.items() if name != "at"},
            "geometry": {"type": "Point", "coordinates": [row["at"] / 1000, 10]},
        }
        for row in rows
    ]
    path = folder / "points.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    import_layer("creeks", path, licence="own", version=version, use_commercial=True)


def compared(folder: Path, old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> Diff:
    points(folder, "1", old)
    points(folder, "2", new)
    return diff("creeks", "1", "2")


def test_one_unnamed_point_more_in_front_is_one_added(tmp_path: Path) -> None:
    many = [{"at": n, "depth": str(n)} for n in range(300)]
    found = compared(tmp_path, many, [{"at": 999, "depth": "7"}, *many])
    assert counts(found) == (1, 0, 0)
    assert found.rows["what_it_is"].to_list() == ["-"]


def test_one_changed_among_many_of_the_same_name_is_one_changed(tmp_path: Path) -> None:
    many = [{"at": n, "name": "Creek", "depth": str(n)} for n in range(300)]
    found = compared(tmp_path, many, [*many[:150], {**many[150], "depth": "deep"}, *many[151:]])
    assert counts(found) == (0, 0, 1)
    assert found.rows.rows() == [("changed", "Creek", "depth", "150", "deep")]


def test_which_of_several_became_which_is_not_guessed(tmp_path: Path) -> None:
    old = [{"at": n, "name": "Creek", "depth": str(n)} for n in range(4)]
    new = [*old[:2], {**old[2], "depth": "a"}, {**old[3], "depth": "b"}]
    assert counts(compared(tmp_path, old, new)) == (2, 2, 0)


def test_a_name_that_becomes_a_twin_is_one_added(tmp_path: Path) -> None:
    one = {"at": 1, "name": "Creek"}
    assert counts(compared(tmp_path, [one], [{"at": 2, "name": "Creek"}, one])) == (1, 0, 0)


def test_a_feature_without_a_name_that_changed_is_another_one(tmp_path: Path) -> None:
    assert counts(compared(tmp_path, [{"at": 1, "depth": "1"}], [{"at": 1, "depth": "2"}])) == (1, 1, 0)


def test_a_new_column_is_a_change_of_each_and_pairs_twins_all_the_same(tmp_path: Path) -> None:
    old = [{"at": n, "name": "Creek"} for n in range(3)]
    found = compared(tmp_path, old, [{**row, "depth": f"{row['at']} m"} for row in reversed(old)])
    assert counts(found) == (0, 0, 3)
    assert sorted(found.rows["now"].to_list()) == ["0 m", "1 m", "2 m"]


OWN_WORDS = ("key", "shape", "in_what", "what_it_is", "cell", "change", "before", "now", "row", "row_now", "content",
             "number", ".shape", "feature")  # fmt: skip


@pytest.mark.parametrize("word", OWN_WORDS)
def test_no_name_of_an_attribute_hides_a_change(tmp_path: Path, word: str) -> None:
    rows = [{"at": n, "name": f"Creek {n}", word: f"x{n}"} for n in range(3)]
    found = compared(tmp_path, rows, [rows[0], {**rows[1], word: "other"}, rows[2]])
    assert found.rows.rows() == [("changed", "Creek 1", word, "x1", "other")]


def test_all_such_names_at_once(tmp_path: Path) -> None:
    row = {"at": 1, "name": "Creek"} | dict.fromkeys(OWN_WORDS, "x")
    found = compared(tmp_path, [row], [row | dict.fromkeys(OWN_WORDS, "y")])
    assert sorted(found.rows["in_what"]) == sorted(OWN_WORDS) and counts(found) == (0, 0, 1)


ROWS = st.lists(
    st.fixed_dictionaries({
        "at": st.integers(0, 3), "name": st.sampled_from(["A", "B", ""]), "depth": st.sampled_from(["1", "2"]),
    }), min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=ROWS, new=ROWS)
def test_what_is_kept_added_and_removed_adds_up(tmp_path: Path, old: list[dict[str, Any]],
                                                new: list[dict[str, Any]]) -> None:  # fmt: skip
    found = compared(tmp_path, old, new)
    added, removed, changed = counts(found)
    assert len(new) - len(old) == added - removed
    assert counts(diff("creeks", "2", "1")) == (removed, added, changed)
    plain = [sorted(json.dumps(row, sort_keys=True) for row in rows) for rows in (old, new)]
    assert (added, removed, changed) == (0, 0, 0) if plain[0] == plain[1] else added + removed + changed > 0


def power_plants(path: Path, change: dict[str, dict[str, str]], more: Sequence[dict[str, str]] = ()) -> Path:
    """The cut of the power plants, some cells changed by the key of their row, rows added."""
    with next((CASES / "wri_power_plants" / "cut").rglob("*.csv")).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with path.open("w", encoding="utf-8", newline="") as sink:
        writer = csv.DictWriter(sink, rows[0])
        writer.writeheader()
        writer.writerows(
            {**row, **change.get(row["gppd_idnr"], {})} for row in [*rows, *({**rows[0], **m} for m in more)]
        )
    return path


def keys_of_plants() -> list[str]:
    with next((CASES / "wri_power_plants" / "cut").rglob("*.csv")).open(encoding="utf-8", newline="") as stream:
        return [row["gppd_idnr"] for row in csv.DictReader(stream)]


def test_versions_are_compared(mirror: Path, tmp_path: Path) -> None:
    build_cut("wri_power_plants", mirror / "wri_power_plants")
    pull("wri_power_plants")
    with pytest.raises(LayerError, match=r"1\.3\.0"):
        diff("power_plants")
    first, second, *_ = keys_of_plants()
    changed = power_plants(
        tmp_path / "global_power_plant_database.csv",
        {first: {"capacity_mw": "77777"}, second: {"latitude": "1.25"}},
        [{"gppd_idnr": "NEW0000001", "name": "Invented addition"}],
    )
    import_files("wri_power_plants", [changed], Asked(version="1.4"))
    found = diff("power_plants")
    assert (found.before, found.now, found.sources) == ("1.3.0", "1.4", None)
    assert counts(found) == (1, 0, 2)
    said = {(row[1], row[2]): row[3:] for row in found.rows.iter_rows() if row[0] == CHANGED}
    assert said[(first, "capacity_mw")][1] == "77777"
    assert {what for _, what in said} == {"capacity_mw", "latitude", "shape"}
    assert counts(diff("power_plants", "1.4", "1.3.0")) == (0, 1, 2)
    with pytest.raises(LayerError, match=r"1\.3\.0"):
        diff("power_plants", "9")
    assert len(diff("power_plants", "1.4", "1.4").rows) == 0


def test_the_key_is_that_of_the_data_set_of_both_versions(mirror: Path, tmp_path: Path) -> None:
    path = power_plants(tmp_path / "global_power_plant_database.csv", {})
    import_files("wri_power_plants", [path], Asked(version="1.3.0"))
    first = keys_of_plants()[0]
    own = power_plants(tmp_path / "own.csv", {first: {"gppd_idnr": "OTHER"}})
    import_layer("power_plants", own, licence="own", version="mine", use_commercial=True,
                 columns={"lon": "longitude", "lat": "latitude"}, name_column="name")  # fmt: skip
    found = diff("power_plants")
    assert found.sources == ("wri_power_plants", "")
    assert counts(found) == (0, 0, 1)  # by name, since the key means nothing in a file of the user's own
    assert ("gppd_idnr", first, "OTHER") in [row[2:] for row in found.rows.iter_rows()]


def test_what_is_damaged_is_said(tmp_path: Path) -> None:
    points(tmp_path, "1", [{"at": 1, "name": "Creek"}])
    folder = LAYERS.current("creeks")
    assert folder is not None
    (folder / INFO).unlink()
    with pytest.raises(LayerError, match="creeks"):
        diff("creeks")


# ---- rasters


def raster(folder: Path, version: str, tiles: dict[tuple[float, float], Any], step: float = 1.0, *,
           commercial: bool = True) -> Path:  # fmt: skip
    """A version of a raster: north-west corner -> numbers of a tile."""
    paths = []
    for (west, north), values in tiles.items():
        cells = np.array(values, np.uint8)
        paths.append(folder / f"{version}_{west}_{north}.tif")
        with rasterio.open(
            paths[-1], "w", driver="GTiff", count=1, height=cells.shape[0], width=cells.shape[1], crs="EPSG:4326",
            transform=Affine(step, 0, west, 0, -step, north), dtype="uint8", nodata=0,
        ) as sink:  # fmt: skip
            sink.write(cells, 1)
    made_up = RasterOutput(kind="raster", raster="made_up", label=Label(en="Made up", zh="虚构"), files=("*.tif",),
                           unit="1", accuracy_m=1000)  # fmt: skip
    use = AllowedUse(commercial=commercial, redistribute=True)
    import_raster(made_up, paths, Stated(title="Made up", version=version, licence="CC0", use=use))
    current = RASTERS.current("made_up")
    assert current is not None
    return current


def test_the_same_cells_in_other_tiles_count_once(tmp_path: Path) -> None:
    whole = np.arange(1, 33).reshape(4, 8)
    old = raster(tmp_path, "1", {(0, 4): whole[:, :4], (4, 4): whole[:, 4:]})
    whole[2, 5] = 99
    new = raster(tmp_path, "2", {(0, 4): whole[:2], (0, 2): whole[2:]})
    assert changed_cells(old, new) == [("0 0", 1)]
    assert changed_cells(new, old) == [("0 4", 1)]
    found = diff("made_up")
    assert counts(found) == (0, 0, 1) and found.rows.rows() == [("changed", "0 0", "cells", "1", "")]


def test_cells_that_no_new_tile_covers_are_those_of_the_old(tmp_path: Path) -> None:
    old = raster(tmp_path, "1", {(0, 4): np.full((4, 4), 7), (4, 4): np.full((4, 4), 8)})
    new = raster(tmp_path, "2", {(0, 4): np.full((4, 3), 7)})
    assert changed_cells(old, new) == [("0 0", 4), ("0 4", 16)]
    assert changed_cells(new, old) == [("0 0", 4), ("0 4", 16)]


def test_cells_where_new_tiles_overlap_count_once(tmp_path: Path) -> None:
    old = raster(tmp_path, "1", {(0, 4): np.full((4, 8), 7)})
    new = raster(tmp_path, "2", {(0, 4): np.full((4, 5), 8), (3, 4): np.full((4, 5), 8)})
    assert sum(cells for _, cells in changed_cells(old, new)) == 32


def test_another_grid_counts_over_the_new_tiles_alone(tmp_path: Path) -> None:
    old = raster(tmp_path, "1", {(0, 4): np.full((4, 4), 7), (4, 4): np.full((4, 4), 7)})
    new = raster(tmp_path, "2", {(0, 4): np.full((8, 8), 7)}, 0.5)
    assert changed_cells(old, new) == [("0 0", 64)]


def test_tiles_across_the_antimeridian_are_the_same_cells_on_either_side(tmp_path: Path) -> None:
    cells = np.arange(1, 33).reshape(4, 8)
    old = raster(tmp_path, "1", {(176, 4): cells})
    cells[0, 6] = 99
    new = raster(tmp_path, "2", {(176, 4): cells[:, :4], (-180, 4): cells[:, 4:]})
    assert changed_cells(old, new) == [("0 -180", 1)]
    assert changed_cells(new, old) == [("0 176", 1)]


def test_a_raster_that_may_not_be_used_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    raster(tmp_path, "1", {(0, 4): np.full((4, 4), 7)}, commercial=False)
    raster(tmp_path, "2", {(0, 4): np.full((4, 4), 8)})
    assert diff("made_up").count(CHANGED) == 1
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    with pytest.raises(LicenceError):
        diff("made_up")
    shutil.rmtree(RASTERS.folder)
