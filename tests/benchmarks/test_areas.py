"""The made-up areas: the same again from the same seed, of the stated mix, whole and valid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from benchmarks.area_files import area_file, drawn, read_areas
from benchmarks.areas import recipe
from benchmarks.sites import sites

COUNT, HEAD = 800, 100


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return area_file(tmp_path_factory.mktemp("areas"), COUNT, (HEAD,))


def test_the_recipe_has_the_stated_mix() -> None:
    many = recipe(7, 30_000)
    size_km2 = np.pi * many.radius_km**2
    assert np.median(size_km2) == pytest.approx(1.0, rel=0.1)
    assert np.log(size_km2).std() == pytest.approx(2.6, rel=0.05)
    assert (size_km2 >= 1e5).sum() >= 2
    assert np.median(many.vertices) == pytest.approx(84, rel=0.1)
    assert many.vertices.max() > 5_000
    assert (many.holes > 0).mean() == pytest.approx(0.10, abs=0.01)
    assert (many.parts > 1).mean() == pytest.approx(0.08, abs=0.01)
    copied = 1 - len(np.unique(np.column_stack([many.lon, many.lat, many.seed]), axis=0)) / len(many.seed)
    assert copied == pytest.approx(0.04, abs=0.01)
    assert many.lat.min() >= -58 and many.lat.max() <= 80 and np.abs(many.lon).max() <= 180


def test_the_same_seed_gives_the_same_areas_and_another_gives_others() -> None:
    one, again, other = (next(drawn(seed, 60)) for seed in (7, 7, 8))
    assert shapely.to_wkb(one).tolist() == shapely.to_wkb(again).tolist()
    assert shapely.to_wkb(one).tolist() != shapely.to_wkb(other).tolist()


def test_areas_are_valid_within_the_world_and_as_large_as_they_were_meant(file: Path) -> None:
    areas = read_areas(file)
    assert len(areas) == COUNT
    assert shapely.is_valid(areas).all() and not shapely.is_empty(areas).any()
    assert set(shapely.get_type_id(areas)) <= {3, 6}
    bounds = shapely.bounds(areas)
    assert bounds[:, 0].min() >= -180 and bounds[:, 2].max() <= 180
    meant = recipe(7, COUNT)
    single = np.flatnonzero((meant.parts == 1) & (meant.holes == 0) & (meant.radius_km < 20) & (meant.vertices > 100))
    km2 = shapely.area(areas[single]) * 110.574**2 * np.cos(np.radians(meant.lat[single]))
    assert np.median(km2 / (np.pi * meant.radius_km[single] ** 2)) == pytest.approx(1, abs=0.05)


def test_a_head_is_the_beginning_and_copies_point_to_the_first_of_their_kind(file: Path) -> None:
    areas, head = read_areas(file), read_areas(file.with_name(f"areas-{HEAD}.parquet"))
    assert shapely.to_wkb(head).tolist() == shapely.to_wkb(areas[:HEAD]).tolist()
    copies = np.load(file.parent / "copies.npy")
    assert (copies <= np.arange(COUNT)).all() and (copies < np.arange(COUNT)).sum() > COUNT * 0.02
    assert shapely.equals_exact(areas, areas[copies], 0).all()


def test_a_second_call_makes_nothing(file: Path) -> None:
    written = file.stat().st_mtime_ns
    assert area_file(file.parents[1], COUNT, (HEAD,)) == file
    assert file.stat().st_mtime_ns == written


@pytest.mark.parametrize("kind", ["clus", "hard"])
def test_sites_are_the_same_again_and_of_the_stated_form(file: Path, kind: str) -> None:
    one, again = (sites(kind, "polygons", 50, file) for _ in range(2))
    assert one.shape is not None and again.shape is not None
    assert shapely.to_wkb(one.shape).tolist() == shapely.to_wkb(again.shape).tolist()
    assert (shapely.get_num_coordinates(one.shape) == 65).all() and shapely.is_valid(one.shape).all()
    lines = sites(kind, "lines", 50, file).shape
    assert lines is not None and (shapely.get_num_coordinates(lines) == 50).all()


def test_hard_sites_lie_in_the_box_of_an_area(file: Path) -> None:
    where = sites("hard", "points", 200, file)
    with np.load(file.parent / "parts.npz") as parts:
        west, south, east, north = parts["box"].T
    inside = (west <= where.lon[:, None]) & (where.lon[:, None] <= east)
    assert (inside & (south <= where.lat[:, None]) & (where.lat[:, None] <= north)).any(axis=1).all()
