"""Alternatives measured against layers whose right answer is known, and against pyproj."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import Geod, Transformer

from greensilk.appraisal.route_comparison import RouteComparison, RouteOptions, compare_routes
from greensilk.appraisal.route_file import read_routes
from greensilk.appraisal.route_measures import EXACT, LEAST, MOST, ROUGH
from greensilk.catalogue import import_layer
from greensilk.catalogue.data_info import AllowedUse
from greensilk.catalogue.outputs import RasterOutput
from greensilk.catalogue.raster_import import Stated, import_raster
from greensilk.errors import DefinitionError, PortfolioError, UsageError
from greensilk.records import Label
from greensilk.reports.route_view import RouteReading

GEOD = Geod(ellps="WGS84")
WIDTH_M = 40.0
LAT = 18.5
RESERVE = shapely.box(102.4, 18.4, 102.6, 18.6)
RIVERS = [shapely.LineString([(102.5, 18.0), (102.5, 18.55)]), shapely.LineString([(102.7, 18.0), (102.7, 19.0)])]


def piece(alternative: str, kind: str | None, *points: tuple[float, float], **more: Any) -> dict[str, Any]:
    properties = {"alternative": alternative, **({"segment": kind} if kind else {}), **more}
    geometry = {"type": "LineString", "coordinates": [list(point) for point in points]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def straight(alternative: str, kinds: Mapping[str | None, tuple[float, float]], **more: Any) -> list[dict[str, Any]]:
    """Segments along one latitude, by kind."""
    return [piece(alternative, kind, (a, LAT), (b, LAT), **more) for kind, (a, b) in kinds.items()]


THROUGH = straight("through", {"surface": (102.2, 102.8)})
BELOW = straight("below", {"surface": (102.2, 102.39), "tunnel": (102.39, 102.61), "cut": (102.61, 102.8)})
AROUND = [piece("around", "surface", (102.2, LAT), (102.4, 18.65), (102.6, 18.65), (102.8, LAT))]


def write(folder: Path, *pieces: dict[str, Any], name: str = "routes.geojson", **more: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(pieces), **more}), "utf-8")
    return path


def put(folder: Path, layer: str, *shapes: shapely.Geometry, coverage: str = "complete") -> None:
    features = [
        {"type": "Feature", "properties": {"NAME": f"{layer} {k}"}, "geometry": json.loads(shapely.to_geojson(shape))}
        for k, shape in enumerate(shapes)
    ]
    path = write(folder, *features, name=f"{layer}.geojson")
    terms: Any = {"licence": "own", "version": "1", "use_commercial": True, "coverage": coverage, "accuracy_m": 10.0}
    import_layer(layer, path, **terms)


@pytest.fixture
def layers(tmp_path: Path) -> None:
    put(tmp_path, "protected_areas", RESERVE)
    put(tmp_path, "rivers_detailed", *RIVERS)
    put(tmp_path, "osm_main_roads", RIVERS[1])


def compared(folder: Path, *pieces: dict[str, Any], **options: Any) -> RouteComparison:
    return compare_routes(write(folder, *pieces), RouteOptions(**({"width_m": WIDTH_M} | options)))


def value(found: RouteComparison, criterion: str, alternative: str) -> tuple[float | None, int, str | None]:
    """Value, bound and reason."""
    ids = [one.id for one in found.places.alignments]
    one, i = found.criterion(criterion), ids.index(alternative)
    return one.column.values[i], int(one.bounds[i]), None if one.column.known[i] else one.reason(i)


def along_m(west: float, east: float) -> float:
    """Length along a latitude, in steps short enough to be one."""
    lon = np.linspace(west, east, 2_001)
    return float(GEOD.line_length(lon, np.full(len(lon), LAT)))


@pytest.mark.usefixtures("layers")
def test_what_is_taken_is_what_lies_at_the_surface(tmp_path: Path) -> None:
    found = compared(tmp_path, *THROUGH, *BELOW, *AROUND)
    inside = along_m(102.4, 102.6)
    length, bound, _ = value(found, "length_in_protected_areas", "through")
    assert length == pytest.approx(inside, rel=1e-6) and bound == EXACT
    area, _, _ = value(found, "area_in_protected_areas", "through")
    assert area == pytest.approx(inside * WIDTH_M, rel=2e-3)
    for other in ("below", "around"):
        assert value(found, "area_in_protected_areas", other) == (0.0, EXACT, None)
        assert value(found, "length_in_protected_areas", other) == (0.0, EXACT, None)
    assert value(found, "tunnel_below_protected_areas", "below")[0] == pytest.approx(inside, rel=1e-6)
    assert value(found, "tunnel_below_protected_areas", "through") == (0.0, EXACT, None)
    assert value(found, "length_of_tunnel", "below")[0] == pytest.approx(along_m(102.39, 102.61), rel=1e-6)
    assert value(found, "tunnel_mouths", "below")[0] == 2.0


@pytest.mark.usefixtures("layers")
def test_a_tunnel_mouth_inside_takes_ground_though_no_line_does(tmp_path: Path) -> None:
    mouth = [*straight("mouth", {"tunnel": (102.5, 102.8)}), piece("mouth", "surface", (102.8, LAT), (102.9, LAT))]
    found = compared(tmp_path, *mouth)
    area, _, _ = value(found, "area_in_protected_areas", "mouth")
    assert area == pytest.approx(np.pi * (WIDTH_M / 2) ** 2, rel=0.01)
    assert value(found, "length_in_protected_areas", "mouth")[0] == 0.0


@pytest.mark.usefixtures("layers")
def test_rivers_and_roads_are_counted_outside_tunnels(tmp_path: Path) -> None:
    found = compared(tmp_path, *THROUGH, *BELOW, *AROUND)
    assert [value(found, "river_crossings", name) for name in ("through", "below", "around")] == [
        (2.0, EXACT, None), (1.0, EXACT, None), (1.0, EXACT, None)
    ]  # fmt: skip
    assert value(found, "road_crossings", "through") == (1.0, EXACT, None)


def test_a_river_that_two_reaches_make_is_crossed_once(tmp_path: Path) -> None:
    reaches = [shapely.LineString([(102.5, 18.0), (102.5, LAT)]), shapely.LineString([(102.5, LAT), (102.5, 19.0)])]
    put(tmp_path, "rivers_detailed", *reaches, reaches[0])
    found = compared(tmp_path, *straight("a", {"surface": (102.2, 102.5), "cut": (102.5, 102.8)}))
    assert value(found, "river_crossings", "a")[0] == 1.0


def test_without_layers_nothing_is_zero(tmp_path: Path) -> None:
    found = compared(tmp_path, *THROUGH, *AROUND)
    assert value(found, "river_crossings", "through") == (None, EXACT, "needs_detail")
    assert value(found, "road_crossings", "through") == (None, EXACT, "no_roads_layer")
    assert value(found, "habitat_area", "through") == (None, EXACT, "too_few_cells")
    assert value(found, "ruggedness", "through") == (None, EXACT, "raster_too_coarse")
    assert value(found, "cost", "through") == (None, EXACT, "no_unit_costs")
    assert value(found, "population_within_1km", "through") == (None, EXACT, "no_layer")
    for family in ("area_in", "length_in", "tunnel_below"):
        assert value(found, f"{family}_protected_areas", "through")[2] == "no_layer"
    assert found.compared == ("length", "border_crossings")
    assert set(found.left_out) > {"river_crossings", "cost", "area_in_protected_areas", "elevation_range"}
    assert value(found, "people_within_1km", "through")[1] == LEAST  # named places only


def test_where_a_layer_is_not_complete_nothing_found_is_unknown_and_what_is_found_a_part(tmp_path: Path) -> None:
    put(tmp_path, "protected_areas", RESERVE, coverage="partial")
    put(tmp_path, "rivers_detailed", *RIVERS, coverage="partial")
    found = compared(tmp_path, *THROUGH, *AROUND, *straight("untold", {None: (102.2, 102.8)}))
    assert value(found, "area_in_protected_areas", "through")[1] == LEAST
    assert value(found, "area_in_protected_areas", "untold")[1] == ROUGH
    assert value(found, "area_in_protected_areas", "around") == (None, EXACT, "no_coverage")
    assert value(found, "river_crossings", "through")[:2] == (2.0, LEAST)
    assert not {"area_in_protected_areas", "river_crossings"} & set(found.compared)


@pytest.mark.usefixtures("layers")
def test_kinds_not_stated_make_upper_limits_that_others_are_not_set_against(tmp_path: Path) -> None:
    untold = straight("untold", {None: (102.2, 102.8)})
    mixed = compared(tmp_path, *untold, *BELOW, *AROUND)
    assert value(mixed, "area_in_protected_areas", "untold")[1] == MOST
    assert value(mixed, "tunnel_below_protected_areas", "untold")[2] == "kind_not_stated"
    assert value(mixed, "length_of_tunnel", "untold")[2] == "kind_not_stated"
    assert mixed.places.alignments[0].id == "untold" and mixed.standings[0] != "outdone"
    assert mixed.ranking is not None and mixed.ranking.unknown[0] > 0
    around = [piece("around", None, (102.2, LAT), (102.4, 18.65), (102.6, 18.65), (102.8, LAT))]
    alike = compared(tmp_path, *untold, *around)
    assert "area_in_protected_areas" in alike.compared and alike.ranking is not None
    assert not alike.ranking.unknown.any()


@pytest.mark.usefixtures("layers")
def test_a_sketch_is_never_set_against_a_line_and_its_kinds_are_left_aside(tmp_path: Path) -> None:
    sketches = [
        piece("s1", "tunnel", (102.2, LAT), (102.8, LAT), sketch=True),
        piece("s2", "surface", (102.2, LAT), (102.5, 18.7), (102.8, LAT), sketch=True),
    ]
    found = compared(tmp_path, *THROUGH, *sketches)
    assert value(found, "area_in_protected_areas", "s1")[1] == MOST
    assert value(found, "area_in_protected_areas", "s1")[0] > 0  # type: ignore[operator]
    assert value(found, "length_of_tunnel", "s1")[2] == "kind_not_stated"
    assert found.outdone_by[0] == () and all(0 not in row for row in found.outdone_by)
    assert found.ranking is not None
    assert found.ranking.nominal[0] == 0 and sorted(found.ranking.nominal[1:]) == [1, 2]
    assert found.order[0] == 0


@pytest.mark.usefixtures("layers")
def test_the_least_harm_comes_first_by_a_weight_on_it(tmp_path: Path) -> None:
    weights = tmp_path / "weights.yaml"
    weights.write_text("about: reserves first\nweights: {area_in_protected_areas: 9, length: 1}\n", "utf-8")
    found = compared(tmp_path, *THROUGH, *BELOW, *AROUND, weights=weights)
    assert found.compared == ("length", "area_in_protected_areas")
    assert found.weights == pytest.approx({"length": 0.1, "area_in_protected_areas": 0.9})
    assert [found.places.alignments[i].id for i in found.order] == ["below", "around", "through"]
    assert found.standings == ("outdone", "front", "outdone") and found.outdone_by[0] == (1,)
    assert found.left_out["river_crossings"].en == "given no weight"
    again = compared(tmp_path, *THROUGH, *BELOW, *AROUND, weights=weights)
    assert again.provenance.run_id == found.provenance.run_id
    other = compared(tmp_path, *THROUGH, *BELOW, *AROUND)
    assert other.provenance.run_id != found.provenance.run_id


def test_costs_come_only_from_what_is_given_with_its_source(tmp_path: Path) -> None:
    costs = tmp_path / "costs.yaml"
    costs.write_text(
        "currency: CNY\nyear: 2016\nper_km: {surface: 10, cut: 20, tunnel: 100}\n"
        "source:\n  - {title: A made-up tender, href: null, page: null}\n",
        "utf-8",
    )
    bridge = straight("bridge", {"surface": (102.2, 102.3), "bridge": (102.3, 102.4)})
    untold = straight("untold", {None: (102.2, 102.8)})
    found = compared(tmp_path, *BELOW, *bridge, *untold, unit_costs=costs)
    a, b, c = along_m(102.2, 102.39), along_m(102.39, 102.61), along_m(102.61, 102.8)
    assert value(found, "cost", "below")[0] == pytest.approx((10 * a + 100 * b + 20 * c) / 1000, rel=1e-6)
    assert value(found, "cost", "bridge")[2] == "no_unit_cost_of_kind"
    assert value(found, "cost", "untold")[2] == "kind_not_stated"
    assert found.criterion("cost").unit == "CNY (2016)"
    costs.write_text("currency: CNY\nyear: 2016\nper_km: {surface: 10}\nsource: []\n", "utf-8")
    with pytest.raises(DefinitionError, match="source"):
        compared(tmp_path, *BELOW, unit_costs=costs)


def raster(folder: Path, name: str, values: np.ndarray, classes: Mapping[str, tuple[str, ...]] | None = None) -> None:
    """A raster of cells of 0.002° about the routes."""
    path, step = folder / f"{name}.tif", 0.002
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype=values.dtype,
        crs="EPSG:4326", transform=Affine(step, 0, 102.0, 0, -step, 19.0), tiled=True, blockxsize=64, blockysize=64,
        nodata=255 if classes else -9999,
    ) as sink:  # fmt: skip
        sink.write(values[None])
    unit = {"population_grid": "person", "elevation_detailed": "m"}.get(name, "1")
    output = RasterOutput(
        kind="raster", raster=name, label=Label(en=name, zh="栅格"), files=("*",), unit=unit, accuracy_m=30.0,
        classes=classes or {},
    )  # fmt: skip
    use = AllowedUse(commercial=True, redistribute=True)
    import_raster(output, [path], Stated(title=name, version="2021", licence="x", use=use))


def test_fine_rasters_answer_habitat_people_and_ground(tmp_path: Path) -> None:
    size = 500
    cover = np.where(np.arange(size)[None, :] < 200, 10, 40).astype(np.uint8).repeat(size, axis=0)
    raster(tmp_path, "land_cover_detailed", cover, {"10": ("natural_habitat", "forest"), "40": ("cropland",)})
    raster(tmp_path, "population_grid", np.full((size, size), 2.0, np.float32))
    heights = np.tile(np.arange(size, dtype=np.float32) * 2.0, (size, 1))
    raster(tmp_path, "elevation_detailed", heights)
    found = compared(tmp_path, *THROUGH)
    # West of 102.4 all is habitat: a third of the way from 102.2 to 102.8.
    habitat, _, _ = value(found, "habitat_area", "through")
    assert habitat == pytest.approx(along_m(102.2, 102.4) * WIDTH_M, rel=0.01)
    people, _, _ = value(found, "population_within_1km", "through")
    cells = along_m(102.2, 102.8) * 2_040 / (along_m(102.2, 102.202) * 221.4)
    assert people == pytest.approx(2 * cells, rel=0.06)
    assert value(found, "elevation_range", "through")[0] == pytest.approx(600.0, abs=4.0)
    # Two metres a cell of 0.002°: about 9.5 m a kilometre.
    assert value(found, "ruggedness", "through")[0] == pytest.approx(2 * 1_000 / along_m(102.2, 102.202), rel=0.02)
    assert {"habitat_area", "population_within_1km", "elevation_range", "ruggedness"} <= set(found.compared)
    assert found.criterion("habitat_area").resolution_m == pytest.approx(222.6, abs=0.1)


def test_borders_are_entries_after_the_first(tmp_path: Path) -> None:
    inside = [piece("inside", "surface", (102.2, 18.7), (102.3, 18.9))]
    abroad = [piece("abroad", "surface", (102.6, 18.3), (102.6, 17.2))]  # from Laos over the Mekong into Thailand
    pieces = [piece("pieces", None, (102.2, 18.7), (102.3, 18.9)), piece("pieces", None, (102.4, 18.9), (102.6, 19))]
    found = compared(tmp_path, *inside, *abroad, *pieces)
    assert [value(found, "border_crossings", name)[0] for name in ("inside", "abroad", "pieces")] == [0.0, 1.0, 0.0]
    ends = GEOD.inv(102.3, 18.9, 102.4, 18.9)[2]
    assert found.places.gaps_m.tolist() == pytest.approx([0.0, 0.0, ends])


@pytest.mark.usefixtures("layers")
def test_a_line_with_a_piece_missing_gains_nothing_by_it(tmp_path: Path) -> None:
    ends = [*straight("ends", {"surface": (102.2, 102.21)}), *straight("ends", {"cut": (102.79, 102.8)})]
    found = compared(tmp_path, *THROUGH, *AROUND, *ends)
    assert value(found, "length", "ends")[1] == LEAST and value(found, "area_in_protected_areas", "ends")[1] == LEAST
    assert found.standings[2] == "open" and found.ranking is not None and found.ranking.nominal[2] == 0
    assert set(found.ranking.nominal[:2]) == {1, 2}
    row = next(row for row in RouteReading(found).rows() if row.id == "ends")
    assert any("gaps" in note.en for note in row.notes)


def test_alternatives_that_do_not_join_the_same_places_are_told(tmp_path: Path) -> None:
    turned = [piece("turned", "surface", (102.8, LAT), (102.5, 18.6), (102.2, LAT))]
    short = straight("short", {"cut": (102.2, 102.5)})
    for other, told in ((turned, []), (short, ["up to 32 km"])):
        cautions = RouteReading(compared(tmp_path, *THROUGH, *other)).cautions()
        found = [words.en for words in cautions if "same places" in words.en]
        assert len(found) == len(told) and all(one in words for one, words in zip(told, found, strict=True))


def test_people_near_are_an_upper_limit_where_tunnels_are_not_stated(tmp_path: Path) -> None:
    raster(tmp_path, "population_grid", np.full((500, 500), 2.0, np.float32))
    found = compared(tmp_path, *THROUGH, *BELOW, *straight("plain", {None: (102.2, 102.8)}))
    bounds = {name: value(found, "population_within_1km", name)[1] for name in ("through", "below", "plain")}
    assert bounds == {"through": EXACT, "below": EXACT, "plain": MOST}
    assert found.standings[2] == "open"


def test_lines_from_data_that_may_not_be_handed_on_say_so_again(tmp_path: Path) -> None:
    path = write(tmp_path, *THROUGH, *AROUND, greensilk={"not_to_be_handed_on": "protected_areas"})
    told = [words.en for words in RouteReading(compare_routes(path)).cautions()]
    assert any("Do not hand this on" in words and "protected_areas" in words for words in told)


def test_width_has_its_limits(tmp_path: Path) -> None:
    for width in (0.0, -1.0, 6_000.0, float("nan")):
        with pytest.raises(UsageError, match="--width-m"):
            compared(tmp_path, *THROUGH, width_m=width)
    assumed = compared(tmp_path, *THROUGH, width_m=None)
    assert assumed.width_assumed and assumed.places.width_m == 60.0


@pytest.mark.parametrize(
    "content",
    ["about: x\nweights: {tunnel_mouths: 1}\n", "about: x\nweights: {nothing: 1}\n"],
)
def test_a_weight_on_what_is_not_compared_is_refused(tmp_path: Path, content: str) -> None:
    weights = tmp_path / "weights.yaml"
    weights.write_text(content, "utf-8")
    with pytest.raises(UsageError, match="not compared"):
        compared(tmp_path, *THROUGH, weights=weights)


@pytest.mark.parametrize(
    "content",
    [
        "about: x\nweights: {length: 0}\n",
        "about: x\nweights: {length: .inf}\n",
        "about: x\nweights: {length: 1, border_crossings: 1.0e-320}\n",
        "weights: {length: 1}\n",
        "[]",
        "a: &a 1",
    ],
)
def test_hostile_weights_are_refused(tmp_path: Path, content: str) -> None:
    weights = tmp_path / "weights.yaml"
    weights.write_text(content, "utf-8")
    with pytest.raises(DefinitionError):
        compared(tmp_path, *THROUGH, weights=weights)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[1, 2]", b'{"type": "FeatureCollection", "features": []}', b"[" * 200_000,
        b'{"type": "FeatureCollection", "features": [NaN]}', b"\xff\xfe\x00\x00",
        b'{"type": "Feature", "geometry": null}',
    ],
)  # fmt: skip
def test_files_that_hold_no_alternative_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hostile.geojson"
    path.write_bytes(content)
    with pytest.raises(PortfolioError, match="hostile"):
        read_routes(path)


def test_other_files_are_refused_for_what_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PortfolioError, match="no such file"):
        read_routes(tmp_path / "none.geojson")
    metres = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32648"}}
    with pytest.raises(PortfolioError, match="32648"):
        read_routes(write(tmp_path, *THROUGH, crs=metres))
    monkeypatch.setattr("greensilk.appraisal.route_file.MOST_BYTES", 10)
    with pytest.raises(PortfolioError, match="larger"):
        read_routes(write(tmp_path, *THROUGH))


def test_rejects_are_told_and_counted_by_alternative(tmp_path: Path) -> None:
    wrong = [piece("bad", "viaduct", (102, 18), (103, 18)), piece("bad", None, (102, 18), (103, 18)), {"type": "x"}]
    made_by = {"tool": "a\u001b[31mb", "deep": {"a": 1}, "n": 3}
    found = read_routes(write(tmp_path, *THROUGH, *wrong, greensilk=made_by))
    assert found.rejected == 2 and len(found.rejects) == 3
    assert found.rejects["reason"].to_list() == ["bad_segment", "no_feature", "incomplete"]
    assert found.made_by == {"tool": "a [31mb", "n": "3"}


def test_the_real_line_is_as_long_as_pyproj_has_it(shared: Path) -> None:
    path = shared / "aiddata_gcdf_v2_geo" / "railway_line_approx.geojson"
    found = compare_routes(path, RouteOptions())
    length, _, _ = value(found, "length", "route_1")
    line = shapely.from_geojson(json.dumps(json.loads(path.read_text("utf-8"))["features"][0]["geometry"]))
    assert length == pytest.approx(GEOD.geometry_length(shapely.segmentize(line, 0.01)), abs=1.0)
    # The folder states 415.2 km. That is its length in the plane of UTM zone 48; on the ellipsoid it is 0.07 % less.
    plane = Transformer.from_crs("EPSG:4326", "EPSG:32648", always_xy=True)
    in_plane = shapely.transform(line, lambda xy: np.column_stack(plane.transform(xy[:, 0], xy[:, 1]))).length
    assert in_plane == pytest.approx(415_200, abs=100)
    assert length == pytest.approx(415_200, rel=1e-3)
    assert found.places.gaps_m[0] == pytest.approx(11_500, abs=100)
