"""An index written out: every step's table as CSV, all of them as one spreadsheet, and results.json.

Ranks stand in one table only, ranks, beside their intervals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from greensilk import __version__
from greensilk.appraisal.index_explanation import Node, tree
from greensilk.appraisal.index_tables import UNDATED
from greensilk.appraisal.index_uncertainty import PERTURBED, Varied, chances, earlier, ranking, ranks, sobol_table
from greensilk.errors import LicenceError, UsageError
from greensilk.indices import IndexDefinition
from greensilk.indices.association import consistency, correlations
from greensilk.indices.building import Built
from greensilk.indices.definition import Indicator
from greensilk.indices.description import availability, describe, vintages
from greensilk.indices.sensitivity import Sensitivity
from greensilk.indices.uncertainty import Uncertainty
from greensilk.reports.cells import safe_cell
from greensilk.reports.files import write_whole
from greensilk.reports.tables import csv_bytes, write_book
from greensilk.texts import text, user_language

FORMATS = ("csv", "xlsx", "json")
SCHEMA_VERSION = "1.0"
STEPS = ("raw", "denominators", "denominated", "vintage", "imputed", "treated", "normalised")


@dataclass(frozen=True)
class Calculation:
    """An index with its replications: of what, how many, and from which seed."""

    varied: Varied
    uncertainty: Uncertainty
    seed: int

    @property
    def definition(self) -> IndexDefinition:
        """What the index is."""
        return self.varied.input.definition

    @property
    def built(self) -> Built:
        """The index as it is defined."""
        return self.varied.input.built


def write_index(found: Calculation, out: Path, formats: Sequence[str] = FORMATS) -> list[Path]:
    """Every table of an index, in a folder.

    formats: some of FORMATS
    returns: the files written; CSV files in the order of the steps
    raises: UsageError for an unknown format, or a folder that cannot be written to; LicenceError where nothing derived
    from a table may be handed on
    """
    require_handing_on(found.varied)
    if unknown := [name for name in formats if name not in FORMATS]:
        raise UsageError("reports.unknown_format", name=", ".join(unknown)[:100], known=", ".join(FORMATS))
    tables = index_tables(found)
    written = []
    if "csv" in formats:
        every = {**tables, "chances": chances(found.varied, found.uncertainty)}
        written += [write_table(out / f"{name}.csv", table) for name, table in every.items()]
    if "xlsx" in formats:
        sheets = {text(f"indices.sheet_{name}"): table for name, table in tables.items()}
        comments = f"{found.built.definition.id} {found.varied.input.values.sha256[:12]}"
        written.append(write_whole(out / "index.xlsx", lambda path: write_book(sheets, comments, path)))
    if "json" in formats:
        written.append(write_whole(out / "results.json", json_text(index_results(found))))
    return written


def require_handing_on(varied: Varied) -> None:
    """Nothing, if what is derived from the values may be handed on.

    raises: LicenceError naming the tables of which it may not
    """
    if forbidden := [each.dataset for each in varied.input.values.terms if each.derived is False]:
        raise LicenceError("indices.kept_back", tables=", ".join(forbidden))


def write_table(path: Path, table: pl.DataFrame) -> Path:
    """A table as CSV; neither a cell nor a heading can be run as a formula.

    raises: UsageError if the folder cannot be written to
    """
    return write_whole(path, csv_bytes(table.rename({name: safe_cell(name) for name in table.columns})))


def json_text(content: object) -> str:
    """Content as JSON with a line's end."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def index_tables(found: Calculation) -> dict[str, pl.DataFrame]:
    """The tables by name: ranks, scores, weights, each step's, then what the data are like."""
    built = found.built
    prepared = built.prepared
    grids = {name: getattr(built if hasattr(built, name) else prepared, name) for name in STEPS}
    making: dict[str, Callable[[], pl.DataFrame]] = {
        "ranks": lambda: ranks_of_all_years(found),
        "scores": lambda: built.results.drop("rank"),
        "tree": lambda: tree_table(built.definition, tree(built.definition, built)),
        **{name: grid.frame for name, grid in grids.items()},
        "treatments": lambda: _treatments(built),
        "left_out": lambda: prepared.left_out,
        "indicators": lambda: describe(prepared.denominated.values, prepared.denominated.columns),
        "availability": lambda: availability(built),
        "vintages": lambda: vintages(built),
        "correlations": lambda: correlations(built),
        "consistency": lambda: consistency(built),
        "sources": lambda: sources(found),
        "licences": lambda: licences(found),
    }
    tables = {name: make() for name, make in making.items()}
    if (built.normalised.years == UNDATED).all():
        del tables["vintage"], tables["vintages"]
        tables = {name: _undated(table) for name, table in tables.items()}
    return tables


