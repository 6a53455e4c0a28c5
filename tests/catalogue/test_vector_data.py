"""Formats of provided vector data, several files as one layer, pages of records, and files made to harm."""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from greensilk.catalogue import import_layer, open_layer
from greensilk.catalogue.archives import unpack
from greensilk.catalogue.file_sums import names_of, sum_of
from greensilk.catalogue.json_records import at, read_records, record_batches
from greensilk.catalogue.layer_records import Coverage, KeptWhen
from greensilk.catalogue.readers import read_batches, read_table
from greensilk.errors import GreensilkError, LayerError, PortfolioError
from greensilk.records import Label

sys.path.insert(0, str(Path(__file__).parent))
import sample_files as files

TERMS: dict[str, Any] = {"licence": "CC0", "version": "1", "use_commercial": True}


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def zip_bytes(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def refused(path: Path, into: Path, most_bytes: int = 10**9) -> str:
    into.mkdir()
    with pytest.raises(PortfolioError) as caught:
        unpack(path, into, most_bytes)
    return caught.value.key.removeprefix("catalogue.")


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
    archive = packed(tmp_path / "b.zip", {**members, "data/readme.txt": b"x"})
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
    assert keys == ["file_empty", "file_missing", "not_its_kind", "file_missing"]


def test_archives_within_keep_files_of_one_name_apart(tmp_path: Path) -> None:
    inner = [zip_bytes({"sites.csv": f"id\n{i}\n".encode(), ".hidden": b"x"}) for i in range(3)]
    archive = packed(tmp_path / "w.zip", {f"x/chunk_{i}.zip": data for i, data in enumerate(inner)})
    (tmp_path / "out").mkdir()
    found = unpack(archive, tmp_path / "out")
    names = [one.relative_to(tmp_path / "out").as_posix() for one in found]
    assert names == [f"x/chunk_{i}.zip/sites.csv" for i in range(3)]
    assert [one.read_text() for one in found] == ["id\n0\n", "id\n1\n", "id\n2\n"]
    assert sorted(one.name for one in (tmp_path / "out").rglob("*") if one.is_file()) == ["sites.csv"] * 3


def test_a_third_level_and_a_bomb_within_are_refused(tmp_path: Path) -> None:
    deep = zip_bytes({"a.zip": zip_bytes({"b.zip": zip_bytes({"c.csv": b"id\n1"})})})
    (tmp_path / "d.zip").write_bytes(deep)
    assert refused(tmp_path / "d.zip", tmp_path / "1") == "zip_nested"
    bomb = zip_bytes({"a.csv": b"\0" * 30_000_000})
    assert refused(packed(tmp_path / "b.zip", {"in.zip": bomb}), tmp_path / "2") == "zip_bomb"
    assert refused(packed(tmp_path / "g.zip", {"in.tif.gz": gzip.compress(b"\0" * 30_000_000)}), tmp_path / "3") in (
        "zip_broken",
        "zip_bomb",
    )
    assert sum(p.stat().st_size for p in (tmp_path / "3").rglob("*") if p.is_file()) < 10_000_000


def test_limits_count_over_all_levels(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(600_000)
    one = zip_bytes({"a.bin": content})
    path = packed(tmp_path / "t.zip", {"x.zip": one, "y.zip": one})
    (tmp_path / "ok").mkdir()
    assert len(unpack(path, tmp_path / "ok", 2_500_000)) == 2
    assert refused(path, tmp_path / "1", 2_000_000) == "zip_too_large"
    many = zip_bytes({f"{i}.txt": b"" for i in range(400)})
    assert refused(packed(tmp_path / "m.zip", {f"{i}.zip": many for i in range(3)}), tmp_path / "2") == "zip_too_many"


def test_members_that_share_their_packed_bytes_are_counted_together(tmp_path: Path) -> None:
    content = bytearray(zip_bytes({"a.bin": bytes(range(256)) * 8_000}))  # 2 MB in 15 kB
    start = content.find(b"PK\x01\x02")
    end = content.find(b"PK\x05\x06")
    entry, tail = bytes(content[start:end]), bytearray(content[end:])
    count = 150
    entries = b"".join(entry.replace(b"a.bin", f"a{i:03d}n".encode()[:5]) for i in range(count))
    tail[8:12] = count.to_bytes(2, "little") * 2
    tail[12:16] = len(entries).to_bytes(4, "little")
    (tmp_path / "o.zip").write_bytes(bytes(content[:start]) + entries + bytes(tail))
    assert refused(tmp_path / "o.zip", tmp_path / "1") == "zip_bomb"


def tar_of(path: Path, members: list[tarfile.TarInfo], content: bytes = b"id\n1\n") -> Path:
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
        for member in members:
            if member.isreg():
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return path


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz"])
def test_tar_files_are_unpacked_into_their_folders(name: str, tmp_path: Path) -> None:
    folder = tarfile.TarInfo("x")
    folder.type = tarfile.DIRTYPE
    path = tar_of(tmp_path / name, [folder, tarfile.TarInfo("x/a.csv"), tarfile.TarInfo("y/a.csv")])
    (tmp_path / "out").mkdir()
    assert [one.relative_to(tmp_path / "out").as_posix() for one in unpack(path, tmp_path / "out")] == [
        "x/a.csv",
        "y/a.csv",
    ]


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("../a.csv", tarfile.REGTYPE, "zip_escapes"),
        ("/etc/a.csv", tarfile.REGTYPE, "zip_escapes"),
        ("a.csv", tarfile.SYMTYPE, "zip_link"),
        ("a.csv", tarfile.LNKTYPE, "zip_link"),
        ("a.csv", tarfile.CHRTYPE, "zip_link"),
        ("a.csv", tarfile.FIFOTYPE, "zip_link"),
    ],
)
def test_tar_members_that_escape_link_or_are_devices_are_refused(
    name: str, kind: bytes, reason: str, tmp_path: Path
) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    path = tar_of(tmp_path / "t.tar", [tarfile.TarInfo("good.csv"), member])
    assert refused(path, tmp_path / "out") == reason
    assert list((tmp_path / "out").iterdir()) == []


