"""Files made to harm: each is refused with a reason, and nothing else happens."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import struct
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.catalogue.archives import unpack
from greensilk.catalogue.raw_table import RawTable
from greensilk.catalogue.readers import READERS, read_table
from greensilk.catalogue.shape_text import read_wkt
from greensilk.catalogue.vector_files import shapes_from_wkb
from greensilk.errors import PortfolioError

sys.path.insert(0, str(Path(__file__).parent))
import sample_files as files


def refused(path: Path) -> str:
    with pytest.raises(PortfolioError) as caught:
        read_table(path)
    return caught.value.key.removeprefix("catalogue.")


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    assert refused(archive(tmp_path / "b.zip", {"a.csv": b"\0" * 30_000_000})) == "zip_bomb"
    assert [path.name for path in tmp_path.iterdir()] == ["b.zip"]


@pytest.mark.parametrize("name", ["../a.csv", "x/../../a.csv", "/etc/a.csv", "C:\\a.csv", "..\\a.csv"])
def test_members_cannot_leave_their_folder(name: str, tmp_path: Path) -> None:
    assert refused(archive(tmp_path / "b.zip", {name: b"id\n1"})) == "zip_escapes"


def test_links_and_encrypted_members_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as out:
        out.writestr(link, "/etc/passwd")
    assert refused(tmp_path / "l.zip") == "zip_link"
    content = bytearray(archive(tmp_path / "e.zip", {"a.csv": b"id\n1\n"}).read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] |= 1
    (tmp_path / "e.zip").write_bytes(content)
    assert refused(tmp_path / "e.zip") == "zip_encrypted"


def test_too_many_members_several_data_sets_and_none(tmp_path: Path) -> None:
    assert refused(archive(tmp_path / "m.zip", {f"{i}.txt": b"" for i in range(1001)})) == "zip_too_many"
    assert refused(archive(tmp_path / "s.zip", {"a.csv": b"id\n1", "b.csv": b"id\n1"})) == "zip_several"
    assert refused(archive(tmp_path / "d.zip", {"x/a.csv": b"id\n1", "X/A.csv": b"id\n1"})) == "zip_same_name"
    assert refused(archive(tmp_path / "n.zip", {"readme.md": b"x"})) == "zip_nothing"


def test_a_member_that_lies_about_its_size_is_not_written_further(tmp_path: Path) -> None:
    content = bytearray(archive(tmp_path / "l.zip", {"a.csv": b"id\n" + b"1\n" * 5000}).read_bytes())
    central = content.find(b"PK\x01\x02")
    content[central + 24 : central + 28] = struct.pack("<I", 10)
    (tmp_path / "l.zip").write_bytes(content)
    (tmp_path / "out").mkdir()
    with pytest.raises(PortfolioError):
        unpack(tmp_path / "l.zip", tmp_path / "out")
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) <= 10


def test_entities_in_kml_are_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    (tmp_path / "l.kml").write_text(f'<!DOCTYPE kml [<!ENTITY l0 "ha">{laughs}]><kml><name>&l9;</name></kml>')
    assert refused(tmp_path / "l.kml") == "xml_document_type"
    (tmp_path / "f.kml").write_text(
        '<!DOCTYPE kml [<!ENTITY f SYSTEM "file:///etc/passwd">]><kml><name>&f;</name></kml>'
    )
    assert refused(tmp_path / "f.kml") == "xml_document_type"
    (tmp_path / "e.kml").write_text('<?xml version="1.0" encoding="none-such"?><kml/>')
    assert refused(tmp_path / "e.kml") == "not_readable"
    (tmp_path / "d.kml").write_text("<kml>" + "<Folder>" * 5000 + "</Folder>" * 5000 + "</kml>")
    assert refused(tmp_path / "d.kml") == "too_deep"


def test_deep_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.geojson").write_text('{"type":"FeatureCollection","features":' + "[" * 100_000 + "]" * 100_000 + "}")
    assert refused(tmp_path / "d.geojson") == "too_deep"
    shape: dict[str, object] = {"type": "Point", "coordinates": [1, 1]}
    for _ in range(60):
        shape = {"type": "GeometryCollection", "geometries": [shape]}
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    (tmp_path / "c.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert [fault.reason for fault in read_table(tmp_path / "c.geojson").faults] == ["invalid_geometry"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_do_not_become_places(number: str, tmp_path: Path) -> None:
    (tmp_path / "n.geojson").write_text(files.geojson().replace("101.4017", number))
    try:
        table = read_table(tmp_path / "n.geojson")
    except PortfolioError as error:
        assert error.key == "catalogue.not_readable"
    else:
        assert table.geometry is not None
        assert [fault.row for fault in table.faults] == [1]


def test_nested_collections_do_not_exhaust_the_stack() -> None:
    wkb = b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 200_000 + b"\x01\x01\x00\x00\x00" + b"\0" * 16
    shapes, bad = shapes_from_wkb([wkb, shapely.to_wkb(shapely.Point(1, 2))])
    assert bad == [0]
    assert shapes[1].x == 1
    import polars as pl

    nested = "GEOMETRYCOLLECTION(" * 100_000 + "POINT(1 1)" + ")" * 100_000
    _, unread = read_wkt(pl.Series([nested, "POINT (1 2)", "(" * 100_000]))
    assert unread == [0, 2]


def test_two_cells_of_a_sheet_cannot_span_a_billion(tmp_path: Path) -> None:
    path = files.write_xlsx(tmp_path / "s.xlsx")
    content = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename.endswith("sheet1.xml"):
                data = data.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            new.writestr(info.filename, data)
    path.write_bytes(content.getvalue())
    assert refused(path) == "sheet_too_large"


def test_formula_cells_are_text_or_their_last_value(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["id", "name", "capacity"])
    sheet.write_string(1, 0, "=1+1")
    sheet.write_formula(1, 1, '=HYPERLINK("http://127.0.0.1")', None, "link")
    sheet.write_formula(1, 2, "=2*21", None, 42)
    book.close()
    table = read_table(tmp_path / "f.xlsx")
    assert table.columns.row(0) == ("=1+1", "link", "42")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("seeds")
    files.write_vector(folder / "p.shp", "ESRI Shapefile")
    return {
        ".csv": files.CSV_TEXT.encode(),
        ".geojson": files.geojson().encode(),
        ".kml": files.KML_TEXT.encode(),
        ".gpkg": files.write_vector(folder / "p.gpkg", "GPKG").read_bytes(),
        ".shp": (folder / "p.shp").read_bytes(),
        ".parquet": files.write_geoparquet(folder / "p.parquet").read_bytes(),
        ".xlsx": files.write_xlsx(folder / "p.xlsx").read_bytes(),
        ".zip": files.zipped(folder / "p.zip", [folder / name for name in ("p.shp", "p.shx", "p.dbf")]).read_bytes(),
    }


def outcome(path: Path) -> None:
    """A table whose parts fit together, or a refusal: nothing else may happen."""
    try:
        table = read_table(path)
    except PortfolioError as error:
        assert error.message("zh")
        return
    assert isinstance(table, RawTable)
    assert len(table.rows) == len(table)
    assert table.geometry is None or len(table.geometry) == len(table)
    assert {fault.row for fault in table.faults} <= set(table.rows)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200), suffix=st.sampled_from([*READERS, ".zip", ".kmz"]))
def test_random_bytes_never_crash_a_reader(raw: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"random{suffix}"
    path.write_bytes(raw)
    outcome(path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from([".csv", ".geojson", ".kml", ".gpkg", ".shp", ".parquet", ".xlsx", ".zip"]),
    cut=st.floats(0.05, 1.0),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
)
def test_damaged_files_never_crash_a_reader(
    suffix: str, cut: float, changes: list[tuple[float, int]], seeds: dict[str, bytes], tmp_path: Path
) -> None:
    raw = bytearray(seeds[suffix][: max(1, int(len(seeds[suffix]) * cut))])
    for place, value in changes:
        raw[int(place * (len(raw) - 1))] = value
    path = tmp_path / f"damaged{suffix}"
    path.write_bytes(bytes(raw))
    outcome(path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.binary(max_size=60)), max_size=5))
def test_random_shapes_never_crash(blobs: list[bytes | None]) -> None:
    shapes, bad = shapes_from_wkb(blobs)
    assert len(shapes) == len(blobs)
    assert all(blobs[i] is not None and shapes[i] is None for i in bad)
    assert np.sum([shape is None for shape in shapes]) == len(bad) + sum(blob is None for blob in blobs)


CURVE = b"\x01\x08\x00\x00\x00\x03\x00\x00\x00" + np.array([0.0, 0, 1, 1, 2, 0]).tobytes()


def test_one_curve_costs_one_row(tmp_path: Path) -> None:
    path = tmp_path / "curve.parquet"
    shapes = [shapely.to_wkb(shapely.Point(1, 2)), CURVE]
    geo = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    frame = pl.DataFrame({"name": ["a", "b"], "geometry": shapes})
    frame.write_parquet(path, metadata={"geo": json.dumps(geo)})
    table = read_table(path)
    assert table.geometry is not None and list(shapely.is_missing(table.geometry)) == [False, True]
    assert [(fault.row, fault.reason) for fault in table.faults] == [(2, "invalid_geometry")]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIRTUAL TABLE other USING VirtualText('{secret}', 'UTF-8', 1, POINT, DOUBLEQUOTE, ',')",
        "create/**/virtual table other using VirtualGeoJSON('{secret}', 4326)",
        "CREATE VIRTUAL TABLE rtree USING VirtualDbf('{secret}', 'UTF-8')",
        "CREATE VIRTUAL TABLE \"x USING rtree(\" USING VirtualShape('{secret}', 'UTF-8', 4326)",
        "CREATE VIEW other AS SELECT 'solar_pv' AS type, 1 AS lon, 2 AS lat",
        "CREATE TEMP TABLE other(type)",
    ],
)
@pytest.mark.parametrize("rootpage", [0, 3])
def test_a_geopackage_reads_no_other_file(statement: str, rootpage: int, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("password,type\nhunter2,solar_pv\n")
    path = files.write_vector(tmp_path / "p.gpkg", "GPKG")
    assert len(read_table(path)) > 0  # as GDAL writes it, index of shapes and triggers included
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA writable_schema = ON")
        kind = "view" if "VIEW" in statement else "table"
        row = (kind, "other", "other", rootpage, statement.format(secret=tmp_path / "secret.csv"))
        db.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
        db.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('other', 'attributes', 'other')"
        )
        db.commit()
    with pytest.raises(PortfolioError) as caught:
        read_table(path)
    assert caught.value.key in ("catalogue.not_stored", "catalogue.not_readable")
    assert "password" not in caught.value.message("en") and "hunter2" not in caught.value.message("en")


@pytest.mark.parametrize(
    "column", ["b AS (upper(a))", "b GENERATED ALWAYS as(upper(a)) STORED", 'b /*" */ AS/**/(upper(a)) /*" */']
)
def test_a_column_of_a_geopackage_is_stored_not_computed(column: str, tmp_path: Path) -> None:
    path = files.write_vector(tmp_path / "p.gpkg", "GPKG")
    with closing(sqlite3.connect(path)) as db:
        db.execute("""CREATE TABLE "named as (this)" (a TEXT DEFAULT 'as (that)' -- as (a comment)\n)""")
        assert len(read_table(path)) > 0
        db.execute(f"CREATE TABLE other(a, {column})")
    assert refused(path) == "not_stored"