def _undated(table: pl.DataFrame) -> pl.DataFrame:
    held = [name for name in ("year", "oldest", "newest") if name in table.columns]
    return table.with_columns(pl.lit(None, table.schema[name]).alias(name) for name in held)


def ranks_table(found: Calculation) -> pl.DataFrame:
    """Every unit with its name, and its rank beside its interval."""
    table = ranking(found.varied, found.uncertainty)
    names = [found.varied.input.name_of(unit, user_language()) for unit in table["unit"]]
    return table.insert_column(1, pl.Series("name", names, pl.String))


def ranks_of_all_years(found: Calculation) -> pl.DataFrame:
    """The same for the newest year and then every earlier one of a panel."""
    count = len(found.uncertainty.replications)
    before = (Calculation(each, ranks(each, count, found.seed), found.seed) for each in earlier(found.varied))
    return pl.concat([ranks_table(each) for each in (found, *before)])


def tree_table(definition: IndexDefinition, nodes: Sequence[Node]) -> pl.DataFrame:
    """Every indicator and element: id, name, parent, weight in its group, weight in the index; of indicators what they
    are measured in, which way is better, why they are in and where they are from."""
    lang = user_language()
    kinds = {"id": pl.String, "label": pl.String, "parent": pl.String, "weight": pl.Float64, "effective": pl.Float64,
             "unit": pl.String, "direction": pl.Int64, "why": pl.String, "source": pl.String}  # fmt: skip
    rows = []
    for each in nodes:
        node = each.node
        own: tuple[str | int | None, ...] = (None, None, None, None)
        if isinstance(node, Indicator):
            why = node.why.within(lang) if node.why else None
            own = (node.unit, node.direction, why, "; ".join(source.title for source in node.source) or None)
        rows.append((node.id, each.label.within(lang), node.parent, each.weight, each.effective, *own))
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _treatments(built: Built) -> pl.DataFrame:
    rows = [
        (block, name, each.winsorised, each.transform, each.exponent, each.passed)
        for block, done in enumerate(built.treatments, start=1)
        for name, each in zip(built.treated.columns, done, strict=True)
    ]
    kinds = {"block": pl.Int64, "indicator": pl.String, "winsorised": pl.Int64, "transform": pl.String,
             "exponent": pl.Float64, "passed": pl.Boolean}  # fmt: skip
    return pl.DataFrame(rows, schema=kinds, orient="row").with_columns(pl.col("exponent").fill_nan(None))


def sources(found: Calculation) -> pl.DataFrame:
    """Where the values of each indicator and denominator come from, as far as their table says it."""
    used = [i.id for i in found.built.definition.indicators]
    used += [i.denominator for i in found.built.definition.indicators if i.denominator]
    table = found.varied.input.values.table.filter(pl.col("indicator").is_in(used), pl.col("value").is_not_null())
    dated = pl.col("dated") if "dated" in table.columns else pl.col("year") != UNDATED
    keys = [name for name in ("indicator", "source", "dataset") if name in table.columns]
    told = [
        pl.len().alias("values"),
        pl.col("year").filter(dated).min().alias("oldest"),
        pl.col("year").filter(dated).max().alias("newest"),
        (~dated).sum().alias("undated"),
    ]
    return table.group_by(keys).agg(told).sort(keys)


