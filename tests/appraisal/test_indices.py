"""Indices from people's own files: long and wide say the same, and whatever is wrong comes in one message."""

from __future__ import annotations

import copy
import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from greensilk.appraisal.index_explanation import contributions, stated_weights, tree, unit_meant
from greensilk.appraisal.index_uncertainty import earlier, ranking, ranks, shares, varied
from greensilk.appraisal.indices import index_definition, index_definitions, index_input
from greensilk.errors import GreensilkError, UsageError
from greensilk.indices.building import build
from greensilk.indices.whatif import reweighed
from greensilk.reports.index_files import Calculation, write_index

INDICATORS = ("a", "b", "c", "d")


def definition(**changes: Any) -> dict[str, Any]:
    indicators = [
        {"id": name, "label": {"en": name, "zh": name}, "unit": "1", "parent": "p" if name in "ab" else "q",
         "direction": 1 if name != "d" else -1}
        for name in INDICATORS
    ]  # fmt: skip
    elements = [{"id": "top", "label": {"en": "T", "zh": "总"}}]
    elements += [{"id": name, "label": {"en": name, "zh": name}, "parent": "top"} for name in "pq"]
    return {"id": "own", "label": {"en": "Own", "zh": "自有"}, "indicators": indicators, "elements": elements} | changes


def values() -> list[tuple[str, str, int, float]]:
    rng = np.random.default_rng(4)
    return [
        (f"U{unit}", name, year, round(float(rng.lognormal(1, 0.5)), 3))
        for unit in range(9)
        for name in INDICATORS
        for year in (2019, 2020)
    ]


def long_csv(rows: list[tuple[str, str, int, float]]) -> str:
    return "unit,indicator,year,value,source\n" + "".join(f"{u},{i},{y},{v},made up\n" for u, i, y, v in rows)


def wide_frame(rows: list[tuple[str, str, int, float]]) -> pl.DataFrame:
    long = pl.DataFrame(rows, schema=["Code", "indicator", "Time", "value"], orient="row")
    return long.pivot("indicator", index=["Code", "Time"], values="value")


def put(folder: Path, content: dict[str, Any], table: str | bytes, name: str = "values.csv") -> tuple[str, Path]:
    (folder / "own.yaml").write_text(json.dumps(content), "utf-8")
    path = folder / name
    path.write_bytes(table.encode() if isinstance(table, str) else table)
    return str(folder / "own.yaml"), path


def told(folder: Path, content: dict[str, Any], table: str | bytes, name: str = "values.csv") -> str:
    with pytest.raises(GreensilkError) as caught:
        index_input(*put(folder, content, table, name))
    assert caught.value.message("zh") != caught.value.message("en")
    return caught.value.message("en")


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "parquet"])
def test_long_and_wide_files_of_every_kind_give_the_same(tmp_path: Path, kind: str) -> None:
    named, path = put(tmp_path, definition(), long_csv(values()))
    plain = index_input(named, path).built.results
    wide, other = wide_frame(values()), tmp_path / f"wide.{kind}"
    if kind in ("csv", "tsv"):
        wide.write_csv(other, separator="," if kind == "csv" else "\t")
    elif kind == "parquet":
        wide.write_parquet(other)
    else:
        import xlsxwriter

        with xlsxwriter.Workbook(other) as book:
            wide.write_excel(book)
    assert index_input(named, other).built.results.equals(plain)


def test_a_file_without_years_and_names_of_units(tmp_path: Path) -> None:
    rows = [row for row in values() if row[2] == 2020]
    wide = wide_frame(rows).drop("Time").with_columns(pl.concat_str(pl.lit("Unit "), "Code").alias("Name"))
    named, path = put(tmp_path, definition(), wide.write_csv())
    found = index_input(named, path)
    assert found.name_of("U3", "en") == "Unit U3"
    assert unit_meant(found, "unit u3") == "U3"
    dated, _ = put(tmp_path, definition(select={"years": [2020]}), wide.write_csv())
    assert index_input(dated, path).built.results["top"].to_list() == found.built.results["top"].to_list()
    assert "asks for several" in told(tmp_path, definition(select={"years": [2019, 2020]}), wide.write_csv())


