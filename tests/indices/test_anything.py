"""Whatever a user writes gives a result or one message: no other error, no warning, nothing silently wrong."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import polars as pl
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from greensilk.errors import IndexDefinitionError
from greensilk.indices import build
from greensilk.indices.association import KINDS, consistency, correlations
from greensilk.indices.definition import (
    Aggregate,
    AggregateMethod,
    Element,
    Impute,
    ImputeMethod,
    IndexDefinition,
    Indicator,
    Normalise,
    NormaliseMethod,
    Rank,
    Screen,
    Select,
    Ties,
    Transform,
    Treat,
    Weigh,
    WeighMethod,
)
from greensilk.indices.description import availability, describe, vintages
from greensilk.indices.whatif import agreement, compare
from greensilk.records import Label

NAME = Label(en="x", zh="x")
calm = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
maybe_number = st.none() | st.sampled_from([0.0, 1.0, -1.0, 2.5, 1e-12, 1e9, float("nan"), 7.0]) | st.floats(-100, 100)
good_number = st.floats(0.5, 100).map(lambda x: round(x, 2))


def choice(kind: Any, usual: str) -> st.SearchStrategy[Any]:
    return st.just(usual) | st.sampled_from(get_args(kind))


@st.composite
def trees(draw: st.DrawFn, sound: bool, given_weights: bool) -> dict[str, tuple[Any, ...]]:
    """Indicators and elements: a proper tree, or anything."""
    loose = st.none() if sound else st.none() | st.floats(-1, 2)
    weights = st.just(0.5) if sound and given_weights else loose
    parents = ["p", "p", "q", "q"] if sound else draw(st.lists(st.sampled_from(["p", "q", "top"]), max_size=5))
    indicators = tuple(
        Indicator(
            id="abcde"[i],
            label=NAME,
            unit="",
            parent=parent,
            direction=draw(st.sampled_from([1, -1] if sound else [1, -1, 0, None])),
            weight=draw(weights),
            denominator=None if sound else draw(st.sampled_from([None, "a", "people", "nobody"])),
            goalposts=draw(st.sampled_from([{"low": 0.0, "high": 50.0}, {"low": 1.0, "high": 9.0, "log": True}])),
            target=draw(st.floats(50 if sound else -10, 200)),
            treat=draw(st.booleans()),
        )
        for i, parent in enumerate(parents)
    )
    own = st.none() | st.sampled_from(get_args(AggregateMethod))
    groups = [Element(id=i, label=NAME, parent="top", weight=draw(weights), aggregate=draw(own)) for i in "pq"]
    return {"indicators": indicators, "elements": (*groups, Element(id="top", label=NAME))}


@st.composite
def definitions(draw: st.DrawFn) -> IndexDefinition:
    sound, weigh = draw(st.integers(0, 3)) > 0, draw(choice(WeighMethod, "equal"))
    treat = st.builds(Treat, then=st.sampled_from(get_args(Transform)), winsorise=st.integers(0, 3))
    two = ((1.0, 2.0), (0.5, 1.0))
    steps = {
        "parameters": draw(st.sampled_from(["global", "per_year"])),
        "select": draw(
            st.builds(
                Select,
                years=st.sampled_from([(), (2020,), (2018, 2019, 2020)]),
                within_years=st.sampled_from([None, 1]),
            )
        ),
        "screen": draw(st.none() | st.builds(Screen, available=st.floats(0, 1), nonzero=st.floats(0, 1))),
        "impute": Impute(
            method=draw(choice(ImputeMethod, "none")), group="region", prior_rows=draw(st.sampled_from([0.0, 5.0]))
        ),
        "treat": draw(st.none() | treat | treat.map(lambda t: t.model_copy(update={"skewness": 0.5, "kurtosis": 0.1}))),
        "normalise": Normalise(
            method=draw(choice(NormaliseMethod, "min_max")),
            reference=draw(st.sampled_from([None, "U3"])),
            cap=draw(st.booleans()),
            low=draw(st.sampled_from([0.0, 1.0, -5.0])),
        ),
        "weigh": Weigh(
            method=weigh,
            judgements={"p": two, "q": two, "top": two},
            experts=(dict.fromkeys("abcdpq", 50.0),) if sound else (),
        ),
        "aggregate": Aggregate(
            method=draw(choice(AggregateMethod, "arithmetic")),
            power=draw(st.sampled_from([None, 2.0, -1.0, 0.5])),
            available=draw(st.floats(0, 1)),
        ),
        "rank": Rank(ties=draw(st.sampled_from(get_args(Ties)))),
    }
    return IndexDefinition(id="any", label=NAME, **draw(trees(sound, weigh == "given")), **steps)


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    number = good_number if draw(st.integers(0, 2)) else maybe_number
    units, years = range(draw(st.integers(1, 9))), draw(st.sampled_from([[2020], [2018, 2020], [2018, 2019, 2020]]))
    rows = [
        (f"U{u}", name, year, draw(number))
        for u in units
        for name in ("a", "b", "c", "d", "e", "people")
        for year in years
        if draw(st.integers(0, 9)) > 0
    ]
    schema = {"unit": pl.String, "indicator": pl.String, "year": pl.Int64, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


@calm
@given(definitions(), tables())
def test_a_result_or_one_message(definition: IndexDefinition, table: pl.DataFrame) -> None:
    groups = pl.DataFrame({"unit": [f"U{i}" for i in range(9)], "region": [*"xxyyzzz", None, None]})
    try:
        built = build(table, definition, groups)
    except IndexDefinitionError as error:
        event("refused")
        assert error.message("en") and error.message("zh")
        return
    event("built")
    found = built.results
    assert np.isfinite(found.select(pl.col(pl.Float64).drop_nulls().abs().max()).fill_null(0.0).to_numpy()).all()
    assert found.filter((pl.col("status") == "ranked") != pl.col("rank").is_not_null()).is_empty()
    assert found.filter(pl.col("status") == "ranked", pl.col("top").is_null()).is_empty()
    for name in definition.upwards():
        weights = [built.weights[child] for child in definition.children(name)]
        assert np.isclose(sum(weights), 1) and min(weights) >= 0
    describe(built.prepared.raw.values, built.prepared.raw.columns)
    assert len(availability(built)) == len(vintages(built)) == len(found)
    assert all(len(correlations(built, kind)) > 0 for kind in KINDS)
    consistency(built)
    agreement(compare(built, built))