def test_tar_bombs_are_refused(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "b.tar.gz", [tarfile.TarInfo("a.csv")], b"\0" * 30_000_000)
    assert refused(path, tmp_path / "1") == "zip_bomb"
    header = bytearray(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT))
    header[156:157] = b"x"  # a header of 4 GB that would be read into memory
    header[124:136] = b"%011o " % (1 << 32)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "h.tar").write_bytes(bytes(header) + b"\0" * 100_000)
    assert refused(tmp_path / "h.tar", tmp_path / "2") == "zip_broken"


def test_one_packed_file_is_unpacked_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"id\n1\n"))
    (tmp_path / "out").mkdir()
    assert [(one.name, one.read_bytes()) for one in unpack(tmp_path / "a.csv.gz", tmp_path / "out")] == [
        ("a.csv", b"id\n1\n")
    ]


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
    (tmp_path / "a.csv").write_text("name,lon,lat,STATUS\na,100,15,Proposed\nb,101,15,Designated\nc,102,15,\n")
    (tmp_path / "b.csv").write_text("name,lon,lat,kind\nd,100,16,rail\ne,101,16,tram\n")
    both = [tmp_path / "a.csv", tmp_path / "b.csv"]
    kept = KeptWhen(columns=("kind",), values=("rail",))
    info = import_layer("protected_areas", both, kept_when=kept, **TERMS)
    assert (info.features, info.left_out) == (3, 2)
    assert list(open_layer("protected_areas").features.names) == ["b", "c", "d"]


def page(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def test_records_come_from_their_place_page_after_page(tmp_path: Path) -> None:
    paths = [
        page(tmp_path / "a-0001.json", [{"page": 1}, [{"v": 1}, {"v": 2}]]),
        page(tmp_path / "a-0002.json", [{"page": 2}, [[3]]]),
        page(tmp_path / "a-0003.json", [{"page": 3}, None]),
    ]
    assert list(read_records(paths, (1,))) == [{"v": 1}, {"v": 2}, [3]]
    assert at({"a": [{"b": None}]}, ("a", 0, "b")) is at({}, ("a",)) is at([1], (5,)) is None
    assert at([[1, 2]], (0, -1)) is None
    assert list(read_records([page(tmp_path / "b.json", "\ufeff[{}]")], ())) == [{}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"message": "wrong token"}, "no_records"),
        ({"results": {"a": 1}}, "no_records"),
        ({"results": [1]}, "no_record"),
        ('{"results": [{"a": NaN}]}', "not_readable"),
        ('{"results": [{"a": 1, "a": 2}]}', "not_readable"),
        ('{"results": [', "not_readable"),
        ("<html>", "not_readable"),
        (" ", "file_empty"),
        ('{"results": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}", "too_deep"),
        ('{"a":' * 1_000_000 + "1" + "}" * 1_000_000, "too_deep"),
        ('{"results": [{"a": ' + "9" * 5000 + "}]}", "not_readable"),
    ],
)
def test_pages_that_are_none_are_refused(content: object, reason: str, tmp_path: Path) -> None:
    with pytest.raises(PortfolioError) as caught:
        list(read_records([page(tmp_path / "a-0001.json", content)], ("results",)))
    assert caught.value.key == f"catalogue.{reason}"


