"""Corridors from files: a DEM of 90 m, reserves and rivers whose right answer is known; what is refused and told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from greensilk.appraisal.route_avoidance import Avoid, avoided_layers, shapes_in
from greensilk.appraisal.route_comparison import RouteOptions, compare_routes
from greensilk.appraisal.route_generation import Asked, generate_routes, require_place_for
from greensilk.catalogue import import_layer
from greensilk.errors import GreensilkError, UsageError
from greensilk.reports.corridor_file import write_corridors
from greensilk.routes.alignments import alignments_of

WEST, SOUTH, STEP = 102.0, 18.0, 3 / 3600  # three arc-seconds, on land in Laos
START, END = (102.05, 18.2), (102.35, 18.2)
RIDGE_LON, PASS_LAT = 102.25, 18.25


def dem(path: Path, *, step: float = STEP, degrees: float = 0.4, crs: str = "EPSG:4326", hole: bool = False) -> Path:
    """Flat land at 200 m with a ridge of 600 m along a meridian and one pass in it, at 3 % of its height."""
    cells = round(degrees / step)
    lon = WEST + (np.arange(cells) + 0.5) * step
    lat = (SOUTH + degrees - (np.arange(cells) + 0.5) * step)[:, None]
    gap = 1 - 0.97 * np.exp(-(((lat - PASS_LAT) / 0.015) ** 2))
    height = (200 + 600 * np.exp(-(((lon - RIDGE_LON) / 0.01) ** 2)) * gap).astype("float32")
    if hole:
        height[: cells // 2, : cells // 2] = -32768
    profile: dict[str, Any] = {"driver": "GTiff", "width": cells, "height": cells, "count": 1, "dtype": "float32"}
    grid = Affine(step, 0, WEST, 0, -step, SOUTH + degrees)
    with rasterio.open(path, "w", **profile, crs=crs, transform=grid, nodata=-32768.0, tiled=True) as file:
        file.write(height, 1)
    return path


def layer(folder: Path, name: str, shapes: list[shapely.Geometry], **terms: Any) -> None:
    path = folder / f"{name}.geojson"
    features = [
        {"type": "Feature", "properties": {"name": f"{name} {i}"}, "geometry": json.loads(shapely.to_geojson(shape))}
        for i, shape in enumerate(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    import_layer(name, path, licence="CC0", version="7", use_commercial=True, **terms)


GAP = shapely.box(102.12, 17, 102.13, 18.1801), shapely.box(102.12, 18.1851, 102.13, 19)
RIVERS = shapely.LineString([(102.18, 17.9), (102.18, 18.5)]), shapely.LineString([(102.3, 17.9), (102.31, 18.5)])


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(START, END, dem=dem(tmp_path / "dem.tif"), min_radius_m=500, max_tunnel_km=1, count=1, spacing_km=2)


def test_the_right_answer_of_a_made_up_case(asked: Asked, tmp_path: Path) -> None:
    """One gap of 555 m in a reserve, one pass below the ruling gradient in a ridge, two rivers to cross."""
    layer(tmp_path, "protected_areas", list(GAP))
    layer(tmp_path, "rivers_detailed", list(RIVERS), coverage="complete")
    routes = generate_routes(replace(asked, avoid=(Avoid("protected_areas", None),)))
    out = tmp_path / "corridors.geojson"
    write_corridors(routes, out)
    read = alignments_of(json.loads(out.read_text("utf-8")))
    assert not read.faults and len(read.alignments) == 1
    (one,) = read.alignments
    line = shapely.line_merge(one.of_kinds("surface", "cut", "fill", "bridge", "tunnel", "portal"))
    assert line.geom_type == "LineString" and not one.sketch
    assert not any(line.intersects(area) for area in GAP)
    gap = line.intersection(shapely.LineString([(102.125, 17), (102.125, 19)]))
    assert 18.1801 < gap.y < 18.1851
    top = line.intersection(shapely.LineString([(RIDGE_LON, 17), (RIDGE_LON, 19)]))
    assert abs(top.y - PASS_LAT) < 0.004
    assert line.coords[0] == pytest.approx(START) and line.coords[-1] == pytest.approx(END)
    said = read.provenance["alternatives"][0]
    assert (said["river_crossings"], said["river_crossings_reason"]) == (2, None)
    assert said["steepest_permille"] <= 12 and said["smallest_radius_m"] >= 500
    assert said["longest_tunnel_km"] == 0 and 34.5 < said["length_km"] < 37
    assert read.provenance["arguments"]["avoid"] == ["protected_areas:hard"]
    assert [(used["id"], used["version"]) for used in read.provenance["layers"]] == [("protected_areas", "7")]
    assert read.provenance["dem"]["id"] == "dem.tif" and read.provenance["dem"]["step_deg"] == pytest.approx(STEP)
    assert read.provenance["definitions"]["route_structures.yaml"]


def test_river_crossings_are_unknown_without_detailed_or_complete_rivers(asked: Asked, tmp_path: Path) -> None:
    routes = generate_routes(asked)
    assert (routes.crossings.count, routes.crossings.why_unknown) == ((None,), "needs_detail")
    layer(tmp_path, "rivers_detailed", list(RIVERS))
    routes = generate_routes(asked)
    assert (routes.crossings.count, routes.crossings.why_unknown) == ((None,), "no_coverage")


def test_rivers_are_counted_as_a_comparison_counts_them_and_named(asked: Asked, tmp_path: Path) -> None:
    """Two reaches that lie on one another are one river."""
    layer(tmp_path, "rivers_detailed", [RIVERS[0], RIVERS[0]], coverage="complete", derived=False)
    routes = generate_routes(asked)
    out = tmp_path / "corridors.geojson"
    write_corridors(routes, out)
    said = json.loads(out.read_text("utf-8"))["greensilk"]
    again = compare_routes(out, RouteOptions(width_m=40.0))
    assert said["alternatives"][0]["river_crossings"] == again.criterion("river_crossings").values[0] == 1
    assert said["rivers"]["id"] == said["not_to_be_handed_on"] == "rivers_detailed"
    assert any("Do not hand this file on: the licence of rivers_detailed" in one.en for one in routes.notices)


def test_a_soft_layer_is_gone_round_where_that_costs_less(asked: Asked, tmp_path: Path) -> None:
    area = shapely.box(102.11, 18.2, 102.14, 18.25)
    layer(tmp_path, "protected_areas", [area])
    (round_it,) = generate_routes(asked).corridors  # an imported sensitive area is soft unless said otherwise
    (through,) = generate_routes(replace(asked, avoid=(Avoid("protected_areas", 1.0),))).corridors
    assert not shapely.LineString(round_it.line).intersects(area.buffer(-0.002))
    assert shapely.LineString(through.line).intersects(area.buffer(-0.002))


def test_points_of_a_hard_layer_are_kept_off_by_their_accuracy_and_that_is_told(asked: Asked, tmp_path: Path) -> None:
    point = shapely.Point(102.12, 18.233)
    layer(tmp_path, "ramsar", [point], accuracy_m=1_500.0)
    routes = generate_routes(replace(asked, avoid=(Avoid("ramsar", None),)))
    from pyproj import Geod

    line = routes.corridors[0].line
    dense = shapely.get_coordinates(shapely.segmentize(shapely.LineString(line), 0.0003))
    distance = Geod(ellps="WGS84").inv(*dense.T, np.full(len(dense), point.x), np.full(len(dense), point.y))[2]
    assert 1_500 <= distance.min() < 2_500
    assert any("ramsar" in one.en for one in routes.notices)


def test_a_stop_within_the_accuracy_of_an_excluded_point_is_told_with_its_layer(asked: Asked, tmp_path: Path) -> None:
    layer(tmp_path, "ramsar", [shapely.Point(START[0] + 0.005, START[1])], accuracy_m=1_500.0)
    with pytest.raises(UsageError, match=r"--from .* not to be entered: ramsar"):
        generate_routes(replace(asked, avoid=(Avoid("ramsar", None),)))


def test_a_point_beside_a_window_comes_into_it_by_its_accuracy(tmp_path: Path) -> None:
    layer(tmp_path, "ramsar", [shapely.Point(-179.9, 60.0)], accuracy_m=20_000.0)
    (hard,) = avoided_layers((Avoid("ramsar", None),))
    assert any(shapely.bounds(shape)[0] < 179.8 for shape in shapes_in(hard, (178.0, 59.0, 179.95, 61.0)))
    assert not len(shapes_in(hard, (178.0, 59.0, 179.0, 61.0)))


def test_a_coarse_dem_is_refused_unless_a_sketch_is_asked_for_which_labels_all(asked: Asked, tmp_path: Path) -> None:
    coarse = dem(tmp_path / "coarse.tif", step=0.00086)
    with pytest.raises(UsageError) as caught:
        generate_routes(replace(asked, dem=coarse))
    assert caught.value.key == "route_generation.dem_too_coarse" and "--sketch" in caught.value.message("zh")
    generate_routes(replace(asked, dem=dem(tmp_path / "fine.tif", step=0.00085)))
    with pytest.raises(UsageError, match="too coarse"):  # what ships is far coarser
        generate_routes(replace(asked, dem=None))
    routes = generate_routes(replace(asked, dem=coarse, sketch=True))
    out = tmp_path / "sketch.geojson"
    write_corridors(routes, out)
    content = json.loads(out.read_text("utf-8"))
    assert content["greensilk"]["sketch"] is True and "sketch" in content["greensilk"]["kind"]
    assert any("SKETCH" in one["en"] and "示意：" in one["zh"] for one in content["greensilk"]["notices"])
    for feature in content["features"]:
        assert feature["properties"]["sketch"] is True and "sketch corridor" in feature["properties"]["name"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"end": START}, "too_near"),
        ({"start": (150.0, 0.0), "end": (151.0, 0.0)}, "stop_at_sea"),
        ({"end": (103.4, 18.2)}, "stop_off_dem"),
        ({"end": (-60.0, -10.0)}, "too_far"),
        ({"end": (18.2, 102.3)}, "off_the_map"),
        ({"end": (float("nan"), 1.0)}, "off_the_map"),
        ({"count": 0}, "out_of_range"),
        ({"max_gradient_permille": 0.0}, "out_of_range"),
        ({"max_gradient_permille": -3.0}, "out_of_range"),
        ({"min_radius_m": float("nan")}, "out_of_range"),
        ({"max_tunnel_km": -1.0}, "out_of_range"),
        ({"spacing_km": 0.0}, "out_of_range"),
        ({"via": ((102.2, 18.2),) * 30}, "too_many_via"),
        ({"dem": Path("nowhere.tif")}, "dem_missing"),
        ({"avoid": (Avoid("nothing", None),)}, "unknown_layer"),
        ({"avoid": (Avoid("protected_areas", None), Avoid("protected_areas", 3.0))}, "layer_twice"),
        ({"start": (102.125, 18.1), "avoid": (Avoid("protected_areas", None),)}, "stop_excluded"),
        ({"avoid": (Avoid("wall", None),)}, "no_way"),
    ],
)
def test_what_cannot_be_sought_is_told_in_one_message(
    change: dict[str, Any], key: str, asked: Asked, tmp_path: Path
) -> None:
    layer(tmp_path, "protected_areas", list(GAP))
    layer(tmp_path, "wall", [shapely.box(102.14, 10, 102.15, 30)])
    with pytest.raises(UsageError) as caught:
        generate_routes(replace(asked, **change))
    assert caught.value.key == f"route_generation.{key}"
    for lang in ("en", "zh"):
        assert "{" not in caught.value.message(lang)  # type: ignore[arg-type]


def test_files_that_are_no_dem_are_refused(asked: Asked, tmp_path: Path) -> None:
    text_file, pointing = tmp_path / "notes.tif", tmp_path / "remote.tif"
    text_file.write_text("no raster", "utf-8")
    pointing.write_text("<VRTDataset rasterXSize='1' rasterYSize='1'/>", "utf-8")
    cut = tmp_path / "cut.tif"
    cut.write_bytes(dem(tmp_path / "whole.tif").read_bytes()[:300])
    for path in (text_file, pointing, cut):
        with pytest.raises(GreensilkError) as caught:
            generate_routes(replace(asked, dem=path))
        assert caught.value.key == "route_generation.dem_unreadable" and path.name in caught.value.message()
    metric = dem(tmp_path / "metric.tif", crs="EPSG:32648")
    with pytest.raises(UsageError, match="not degrees"):
        generate_routes(replace(asked, dem=metric))


def test_a_dem_of_whole_numbers_needs_no_number_of_no_value(tmp_path: Path, asked: Asked) -> None:
    path, cells = tmp_path / "whole.tif", 480
    heights = np.full((cells, cells), 200, np.int16)
    heights[:40, :40] = -32768
    profile: dict[str, Any] = {"driver": "GTiff", "width": cells, "height": cells, "count": 1, "dtype": "int16"}
    grid = Affine(STEP, 0, WEST, 0, -STEP, SOUTH + 0.4)
    with rasterio.open(path, "w", **profile, crs="EPSG:4326", transform=grid) as file:
        file.write(heights, 1)
    (one,) = generate_routes(replace(asked, dem=path)).corridors
    assert one.metres_of().keys() == {"surface"}
    with pytest.raises(UsageError, match="no height"):
        generate_routes(replace(asked, dem=path, start=(102.01, 18.39)))


def test_no_corridor_goes_where_there_are_no_heights(tmp_path: Path, asked: Asked) -> None:
    (one,) = generate_routes(
        replace(asked, dem=dem(tmp_path / "hole.tif", hole=True), end=(102.35, 18.15), start=(102.05, 18.15))
    ).corridors
    in_hole = (one.line[:, 0] < 102.2) & (one.line[:, 1] > 18.2)
    assert not in_hole.any()
    with pytest.raises(UsageError, match="no height"):
        generate_routes(replace(asked, dem=tmp_path / "hole.tif", start=(102.05, 18.3)))


def test_a_corridor_over_the_antimeridian_is_cut_there(tmp_path: Path) -> None:
    layer(
        tmp_path, "protected_areas", [shapely.box(179.5, 66.0, 180.0, 66.95), shapely.box(-180.0, 66.0, -179.5, 66.95)]
    )
    asked = Asked(
        (179.2, 66.9), (-179.2, 66.9), count=2, spacing_km=5, sketch=True, avoid=(Avoid("protected_areas", None),)
    )
    routes = generate_routes(asked)
    assert routes.alignments
    for one, corridor in zip(routes.alignments, routes.corridors, strict=True):
        places = [shapely.get_coordinates(segment.line) for segment in one.segments]
        assert all(np.abs(np.diff(part[:, 0])).max() < 1 and np.abs(part[:, 0]).max() <= 180 for part in places)
        assert any(part[-1, 0] == 180.0 for part in places) and any(part[0, 0] == -180.0 for part in places)
        near = corridor.line[np.abs(corridor.line[:, 0] - 180) < 0.5]
        assert near[:, 1].min() > 66.95


def test_a_licence_that_forbids_handing_on_what_is_derived_is_told(asked: Asked, tmp_path: Path) -> None:
    layer(tmp_path, "protected_areas", list(GAP), derived=False)
    assert any("Do not hand this file on" in one.en for one in generate_routes(asked).notices)


def test_a_place_to_write_to_is_wanted_before_any_work(tmp_path: Path) -> None:
    require_place_for(tmp_path / "new.geojson")
    for path in (tmp_path, tmp_path / "absent" / "x.geojson"):
        with pytest.raises(UsageError, match="--out"):
            require_place_for(path)


def test_a_place_off_the_map_is_told_as_it_was_written(asked: Asked) -> None:
    with pytest.raises(UsageError, match=r"190,5"):
        generate_routes(replace(asked, start=(190.0, 5.0)))
