"""Reading whole portfolios: nothing lost, nothing guessed, every refusal with its reason and hint."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.errors import DefinitionError, PortfolioError, UsageError
from greensilk.screening import Portfolio, one_site, read_portfolio
from greensilk.screening.model import PROJECT_SCHEMA, REJECT_SCHEMA


def read(tmp_path: Path, text: str, **more: object) -> Portfolio:
    path = tmp_path / "p.csv"
    path.write_text(text, "utf-8")
    portfolio = read_portfolio(path, **more)  # type: ignore[arg-type]
    assert portfolio.rows_read == len(portfolio) + len(portfolio.rejects)
    assert portfolio.projects.schema == pl.Schema(PROJECT_SCHEMA)
    assert portfolio.rejects.schema == pl.Schema(REJECT_SCHEMA)
    assert len(portfolio.geometry) == len(portfolio.reservoirs) == len(portfolio)
    return portfolio


def refusals(portfolio: Portfolio) -> dict[str, tuple[str, str]]:
    return {
        identity: (field, reason)
        for identity, field, reason in portfolio.rejects.select("id", "field", "reason").iter_rows()
    }


def test_an_empty_point_and_a_curve_cost_one_row_each(tmp_path: Path) -> None:
    places = {"a": [1.5, 2.5], "b": []}
    features = [
        {
            "type": "Feature",
            "id": name,
            "properties": {"type": "road"},
            "geometry": {"type": "Point", "coordinates": xy},
        }
        for name, xy in places.items()
    ]
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    assert refusals(read_portfolio(tmp_path / "p.geojson")) == {"b": ("geometry", "empty_geometry")}
    curve = 'id,type,wkt\na,road,POINT (1 2)\nb,road,"CIRCULARSTRING (0 0, 1 1, 2 0)"\n'
    assert refusals(read(tmp_path, curve)) == {"b": ("wkt", "invalid_geometry")}


def test_chinese_and_english_columns_give_the_same_projects(tmp_path: Path) -> None:
    english = (
        "id,name,type,lon,lat,capacity_mw,construction start,country\n"
        "A,Dam,hydropower,102.63,17.97,400,2018-05-01,Laos\n"
    )
    chinese = (
        "编号,名称,项目类型,经度,纬度,装机容量,开工日期,国家\nA,Dam,水电站,102.63,17.97,40万千瓦,2018年5月1日,老挝\n"
    )
    one = read(tmp_path, english).projects
    two = read(tmp_path, chinese).projects
    assert one.drop("type_why").equals(two.drop("type_why"))
    row = one.row(0, named=True)
    assert row["type"] == "hydropower_large"
    assert row["capacity_mw"] == 400.0
    assert row["date_construction_start"] == dt.date(2018, 5, 1)
    assert row["country_stated"] == "LAO"
    assert row["location_kind"] == "point"
    assert row["location_accuracy_m"] == pytest.approx(556.6)


HEAD = "id,type,lon,lat,country,capacity_mw,date_operation\n"
BAD_ROWS = {
    "no_lon": (",17.9,,,", "lon", "missing_coordinates"),
    "no_place": (",,,,", "lon", "missing_geometry"),
    "text_lat": ("102.6,north,,,", "lat", "not_numeric"),
    "nan": ("nan,17.9,,,", "lon", "not_numeric"),
    "far": ("181.5,17.9,,,", "lon", "out_of_range"),
    "metres": ("102.6,1987654,,,", "lat", "out_of_range"),
    "zero": ("0,0.0,,,", "lon, lat", "null_island"),
    "swapped": ("-1.29,36.82,Kenya,,", "lon, lat", "swapped"),
    "capacity": ("102.6,17.9,,many,", "capacity_mw", "bad_number"),
    "negative": ("102.6,17.9,,-3,", "capacity_mw", "bad_number"),
    "infinite": ("102.6,17.9,,1e999,", "capacity_mw", "bad_number"),
    "date": ("102.6,17.9,,,03/04/2019", "date_operation", "bad_date"),
    "no_date": ("102.6,17.9,,,2019-02-30", "date_operation", "bad_date"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_bad_row_is_rejected_with_field_value_reason_and_hint(name: str, tmp_path: Path) -> None:
    cells, field, reason = BAD_ROWS[name]
    portfolio = read(tmp_path, f"{HEAD}good,solar_pv,102.6,17.9,LAO,5,2020\n{name},solar_pv,{cells}\n")
    assert portfolio.projects["id"].to_list() == ["good"]
    assert refusals(portfolio) == {name: (field, reason)}
    entry = portfolio.rejects.row(0, named=True)
    assert entry["row"] == 2
    for column in ("reason_en", "reason_zh", "hint_en", "hint_zh"):
        assert entry[column]
        assert "{" not in entry[column]


def test_unknown_and_missing_types_are_rejected_with_suggestions(tmp_path: Path) -> None:
    portfolio = read(tmp_path, "id,type,lon,lat\na,hydropwer,102.6,17.9\nb,,102.6,17.9\nc,铁路客,102,17\n")
    assert refusals(portfolio) == {
        "a": ("type", "unknown_type"),
        "b": ("type", "type_missing"),
        "c": ("type", "unknown_type"),
    }
    assert "hydropower_large" in portfolio.rejects["hint_en"][0]
    assert len(portfolio) == 0


def test_the_second_of_two_equal_ids_is_rejected(tmp_path: Path) -> None:
    portfolio = read(tmp_path, "id,type,lon,lat\na,road,102.6,17.9\nb,road,1,2\na,road,103,18\n")
    assert refusals(portfolio) == {"a": ("id", "duplicate_id")}
    assert "1" in portfolio.rejects["reason_en"][0]


def test_missing_ids_and_names_are_made_from_the_row(tmp_path: Path) -> None:
    portfolio = read(tmp_path, "id,name,type,lon,lat\n,,road,102.6,17.9\nrow-1,,road,103,18\n")
    assert portfolio.projects["id"].to_list() == ["row-1-", "row-1"]
    assert portfolio.projects["name"].to_list() == ["row-1-", "row-1"]


def test_a_coal_plant_stated_to_be_captive_is_one(tmp_path: Path) -> None:
    rows = "a,coal power,90,22,yes\nb,coal power,91,22,否\nc,coal power,92,22,perhaps\nd,road,93,22,是\n"
    text = f"id,type,lon,lat,captive\n{rows}"
    portfolio = read(tmp_path, text)
    assert portfolio.projects["type"].to_list() == ["captive_coal_power", "coal_power_new", "road"]
    assert refusals(portfolio) == {"c": ("captive", "bad_truth")}
    assert portfolio.notes.filter(pl.col("id") == "a")["note"].to_list() == ["portfolio.captive"]


def test_all_faults_of_a_row_are_told_in_one(tmp_path: Path) -> None:
    portfolio = read(tmp_path, f"{HEAD}a,nothing like it,999,17.9,,many,\n")
    reason = portfolio.rejects["reason_en"][0]
    assert "capacity_mw" in reason
    assert "lon" in reason
    assert len(portfolio.rejects) == 1


def test_a_row_that_is_no_built_project_needs_no_place(tmp_path: Path) -> None:
    portfolio = read(tmp_path, "id,type,lon,lat\na,debt relief,,\nb,debt relief,abc,1\nc,debt relief,102.6,17.9\n")
    assert portfolio.projects["location_kind"].to_list() == ["none", "none", "point"]
    assert portfolio.geometry[0] is None
    assert portfolio.notes.filter(pl.col("id") == "b")["note"].to_list() == ["portfolio.not_built_place"]


def test_only_a_contradiction_with_the_stated_country_swaps(tmp_path: Path) -> None:
    rows = (
        "id,type,lon,lat,country\na,road,36.82,-1.29,Kenya\nb,road,-1.29,36.82,\n"
        "c,road,-1.29,36.82,Brazil\nd,road,1,1,Narnia\n"
    )
    portfolio = read(tmp_path, rows)
    assert portfolio.projects["id"].to_list() == ["a", "b", "c", "d"]
    notes = dict(portfolio.notes.select("id", "note").iter_rows())
    assert notes["c"] == "portfolio.country_mismatch"
    assert notes["d"] == "portfolio.country_unknown"


def test_a_territory_does_not_contradict_the_country_that_was_stated(tmp_path: Path) -> None:
    rows = "a,road,121.0,23.7,CHN\nb,road,-53.1,4.0,France\nc,road,-53.1,4.0,Germany\n"
    portfolio = read(tmp_path, f"id,type,lon,lat,country\n{rows}")
    mismatch = portfolio.notes.filter(pl.col("note") == "portfolio.country_mismatch")
    assert mismatch["id"].to_list() == ["c"]


def test_places_in_china_are_noted_for_shifted_maps(tmp_path: Path) -> None:
    portfolio = read(tmp_path, "id,type,lon,lat\na,road,116.4,39.9\nb,road,102.6,17.9\n")
    found = portfolio.notes.filter(pl.col("note") == "portfolio.gcj02_possible")
    assert found["id"].to_list() == ["a"]


def test_numbers_with_units_and_separators(tmp_path: Path) -> None:
    head = "id;type;lon;lat;capacity;investment;reservoir area\n"
    rows = 'a;solar_pv;102,63;17,97;1.250,5 MW;"1,5";\nb;solar_pv;102,63;17,97;1.2 GW;2 亿元;335 km²\n'
    projects = read(tmp_path, head + rows).projects
    assert projects["capacity_mw"].to_list() == [1250.5, 1200.0]
    assert projects["investment"].to_list() == [1.5, 2e8]
    assert projects["reservoir_area_km2"].to_list() == [None, 335.0]
    assert projects["location_accuracy_m"].to_list() == pytest.approx([556.6, 556.6])


def test_years_are_kept_as_years(tmp_path: Path) -> None:
    text = "id,type,lon,lat,date_commitment,date_operation\na,road,102.6,17.9,2016,2021-12\n"
    portfolio = read(tmp_path, text)
    row = portfolio.projects.row(0, named=True)
    assert row["date_commitment"] == dt.date(2016, 1, 1)
    assert row["year_only"].split(";")[0] == "date_commitment"
    assert row["date_operation"] == dt.date(2021, 12, 1)
    assert "portfolio.month_only" in portfolio.notes["note"].to_list()


def test_shared_places_phases_and_associated_facilities_are_linked(tmp_path: Path) -> None:
    text = (
        "id,type,lon,lat,part_of,associated_with,loan_id\n"
        "a,hydropower,102.6,17.9,,,L1\nb,hydropower,102.6,17.9,a,,L1\n"
        "c,transmission,103,18,,a; x; c; bad,L2\nbad,transmission,0,0,,,\n"
    )
    portfolio = read(tmp_path, text)
    places = portfolio.projects["place_id"].to_list()
    assert places[0] == places[1] != places[2]
    assert set(portfolio.links.iter_rows()) == {
        ("b", "a", "same_place"),
        ("b", "a", "part_of"),
        ("c", "a", "associated_with"),
    }
    assert portfolio.projects["loan_id"].to_list() == ["L1", "L1", "L2"]
    told = set(portfolio.notes.filter(pl.col("id") == "c").select("note", "value").iter_rows())
    assert told >= {("portfolio.unknown_link", "x"), ("portfolio.self_link", "c"), ("portfolio.rejected_link", "bad")}


def write_geojson(tmp_path: Path, features: list[tuple[dict[str, object], object]]) -> Path:
    body = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": None if shape is None else json.loads(shapely.to_geojson(shape)),
        }
        for properties, shape in features
    ]
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": body}))
    return tmp_path / "p.geojson"


def test_a_footprint_far_too_big_is_an_administrative_area(tmp_path: Path) -> None:
    site, province = shapely.box(102, 17, 102.02, 17.02), shapely.box(100, 15, 103, 18)
    path = write_geojson(
        tmp_path, [({"id": "s", "type": "solar_pv"}, site), ({"id": "p", "type": "solar_pv"}, province)]
    )
    portfolio = read_portfolio(path)
    assert portfolio.projects["location_kind"].to_list() == ["polygon", "administrative_area"]
    assert portfolio.notes.filter(pl.col("id") == "p")["note"].to_list() == ["portfolio.too_big"]
    assert portfolio.projects["location_accuracy_m"].to_list() == [10.0, 10.0]


def test_lines_polygons_repairs_and_reservoirs(tmp_path: Path) -> None:
    bow = shapely.Polygon([(102, 17), (102.1, 17.1), (102.1, 17), (102, 17.1)])
    line = shapely.LineString([(102, 17), (103, 18)])
    reservoir = "POLYGON ((102 17, 102.1 17, 102.1 17.1, 102 17.1, 102 17))"
    path = write_geojson(
        tmp_path,
        [
            ({"id": "b", "type": "hydropower", "reservoir_wkt": reservoir}, bow),
            ({"id": "l", "type": "railway", "corridor_width_m": 50}, line),
            ({"id": "r", "type": "hydropower", "reservoir_wkt": "POINT (1 1)"}, bow),
            ({"id": "e", "type": "railway"}, shapely.LineString()),
        ],
    )
    portfolio = read_portfolio(path)
    assert refusals(portfolio) == {"r": ("reservoir_wkt", "bad_reservoir"), "e": ("geometry", "empty_geometry")}
    assert portfolio.projects["location_kind"].to_list() == ["polygon", "line"]
    assert portfolio.geometry[0].is_valid
    assert portfolio.reservoirs[0].area == pytest.approx(0.01)
    assert portfolio.projects["corridor_width_m"].to_list() == [None, 50.0]
    assert ("b", "portfolio.mended") in set(portfolio.notes.select("id", "note").iter_rows())


def test_projected_coordinates_by_option(tmp_path: Path) -> None:
    text = "id,type,easting,northing\na,road,248000,1990000\n"
    portfolio = read(tmp_path, text, columns={"lon": "easting", "lat": "northing", "crs": "EPSG:32648"})
    assert portfolio.geometry[0].x == pytest.approx(102.62, abs=0.02)
    assert portfolio.geometry[0].y == pytest.approx(17.98, abs=0.02)
    assert refusals(read(tmp_path, text, columns={"lon": "easting", "lat": "northing"})) == {
        "a": ("lat", "out_of_range")
    }


def test_wkt_columns(tmp_path: Path) -> None:
    text = "id;type;wkt\na;road;LINESTRING (102 17, 103 18)\nb;road;LINESTRING (102 17\nc;road;\n"
    portfolio = read(tmp_path, text)
    assert portfolio.projects["location_kind"].to_list() == ["line"]
    assert refusals(portfolio) == {"b": ("wkt", "invalid_geometry"), "c": ("lon", "missing_geometry")}


def test_digits_lost_in_a_sheet_do_not_make_a_place_coarser(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "p.xlsx"))
    sheet = book.add_worksheet()
    for row, cells in enumerate([("id", "type", "lon", "lat"), ("a", "road", 102.60, 17.97)]):
        sheet.write_row(row, 0, cells)
    book.close()
    assert read_portfolio(tmp_path / "p.xlsx").projects["location_accuracy_m"][0] == pytest.approx(556.6)
    text = read(tmp_path, "id,type,lon,lat\na,road,102.6,17.97\n")
    assert text.projects["location_accuracy_m"][0] == pytest.approx(5566.0)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("id,type,lon,lat\n", "portfolio.header_only"),
        ("id,type,name\na,road,x\n", "portfolio.no_place_columns"),
        ("", "catalogue.file_empty"),
    ],
)
def test_files_without_a_usable_row_say_so(text: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(PortfolioError) as caught:
        read(tmp_path, text)
    assert caught.value.key == key


def test_two_columns_for_one_field_are_told(tmp_path: Path) -> None:
    portfolio = read(tmp_path, "id,type,lon,lat,x\na,road,102.6,17.9,5\n")
    assert portfolio.geometry[0].x == 102.6
    assert portfolio.notes["note"].to_list() == ["portfolio.column_chosen"]


MAPPING = """
columns: {id: "Nr", name: "Title", lon: "E", lat: "N", date_commitment: "Year"}
constants: {currency: "USD"}
types:
  - {title: "(?i)\\\\bhydro", type: hydropower_large, why: "says hydro"}
  - {column: {name: "Sector", equals: ["TRANSPORT"]}, title: "(?i)rail", type: railway_freight}
  - {column: {name: "Sector", equals: ["TRANSPORT"]}, type: road}
