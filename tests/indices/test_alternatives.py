"""Where nothing is changed an index with alternatives is the index itself; each alternative is the index so built."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from greensilk.indices.alternatives import Alternatives, opened
from greensilk.indices.building import build
from greensilk.indices.definition import (
    Aggregate,
    Element,
    Impute,
    IndexDefinition,
    Indicator,
    Normalise,
    Rank,
    Select,
    Treat,
    Weigh,
)
from greensilk.indices.sensitivity import Design, sensitivity
from greensilk.indices.uncertainty import Replications, nominal, replicate, uncertainty
from greensilk.records import Label

SCALE = Normalise(low=1.0, high=100.0)
OTHERS = Alternatives(
    impute=(Impute(method="median"),),
    treat=(Treat(),),
    normalise=(Normalise(method="rank"), Normalise(method="borda", low=0.0)),
    aggregate=("geometric", "min", "copeland"),
    years=(2019,),
)


def made_up(**methods: Any) -> tuple[pl.DataFrame, IndexDefinition]:
    """Twelve units in two years, six indicators of which one hangs on the index itself; some values missing."""
    rng = np.random.default_rng(2)
    rows = [
        {"unit": f"U{u:02}", "indicator": f"i{k}", "year": year, "value": float(rng.lognormal(1, 0.6 + k / 8))}
        for u in range(12)
        for k in range(6)
        for year in (2019, 2020)
        if rng.random() > 0.08 and not (u == 3 and k in (0, 3, 5))
    ]
    label = Label(en="x", zh="x")
    weights = {"i0": 0.125, "i1": 0.25, "i2": 0.625, "i3": 0.25, "i4": 0.75, "i5": 0.25, "a": 0.5, "b": 0.25}
    indicators = tuple(
        Indicator(
            id=f"i{k}", label=label, unit="1", parent=parent, direction=1 if k % 2 else -1, weight=weights[f"i{k}"]
        )
        for k, parent in enumerate(["a", "a", "a", "b", "b", "top"])
    )
    elements = (
        Element(id="top", label=label),
        Element(id="a", label=label, parent="top", weight=weights["a"], aggregate=methods.pop("a", None)),
        Element(id="b", label=label, parent="top", weight=weights["b"]),
    )
    tree: dict[str, Any] = {"id": "made_up", "label": label, "indicators": indicators, "elements": elements}
    given = {"normalise": SCALE, "rank": Rank(largest_missing=0.34), "weigh": Weigh(method="given")} | methods
    return pl.DataFrame(rows), IndexDefinition(**tree, **given)


def scores(table: pl.DataFrame, definition: IndexDefinition, units: tuple[str, ...], year: int) -> np.ndarray:
    results = build(table, definition).results.filter(pl.col("year") == year)
    of_unit = dict(zip(results["unit"], results["top"], strict=True))
    return np.array([np.nan if of_unit.get(unit) is None else of_unit[unit] for unit in units])


@pytest.mark.parametrize("own", [None, "harmonic"])
def test_nothing_changed_is_the_index_itself(own: str | None) -> None:
    table, definition = made_up(a=own)
    found = opened(table, definition, OTHERS)
    plain = replicate(found.index, nominal(found.index))
    results = found.built.results
    assert tuple(results["unit"]) == found.units and "too_much_missing" in results["status"].to_list()
    np.testing.assert_allclose(plain.scores[0], results["top"].cast(pl.Float64).fill_null(np.nan), rtol=1e-12)
    np.testing.assert_array_equal(plain.ranks[0], results["rank"].fill_null(0.0))


@pytest.mark.parametrize(
    ("variant", "aggregation", "changes", "year"),
    [
        ((1, 0, 0, 0), 0, {"impute": Impute(method="median")}, 2020),
        ((0, 1, 0, 0), 0, {"treat": Treat()}, 2020),
        ((0, 0, 1, 0), 1, {"normalise": Normalise(method="rank"), "aggregate": Aggregate(method="geometric")}, 2020),
        (
            (0, 0, 2, 0),
            2,
            {"normalise": Normalise(method="borda", low=0.0), "aggregate": Aggregate(method="min")},
            2020,
        ),
        ((0, 0, 0, 0), 3, {"aggregate": Aggregate(method="copeland")}, 2020),
        ((1, 1, 0, 1), 0, {"impute": Impute(method="median"), "treat": Treat(), "select": Select(years=(2019,))}, 2019),
    ],
)
def test_an_alternative_is_the_index_so_built(
    variant: tuple[int, ...], aggregation: int, changes: dict[str, Any], year: int
) -> None:
    table, definition = made_up()
    found = opened(table, definition, OTHERS)
    number = np.ravel_multi_index(variant, tuple(found.index.choices.values()))
    weights = tuple(level[None] for level in found.index.tree.weights)
    one = replicate(found.index, Replications(np.array([number]), weights, np.array([aggregation])))
    expected = scores(table, definition.model_copy(update=changes), found.units, year)
    np.testing.assert_allclose(one.scores[0], expected, rtol=1e-9)


def test_a_generalised_mean_keeps_its_power() -> None:
    table, definition = made_up(aggregate=Aggregate(method="generalised", power=0.5))
    found = opened(table, definition, Alternatives(normalise=(Normalise(method="rank"),)))
    own = replicate(found.index, nominal(found.index)).scores[0]
    np.testing.assert_allclose(own, scores(table, definition, found.units, 2020), rtol=1e-12)


def test_inputs_bear_the_names_of_the_definition() -> None:
    table, definition = made_up()
    index = opened(table, definition, Alternatives(each_weight=True)).index
    below, top = [f"weight i{k}" for k in range(5)], ["weight i5", "weight a", "weight b"]
    assert [one.name for one in index.inputs] == [*below, *top]
    assert index.columns == 8


def test_the_reference_example_keeps_its_ranks_in_the_middle_of_its_intervals(asem: Any) -> None:
    definition = asem.definition(impute=Impute(method="group_mean", group="GDP_group"), treat=Treat())
    others = Alternatives(normalise=(Normalise(method="z_score"), Normalise(method="rank")), treat=(None,))
    found = opened(asem.table, definition, others, asem.groups)
    told = uncertainty(found.index, 400, 1)
    expected = asem.read("results.csv").sort("uCode")["Rank"].to_numpy()
    np.testing.assert_array_equal(told.intervals.nominal, expected)
    inside = (told.intervals.low <= expected) & (expected <= told.intervals.high)
    assert inside.mean() > 0.9
    moved = sensitivity(found.index, Design(64, 1))
    assert moved.names == ("treat", "normalise", "weights 0", "weights 1", "weights 2")
    assert moved.shift.total[moved.names.index("normalise"), 0] > 0.3
