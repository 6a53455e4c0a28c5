"""Every kind of file gives the same three places; encodings, delimiters and odd rows are told, not guessed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from greensilk.catalogue.raw_table import RawTable
from greensilk.catalogue.readers import read_table
from greensilk.errors import PortfolioError

sys.path.insert(0, str(Path(__file__).parent))
import sample_files as files


def shapefile(folder: Path) -> Path:
    return files.write_vector(folder / "p.shp", "ESRI Shapefile")


def zipped_shapefile(folder: Path) -> Path:
    inner = folder / "inner"
    inner.mkdir()
    shapefile(inner)
    return files.zipped(folder / "p.zip", sorted(inner.iterdir()))


def zipped_kml(folder: Path) -> Path:
    (folder / "doc.kml").write_text(files.KML_TEXT, "utf-8")
    return files.zipped(folder / "p.kmz", [folder / "doc.kml"])


def text_file(name: str, text: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(text.encode(encoding))
        return folder / name

    return write


WITH_SHAPES: dict[str, Callable[[Path], Path]] = {
    "geojson": text_file("p.geojson", files.geojson()),
    "geojson with mark": text_file("p.json", files.geojson(), "utf-8-sig"),
    "kml": text_file("p.kml", files.KML_TEXT),
    "kmz": zipped_kml,
    "gpkg": lambda folder: files.write_vector(folder / "p.gpkg", "GPKG"),
    "shapefile": shapefile,
    "zipped shapefile": zipped_shapefile,
    "geoparquet": lambda folder: files.write_geoparquet(folder / "p.parquet"),
}
TABLES: dict[str, Callable[[Path], Path]] = {
    "csv": text_file("p.csv", files.CSV_TEXT),
    "csv utf-16": text_file("p.csv", files.CSV_TEXT, "utf-16"),
    "csv gb18030": text_file("p.csv", files.CSV_TEXT.replace("Vang Vieng", "万荣站"), "gb18030"),
    "semicolon": text_file("p.csv", files.CSV_TEXT.replace(",", ";")),
    "tsv": text_file("p.tsv", files.CSV_TEXT.replace(",", "\t")),
    "full-width comma": text_file("p.csv", files.CSV_TEXT.replace(",", "，")),
    "old Mac ends": text_file("p.csv", files.CSV_TEXT.replace("\n", "\r")),
    "xlsx": lambda folder: files.write_xlsx(folder / "p.xlsx"),
}


@pytest.mark.parametrize("kind", WITH_SHAPES)
def test_files_with_shapes_give_the_same_places(kind: str, tmp_path: Path) -> None:
    table = read_table(WITH_SHAPES[kind](tmp_path))
    assert table.geometry is not None
    assert shapely.equals_exact(shapely.force_2d(table.geometry), files.points(), 1e-9).all()
    assert table.columns["id"].to_list() == ["a", "b", "c"]
    assert table.columns["name"].to_list() == [place[1] for place in files.PLACES]
    assert "bbox" not in table.columns.columns
    assert not table.faults
    assert table.crs is not None


@pytest.mark.parametrize("kind", TABLES)
def test_tables_give_the_same_cells(kind: str, tmp_path: Path) -> None:
    table = read_table(TABLES[kind](tmp_path))
    assert table.columns["id"].to_list() == ["a", "b", "c"]
    assert table.columns["name"][0] == "琅南塔站 Namtha"
    assert np.allclose(table.columns["lon"].cast(float).to_numpy(), [place[2] for place in files.PLACES])
    assert list(table.rows) == [1, 2, 3]


def csv(tmp_path: Path, text: str | bytes) -> RawTable:
    path = tmp_path / "t.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_table(path)


def test_blank_lines_are_no_rows_but_keep_their_numbers(tmp_path: Path) -> None:
    table = csv(tmp_path, "\n\nid,name\n1,a\n\n , \n4,d\n")
    assert list(table.rows) == [1, 4]


def test_extra_cells_make_a_fault_and_missing_ones_do_not(tmp_path: Path) -> None:
    table = csv(tmp_path, "id,name\n1,a,b\n2\n")
    assert [(fault.row, fault.reason) for fault in table.faults] == [(1, "too_many_cells")]
    assert table.columns["name"].to_list() == ["a", None]


def test_equal_and_empty_column_names_are_told_apart(tmp_path: Path) -> None:
    assert csv(tmp_path, "a,,a\n1,2,3\n").columns.columns == ["a", "column 2", "a (2)"]


def test_a_row_in_another_encoding_is_a_fault_of_that_row(tmp_path: Path) -> None:
    rows = [f"{i},项目{i}".encode() for i in range(20)]
    rows[7] = "7,Kom\xe9 \xfc\xe9".encode("latin-1")
    table = csv(tmp_path, b"id,name\n" + b"\n".join(rows))
    assert [(fault.row, fault.field, fault.reason) for fault in table.faults] == [(8, "name", "wrong_encoding")]
    assert len(table) == 20


def test_a_whole_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PortfolioError) as caught:
        csv(tmp_path, b"id,name\n" + b"\n".join(f"{i},Pelješac čáp".encode("cp1250") for i in range(9)))
    assert caught.value.key == "catalogue.wrong_encoding"


def test_an_open_quote_does_not_swallow_rows(tmp_path: Path) -> None:
    with pytest.raises(PortfolioError) as caught:
        csv(tmp_path, 'id,name\n1,"a\n2,b\n3,c\n')
    assert caught.value.key == "catalogue.quote_open"


def test_inch_marks_inside_a_cell_are_kept(tmp_path: Path) -> None:
    table = csv(tmp_path, 'id,name\n1,"5" pipe"\n2,b\n')
    assert table.columns["id"].to_list() == ["1", "2"]
    assert [note.key for note in table.notes] == ["loose_quotes"]


def test_geojson_costs_one_row_a_bad_feature(tmp_path: Path) -> None:
    good = json.loads(files.geojson())["features"]
    bad = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": ["x", 1]}},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": 5}},
        "no feature",
        {"type": "Feature", "properties": None, "geometry": None},
    ]
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [*good, *bad]}))
    table = read_table(tmp_path / "p.geojson")
    assert len(table) == 7
    assert sorted((fault.row, fault.reason) for fault in table.faults) == [
        (4, "invalid_geometry"),
        (5, "invalid_geometry"),
        (6, "no_feature"),
    ]


def test_geojson_sequences_lists_and_old_crs_are_read(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(feature) for feature in json.loads(files.geojson())["features"])
    (tmp_path / "p.geojsonl").write_text(lines)
    assert len(read_table(tmp_path / "p.geojsonl")) == 3
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32648"}}
    (tmp_path / "p.geojson").write_text(files.geojson(crs=crs))
    assert read_table(tmp_path / "p.geojson").crs == "urn:ogc:def:crs:EPSG::32648"


def test_kml_shapes_of_every_kind(tmp_path: Path) -> None:
    ring = "<LinearRing><coordinates>0,0 2,0 2,2 0,2 0,0</coordinates></LinearRing>"
    hole = "<LinearRing><coordinates>.5,.5 1,.5 1,1 .5,.5</coordinates></LinearRing>"
    polygon = f"<Polygon><outerBoundaryIs>{ring}</outerBoundaryIs><innerBoundaryIs>{hole}</innerBoundaryIs></Polygon>"
    line = "<LineString><coordinates>0,0,5 , 1,1,5\n 2 , 0</coordinates></LineString>"
    multi = f"<MultiGeometry>{polygon}{polygon.replace('0,0', '9,9').replace('2,2', '9,8')}</MultiGeometry>"
    broken = "<Point><coordinates>east,north</coordinates></Point>"
    body = "".join(f"<Placemark>{shape}</Placemark>" for shape in (polygon, line, multi, broken, ""))
    (tmp_path / "p.kml").write_text(f"<kml>{body}</kml>")
    table = read_table(tmp_path / "p.kml")
    assert table.geometry is not None
    assert [shape and shape.geom_type for shape in table.geometry] == [
        "Polygon",
        "LineString",
        "MultiPolygon",
        None,
        None,
    ]
    assert table.geometry[0].area == pytest.approx(4 - 0.125)
    assert [fault.row for fault in table.faults] == [4]


def test_a_shapefile_without_a_stated_encoding_is_read_by_its_content(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    (tmp_path / "p.cpg").unlink()
    table = read_table(path)
    assert table.columns["name"][0] == "琅南塔站 Namtha"


def test_geoparquet_states_its_coordinates(tmp_path: Path) -> None:
    assert read_table(files.write_geoparquet(tmp_path / "a.parquet")).crs == "OGC:CRS84"
    assert read_table(files.write_geoparquet(tmp_path / "b.parquet", {"crs": None})).crs is None
    with pytest.raises(PortfolioError) as caught:
        read_table(files.write_geoparquet(tmp_path / "c.parquet", {"encoding": "point"}))
    assert caught.value.key == "catalogue.not_wkb"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.csv", b"", "file_empty"),
        ("a.csv", b" \n\n ,, \n", "file_empty"),
        ("a.csv", b"PK\x03\x04\x00\x00", "not_text"),
        ("a.docx", b"x", "kind_unknown"),
        ("a.geojson", b"{}", "no_geojson"),
        ("a.geojson", b"{", "not_readable"),
        ("a.gpkg", b"<OGRVRTDataSource/>", "not_its_kind"),
        ("a.shp", b"<OGRVRTDataSource/>", "not_its_kind"),
        ("a.parquet", b"PK", "not_its_kind"),
        ("a.kml", b"<kml>", "not_readable"),
        ("a.xlsx", b"nothing", "zip_broken"),
        ("a.zip", b"nothing", "zip_broken"),
    ],
)
def test_unusable_files_say_why_in_both_languages(name: str, content: bytes, key: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PortfolioError) as caught:
        read_table(tmp_path / name)
    assert caught.value.key == f"catalogue.{key}"
    assert name in caught.value.message("en")
    assert name in caught.value.message("zh")


def test_connections_are_no_files() -> None:
    for name in (
        "/vsicurl/http://127.0.0.1/x.gpkg",
        "http://127.0.0.1/x.geojson",
        "PG:dbname=x",
        "/vsizip/x.zip/y.shp",
    ):
        with pytest.raises(PortfolioError) as caught:
            read_table(Path(name))
        assert caught.value.key == "catalogue.file_missing"