unmapped: null
place_key: ["geometry"]
loan_key: "Nr"
"""
MAPPED = (
    "Nr,Title,Sector,E,N,Year\n1,Hydro plant,X,102,17,2016\n2,A rail line,TRANSPORT,103,18,\n"
    "3,A way,TRANSPORT,104,19,\n4,Other,X,1,1,\n"
)


def mapped(tmp_path: Path, mapping: str, text: str = MAPPED) -> Portfolio:
    (tmp_path / "m.yaml").write_text(mapping, "utf-8")
    return read(tmp_path, text, mapping=tmp_path / "m.yaml")


def test_a_mapping_file_gives_columns_and_inferred_types(tmp_path: Path) -> None:
    from greensilk.project_types import project_types

    rail = next(name for name in project_types() if "rail" in name)
    portfolio = mapped(tmp_path, MAPPING.replace("railway_freight", rail))
    assert portfolio.projects["type"].to_list() == ["hydropower_large", rail, "road"]
    assert portfolio.projects["type_inferred"].to_list() == [True, True, True]
    assert portfolio.projects["type_why"][0].startswith("says hydro")
    assert portfolio.projects["currency"].to_list() == ["USD"] * 3
    assert portfolio.projects["loan_id"].to_list() == ["1", "2", "3"]
    assert refusals(portfolio) == {"4": ("type", "unknown_type")}


def test_unmapped_rows_take_the_type_that_the_file_gives_them(tmp_path: Path) -> None:
    portfolio = mapped(tmp_path, 'columns: {id: "Nr", lon: "E", lat: "N"}\nunmapped: road\n')
    assert portfolio.projects["type"].to_list() == ["road"] * 4
    assert portfolio.projects["type_why"].to_list() == ["unmapped"] * 4


def test_the_owners_own_word_wins_over_a_pattern(tmp_path: Path) -> None:
    text = "Nr,Title,Sector,E,N,type\n1,Hydro plant,X,102,17,solar farm\n"
    portfolio = mapped(
        tmp_path,
        'columns: {id: "Nr", name: Title, lon: "E", lat: "N"}\ntypes: [{title: "Hydro", type: hydropower_large}]\n',
        text,
    )
    row = portfolio.projects.row(0, named=True)
    assert (row["type"], row["type_inferred"], row["type_why"]) == ("solar_pv", False, "solar farm")


@pytest.mark.parametrize(
    ("mapping", "error"),
    [
        ("columns: {id: Nr, id: Title}\n", DefinitionError),
        ("column: {id: Nr}\n", DefinitionError),
        ("columns: {colour: Nr}\n", UsageError),
        ("columns: {id: Absent}\n", PortfolioError),
        ("types: [{title: x, type: castle}]\n", UsageError),
        ('types: [{title: "(a+)+$", type: road}]\n', DefinitionError),
        (f'types: [{{title: "{"a" * 3000}", type: road}}]\n', DefinitionError),
        ('types: [{title: "(?=a)", type: road}]\n', PortfolioError),
        ('types: [{title: "(", type: road}]\n', PortfolioError),
        ("types: [{type: road}]\n", DefinitionError),
        ("attributes: {file: ../../etc/passwd, key: Nr}\n", PortfolioError),
        ("loan_key: Absent\n", PortfolioError),
    ],
)
def test_wrong_mapping_files_are_refused(mapping: str, error: type[Exception], tmp_path: Path) -> None:
    with pytest.raises(error):
        mapped(tmp_path, mapping)


def test_attributes_in_a_second_file(tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("Nr,type,Title\n2,road,other\n1,hydropower,other\n1,road,other\n")
    portfolio = mapped(
        tmp_path, 'columns: {id: "Nr", lon: "E", lat: "N", name: "Title"}\nattributes: {file: more.csv, key: "Nr"}\n'
    )
    assert portfolio.projects["type"].to_list() == ["hydropower_large", "road"]
    assert portfolio.projects["name"].to_list() == ["Hydro plant", "A rail line"]
    assert refusals(portfolio) == {"3": ("type", "type_missing"), "4": ("type", "type_missing")}
    notes = portfolio.notes["note"].to_list()
    assert notes.count("portfolio.no_attributes") == 2
    assert "portfolio.attributes_repeat" in notes


def test_one_site_is_a_portfolio_of_one_row() -> None:
    portfolio = one_site(102.63, 17.97, "光伏电站", 2.5)
    row = portfolio.projects.row(0, named=True)
    assert (row["type"], row["radius_m"], row["location_kind"]) == ("solar_pv", 2500.0, "point")
    with pytest.raises(UsageError):
        one_site(102.63, 97.97, "road")
    with pytest.raises(UsageError):
        one_site(102.63, 17.97, "castle")


CELLS = st.one_of(
    st.sampled_from(
        ["", "road", "hydropower", "0", "102.5", "17.9", "2018", "nan", "12°30'N", "1e308", "a", "=1+1", "老挝"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=6))
def test_every_row_is_a_project_or_a_reject(rows: list[list[str]], tmp_path: Path) -> None:
    import csv

    with (tmp_path / "p.csv").open("w", encoding="utf-8", newline="") as sink:
        out = csv.writer(sink)
        out.writerow(["id", "type", "lon", "lat", "country", "capacity_mw", "date_operation", "part_of"])
        out.writerows(rows)
    try:
        portfolio = read_portfolio(tmp_path / "p.csv")
    except PortfolioError:
        return
    filled = sum(any(cell.strip() for cell in row) for row in rows)
    assert portfolio.rows_read == len(portfolio) + len(portfolio.rejects) == filled
    assert portfolio.projects["id"].n_unique() == len(portfolio)
    assert not set(portfolio.projects["row"]) & set(portfolio.rejects["row"])
    built = portfolio.projects["location_kind"] != "none"
    assert all(shape is not None and shape.is_valid for shape in portfolio.geometry[built.to_numpy()])


@pytest.mark.shared
def test_the_real_portfolio_is_read_whole(shared: Path) -> None:
    folder = shared / "aiddata_gcdf_v2_geo"
    mapping = Path(__file__).parents[2] / "examples" / "aiddata.map.yaml"
    portfolio = read_portfolio(folder / "projects_simplified.gpkg", mapping)
    assert portfolio.rows_read == 3319 == len(portfolio) + len(portfolio.rejects)
    assert portfolio.projects["type_inferred"].all()
    assert portfolio.projects["place_id"].n_unique() < len(portfolio)
    assert (
        len(portfolio.links.filter(pl.col("relation") == "same_place"))
        == len(portfolio) - portfolio.projects["place_id"].n_unique()
    )
    assert (portfolio.projects["location_kind"] == "administrative_area").sum() < 60
    assert portfolio.projects["date_commitment"].is_not_null().all()


def test_a_unit_in_the_heading_is_applied_to_numbers_that_have_none(tmp_path: Path) -> None:
    head = "id,type,经度（度）,纬度（°）,装机容量（万千瓦）\n"
    found = read(
        tmp_path, head + 'A,水电站,102.63,17.97,40\nB,水电站,102.73,17.97,40 MW\nC,水电站,102.83,17.97,"1,200"\n'
    )
    assert found.projects["capacity_mw"].to_list() == [400.0, 40.0, 12000.0]
    assert "portfolio.heading_unit" in found.notes["note"].to_list()


def test_money_under_a_heading_with_its_magnitude_is_found_by_itself(tmp_path: Path) -> None:
    found = read(tmp_path, "id,type,lon,lat,投资额（万元）\nA,水电站,102.63,17.97,52\nB,水电站,102.73,17.97,1.6亿元\n")
    assert found.projects["investment"].to_list() == [520_000.0, 160_000_000.0]


def test_a_unit_in_the_heading_that_is_not_known_is_told_and_never_guessed(tmp_path: Path) -> None:
    text = "id,type,lon,lat,装机容量（匹）,总投资（万欧元）\nA,水电站,102.63,17.97,40,5\n"
    unmapped = read(tmp_path, text)
    assert unmapped.projects.select("capacity_mw", "investment").row(0) == (None, None)
    told = unmapped.notes.filter(pl.col("note") == "portfolio.columns_unused")["note_en"].item()
    assert "装机容量（匹）, 总投资（万欧元）" in told
    mapped = read(tmp_path, text, columns={"investment": "总投资（万欧元）"})
    assert mapped.projects["investment"].to_list() == [5.0]
    note = mapped.notes.filter(pl.col("note") == "portfolio.heading_unit_unknown")["note_zh"].item()
    assert "万欧元" in note and "原值" in note


def test_every_column_that_fills_no_field_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, "id,type,lon,lat,Colour,empty\nA,road,102.63,17.97,12,\n")
    notes = found.notes.filter(pl.col("note") == "portfolio.columns_unused")["note_en"].to_list()
    assert len(notes) == 1 and "(1): Colour." in notes[0]
    assert read(tmp_path, "id,type,lon,lat\nA,road,102.63,17.97\n").notes.is_empty()


def test_titles_above_the_heading_are_stepped_over_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, "海外项目清单,,,\n,,,单位：万美元\n编号,类型,经度,纬度\nA,公路,102.63,17.97\n")
    assert found.projects.select("row", "id").row(0) == (1, "A")
    told = found.notes.filter(pl.col("note") == "catalogue.title_lines")["note_zh"].item()
    assert "第 3 行" in told and "海外项目清单 单位：万美元" in told


def test_the_sheet_with_the_projects_is_read_not_the_cover(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "cover.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("封面").write_row(0, 0, ["编制单位", "某银行"])
        sheet = book.add_worksheet("清单")
        sheet.merge_range("A1:D1", "海外项目清单")
        for line, cells in enumerate((["编号", "类型", "经度", "纬度"], ["A", "公路", 102.63, 17.97]), start=1):
            sheet.write_row(line, 0, cells)
    found = read_portfolio(path)
    assert found.projects["id"].to_list() == ["A"]
    assert {"catalogue.title_lines", "catalogue.other_sheets"} <= set(found.notes["note"])


def test_no_dash_stands_for_missing_suggestions(tmp_path: Path) -> None:
    hint = read(tmp_path, "id,type,lon,lat\nA,区块链矿场,102.63,17.97\n").rejects.row(0, named=True)
    assert "none" in hint["hint_en"] and "无" in hint["hint_zh"]


def test_measures_certificates_and_documents_that_are_not_understood_are_told(tmp_path: Path) -> None:
    head = "id,type,lon,lat,mitigations,certificates,documents\n"
    row = "A,road,102.63,17.97,wildlife_passages:promised; fences:maybe,ISO 14001,EIA; poem\n"
    found = read(tmp_path, head + row + "B,road,102.73,17.97,wildlife_passages:合同,,环评/2023-05-01\n")
    told = found.notes.filter(pl.col("note").str.ends_with("_unread")).select("id", "field", "value").rows()
    assert told == [
        ("A", "mitigations", "fences:maybe"),
        ("A", "certificates", "ISO 14001"),
        ("A", "documents", "poem"),
    ]