def test_pages_become_one_layer(tmp_path: Path) -> None:
    box = json.loads(shapely.to_geojson(shapely.box(100, 15, 101, 16)))
    collection = '{"type": "GeometryCollection", "geometries": ['
    nested = collection * 450 + '{"type": "Point", "coordinates": [1, 1]}' + "]}" * 450
    rows = [
        {"site": {"name": "bare"}, "geo": box},
        {"site": {"name": "feature"}, "geo": {"type": "Feature", "geometry": box, "properties": {}}},
        {"site": {"name": "none"}, "geo": None},
        {"site": {"name": "wrong"}, "geo": {"type": "Polygon", "coordinates": "x"}},
        {"site": {"name": "deep"}, "geo": "DEEP"},
    ]
    written = [json.dumps({"rows": part}).replace('"DEEP"', nested) for part in (rows[:2], rows[2:], [])]
    paths = [page(tmp_path / f"a-{i:04d}.json", text) for i, text in enumerate(written, 1)]
    fields: dict[str, Any] = {"geometry": ("geo",), "name": ("site", "name")}
    info = import_layer("mine", paths, fields=fields, records_at=("rows",), **TERMS)
    assert (info.features, info.rejected) == (2, 3)
    assert list(open_layer("mine").features.names) == ["bare", "feature"]


def test_points_of_pages_have_the_accuracy_of_their_digits(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "at": {"x": 102.61, "y": 17.96}, "tags": ["a", 2]},
        {"id": 2, "at": {"x": 200, "y": 0}},
        {"id": 3},
    ]
    fields: dict[str, Any] = {"id": ("id",), "lon": ("at", "x"), "lat": ("at", "y"), "tags": ("tags",)}
    path = page(tmp_path / "a-0001.json", {"rows": rows})
    info = import_layer("mine", path, fields=fields, records_at=("rows",), **TERMS)
    assert (info.features, info.rejected, info.geometry_kind) == (1, 2, "point")
    layer = open_layer("mine")
    assert layer.attributes.rows() == [("1", "102.61", "17.96", "a; 2")]
    assert layer.features.accuracy_m == pytest.approx([556.6])
    table, share = next(record_batches([path], fields, ("rows",)))
    assert (len(table), share) == (3, 1.0)


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


def damaged(raw: bytes, seed: int) -> bytes:
    """Some bytes flipped, or the end cut off."""
    chance = random.Random(seed)
    content = bytearray(raw)
    if seed % 3 == 0:
        return bytes(content[: chance.randrange(1, len(content))])
    for _ in range(chance.choice((1, 3, 20))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


def try_to_read(path: Path) -> None:
    try:
        for table, _ in read_batches(path):
            assert len(table) <= 5_000_000
    except GreensilkError:
        pass


@pytest.mark.parametrize("seed", range(60))
def test_damaged_flatgeobufs_and_geodatabases_are_read_or_refused(seed: int, tmp_path: Path) -> None:
    path = files.write_vector(tmp_path / "s.fgb", "FlatGeobuf")
    path.write_bytes(damaged(path.read_bytes(), seed))
    try_to_read(path)
    folder = files.write_vector(tmp_path / "s.gdb", "OpenFileGDB")
    member = sorted(folder.iterdir())[seed % len(list(folder.iterdir()))]
    member.write_bytes(damaged(member.read_bytes(), seed))
    try_to_read(folder)


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


@pytest.mark.parametrize("seed", range(60))
def test_damaged_archives_and_pages_are_read_or_refused(seed: int, tmp_path: Path) -> None:
    inner = zip_bytes({"a.csv": b"id,lon,lat\n1,2,3\n" * 20})
    archive = packed(tmp_path / "a.zip", {"x/in.zip": inner, "x/b.csv": b"id\n1\n"})
    pages = page(tmp_path / "p.json", {"rows": [{"name": "a", "geo": {"type": "Point", "coordinates": [1, 2]}}] * 3})
    pack = tar_of(tmp_path / "t.tar.gz", [tarfile.TarInfo(f"{i}/a.csv") for i in range(3)])
    for path in (archive, pages, pack):
        path.write_bytes(damaged(path.read_bytes(), seed))
    for path in (archive, pack):
        (tmp_path / f"out-{path.name}").mkdir()
        try:
            unpack(path, tmp_path / f"out-{path.name}", 10_000_000)
        except PortfolioError as error:
            assert path.name in str(error)
    try:
        list(record_batches([pages], {"name": ("name",), "geometry": ("geo",)}, ("rows",)))
    except PortfolioError as error:
        assert "p.json" in str(error)
