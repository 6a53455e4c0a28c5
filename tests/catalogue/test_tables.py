"""Country tables: every shape and kind of file, what is kept, flagged, skipped and refused, and what stays on disk."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from greensilk.catalogue.data_info import AllowedUse, Stated
from greensilk.catalogue.outputs import TableOutput
from greensilk.catalogue.shelves import TABLES
from greensilk.catalogue.table_import import TABLE, import_table
from greensilk.catalogue.table_numbers import numbers
from greensilk.catalogue.table_records import TableInfo
from greensilk.catalogue.table_rows import country_of, undone
from greensilk.catalogue.tables import (
    open_table,
    remove_table,
    table_states,
    verify_table,
)
from greensilk.errors import LayerError, LicenceError

SOME_USE = AllowedUse(commercial=True, redistribute=True)


def variable(column: str | None = "value", low: float | None = 0, high: float | None = 100, **more: Any) -> Any:
    return {"label": {"en": "A", "zh": "甲"}, "unit": "%", "column": column, "plausible": [low, high], **more}


def output(shape: str = "long", **fields: Any) -> TableOutput:
    given = {
        "kind": "table",
        "table": "made_up",
        "label": {"en": "Made up", "zh": "虚构"},
        "files": ["*"],
        "shape": shape,
    }
    given |= {"country_column": "country", "variables": {"a": variable()}}
    if shape == "long":
        given["year_column"] = "year"
    return TableOutput.model_validate_json(json.dumps(given | fields))


def stated(version: str = "1", **fields: Any) -> Stated:
    return Stated(**{"title": "Made up", "version": version, "licence": "CC0-1.0", "use": SOME_USE} | fields)


def made(files: dict[str, str | bytes], folder: Path, wanted: TableOutput | None = None) -> TableInfo:
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content.encode() if isinstance(content, str) else content)
    return import_table(wanted or output(), paths, stated(), lambda share: None)


def values() -> dict[tuple[str, str, int | None], float]:
    rows = open_table("made_up").frame.select("iso_a3", "indicator", "year", "value").iter_rows()
    return {(iso_a3, indicator, year): value for iso_a3, indicator, year, value in rows}


UNITS = {"shape": "records", "variables": {"n": variable(None), "mw": variable("mw")}}


def test_units_given_twice_are_not_counted_twice(tmp_path: Path) -> None:
    rows = ["LAO,1", "LAO,2", "KEN,1"]
    first, turned, more = ("\n".join(["country,mw", *lines]) for lines in (rows, rows[::-1], [*rows, "LAO,4"]))
    with pytest.raises(LayerError, match=r"b \(1\)\.csv has the same rows as a\.csv.* counted twice.*Next step"):
        made({"a.csv": first, "b (1).csv": turned}, tmp_path, output(**UNITS))
    assert table_states() == {}
    made({"a.csv": first, "c.csv": more}, tmp_path, output(**UNITS))
    assert values()["LAO", "n", None] == 5


def test_of_units_in_two_kinds_of_file_the_first_named_counts(tmp_path: Path) -> None:
    wanted = output(**UNITS, files=["*tracker*.csv", "*tracker*.txt"])
    both = {"a-tracker.txt": "country,mw\nLAO,1\nLAO,2", "Tracker.csv": "country,mw\nLAO,1\nLAO,2\nLAO,3"}
    info = made(both, tmp_path, wanted)
    assert values() == {("LAO", "n", None): 3, ("LAO", "mw", None): 6} and info.file_name == "Tracker.csv"
    assert [note.en for note in info.notes] == ["Not read: a-tracker.txt. The same units stand in Tracker.csv"]


# --- shapes and files


def test_a_column_a_variable_with_countries_by_code_and_name_in_two_languages(tmp_path: Path) -> None:
    rows = ["LAO,2015,1", "Kenya,2015,2", "纳米比亚,2015,3", "NA,2016,4", "World,2015,5", "World,2016,5", "Asia,2015,6"]
    info = made({"a.csv": "\n".join(["country,year,value", *rows])}, tmp_path)
    assert values() == {("LAO", "a", 2015): 1, ("KEN", "a", 2015): 2, ("NAM", "a", 2015): 3, ("NAM", "a", 2016): 4}
    assert (info.rows, info.countries_held, info.years) == (4, 3, (2015, 2016))
    assert list(info.skipped.items()) == [("World", 2), ("Asia", 1)]
    assert info.skipped_rows == 3
    assert open_table("made_up").frame["source"].unique().to_list() == ["Made up"]


def test_an_area_without_a_code_is_told_by_its_name(tmp_path: Path) -> None:
    text = "code,land,year,value\n,World,2015,1\n,World,2016,1\nOWID_X,Made up,2015,2\n,,2015,3\nLAO,Laos,2015,4\n"
    info = made({"a.csv": text}, tmp_path, output(country_column="code", name_column="land"))
    assert (info.rows, list(info.skipped.items())) == (1, [("World", 2), ("-", 1), ("Made up", 1)])


def test_a_file_a_variable(tmp_path: Path) -> None:
    wanted = output(variables={"x": variable("x"), "y": variable("y"), "z": variable("z")})
    info = made({"x.csv": "country,year,x\nLAO,2015,1\n", "y.csv": "country,year,y\nLAO,2015,2\n"}, tmp_path, wanted)
    assert values() == {("LAO", "x", 2015): 1, ("LAO", "y", 2015): 2}
    assert [note.en for note in info.notes] == ["The files have no value of: z"]
    assert info.file_name == "x.csv, y.csv"


def test_a_code_a_variable_narrowed_by_conditions(tmp_path: Path) -> None:
    rows = "c,code,unit,v,note\nLAO,coal,%,30,n1\nLAO,coal,TWh,9,\nKEN,coal,%,1,\nKEN,gas,%,2,\nAFR,coal,%,3,\n"
    wanted = output(
        country_column="c", year_column=None, year=2020, indicator_column="code", value_column="v",
        footnote_column="note", kept_when=[{"columns": ["kind", "c"], "values": ["lao", "ken"]}],
        variables={"share": variable("coal", kept_when=[{"columns": ["unit"], "values": ["%"]}], footnote="said")},
    )  # fmt: skip
    made({"a.csv": rows}, tmp_path, wanted)
    assert values() == {("LAO", "share", 2020): 30, ("KEN", "share", 2020): 1}
    assert open_table("made_up").frame["footnote"].to_list() == ["said", "n1; said"]


@pytest.mark.parametrize(
    ("heading", "headings"),
    [
        ("{year}", ["1990", "1991"]),
        ("{year} [YR{year}]", ["1990 [YR1990]", "1991 [YR1991]"]),
        ("X{year}", ["X1990", "x1991"]),
    ],
)
def test_a_column_a_year(heading: str, headings: list[str], tmp_path: Path) -> None:
    text = f"country,code,{headings[0]},{headings[1]},1990 [YR1991]\nLAO,F,1,..,7\nKEN,F,,3,7\nKEN,G,9,9,9\n"
    wanted = output("wide", year_column=heading, indicator_column="code", variables={"a": variable("F")})
    info = made({"a.csv": text}, tmp_path, wanted)
    assert values() == {("LAO", "a", 1990): 1, ("KEN", "a", 1991): 3}
    assert info.missing == 2


def test_a_column_a_variable_and_year(tmp_path: Path) -> None:
    wanted = output("wide", year_column="{column}_{year}", variables={"hdi": variable("hdi"), "le": variable("le")})
    made({"a.csv": "country,hdi_1990,hdi_rank_1990,le_1991\nLAO,0.4,130,55\n"}, tmp_path, wanted)
    assert values() == {("LAO", "hdi", 1990): 0.4, ("LAO", "le", 1991): 55}


def test_files_told_apart_by_name_and_a_heading_below_its_preamble(tmp_path: Path) -> None:
    text = '"Data Source","Made up",\n\n"Updated","2026",\n\n"Country","Country Code","2020"\n"Laos","LAO","{}"\n'
    wanted = output(
        "wide", country_column="Country Code", year_column="{year}",
        variables={"p": variable(None, file="p*.csv"), "q": variable(None, file="Q.csv")},
    )  # fmt: skip
    made({"p1.csv": text.format(1), "q.csv": text.format(2)}, tmp_path, wanted)
    assert values() == {("LAO", "p", 2020): 1, ("LAO", "q", 2020): 2}


def test_units_are_counted_and_added_up(tmp_path: Path) -> None:
    text = (
        "land,state,mw\nLaos,Operating,600\nLaos,operating,\nLaos,Retired,50\nTÃ¼rkiye,Retired,1\nKenya,Announced,n/a\n"
    )
    working = {"kept_when": [{"columns": ["Status", "state"], "values": ["operating"]}]}
    wanted = output(
        "records", country_column="Country | land",
        variables={"n": variable(None, 0, 2), "mw": variable("mw", 0, 999), "on": variable("mw", 0, None, **working)},
    )  # fmt: skip
    info = made({"a.csv": text}, tmp_path, wanted)
    assert values() == {
        ("LAO", "n", None): 3, ("TUR", "n", None): 1, ("KEN", "n", None): 1,
        ("LAO", "mw", None): 650, ("TUR", "mw", None): 1, ("LAO", "on", None): 600,
    }  # fmt: skip
    frame = open_table("made_up").frame
    assert frame.filter(pl.col("indicator") == "on")["footnote"].to_list() == ["1 of 2 rows state no number"]
    assert frame.filter(pl.col("flag") != "")["indicator"].to_list() == ["n"]
    assert (info.years, info.missing, info.flagged) == (None, 3, 1)
    assert "TÃ¼rkiye" in info.notes[0].en and "TÃ¼rkiye" in info.notes[0].zh


def test_pages_of_json(tmp_path: Path) -> None:
    def page(*records: Any) -> str:
        return json.dumps([{"pages": 3}, list(records) or None])

    def row(code: str, year: str, value: Any) -> dict[str, Any]:
        return {"country": {"id": code}, "date": year, "value": value, "indicator": {"id": "F"}}

    wanted = output(
        year_column="date", country_column="code", indicator_column="i", value_column="v", records_at=[1],
        fields={"code": ["country", "id"], "date": ["date"], "i": ["indicator", "id"], "v": ["value"]},
        variables={"a": variable("F")},
    )  # fmt: skip
    pages = {"1.json": page(row("LAO", "2015", 1.5), row("LAO", "2016", None)), "2.json": page(row("KEN", "2015", 2))}
    info = made(
        pages | {"3.json": page(), "4.json": page(row("NA", "2015", "3"), row("ZMB", "2015", True))}, tmp_path, wanted
    )
    assert values() == {("LAO", "a", 2015): 1.5, ("KEN", "a", 2015): 2, ("NAM", "a", 2015): 3}
    assert (info.missing, info.unreadable) == (1, 1)
    with pytest.raises(LayerError, match="no list of records"):
        made({"1.json": json.dumps([{"message": "made up"}])}, tmp_path, wanted)


def test_a_named_sheet_of_a_workbook(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        for title, first in (("About", 7.0), ("Units 1", 1.5)):
            sheet = book.add_worksheet(title)
            sheet.write_row(0, 0, ["A made-up table"])
            sheet.write_row(2, 0, ["country", "year", "value"])
            sheet.write_row(3, 0, ["LAO", 2015, first])
            sheet.write_row(4, 0, ["KEN", 2015])
            sheet.write_string(4, 2, "=1+1")
    info = import_table(output(), [tmp_path / "book.xlsx:units 1"], stated(), lambda share: None)
    assert values() == {("LAO", "a", 2015): 1.5}
    assert info.file_name == "book.xlsx"
    with pytest.raises(LayerError, match="no sheet Plants"):
        import_table(output(), [tmp_path / "book.xlsx:Plants"], stated(), lambda share: None)


@given(found=st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=5), year=st.integers(1000, 9999))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_of_a_parquet_file_are_kept_to_the_last_bit(found: list[float], year: int, tmp_path: Path) -> None:
    codes = ["LAO", "KEN", "NAM", "ZMB", "PER"][: len(found)]
    pl.DataFrame({"country": codes, "year": [year] * len(found), "value": found}).write_parquet(tmp_path / "a.parquet")
    import_table(output(), [tmp_path / "a.parquet"], stated(), lambda share: None)
    assert values() == {(code, "a", year): value for code, value in zip(codes, found, strict=True)}


# --- numbers, countries, contradictions


@pytest.mark.parametrize("mark", ["", "..", "NA", "n/a", "-", "#N/A", "…", "NaN", "null", " n.a. "])
def test_marks_of_no_value_are_no_values(mark: str, tmp_path: Path) -> None:
    info = made({"a.csv": f"country,year,value\nLAO,2015,1\nKEN,2015,{mark}\n"}, tmp_path)
    assert (info.rows, info.missing, info.unreadable) == (1, 1, 0)


def test_only_what_can_be_read_in_one_way_is_a_number() -> None:
    read = {"1,234,567": 1234567, "1,234.5": 1234.5, "12 345": 12345, "-.5": -0.5, "+3": 3, "\u22122": -2, "1e3": 1000}
    left = [
        "1,234",
        "0,5",
        "1.234,5",
        "<0.1",
        "5%",
        "1e999",
        "inf",
        "٣",
        "0x10",
        "1_000",
        "12 1",
        "=1+1",
        "true",
        "1..2",
    ]
    cells = pl.DataFrame({"x": [*read, *left]})
    assert cells.select(numbers(pl.col("x")))["x"].to_list() == [*read.values(), *[None] * len(left)]


def test_what_is_no_number_or_year_is_left_out_and_told(tmp_path: Path) -> None:
    text = 'country,year,value\nLAO,2015,1\nKEN,2015,<0.1\nNAM,2015Q1,2\nPER,,3\nZMB,2015,"1,234"\n'
    info = made({"a.csv": text}, tmp_path)
    assert (info.rows, info.unreadable) == (1, 4)
    assert "a.csv : 2 : a = <0.1" in info.notes[-1].en and "a.csv : 3 : a = 2015Q1" in info.notes[-1].zh


def test_a_value_out_of_range_is_flagged_and_kept(tmp_path: Path) -> None:
    info = made({"a.csv": "country,year,value\nLAO,2015,100\nKEN,2015,100.5\nNAM,2015,-1\n"}, tmp_path)
    assert open_table("made_up").frame["flag"].to_list() == ["out_of_range", "", "out_of_range"]
    assert (info.rows, info.flagged) == (3, 2)


def test_a_part_of_a_country_is_not_another_country() -> None:
    assert [country_of(area) for area in ("BR-N", "AU-SA", "US-CAL-CISO", "BN", "Guinea-Bissau", "Timor-Leste")] == [
        None, None, None, "BRN", "GNB", "TLS",
    ]  # fmt: skip
    assert [country_of(area) for area in ("AND", "Andorra", "..", "-", "and", "&", "")] == [
        "AND",
        "AND",
        None,
        None,
        "AND",
        None,
        None,
    ]
    assert (undone("CÃ´te d'Ivoire"), undone("Côte d'Ivoire"), undone("Kenya")) == ("Côte d'Ivoire", None, None)


def test_a_contradiction_is_refused_by_file_row_and_value_and_a_repetition_counted(tmp_path: Path) -> None:
    files = {"a.csv": "country,year,value\nLAO,2015,1\nKEN,2015,2\n", "b.csv": "country,year,value\nLaos,2015,1.0\n"}
    assert made(files, tmp_path).duplicates == 1
    before = open_table("made_up").info
    with pytest.raises(LayerError) as caught:
        made(files | {"c.csv": "country,year,value\nNAM,2015,1\nLao PDR,2015,1.5\n"}, tmp_path)
    said = caught.value.message("en")
    assert "LAO, a, 2015" in said and "a.csv : 1 : LAO = 1" in said and "c.csv : 2 : Lao PDR = 1.5" in said
    assert open_table("made_up").info == before


# --- hostile files


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("country,year,value\nLAO,2015,\"1\n", "quot"),
        ("country,year\nLAO,2015\n", "no column value"),
        ("land,year,value\nLAO,2015,1\n", "no column country"),
        ("country,year,value,value\nLAO,2015,1,2\n", "heading value twice"),
        ("country,year,value\nWorld,2015,1\n", "Nothing in a.csv"),
        ("country,year,value\nLAO,2015,=cmd()\n", "=cmd()"),
        ("country,year,value\n", "Nothing in a.csv"),
        (b"\x00\x01\x02", "text"),
        (b"", "empty"),
        (",".join(map(str, range(1_000_000))) + "\n" + "1," * 10 + "\n", "columns"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_gives_one_clear_message(content: str | bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(LayerError) as caught:
        made({"a.csv": content}, tmp_path)
    assert said in caught.value.message("en")
    assert "a.csv" in caught.value.message("zh")
    assert TABLES.ids() == []


def test_cells_that_shifted_are_not_read_into_the_wrong_column(tmp_path: Path) -> None:
    info = made({"a.csv": "country,year,value\nLAO,2015,1\nBahamas, The,2015,3\n"}, tmp_path)
    assert values() == {("LAO", "a", 2015): 1}
    assert "a.csv : 2" in info.notes[0].en


def test_formulas_stay_text_and_other_encodings_leave_the_codes_readable(tmp_path: Path) -> None:
    rows = ["CIV,Côte d'Ivoire,2015,1,=HYPERLINK(1)", "KEN,Kenya,2015,2,@SUM", "LAO,Laos,2015,3,"]
    text = "\n".join(["country,name,year,value,note", *rows])
    info = made({"a.csv": text.encode("latin-1")}, tmp_path, output(footnote_column="note"))
    assert "no known encoding" in info.notes[0].en
    assert open_table("made_up").frame["footnote"].to_list() == ["=HYPERLINK(1)", "@SUM", None]


def test_no_cell_reaches_a_message_with_what_a_terminal_would_obey(tmp_path: Path) -> None:
    evil = "\x1b[2J\u202eevil"
    info = made({"a.csv": f"country,year,value\nLAO,2015,1\nKEN,2015,{evil}\n{evil},2015,1\n"}, tmp_path)
    said = [*info.skipped, *(note.en for note in info.notes)]
    assert len(said) == 3 and all("evil" in one and one.isprintable() for one in said)
    for text in (f"{evil},year\nLAO,1\n", f"country,year,value,VALUE,{evil}\nLAO,2015,{evil},1,1\n"):
        with pytest.raises(LayerError) as caught:
            made({"a.csv": text}, tmp_path)
        assert caught.value.message("en").isprintable()


def test_unknown_kinds_and_missing_files_are_named(tmp_path: Path) -> None:
    for name in ("a.pdf", "missing.csv", "broken.parquet", "broken.xlsx", "broken.json"):
        if name.startswith("broken"):
            (tmp_path / name).write_bytes(b"PAR1 made up")
        with pytest.raises(LayerError) as caught:
            import_table(output(fields={"country": ["c"]}), [tmp_path / name], stated(), lambda share: None)
        assert name in caught.value.message("en")


CELLS = st.sampled_from(
    ["LAO", "KEN", "Laos", "World", "2015", "2016", "1", "2.5", "..", "", "<1", '"', "a,b", "é", "=1", "1e400"]
)


@given(rows=st.lists(st.lists(CELLS, max_size=5), max_size=6), shape=st.sampled_from(["long", "records", "wide"]))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_either_imports_or_gives_one_message(rows: list[list[str]], shape: str, tmp_path: Path) -> None:
    wanted = output(shape, **({"year_column": "{year}"} if shape == "wide" else {}))
    text = "country,year,value,2015\n" + "".join(",".join(row) + "\n" for row in rows)
    try:
        info = made({"a.csv": text}, tmp_path, wanted)
    except LayerError as error:
        assert ("a.csv" in error.message("en") and "a.csv" in error.message("zh")) or "LAO" in error.message("en")
    else:
        frame = open_table("made_up").frame
        assert len(frame) == info.rows > 0
        assert set(frame["iso_a3"]) <= {"LAO", "KEN"}
        assert frame["value"].is_finite().all()


@given(chance=st.randoms(use_true_random=False), shape=st.sampled_from(["long", "records"]))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_stored_bytes_do_not_depend_on_the_order_of_the_input(
    chance: random.Random, shape: str, tmp_path: Path
) -> None:
    rows = [f"{c},{y},{y % 7 / 3},{'n' * (y % 3)}" for c in ("LAO", "Kenya", "NAM", "World") for y in range(1990, 1999)]
    rows += ["Laos,1990,0.6666666666666666,other", "KEN,1991,..,", "PER,1990,0.1,", "ZMB,1990,1e3,"]
    wanted = output(shape, footnote_column="note", variables={"a": variable("value"), "b": variable("year", 0, 9)})
    sums = set()
    for turn in range(2):
        if turn:
            chance.shuffle(rows)
        cut = chance.randrange(len(rows)) if turn else 5
        parts = {"a.csv": rows[:cut], "b.csv": rows[cut:]}
        text = {name: "country,year,value,note\n" + "\n".join(part) + "\n" for name, part in parts.items()}
        info = made(text, tmp_path, wanted)
        sums.add(((TABLES.current("made_up") or tmp_path) / TABLE).read_bytes())
        assert info.table_sha256 == verify_table("made_up").table_sha256
    assert len(sums) == 1


# --- licences, and what is on disk


def test_a_licence_is_asked_before_a_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never = AllowedUse(commercial=False, redistribute=False)
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    with pytest.raises(LicenceError):
        import_table(output(), [tmp_path / "not_there.csv"], stated(use=never), lambda share: None)
    monkeypatch.setenv("GREENSILK_USE", "non_commercial")
    (tmp_path / "a.csv").write_text("country,year,value\nLAO,2015,1\n", "utf-8")
    import_table(output(), [tmp_path / "a.csv"], stated(use=never), lambda share: None)
    assert len(open_table("made_up").frame) == 1
    monkeypatch.setenv("GREENSILK_USE", "commercial")
    with pytest.raises(LicenceError, match="Made up"):
        open_table("made_up")


def test_a_table_is_listed_checked_compared_and_removed(tmp_path: Path) -> None:
    told: list[float] = []
    (tmp_path / "a.csv").write_text("country,year,value\nLAO,2015,1\n", "utf-8")
    first = import_table(output(), [tmp_path / "a.csv"], stated("1"), told.append)
    assert told[-1] == 1.0 and told == sorted(told)
    (tmp_path / "a.csv").write_text("country,year,value\nLAO,2015,2\n", "utf-8")
    second = import_table(output(), [tmp_path / "a.csv"], stated("2", dataset="epi"), told.append)
    assert table_states() == {"made_up": second}
    assert open_table("made_up", second.table_sha256).info.dataset == "epi"
    with pytest.raises(LayerError, match="not the one asked for"):
        open_table("made_up", first.table_sha256)
    old, new = TABLES.versions("made_up")
    assert [open_table("made_up", folder=folder).frame["value"].to_list() for folder in (old, new)] == [[1.0], [2.0]]

    raw = bytearray((new / TABLE).read_bytes())
    raw[len(raw) // 2] ^= 1
    (new / TABLE).write_bytes(raw)
    for look in (open_table, verify_table):
        with pytest.raises(LayerError, match="was altered"):
            look("made_up")
    (new / TABLE).unlink()
    assert isinstance(table_states()["made_up"], LayerError)
    remove_table("made_up")
    for call in (open_table, remove_table, verify_table):
        with pytest.raises(LayerError, match="No country table"):
            call("made_up")
    with pytest.raises(LayerError, match="No country table"):
        remove_table("../made_up")


def test_a_failed_import_leaves_the_table_in_use(tmp_path: Path) -> None:
    before = made({"a.csv": "country,year,value\nLAO,2015,1\n"}, tmp_path)
    with pytest.raises(LayerError):
        made({"a.csv": "country,year,value\nLAO,2015,x\n"}, tmp_path)
    assert verify_table("made_up") == before
