"""Ranks from scores: the best is first, and scores that differ only by rounding are a tie."""

from __future__ import annotations

import numpy as np
import polars as pl

from greensilk.indices.definition import Ties
from greensilk.indices.grid import Bools, Floats

DIGITS = 1e12  # scores closer than a 10^12th of the greatest are the same number, computed in another order


def rank(scores: Floats, ties: Ties = "lowest", eligible: Bools | None = None) -> Floats:
    """Ranks of (n,) scores, 1 = the highest; NaN for those without a score and those not eligible.

    ties: lowest = 1, 2, 2, 4; average = 1, 2.5, 2.5, 4; dense = 1, 2, 2, 3
    >>> import numpy as np
    >>> rank(np.array([5.0, 9.0, 5.0, np.nan, 1.0])).tolist()
    [2.0, 1.0, 2.0, nan, 4.0]
    """
    ranks = np.full(len(scores), np.nan)
    there = ~np.isnan(scores) if eligible is None else ~np.isnan(scores) & eligible
    if not there.any():
        return ranks
    known = scores[there]
    largest = np.abs(known).max()
    rounded = np.round(-known / largest * DIGITS) if largest > 0 else -known
    ordered = np.sort(rounded)
    first = np.searchsorted(ordered, rounded, side="left") + 1.0
    if ties == "average":
        first = (first + np.searchsorted(ordered, rounded, side="right")) / 2
    if ties == "dense":
        first = np.searchsorted(np.unique(rounded), rounded) + 1.0
    ranks[there] = first
    return ranks


def within_groups(results: pl.DataFrame, groups: pl.DataFrame, column: str, score: str) -> pl.DataFrame:
    """Where each unit stands in its own group, of those that are ranked at all.

    results: of a built index; groups: unit and a column of names; score: the column of results that counts
    returns: unit, year, group, rank_in_group (1 = best, ties share the lowest), ranked_in_group, group_median (of the
    score); null for units of no group
    """
    of = groups.select("unit", pl.col(column).alias("group"))
    table = results.select("unit", "year", "rank", score).join(of, on="unit", how="left", maintain_order="left")
    ranked = table.filter(pl.col("rank").is_not_null(), pl.col("group").is_not_null())
    parts = [
        part.with_columns(
            pl.Series("rank_in_group", rank(part[score].to_numpy())),
            pl.lit(len(part)).alias("ranked_in_group"),
            pl.lit(part[score].median()).cast(pl.Float64).alias("group_median"),
        )
        for part in ranked.partition_by("year", "group")
    ]
    new = ["rank_in_group", "ranked_in_group", "group_median"]
    if not parts:
        return table.select("unit", "year", "group", *(pl.lit(None, pl.Float64).alias(name) for name in new))
    found = pl.concat(parts).select("unit", "year", *new)
    whole = table.join(found, on=["unit", "year"], how="left", maintain_order="left")
    return whole.select("unit", "year", "group", *new)
