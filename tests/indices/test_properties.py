"""What must hold for every index, whatever its table: by invariants on made-up data."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greensilk.errors import IndexDefinitionError
from greensilk.indices.building import Built, build
from greensilk.indices.definition import (
    Aggregate,
    Element,
    Goalposts,
    Impute,
    IndexDefinition,
    Indicator,
    Normalise,
    Rank,
    Select,
    Treat,
    Weigh,
)
from greensilk.indices.description import treatments, vintages_of_indicators
from greensilk.indices.grid import Floats
from greensilk.indices.whatif import reweighed, without
from greensilk.records import Label

calm = settings(deadline=None, max_examples=25)
NAME = Label(en="x", zh="x")
NAMES = ("a", "b", "c", "d", "e")
seeds = st.integers(0, 10_000)
MONOTONE = ("arithmetic", "geometric", "harmonic", "generalised", "copeland", "min")
NORMALISED = ("min_max", "z_score", "rank", "borda", "percentile_rank", "distance_to_max")


def definition(**methods: Any) -> IndexDefinition:
    indicators = tuple(
        Indicator(id=name, label=NAME, unit="", parent="p" if name < "d" else "q", direction=-1 if name == "b" else 1)
        for name in NAMES
    )
    elements = (
        Element(id="p", label=NAME, parent="top"),
        Element(id="q", label=NAME, parent="top"),
        Element(id="top", label=NAME),
    )
    return IndexDefinition(id="made_up", label=NAME, indicators=indicators, elements=elements, **methods)


def values(seed: int, units: int = 12, gaps: float = 0.1) -> Floats:
    rng = np.random.default_rng(seed)
    made = np.round(rng.lognormal(1.0, 1.0, (units, len(NAMES))), 2)
    made[:2] = [[0.1] * 5, [50.0] * 5]  # no column without variance
    return np.where((rng.random(made.shape) < gaps) & (np.arange(units) > 1)[:, None], np.nan, made)


def table(made: Floats, year: int = 2020) -> pl.DataFrame:
    rows = [(f"U{i:02}", n, year, float(made[i, j])) for i in range(len(made)) for j, n in enumerate(NAMES)]
    return pl.DataFrame(rows, schema=["unit", "indicator", "year", "value"], orient="row")


def same(first: Built, second: Built) -> bool:
    return first.results.equals(second.results)


@calm
@given(
    seeds,
    st.sampled_from(["none", "mean", "median", "nearest", "em"]),
    st.sampled_from(NORMALISED),
    st.sampled_from(["equal", "pca", "optimised"]),
)
def test_the_order_of_rows_changes_nothing(seed: int, impute: str, normalise: str, weigh: str) -> None:
    made = table(values(seed, 14))
    methods = {
        "impute": {"method": impute},
        "normalise": {"method": normalise},
        "weigh": {"method": weigh},
        "treat": {},
    }
    tried = definition(**methods, aggregate=Aggregate(available=0.3))
    shuffled = made.sample(fraction=1.0, shuffle=True, seed=seed)
    try:
        found = build(made, tried)
    except IndexDefinitionError:  # too few rows for a method: then in any order
        with pytest.raises(IndexDefinitionError):
            build(shuffled, tried)
        return
    assert same(found, build(shuffled, tried))


@calm
@given(seeds, st.permutations(range(12)))
def test_renaming_units_only_renames_results(seed: int, order: list[int]) -> None:
    made = values(seed)
    tried = definition(impute=Impute(method="nearest"), treat=Treat())
    first, second = build(table(made), tried).results, build(table(made[order]), tried).results
    moved = second.select("top", "rank").to_numpy()
    expected = first.select("top", "rank").to_numpy()[order]
    assert moved == pytest.approx(expected, nan_ok=True, rel=1e-9)


@calm
@given(seeds, st.floats(0.01, 1000.0), st.floats(-1000, 1000))
def test_another_unit_of_measurement_changes_nothing_under_min_max(seed: int, factor: float, shift: float) -> None:
    made = values(seed)
    tried = definition(impute=Impute(method="mean"), treat=Treat())
    moved = made.copy()
    moved[:, 1] = made[:, 1] * factor + shift
    first, second = build(table(made), tried), build(table(moved), tried)
    assert first.scores.values == pytest.approx(second.scores.values, abs=1e-7)
    assert first.treatments == second.treatments


@calm
@given(seeds, st.sampled_from(MONOTONE), st.sampled_from(NORMALISED), st.sampled_from(["equal", "given"]))
def test_a_country_as_good_in_everything_never_ranks_below(seed: int, how: str, scale: str, weigh: str) -> None:
    made = values(seed, gaps=0.0)
    rng = np.random.default_rng(seed)
    better = np.array([1, -1, 1, 1, 1]) * rng.choice([0.0, 0.0, 2.0], 5)
    made[5] = made[4] + better
    if scale == "z_score" and how in {"geometric", "harmonic", "generalised"}:
        scale = "min_max"
    weights = rng.dirichlet(np.ones(3))
    tried = definition(
        normalise={"method": scale}, aggregate=Aggregate(method=how, power=-0.5), weigh={"method": weigh}
    )
    if weigh == "given":
        shares = dict(zip(NAMES, [*weights, 0.3, 0.7], strict=True)) | {"p": 0.6, "q": 0.4}
        nodes = {
            kind: tuple(node.model_copy(update={"weight": shares.get(node.id)}) for node in getattr(tried, kind))
            for kind in ("indicators", "elements")
        }
        tried = tried.model_copy(update=nodes)
    ranks = build(table(made), tried).results["rank"]
    assert ranks[5] <= ranks[4]


def test_the_mazziotta_pareto_index_is_not_monotone_and_is_told_to_be() -> None:
    """The penalty of being uneven may outweigh a gain: this is why it stands apart."""
    from greensilk.indices.aggregation import mazziotta_pareto

    found = mazziotta_pareto(np.array([[70.0, 70.0, 70.0], [70.0, 70.0, 900.0]]), np.ones(3) / 3)
    assert found[1] < found[0]


@calm
@given(seeds, st.sampled_from(["equal", "entropy", "pca", "optimised"]))
def test_weights_sum_to_one_in_every_group(seed: int, weigh: str) -> None:
    tried = definition(weigh={"method": weigh}, impute=Impute(method="median"))
    found = build(table(values(seed)), tried).weights
    for name in tried.upwards():
        members = [found[child] for child in tried.children(name)]
        assert min(members) >= 0 and sum(members) == pytest.approx(1)


def test_more_than_a_third_missing_is_shown_and_not_ranked() -> None:
    made = values(1, gaps=0.0)
    made[3, :2] = np.nan  # two of five
    made[4, 0] = np.nan  # one of five
    found = build(table(made), definition(aggregate=Aggregate(available=0.3))).results
    assert found["status"].to_list().count("ranked") == 11
    row = found.row(3, named=True)
    assert (row["status"], row["rank"], row["top"] is not None) == ("too_much_missing", None, True)
    ranks = found.drop_nulls("rank")["rank"].to_list()
    assert sorted(ranks) == list(range(1, 12))
    third = definition(aggregate=Aggregate(available=0.3), rank=Rank(largest_missing=0.4))
    assert build(table(made), third).results["rank"].null_count() == 0


def panel(seed: int) -> pl.DataFrame:
    return pl.concat([table(values(seed + year, gaps=0.0) * (1 + 0.1 * year), 2018 + year) for year in range(4)])


@pytest.mark.parametrize("seed", range(3))
def test_a_panel_of_years_by_themselves_is_the_years_one_by_one(seed: int) -> None:
    years = (2018, 2019, 2020, 2021)
    steps = {"treat": Treat(), "impute": Impute(method="mean")}
    built = build(panel(seed), definition(select=Select(years=years), parameters="per_year", **steps))
    together, done = built.results, treatments(built)
    assert done["year"].to_list() == [year for year in years for _ in NAMES]
    for year in years:
        alone = build(panel(seed), definition(select=Select(years=(year,)), **steps)).results
        assert together.filter(pl.col("year") == year).equals(alone)


def test_a_panel_with_common_parameters_makes_years_comparable() -> None:
    years = (2018, 2019, 2020, 2021)
    found = build(panel(3), definition(select=Select(years=years)))
    columns = found.normalised
    for name in NAMES:
        assert columns.column(name).min() == 0 and columns.column(name).max() == 100
    best = [columns.take(columns.years == year).column("a").max() for year in years]
    assert best == sorted(best) and best[0] < 100  # everything grows from year to year
    for year in years:
        assert found.results.filter(pl.col("year") == year)["rank"].min() == 1


def test_linear_imputation_fills_a_year_between_two() -> None:
    data = panel(5).with_columns(
        pl.when((pl.col("year") == 2019) & (pl.col("unit") == "U05") & (pl.col("indicator") == "c"))
        .then(None)
        .otherwise(pl.col("value"))
        .alias("value")
    )
    tried = definition(
        select=Select(years=(2018, 2019, 2020, 2021)), impute=Impute(method="linear"), parameters="per_year"
    )
    found = build(data, tried).imputed
    series = [found.take(found.years == year).column("c")[5] for year in (2018, 2019, 2020)]
    assert series[1] == pytest.approx((series[0] + series[2]) / 2)


def test_an_indicator_may_go_its_own_way() -> None:
    tried = definition(treat=Treat())
    posts = Goalposts(low=0.0, high=200.0)
    own = tried.indicators[0].model_copy(
        update={"normalise": Normalise(method="goalposts"), "goalposts": posts, "treat": False}
    )
    made = values(2, gaps=0.0)
    made[6, 0] = 190.0
    found = build(table(made), tried.model_copy(update={"indicators": (own, *tried.indicators[1:])}))
    assert found.normalised.column("a") == pytest.approx(made[:, 0] / 2)
    assert found.normalised.column("c").max() == 100


def test_an_element_may_go_its_own_way() -> None:
    tried = definition()
    elements = (tried.elements[0].model_copy(update={"aggregate": "min"}), *tried.elements[1:])
    found = build(table(values(4, gaps=0.0)), tried.model_copy(update={"elements": elements}))
    assert found.scores.column("p") == pytest.approx(found.normalised.of(("a", "b", "c")).min(axis=1))
    assert found.scores.column("q") == pytest.approx(found.normalised.of(("d", "e")).mean(axis=1))


def test_weights_of_experts_and_judgements_reach_the_scores() -> None:
    points = {"a": 50.0, "b": 30.0, "c": 20.0, "d": 60.0, "e": 40.0, "p": 70.0, "q": 30.0}
    found = build(table(values(6)), definition(weigh=Weigh(method="budget", experts=(points,))))
    assert found.weights == pytest.approx({name: share / 100 for name, share in points.items()})
    rows = {"p": ((1.0, 2.0, 4.0), (0.5, 1.0, 2.0), (0.25, 0.5, 1.0)), "q": ((1.0, 3.0), (1 / 3, 1.0))}
    judged = definition(weigh=Weigh(method="ahp", judgements=rows | {"top": ((1.0, 1.0), (1.0, 1.0))}))
    found = build(table(values(6)), judged)
    assert [found.weights[name] for name in "abc"] == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert found.consistency == pytest.approx({"p": 0.0, "q": 0.0, "top": 0.0}, abs=1e-9)


def test_leaving_out_keeps_weights_whole() -> None:
    points = {"a": 50.0, "b": 30.0, "c": 20.0, "d": 60.0, "e": 40.0, "p": 70.0, "q": 30.0}
    fewer = without(definition(weigh=Weigh(method="budget", experts=(points,))), ["c"])
    assert build(table(values(6)), fewer).weights == pytest.approx(
        {"a": 0.625, "b": 0.375, "d": 0.6, "e": 0.4, "p": 0.7, "q": 0.3}
    )
    rows = {"p": ((1.0, 2.0, 4.0), (0.5, 1.0, 2.0), (0.25, 0.5, 1.0)), "q": ((1.0, 3.0), (1 / 3, 1.0))}
    judged = definition(weigh=Weigh(method="ahp", judgements=rows | {"top": ((1.0, 1.0), (1.0, 1.0))}))
    found = build(table(values(6)), without(judged, ["b"]))
    assert [found.weights[name] for name in ("a", "c")] == pytest.approx([0.8, 0.2])
    with pytest.raises(IndexDefinitionError, match="none"):
        without(judged, ["top"])
    with pytest.raises(IndexDefinitionError, match="nobody"):
        without(judged, ["nobody"])


def test_given_weights_share_what_a_stated_one_leaves() -> None:
    made = table(values(6))
    found = reweighed(build(made, definition()), {"a": 0.5})
    assert build(made, found).weights == pytest.approx(
        {"a": 0.5, "b": 0.25, "c": 0.25, "d": 0.5, "e": 0.5, "p": 0.5, "q": 0.5}
    )
    with pytest.raises(IndexDefinitionError, match="nobody"):
        reweighed(build(made, definition()), {"nobody": 0.5})


def test_expectation_maximisation_of_a_panel_takes_the_year_along() -> None:
    years = (2018, 2019, 2020, 2021)
    data = panel(2)
    gone = data.filter(~((pl.col("unit") == "U05") & (pl.col("indicator") == "c") & (pl.col("year") == 2019)))
    found = build(gone, definition(select=Select(years=years), impute=Impute(method="em"))).imputed
    without_gaps = build(data, definition(select=Select(years=years))).imputed
    assert np.isfinite(found.values).all()
    assert (found.values != without_gaps.values).sum() == 1


def test_a_quotient_is_as_old_as_the_older_of_its_parts() -> None:
    made = pl.concat([table(values(7, gaps=0.0), 2020), table(values(8, gaps=0.0), 2015)])
    old = made.filter((pl.col("indicator") != "e") | (pl.col("year") == 2015))
    tried = definition(select=Select(years=(2020,), within_years=9))
    divided = tuple(i.model_copy(update={"denominator": "e"}) if i.id == "a" else i for i in tried.indicators)
    built = build(old, tried.model_copy(update={"indicators": divided}))
    found = vintages_of_indicators(built)
    assert dict(found.select("indicator", "oldest").iter_rows()) == {
        "a": 2015,
        "b": 2020,
        "c": 2020,
        "d": 2020,
        "e": 2015,
    }


def test_years_of_the_values_are_told() -> None:
    made = pl.concat([table(values(7, gaps=0.0), 2020), table(values(8, gaps=0.0), 2015)])
    gone = made.filter(~((pl.col("unit") == "U03") & (pl.col("indicator") == "a") & (pl.col("year") == 2020)))
    found = build(gone, definition(select=Select(within_years=5))).results
    assert found.row(3, named=True)["oldest"] == 2015 and found.row(4, named=True)["oldest"] == 2020
    assert set(found["newest"]) == {2020}
