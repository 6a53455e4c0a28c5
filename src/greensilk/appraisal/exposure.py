"""What a portfolio is exposed to: projects, places and loans, and their amounts, by light and by what they share.

Amounts are added within a currency and never converted. A project that lies in several countries counts where most of
it lies. A place or a loan has the worst light of its projects and is counted once, where its first project is; of a
loan whose rows, as far as they give one, all say the same amount that amount is counted once, else every row's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from greensilk.project_types import project_types

if TYPE_CHECKING:
    from greensilk.appraisal.dossier import Dossier

Unit = Literal["project", "place", "loan"]
By = Literal["sector", "type", "country", "lender"]
UNITS: tuple[Unit, ...] = ("project", "place", "loan")
GROUPINGS: tuple[By, ...] = ("sector", "type", "country", "lender")
# As the report counts places and loans: by their gravest.
WORST_FIRST = ("RED", "YELLOW", "YELLOW_BY_TYPE", "UNKNOWN", "GREEN_BY_TYPE", "GREEN", "NOT_APPLICABLE")
NOT_GIVEN = ""  # a group of what nobody named
_LIGHT = pl.Enum(WORST_FIRST)


@dataclass(frozen=True)
class Concentration:
    """How few groups hold how much. groups: how many; largest: the group with most; largest_share, top_five_share: of
    all; effective_groups: as many equal groups would be as concentrated (1 / sum of squared shares)"""

    groups: int
    largest: str
    largest_share: float
    top_five_share: float
    effective_groups: float


def counted(dossier: Dossier, standard: str, unit: Unit) -> pl.DataFrame:
    """One row a project: project_id, unit_id, counts (1 for the first project of a unit, else 0), light of the unit,
    sector, type, country, lender, currency, amount.

    standard: one that gives lights; what a project does not say is an empty text, an amount not given is null
    """
    rows = _projects(dossier, standard)
    alone = pl.lit("project ") + pl.col("project_id")  # told apart from a place or loan of the same name
    unit_id = alone if unit == "project" else pl.coalesce(pl.lit(f"{unit} ") + pl.col(unit), alone)
    rows = rows.with_columns(unit_id.alias("unit_id"))
    within = ("unit_id", "currency")
    alike = (pl.col("amount").drop_nulls().n_unique().over(within) == 1) & (unit == "loan")
    again = pl.col("amount").is_not_null().cum_sum().over(within) > 1
    return rows.select(
        "project_id",
        "unit_id",
        pl.col("unit_id").is_first_distinct().cast(pl.Int64).alias("counts"),
        pl.col("light").cast(_LIGHT).min().over("unit_id").cast(pl.String),
        *GROUPINGS,
        "currency",
        pl.when(alike & again).then(None).otherwise(pl.col("amount")).alias("amount"),
    )


def exposure(rows: pl.DataFrame, by: By) -> pl.DataFrame:
    """Numbers and amounts by group, light and currency, the group with most rated units first.

    rows: as counted() gives; returns: group, light, currency, number of units, amount (null where none is given)
    """
    found = rows.group_by(pl.col(by).alias("group"), "light", "currency").agg(
        pl.col("counts").sum().alias("number"),
        pl.when(pl.col("amount").count() == 0).then(None).otherwise(pl.col("amount").sum()).alias("amount"),
    )
    rated = pl.when(pl.col("light") != "NOT_APPLICABLE").then(pl.col("number")).otherwise(0)
    size = rated.sum().over("group")
    return (
        found.with_columns(size.alias("size"), pl.col("light").cast(_LIGHT))
        .sort("size", "group", "light", "currency", descending=[True, False, False, False])
        .with_columns(pl.col("light").cast(pl.String))
        .drop("size")
    )


def concentration(rows: pl.DataFrame, by: By, currency: str | None = None) -> Concentration | None:
    """How concentrated units, or the amounts in one currency, are; None where nothing can be said.

    rows: as counted() gives; currency: None = by number
    >>> rows = pl.DataFrame({"lender": ["A", "A", "A", "B"], "counts": [1] * 4})
    >>> concentration(rows, "lender").effective_groups
    1.6
    """
    named = rows.filter(pl.col(by) != NOT_GIVEN)
    held = pl.col("counts" if currency is None else "amount").cast(pl.Float64).sum()
    if currency is not None:
        named = named.filter(pl.col("currency") == currency)
    sums = named.group_by(by).agg(held.alias("held")).filter(pl.col("held") > 0)
    sums = sums.sort("held", by, descending=[True, False])
    if not len(sums):
        return None
    share = sums["held"] / sums["held"].sum()
    return Concentration(
        groups=len(sums),
        largest=str(sums[by][0]),
        largest_share=float(share[0]),
        top_five_share=float(share[:5].sum()),
        effective_groups=1 / float((share**2).sum()),
    )


def _projects(dossier: Dossier, standard: str) -> pl.DataFrame:
    projects = dossier.portfolio.projects
    families = {name: kind.family for name, kind in project_types().items()}
    country = dossier.facts["country"].values.str.split("; ").list.first()
    return projects.select(
        pl.col("id").alias("project_id"),
        dossier.verdicts[standard].by_basis.alias("light"),
        pl.col("type").replace_strict(families, default=None, return_dtype=pl.String).alias("sector"),
        pl.col("type"),
        pl.coalesce(country, "country_stated").alias("country"),
        pl.col("lender"),
        pl.col("currency"),
        pl.col("investment").alias("amount"),
        pl.col("place_id").alias("place"),
        pl.col("loan_id").alias("loan"),
    ).with_columns(pl.col(*GROUPINGS, "currency").fill_null(NOT_GIVEN))