def test_groups_come_from_the_file(tmp_path: Path) -> None:
    rows = [row for row in values() if row[:3] != ("U1", "a", 2020)]
    wide = wide_frame(rows).with_columns(
        pl.when(pl.col("Code") < "U5").then(pl.lit("x")).otherwise(pl.lit("y")).alias("region")
    )
    grouped = definition(impute={"method": "group_mean", "group": "region"})
    named, path = put(tmp_path, grouped, wide.write_csv())
    built = index_input(named, path).built
    own = [v for u, i, y, v in rows if i == "a" and y == 2020 and u < "U5"]
    assert built.imputed.column("a")[built.imputed.units.index("U1")] == pytest.approx(np.mean(own))
    assert "Code" in told(tmp_path, grouped, wide.drop("region").write_csv())


@pytest.mark.parametrize(
    ("change", "spoil", "words"),
    [
        ({}, lambda t: t.replace("unit,", "place,"), ["no column for units", "place"]),
        ({}, lambda t: t.replace(",year,", ",when,"), ["needs a column of years"]),
        ({}, lambda t: t.replace("U1,a,2020,", "U1,a,2020,about ", 1), ["no number", '/a: "about']),
        ({}, lambda t: t.replace(",2020,", ",2020Q1,", 1), ["no year of four digits", "2020Q1"]),
        ({}, lambda t: t + "U1,a,2020,5,again\n", ["two values", "U1/a/2020"]),
        ({}, lambda t: t + "U1,a,2018,5,again,more\n", ["more cells than there are headings"]),
        ({}, lambda t: t + "U1,a,2018,1e200,big\n", ["1e100"]),
        ({}, lambda t: t + "U\x1b[2J,a,2018,1,x\n", ["cannot be printed"]),
        ({}, lambda t: t.replace(",c,", ",C,"), ["c: the table has no such indicator"]),
        ({}, lambda t: "", ["empty"]),
        ({}, lambda t: '"' + t, ["values.csv"]),
        ({"aggregate": {"method": "typo"}}, lambda t: t, ["aggregate.method", "arithmetic"]),
        ({"weigh": {"method": "given"}}, lambda t: t, ["a weight is missing"]),
        ({"indicator": []}, lambda t: t, ["indicator", "Extra inputs"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(tmp_path: Path, change: dict[str, Any], spoil: Any, words: list[str]) -> None:
    message = told(tmp_path, definition(**change), spoil(long_csv(values())))
    assert all(word in message for word in words), message


def test_everything_that_is_wrong_comes_in_one_message(tmp_path: Path) -> None:
    content = definition(weigh={"method": "given"}, normalise={"method": "goalposts"})
    del content["indicators"][0]["direction"]
    content["indicators"][1]["goalposts"] = {"low": 9.0, "high": 1.0}
    rows = [(u, i, y, 1.0 if i == "c" else v) for u, i, y, v in values() if i != "d"]
    table = long_csv(rows).replace("U0,a,2020,", "U0,a,2020,x", 1) + "U1,b,2020,3,twice\n"
    message = told(tmp_path, content, table)
    for word in ("direction", "reversed", "a weight is missing", "no such indicator", "U1/b/2020", "no number"):
        assert word in message
    assert message.count("\n- ") >= 6


def test_a_wrong_definition_and_an_unreadable_file_are_told_together(tmp_path: Path) -> None:
    message = told(tmp_path, {"id": "own"}, b"\x00\x01\x02", "values.xlsx")
    assert "indicators" in message and "values.xlsx" in message


def test_a_definition_that_no_walk_could_end_is_refused(tmp_path: Path) -> None:
    chain = definition()
    chain["elements"] += [
        {"id": f"e{i}", "label": {"en": "e", "zh": "e"}, "parent": f"e{i - 1}"} for i in range(1, 900)
    ]
    chain["elements"].append({"id": "e0", "label": {"en": "e", "zh": "e"}, "parent": "top"})
    assert "levels" in told(tmp_path, chain, long_csv(values()))
    wide = definition(elements=[{"id": f"e{i}", "label": {"en": "e", "zh": "e"}} for i in range(3000)])
    assert "at most 2000" in told(tmp_path, wide, long_csv(values()))


def test_an_unknown_index_and_unit(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="eco_environment"):
        index_definition("eco")
    found = index_input(*put(tmp_path, definition(), long_csv(values())))
    with pytest.raises(UsageError, match="U0, U1"):
        unit_meant(found, "U77")


def test_the_effect_of_an_indicator_is_what_the_median_would_change(tmp_path: Path) -> None:
    found = index_input(
        *put(tmp_path, definition(aggregate={"method": "geometric"}, normalise={"low": 1.0}), long_csv(values()))
    )
    table = contributions(found, "U2")
    built = found.built
    row = built.normalised.units.index("U2")
    scores = dict(zip(built.normalised.columns, built.normalised.values[row], strict=True))
    effects = dict(zip(table["indicator"], table["effect"], strict=True))
    middle = np.median(built.normalised.column("d"))
    by_hand = (scores["a"] * scores["b"]) ** 0.25 * (scores["c"] * middle) ** 0.25
    assert effects["d"] == pytest.approx(built.scores.column("top")[row] - by_hand)
    assert table["effect"].abs().is_sorted(descending=True)


def test_weights_known_without_values_are_those_used(tmp_path: Path) -> None:
    found = index_input(*put(tmp_path, definition(), long_csv(values())))
    assert stated_weights(found.definition) == pytest.approx(found.built.weights)
    nodes = tree(found.definition)
    assert [each.node.id for each in nodes] == ["top", "p", "a", "b", "q", "c", "d"]
    assert sum(each.effective or 0 for each in nodes if each.depth == 2) == pytest.approx(1)
    by_values = found.definition.model_copy(
        update={"weigh": found.definition.weigh.model_copy(update={"method": "pca"})}
    )
    assert {each.weight for each in tree(by_values)} == {1.0, None}


def test_ranks_stand_beside_their_intervals(tmp_path: Path) -> None:
    made = varied(index_input(*put(tmp_path, definition(), long_csv(values()))))
    found = ranks(made, 400)
    table = ranking(made, found)
    assert table["rank"].to_list() == sorted(table["rank"])
    assert (table["rank_low"] <= table["rank_high"]).all()
    place = {unit: i for i, unit in enumerate(made.opened.units)}
    first = table.row(0, named=True)
    above = found.outcome.ranks[:, place[first["unit"]]] < found.outcome.ranks[:, place[first["next"]]]
    tied = found.outcome.ranks[:, place[first["unit"]]] == found.outcome.ranks[:, place[first["next"]]]
    assert first["above_next"] == pytest.approx(above.mean() + tied.mean() / 2)
    assert made.alternatives.years == (2019,) and made.alternatives.aggregate == ("generalised",)
    with pytest.raises(UsageError, match="--replications"):
        ranks(made, 5)
    with pytest.raises(UsageError, match="--samples"):
        shares(made, 10**9)


def test_every_year_of_a_panel_has_its_intervals(tmp_path: Path) -> None:
    rows = [*values(), *((u, i, 2018, v + (u == "U1")) for u, i, y, v in values() if y == 2019 and u != "U8")]
    for parameters in ("global", "per_year"):
        panel = definition(select={"years": [2018, 2019, 2020]}, parameters=parameters, screen={"available": 0.5})
        found = varied(index_input(*put(tmp_path, panel, long_csv(rows))))
        years = list(earlier(found))
        assert [each.year for each in years] == [2019, 2018] and len(years[1].opened.units) == 8
        results = found.opened.built.results
        for each in years:
            table = ranking(each, ranks(each, 60))
            own = results.filter(pl.col("year") == each.year).sort("rank")
            assert table["unit"].to_list() == own["unit"].to_list()
            assert table["rank"].to_list() == own["rank"].to_list() and table["rank_high"].null_count() == 0
    alone = definition(select={"years": [2019]}, parameters="per_year", screen={"available": 0.5})
    single = varied(index_input(*put(tmp_path, alone, long_csv([row for row in rows if row[2] == 2019]))))
    assert ranking(single, ranks(single, 60)).equals(ranking(years[0], ranks(years[0], 60)))


def test_an_alternative_without_a_result_is_left_out_and_named(tmp_path: Path) -> None:
    made = varied(index_input(*put(tmp_path, definition(normalise={"method": "z_score"}), long_csv(values()))))
    assert "aggregate" in made.refused and not made.alternatives.aggregate


@pytest.mark.parametrize("name", ["eco_environment", "climate_transition", "water_stress"])
def test_shipped_indices_are_built_from_shipped_values(name: str) -> None:
    assert name in index_definitions()
    found = index_input(name, None)
    ranked = found.built.results.filter(pl.col("status") == "ranked")
    assert len(ranked) > 120 and found.name_of("LAO", "zh") == "老挝"
    again = build(found.values.table, reweighed(found.built, {}), found.values.groups)
    assert again.results["rank"].to_list() == found.built.results["rank"].to_list()


GUIDE = Path(__file__).parents[2] / "docs" / "howto" / "build_an_index.md"


def test_the_definition_in_the_guide_works(tmp_path: Path) -> None:
    written = GUIDE.read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    rng = np.random.default_rng(1)
    columns = ("pm25", "buses", "sewage", "leaks", "population")
    towns = pl.DataFrame({"unit": list("ABCDEFGH")} | {name: rng.uniform(5, 50, 8).round(2) for name in columns})
    named, path = put(tmp_path, {}, towns.write_csv())
    Path(named).write_text(written, "utf-8")
    found = index_input(named, path)
    assert found.built.results["rank"].sort().to_list() == [1, 2, 3, 4, 5, 6, 7, 8]


WORDS = ["", "x", "NA", "-3", "0", "1,5", "1e999", "=1+1", "nan", "inf", "2020", "ü", "U1", "a", "\x00", "1 234.5"]
ODD = [None, True, -1, 0, 1, 2.5, 1e300, "", "a", "p", "top", "nobody", [], {}, [1], ["a"], {"low": 1.0, "high": 1.0}]
METHODS = {
    "impute": ["none", "mean", "median", "group_mean", "linear", "em", "nearest"],
    "normalise": ["min_max", "z_score", "scaled", "rank", "borda", "percentile_rank", "fraction_of_max"],
    "weigh": ["equal", "given", "entropy", "pca", "optimised"],
    "aggregate": ["arithmetic", "geometric", "harmonic", "copeland", "mazziotta_pareto", "min"],
}  # fmt: skip


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    content = definition()
    for step, methods in METHODS.items():
        if draw(st.booleans()):
            content[step] = {"method": draw(st.sampled_from(methods))}
    if draw(st.booleans()):
        content["treat"] = {
            "skewness": 0.5,
            "kurtosis": 0.1,
            "then": draw(st.sampled_from(["log", "box_cox", "yeo_johnson"])),
        }
    if draw(st.booleans()):
        content["select"] = {"within_years": draw(st.sampled_from([None, 0, 1, 5]))}
    places = [content, *content["indicators"], *content["elements"]]
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.sampled_from(places))
        key = draw(
            st.sampled_from([*at, "weight", "denominator", "goalposts", "aggregate", "normalise", "screen", "rank"])
        )
        at[key] = copy.deepcopy(draw(st.sampled_from(ODD)))
    return content


@st.composite
def tables(draw: st.DrawFn) -> str:
    rows: list[list[str]]
    usual = st.floats(0.1, 100).map(lambda x: f"{x:.2f}")
    number = draw(st.sampled_from([usual, usual, usual | st.sampled_from(["0", "1", "5", "", "-2"])]))
    units = [f"U{i}" for i in range(draw(st.sampled_from([1, 2, 6, 8])))]
    years = draw(st.sampled_from([[2020], [2019, 2020], [2018, 2019, 2020]]))
    if draw(st.booleans()):
        rows = [["unit", "year", *INDICATORS]]
        rows += [[unit, str(year), *(draw(number) for _ in INDICATORS)] for unit in units for year in years]
    else:
        rows = [["unit", "indicator", "year", "value"]]
        rows += [[unit, name, str(year), draw(number)] for unit in units for name in INDICATORS for year in years]
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        row = draw(st.integers(0, len(rows) - 1))
        rows[row][draw(st.integers(0, len(rows[row]) - 1))] = draw(st.sampled_from(WORDS))
    if draw(st.integers(0, 9)) == 9:
        rows += [rows[-1], rows[-1] + ["more"]]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(definitions(), tables())
def test_any_definition_and_table_give_a_result_or_one_message(content: dict[str, Any], table: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            found = varied(index_input(*put(folder, content, table)))
            drawn = ranks(found, 40)
            write_index(Calculation(found, drawn, 0), folder / "out", ["csv", "json"])
            contributions(found.input, found.opened.units[0])
        except GreensilkError as error:
            event(type(error).__name__)
            assert error.message("en") and error.message("zh")
            return
        event("built")
        told = json.loads((folder / "out" / "results.json").read_text("utf-8"))
        for row in told["ranks"]:
            assert (row["rank"] is None) == (row["status"] != "ranked")
            assert row["rank"] is None or row["rank_low"] is not None


def test_an_index_of_countries_has_the_intervals_of_their_evaluation() -> None:
    from greensilk.appraisal.countries import evaluate
    from greensilk.appraisal.index_uncertainty import ranks, varied

    evaluation = evaluate("water_stress", replications=200)
    index = varied(index_input("water_stress", None))
    found = ranks(index, 200).intervals
    told = {unit: (low, high) for unit, low, high in zip(index.opened.units, found.low, found.high, strict=True)}
    for unit, interval in evaluation.intervals.items():
        if interval.nominal is not None:
            assert told[unit] == (interval.low, interval.high)
