"""Formats of provided vector data, several files as one layer, and files that are damaged."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from greensilk.catalogue import import_layer, open_layer
from greensilk.catalogue.archives import unpack
from greensilk.catalogue.file_sums import names_of, sum_of
from greensilk.catalogue.installing import Asked
from greensilk.catalogue.layer_records import Coverage, KeptWhen, LayerInfo
from greensilk.catalogue.pulling import import_files
from greensilk.catalogue.readers import read_batches, read_table
from greensilk.errors import GreensilkError, LayerError, PortfolioError
from greensilk.records import Label

sys.path.insert(0, str(Path(__file__).parent))
import sample_files as files

TERMS: dict[str, Any] = {"licence": "CC0", "version": "1", "use_commercial": True}


def geodatabase(path: Path) -> Path:
    """Three points in layer `sites`, two areas in layer `zones`."""
    shapes = shapely.box([100, 101], [15, 16], [100.5, 101.5], [15.5, 16.5])
    pyogrio.raw.write(
        path, shapely.to_wkb(files.points()), [np.array([p[1] for p in files.PLACES], dtype=object)], ["name"],
        driver="OpenFileGDB", geometry_type="Point", crs="EPSG:4326", layer="sites",
    )  # fmt: skip
    pyogrio.raw.write(
        path, shapely.to_wkb(shapes), [np.array(["north", "south"], dtype=object)], ["name"],
        driver="OpenFileGDB", geometry_type="Polygon", crs="EPSG:4326", layer="zones_2026", append=True,
    )  # fmt: skip
    return path


@pytest.mark.parametrize(("name", "driver"), [("s.fgb", "FlatGeobuf"), ("s.gdb", "OpenFileGDB")])
def test_flatgeobuf_and_geodatabases_hold_the_same_places(name: str, driver: str, tmp_path: Path) -> None:
    path = files.write_vector(tmp_path / name, driver)
    table = read_table(path)
    assert table.geometry is not None
    found = {row["id"]: shape for row, shape in zip(table.columns.to_dicts(), table.geometry, strict=True)}
    for key, place, lon, lat in files.PLACES:
        assert (found[key].x, found[key].y) == pytest.approx((lon, lat), abs=1e-7)
        assert place in table.columns["name"].to_list()


def test_a_layer_of_several_can_be_named_and_its_name_may_vary(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "both.gdb")
    table = read_table(path)
    assert (len(table), table.notes[0].values["others"]) == (3, "zones_2026")
    zones = read_table(Path(f"{path}:zones_*"))
    assert (zones.columns["name"].to_list(), zones.notes) == (["north", "south"], ())
    for wrong in ("rivers", "*"):
        with pytest.raises(PortfolioError) as caught:
            read_table(Path(f"{path}:{wrong}"))
        assert caught.value.key == "catalogue.layer_unknown"
        assert "sites, zones_2026" in str(caught.value)


def test_a_geodatabase_in_a_zip_stays_a_folder(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "both.gdb")
    members = {f"data/both.gdb/{member.name}": member.read_bytes() for member in path.iterdir()}
    archive = files.packed(tmp_path / "b.zip", {**members, "data/readme.txt": b"x"})
    assert len(read_table(archive)) == 3
    (tmp_path / "out").mkdir()
    found = unpack(archive, tmp_path / "out")
    assert [one.relative_to(tmp_path / "out").as_posix() for one in found] == ["data/both.gdb", "data/readme.txt"]
    assert len(read_table(Path(f"{found[0]}:zones_2026"))) == 2


@pytest.mark.parametrize("foreign", ["a00000001.vrt", "evil.gpkg", "gdb.exe", "sub", "link"])
def test_a_geodatabase_with_foreign_files_is_refused(foreign: str, tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "both.gdb")
    if foreign == "sub":
        (path / "sub").mkdir()
    elif foreign == "link":
        (path / "a000000ff.gdbtable").symlink_to("/etc/passwd")
    else:
        (path / foreign).write_bytes(b"x")
    with pytest.raises(PortfolioError) as caught:
        read_table(path)
    assert caught.value.key == "catalogue.not_its_kind"


def test_what_only_looks_like_a_geodatabase_is_refused(tmp_path: Path) -> None:
    (tmp_path / "e.gdb").mkdir()
    (tmp_path / "f.gdb").write_bytes(b"x")
    (tmp_path / "g.fgb").write_bytes(b"<OGRVRTDataSource/>")
    (tmp_path / "d.shp").mkdir()
    keys = []
    for name in ("e.gdb", "f.gdb", "g.fgb", "d.shp"):
        with pytest.raises(PortfolioError) as caught:
            read_table(tmp_path / name)
        keys.append(caught.value.key.removeprefix("catalogue."))
    assert keys == ["file_empty", "not_its_kind", "not_its_kind", "folder_given"]


def test_several_files_become_one_layer_with_the_columns_of_all(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,lon,lat,owner\none,100,15,me\ntwo,101,15,you\n")
    (tmp_path / "b.csv").write_text("lat,name,lon,depth_m\n16,three,102,7\n")
    told: list[float] = []
    info = import_layer("mine", [tmp_path / "a.csv", tmp_path / "b.csv"], progress=told.append, **TERMS)
    layer = open_layer("mine")
    assert (info.features, info.file_name) == (3, "a.csv, b.csv")
    assert info.file_sha256 == sum_of([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert layer.attributes.select("name", "owner", "depth_m").rows() == [
        ("one", "me", None), ("two", "you", None), ("three", None, "7"),
    ]  # fmt: skip
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_points_and_areas_of_a_geodatabase_become_one_layer(tmp_path: Path) -> None:
    path = geodatabase(tmp_path / "both.gdb")
    info = import_layer("mine", [f"{path}:sites", f"{path}:zones_*"], **TERMS)
    assert (info.features, info.geometry_kind) == (5, "polygon")
    assert set(open_layer("mine").features.names) == {"north", "south", *(place[1] for place in files.PLACES)}
    assert info.file_name == "both.gdb:sites, both.gdb:zones_*"


def test_the_sum_of_a_layer_is_of_all_its_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"name,lon,lat\n{name},100,15\n")
    both = [tmp_path / "a.csv", tmp_path / "b.csv"]
    before = sum_of(both)
    assert sum_of(both) == before != sum_of(both[::-1])
    (tmp_path / "b.csv").write_text("name,lon,lat\nc,100,15\n")
    assert sum_of(both) != before
    assert names_of([Path(f"{i}.csv") for i in range(30)]).endswith("19.csv, + 10")


def test_a_layer_of_a_data_set_says_so_and_needs_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,lon,lat\none,100,15\n")
    terms: dict[str, Any] = {**TERMS, "dataset": "wdpa", "countries": ["LAO", "VNM"], "display": True, "derived": False}
    with pytest.raises(LayerError) as caught:
        import_layer("mine", tmp_path / "a.csv", **terms)
    assert caught.value.key == "layers.no_label"
    coverage = {"LAO": Coverage(status="complete", why="all"), "*": Coverage(status="none", why="not fetched")}
    label = Label(en="Mine", zh="我的")
    info = import_layer("mine", tmp_path / "a.csv", label=label, coverage=coverage, **terms)
    assert (info.label, info.dataset, info.countries) == (label, "wdpa", ("LAO", "VNM"))
    assert (info.use.display, info.use.derived) == (True, False)
    assert info.coverage_in("LAO").status == "complete"
    assert info.coverage_in("VNM").status == "none"
    with pytest.raises(LayerError) as caught:
        import_layer("mine", [], **TERMS)
    assert caught.value.key == "layers.no_file"


def test_only_the_rows_that_are_asked_for_are_kept(tmp_path: Path) -> None:
    head, rows = "name,lon,lat,STATUS,kind\n", "a,100,15,Proposed,rail\nb,101,15,Designated,rail\nc,102,15,,rail\n"
    (tmp_path / "a.csv").write_text(head + rows + "d,100,16,,tram\ne,101,16,Designated,\n")
    kept = KeptWhen(columns=("kind",), values=("rail",))
    info = import_layer("protected_areas", tmp_path / "a.csv", kept_when=kept, **TERMS)
    assert (info.features, info.left_out) == (2, 3)
    assert list(open_layer("protected_areas").features.names) == ["b", "c"]


def test_a_file_of_a_data_set_that_lost_the_column_which_tells_is_refused(tmp_path: Path) -> None:
    """Else every protected area would become a biosphere reserve when its provider renames a column."""
    (tmp_path / "a.csv").write_text("name,lon,lat\na,100,15\n")
    kept = KeptWhen(columns=("fclass",), values=("rail",))
    for terms in ({"dataset": "wdpa"}, {"kept_when": kept}):
        with pytest.raises(LayerError) as caught:
            import_layer("biosphere_reserves", tmp_path / "a.csv", **TERMS, **terms)  # type: ignore[arg-type]
        assert caught.value.key == "layers.no_column"
    assert import_layer("biosphere_reserves", tmp_path / "a.csv", **TERMS).features == 1


def test_collections_nested_in_flatgeobuf_cost_one_row_at_most(tmp_path: Path) -> None:
    shape = shapely.Point(1, 2)
    for _ in range(30):  # GDAL writes and reads no deeper ones
        shape = shapely.GeometryCollection([shape])
    shapes = np.array([shape, shapely.GeometryCollection([shapely.Point(3, 4)])])
    pyogrio.raw.write(
        tmp_path / "n.fgb", shapely.to_wkb(shapes), [np.array(["deep", "flat"], dtype=object)], ["name"],
        driver="FlatGeobuf", geometry_type="GeometryCollection", crs="EPSG:4326", SPATIAL_INDEX="NO",
    )  # fmt: skip
    info = import_layer("mine", tmp_path / "n.fgb", **TERMS)
    assert info.features + info.rejected == 2
    assert "flat" in list(open_layer("mine").features.names)


def try_to_read(path: Path) -> None:
    try:
        for table, _ in read_batches(path):
            assert len(table) <= 5_000_000
    except GreensilkError:
        pass


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize(
    ("name", "driver"),
    [("s.fgb", "FlatGeobuf"), ("s.gdb", "OpenFileGDB"), ("s.shp", "ESRI Shapefile"), ("s.gpkg", "GPKG")],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what GDAL says of damage
def test_damaged_files_are_read_or_refused(name: str, driver: str, seed: int, tmp_path: Path) -> None:
    """Whichever of its files is damaged."""
    shapes = shapely.multipolygons(
        [[shapely.box(i, i, i + 1, i + 1), shapely.box(i + 3, i, i + 4, i + 1)] for i in (0, 1, 2)]
    )
    path = files.write_vector(tmp_path / name, driver, geometry=shapes if seed % 2 else None)
    members = sorted(path.iterdir() if path.is_dir() else tmp_path.iterdir())
    member = members[seed % len(members)]
    member.write_bytes(files.damaged(member.read_bytes(), seed))
    try_to_read(path)


def test_no_zeroed_byte_of_a_flatgeobuf_ends_the_process(tmp_path: Path) -> None:
    """One at the place of a geometry's coordinates did so in GDAL 3.12."""
    path = files.write_vector(tmp_path / "s.fgb", "FlatGeobuf")
    raw = path.read_bytes()
    for position in range(len(raw) - 300, len(raw)):
        path.write_bytes(raw[:position] + b"\0" + raw[position + 1 :])
        try_to_read(path)


