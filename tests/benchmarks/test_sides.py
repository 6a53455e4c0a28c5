"""Every side says the same on a case small enough to look at; each does the tasks that the plan gives it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from benchmarks.area_files import area_file, read_areas
from benchmarks.area_layer import import_areas
from benchmarks.cases import JOINS, SMALL, tasks_of
from benchmarks.plane import to_plane
from benchmarks.sides import NAMES, side
from benchmarks.sides.local_plane import EXACT, RADII_M, disks, nearest, union_disks
from benchmarks.sites import Sites, sites
from pyproj import Geod

from benchmarks import agreement

COUNT = 300
SITES = 400


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = area_file(tmp_path_factory.mktemp("areas"), COUNT)
    import_areas(made)
    return made


@pytest.fixture(scope="module")
def expected(file: Path) -> set[tuple[int, int]]:
    where = sites("hard", "points", SITES, file)
    areas = read_areas(file)
    inside = shapely.intersects_xy(areas[None, :], where.lon[:, None], where.lat[:, None])
    found = set(map(tuple, np.argwhere(inside).tolist()))
    assert len(found) > SITES / 4
    return found


@pytest.mark.parametrize("name", ["ours", *JOINS])
def test_every_side_finds_the_same_points_in_the_same_areas(name: str, file: Path, expected: set[object]) -> None:
    module = side(name)
    answer = module.TASKS["contains"](module.open_areas(file), sites("hard", "points", SITES, file))
    copies = np.load(file.parent / "copies.npy")
    pairs = np.array(sorted(expected))
    right = agreement.first_copies({"site": pairs[:, 0], "area": pairs[:, 1]}, copies)
    assert agreement.first_copies(answer, copies).tolist() == right.tolist()


@pytest.mark.parametrize("form", ["lines", "polygons"])
def test_shapes_meet_the_same_areas_on_every_side(form: str, file: Path) -> None:
    where = sites("hard", form, 100, file)
    found = []
    for name in ("ours", "strtree", "prepared"):
        module = side(name)
        found.append(module.TASKS[f"touch_{form}"](module.open_areas(file), where))
    copies = np.load(file.parent / "copies.npy")
    for peer in found[1:]:
        row = agreement.pairs_agree(found[0], peer, copies)
        assert row["pairs"] > 0 and row["only_ours"] == row["only_peer"] == 0


def test_two_threads_say_what_one_says(file: Path) -> None:
    module = side("ours")
    ready, where = module.open_areas(file), sites("hard", "points", SITES, file)
    one, two = (module.TASKS[task](ready, where) for task in ("contains", "contains_2"))
    assert all((one[name] == two[name]).all() for name in one)


def test_the_peers_plane_keeps_distances_and_directions() -> None:
    rng = np.random.default_rng(3)
    azimuth, distance = rng.uniform(0, 360, 200), rng.uniform(10, 50_000, 200)
    for lat_0 in (0.0, 45.0, 80.0):
        lon, lat, _ = Geod(ellps="WGS84").fwd(np.full(200, 10.0), np.full(200, lat_0), azimuth, distance)
        x, y = to_plane(lon, lat, 10.0, lat_0)
        aside = np.hypot(x - distance * np.sin(np.radians(azimuth)), y - distance * np.cos(np.radians(azimuth)))
        assert aside.max() < 0.01


def test_the_peer_of_distances_and_areas_is_right_about_a_square() -> None:
    module = side("local_plane")
    square = shapely.box(179.7, -0.1, 179.9, 0.1)
    parts = np.array([square], dtype=object)
    ready = module.Parts(parts, np.array([0]), module._sizes_m2(parts), shapely.STRtree(parts))
    where = Sites(np.array([-179.9, 179.8, 0.0]), np.zeros(3))
    geod = Geod(ellps="WGS84")
    apart, size = geod.inv(-179.9, 0, 179.9, 0)[2], geod.geometry_area_perimeter(square)[0]
    found = nearest(ready, where, EXACT)
    assert found["distance_m"][:2] == pytest.approx([apart, 0], abs=0.01) and np.isnan(found["distance_m"][2])
    sizes = disks(ready, where, EXACT)
    assert sizes["site"].tolist() == [0, 1]
    assert sizes["area_m2"][1] == pytest.approx([np.pi * RADII_M[0] ** 2, np.pi * RADII_M[1] ** 2, size], rel=1e-5)
    both = np.array([square, square], dtype=object)
    twice = module.Parts(both, np.arange(2), np.repeat(ready.size_m2, 2), shapely.STRtree(both))
    assert union_disks(twice, where, EXACT)["union_m2"][1, 2] == pytest.approx(size, rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_asks_each_side_only_what_it_can_do(name: str) -> None:
    module = side(name)
    asked = {task["task"] for count in SMALL.areas for task in tasks_of(name, SMALL, count)}
    assert asked <= set(module.TASKS) and (asked or module.absent())