def licences(found: Calculation) -> pl.DataFrame:
    """What is owed for the data sets that country values are from; nothing is known of a file of the user's own."""
    columns = ("dataset", "version", "licence", "attribution")
    rows = [[getattr(each, name) for name in columns] for each in found.varied.input.values.terms]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def index_results(found: Calculation) -> dict[str, Any]:
    """The content of results.json."""
    built, values = found.built, found.varied.input.values
    tables = {
        "ranks": ranks_of_all_years(found),
        "scores": built.results.drop("rank"),
        "left_out": built.prepared.left_out,
    }
    if (built.normalised.years == UNDATED).all():
        tables = {name: _undated(table) for name, table in tables.items()}
    return {
        "schema_version": SCHEMA_VERSION,
        "greensilk": __version__,
        "index": built.definition.model_dump(mode="json"),
        "data": {"file": values.file or None, "sha256": values.sha256, "licences": licences(found).to_dicts()},
        "uncertainty": told_uncertainty(found),
        "weights": built.weights,
        **{name: table.to_dicts() for name, table in tables.items()},
    }


def told_uncertainty(found: Calculation) -> dict[str, Any]:
    """What was drawn: replications, seed, alternatives, what could not be tried, and when intervals stopped moving."""
    settled = found.uncertainty.convergence
    return {
        "replications": len(found.uncertainty.replications),
        "seed": found.seed,
        "interval": [found.uncertainty.intervals.shares[0], found.uncertainty.intervals.shares[2]],
        "weights_within": PERTURBED,
        "choices": _choices(found.varied),
        "not_tried": {step: error.message() for step, error in found.varied.refused.items()},
        "settled": settled.reached,
        "settled_after": settled.reached_at,
        "tolerance_ranks": settled.tolerance_ranks,
    }


def _choices(varied: Varied) -> dict[str, list[Any]]:
    made = varied.alternatives
    every = {"impute": made.impute, "treat": made.treat, "normalise": made.normalise}
    found: dict[str, list[Any]] = {
        step: [one.model_dump(mode="json") if one else None for one in options] for step, options in every.items()
    }
    return found | {"aggregate": list(made.aggregate), "years": list(made.years)}


def write_uncertainty(found: Calculation, out: Path) -> list[Path]:
    """Ranks with their intervals, the chance of each unit to be above each other, and how the bounds settled.

    raises: UsageError if the folder cannot be written to
    """
    told = found.uncertainty.convergence
    units = found.varied.opened.units
    bounds = {"low": told.low, "median": told.median, "high": told.high}
    settling = pl.DataFrame(
        {
            "replications": [int(at) for at in told.at for _ in units],
            "unit": list(units) * len(told.at),
            **{f"rank_{name}": bound.ravel() for name, bound in bounds.items()},
        },
        schema_overrides={"unit": pl.String},
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    tables = {"ranks": ranks_table(found), "chances": chances(found.varied, found.uncertainty), "settling": settling}
    written = [write_table(out / f"{name}.csv", table) for name, table in tables.items()]
    return [*written, write_whole(out / "uncertainty.json", json_text(told_uncertainty(found)))]


def compared(first: Calculation, second: Calculation) -> pl.DataFrame:
    """Units that two indices have, in the newest year of each: unit, name, score, rank and its bounds in each, and
    change (of rank, positive = better in the second; null where one does not rank the unit)."""
    columns = ("score", "rank", "rank_low", "rank_high")
    tables = [
        ranks_table(each).select("unit", "name", *(pl.col(name).alias(f"{name}_{order}") for name in columns))
        for each, order in ((first, "first"), (second, "second"))
    ]
    both = tables[0].join(tables[1].drop("name"), on="unit", how="inner", maintain_order="left")
    return both.with_columns((pl.col("rank_first") - pl.col("rank_second")).alias("change"))


def write_sensitivity(found: Varied, sensitivity: Sensitivity, out: Path) -> list[Path]:
    """Sobol indices of every unit's rank, and those of the mean shift of ranks, in a folder.

    raises: UsageError if it cannot be written to
    """
    shift = sensitivity.shift
    told = {"input": sensitivity.names, "first": shift.first[:, 0], "first_error": shift.first_error[:, 0],
            "total": shift.total[:, 0], "total_error": shift.total_error[:, 0]}  # fmt: skip
    summary = pl.DataFrame(told).with_columns(pl.col(pl.Float64).fill_nan(None))
    return [
        write_table(out / "sensitivity.csv", sobol_table(found, sensitivity)),
        write_table(out / "sensitivity_of_shift.csv", summary),
    ]