def test_a_layer_without_shapes_keeps_a_column_called_geometry(tmp_path: Path) -> None:
    shapes = np.array([place[1] for place in files.PLACES], dtype=object)
    for name, with_shapes in (("a.gpkg", False), ("b.gpkg", True)):
        geometry = shapely.to_wkb(files.points()) if with_shapes else None
        pyogrio.raw.write(
            tmp_path / name, geometry, [shapes], ["geometry"],
            driver="GPKG", geometry_type="Point" if with_shapes else None, crs="EPSG:4326" if with_shapes else None,
        )  # fmt: skip
    plain, shaped = read_table(tmp_path / "a.gpkg"), read_table(tmp_path / "b.gpkg")
    assert plain.geometry is None
    assert plain.columns["geometry"].to_list() == shapes.tolist()
    assert shaped.geometry is not None
    assert shaped.geometry[0].x == files.PLACES[0][2]


def test_the_geodatabase_of_the_world_is_imported_as_the_files_of_a_country_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its two layers are named after the month; they hold protected areas and others in one."""
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    folder = tmp_path / "WDPA_WDOECM_Nov2026_Public_all.gdb"
    rows = [
        ("Park", "Designated", "1", "Park"),
        ("Planned", "Proposed", "1", "Park"),
        ("Pools", "Designated", "0", "Pond"),
    ]
    columns = [np.array(column, dtype=object) for column in zip(*rows, strict=True)]
    for kind, shapes in (("point", files.points()), ("poly", shapely.buffer(files.points(), 0.1))):
        pyogrio.raw.write(
            folder, shapely.to_wkb(shapely.multipolygons(shapes[:, None]) if kind == "poly" else shapes), columns,
            ["NAME", "STATUS", "PA_DEF", "DESIG_ENG"], driver="OpenFileGDB", crs="EPSG:4326", append=kind == "poly",
            layer=f"WDPA_WDOECM_{kind}_Nov2026_all", geometry_type="MultiPolygon" if kind == "poly" else "Point",
        )  # fmt: skip
    members = {f"{folder.name}/{path.name}": path.read_bytes() for path in folder.iterdir()}
    archive = files.packed(tmp_path / "WDPA_WDOECM_Nov2026_Public_all_gdb.zip", members)
    made = import_files("wdpa", [archive], Asked(["world"], version="Nov2026")).made
    found = {info.id: info.features for info in made if isinstance(info, LayerInfo)}
    assert found == {"protected_areas": 2, "protected_areas_proposed": 2, "oecms": 2}  # nothing of the fourth
    assert list(open_layer("oecms").features.names) == ["Pools", "Pools"]
