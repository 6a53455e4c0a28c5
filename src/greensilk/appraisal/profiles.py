"""What is told of one country: values with year, source and rank, scores with rank intervals, neighbours, findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from greensilk.records import Label

if TYPE_CHECKING:
    import polars as pl

    from greensilk.indices.findings import Finding

TREND_YEARS, TREND_LEAST = 20, 3


@dataclass(frozen=True, slots=True)
class RankInterval:
    """Where a country's rank lies in the replications.

    nominal: by the index as defined, null where it is not ranked; low, median, high: 5 %, 50 % and 95 % of the
    replications lie at or below, null where it is never ranked; ranked_share: share of replications that rank it
    """

    nominal: int | None
    low: int | None
    median: int | None
    high: int | None
    ranked_share: float


@dataclass(frozen=True, slots=True)
class Row:
    """A value of an indicator.

    element: id of the element it counts in; value: after division, null where there is none; year: null where the
    source names none; rank: 1 = best for the environment, of those evaluated that have a value, ties share the lowest;
    trend_per_year: median slope of a panel in the unit a year, null without a panel; direction: 1 = more is better
    """

    indicator: str
    label: Label
    element: str
    unit: str
    value: float | None
    year: int | None
    source: str
    note: str
    dataset: str
    rank: int | None
    of: int
    rank_in_region: int | None
    of_region: int
    trend_per_year: float | None
    direction: int
    why: Label | None


@dataclass(frozen=True, slots=True)
class Score:
    """A score of the index or of one of its elements; of: how many countries are ranked by it."""

    element: str
    label: Label
    score: float | None
    interval: RankInterval
    of: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A country across a land border. chance_above: that the profile's country ranks above it, ties counted half."""

    iso_a3: str
    name: Label
    score: float | None
    interval: RankInterval
    chance_above: float | None


@dataclass(frozen=True)
class Profile:
    """A country as the evaluation sees it.

    region: null where the country is in none; scores: the index first, then its elements; present: how many of the
    indicators have a value; oldest, newest: year of the dated ones; undated: how many name no year; why_not_ranked:
    null where it is ranked; findings: every rule's answer
    """

    iso_a3: str
    name: Label
    region: Label | None
    rows: tuple[Row, ...]
    scores: tuple[Score, ...]
    present: int
    oldest: int | None
    newest: int | None
    undated: int
    neighbours: tuple[Neighbour, ...]
    findings: tuple[Finding, ...]
    why_not_ranked: Label | None

    @property
    def interval(self) -> RankInterval:
        """Of the index itself."""
        return self.scores[0].interval

    @property
    def rank(self) -> int | None:
        """By the index as defined; never to be shown without its interval."""
        return self.interval.nominal

    @property
    def missing(self) -> int:
        """How many of the indicators have no value."""
        return len(self.rows) - self.present


def trends(values: pl.DataFrame) -> dict[tuple[str, str, str], float]:
    """Median of the slopes between all pairs of years, per indicator, country and dataset that has enough of them.

    values: as CountryValues.frame; values made up between others, projections and undated ones do not count
    returns: unit of the indicator per year, over its last TREND_YEARS years
    source: Sen 1968, Estimates of the regression coefficient based on Kendall's tau
    """
    import polars as pl

    stated = values.filter(
        pl.col("year").is_not_null(), ~pl.col("flag").is_in(["interpolated", "out_of_range"]),
        ~pl.col("note").fill_null("").str.starts_with("projection"),
    )  # fmt: skip
    key = ["indicator", "iso_a3", "dataset"]
    recent = stated.filter(pl.col("year") > pl.col("year").max().over(key) - TREND_YEARS)
    found = {}
    panels = recent.filter(pl.len().over(key) >= TREND_LEAST).group_by(key, maintain_order=True)
    for (indicator, country, dataset), panel in panels:
        slope = median_slope(panel["year"].to_numpy().astype(np.float64), panel["value"].to_numpy())
        found[str(indicator), str(country), str(dataset)] = slope
    return found


def median_slope(years: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The median slope between all pairs of (n,) different years.

    >>> median_slope(np.array([2000.0, 2005.0, 2010.0]), np.array([1.0, 2.0, 9.0]))
    0.8
    """
    i, j = np.triu_indices(len(years), 1)
    return float(np.median((values[j] - values[i]) / (years[j] - years[i])))
