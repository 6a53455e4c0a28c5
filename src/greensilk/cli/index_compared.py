"""What `greensilk index compare` prints: how two indices agree, and whose rank differs most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from greensilk.cli.index_views import tell_written, term_table
from greensilk.cli.index_words import NOTHING, rank_words
from greensilk.cli.terminal import console, plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    import polars as pl

    from greensilk.reports.index_files import Calculation

SHOWN = 15
AGREEMENT = ("spearman", "kendall", "pearson")


def print_compared(first: Calculation, second: Calculation, out: Path | None) -> None:
    """Rank correlations, and the units whose ranks differ most, each rank with its interval."""
    from rich.markup import escape

    from greensilk.indices.whatif import agreement
    from greensilk.reports.index_files import compared, write_table

    table = compared(first, second)
    told = agreement(table)
    lang = user_language()
    labels = [escape(each.definition.label.within(lang)) for each in (first, second)]
    screen = console()
    screen.print(f"[bold]{text('indices.compared_title', first=labels[0], second=labels[1])}[/]")
    rows = [(text("indices.both_ranked"), f"{told['units']:.0f}")]
    rows += [(text(f"indices.agree_{name}"), _number(told[name], 2)) for name in AGREEMENT]
    rows += [(text("indices.mean_change"), _number(told["mean_change"], 1))]
    rows += [(text("indices.largest_change"), _number(told["largest_change"], 0))]
    screen.print(term_table(rows))
    _print_changes(table)
    tell_written([write_table(out / "compared.csv", table)] if out else [], out)


def _number(value: float, decimals: int) -> str:
    return NOTHING if value != value else f"{value:.{decimals}f}"  # noqa: PLR0124 - no number differs from itself


def _print_changes(table: pl.DataFrame) -> None:
    from rich.markup import escape

    moved = table.drop_nulls("change").filter(table.drop_nulls("change")["change"] != 0)
    moved = moved.sort(moved["change"].abs(), descending=True, maintain_order=True)
    if not len(moved):
        console().print(text("indices.nobody_moves"), markup=False)
        return
    shown = plain_table(text("indices.largest_changes"))
    shown.add_column(text("cli.col_name"), overflow="fold")
    shown.add_column(text("indices.col_first_rank"), no_wrap=True)
    shown.add_column(text("indices.col_second_rank"), no_wrap=True)
    shown.add_column(text("indices.col_change"), justify="right", no_wrap=True)
    shown.add_column(text("indices.col_apart"), no_wrap=True)
    for row in moved.head(SHOWN).iter_rows(named=True):
        change = f"{row['change']:+g}".replace("-", "\u2212")
        shown.add_row(escape(row["name"]), _rank(row, "first"), _rank(row, "second"), change, _apart(row))
    console().print(shown)


def _rank(row: dict[str, Any], which: str) -> str:
    return rank_words(row[f"rank_{which}"], row[f"rank_low_{which}"], row[f"rank_high_{which}"])


def _apart(row: dict[str, Any]) -> str:
    """Whether the two intervals have no rank in common."""
    bounds = [row[f"rank_{end}_{which}"] for which in ("first", "second") for end in ("low", "high")]
    if any(each is None for each in bounds):
        return NOTHING
    apart = bounds[1] < bounds[2] or bounds[3] < bounds[0]
    return text("indices.intervals_apart" if apart else "indices.intervals_overlap")
