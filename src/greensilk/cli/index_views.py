"""What `greensilk index` prints of a ranking and of how sure it is. No rank is printed without its interval."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from greensilk.cli.index_words import (
    decimals_of,
    input_words,
    label_words,
    rank_chart,
    rank_words,
    refused_words,
    settled_words,
    share_words,
    varied_words,
    years_words,
)
from greensilk.cli.terminal import console, plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from greensilk.appraisal.index_uncertainty import Varied
    from greensilk.indices.sensitivity import Sensitivity
    from greensilk.reports.index_files import Calculation

FIRST_SHOWN, LAST_SHOWN = 20, 5
NAMES_SHOWN = 12
MISSING_SHOWN = 0.005


def print_list() -> None:
    """One line an index, with what it is made of and whether somebody vouches for it."""
    from rich.markup import escape

    from greensilk.appraisal.indices import index_definitions

    table = plain_table()
    table.add_column(text("cli.col_id"), no_wrap=True)
    table.add_column(text("indices.col_indicators"), justify="right", no_wrap=True)
    table.add_column(text("cli.col_name"), overflow="fold")
    for name, one in index_definitions().items():
        table.add_row(name, str(len(one.indicators)), escape(label_words(one)))
    console().print(table)


def shortened(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """The first and last rows of a long list, None between them where some are left out."""
    if len(rows) <= FIRST_SHOWN + 2 * LAST_SHOWN:
        return list(rows)
    return [*rows[:FIRST_SHOWN], None, *rows[-LAST_SHOWN:]]


def print_ranking(found: Calculation) -> None:
    """The index: its units in order with rank intervals, who is not ranked, and what the intervals stand for."""
    rows = _rows(found)
    ranked = [row for row in rows if row["rank"] is not None]
    gaps = any(row["missing"] > MISSING_SHOWN for row in ranked)
    aged = len({(row["oldest"], row["newest"]) for row in ranked}) > 1
    table = plain_table(_title(found))
    table.add_column(text("indices.col_rank"), no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(text("cli.col_name"), min_width=14, overflow="fold")
    for name, shown in {"score": True, "missing": gaps, "years": aged}.items():
        if shown:
            table.add_column(text(f"indices.col_{name}"), justify="right", no_wrap=True)
    decimals = decimals_of([row["score"] for row in ranked])
    for row in shortened(ranked):
        if row is None:
            table.add_row("…")
            continue
        missing = [share_words(row["missing"]) if row["missing"] > MISSING_SHOWN else ""] if gaps else []
        years = [years_words(row["oldest"], row["newest"])] if aged else []
        table.add_row(*_place(row, len(ranked)), _named(row), f"{row['score']:.{decimals}f}", *missing, *years)
    console().print(table)
    _tell_rest(found, rows, ranked)
    _tell_varied(found.varied)
    _tell(settled_words(found.uncertainty))


def _rows(found: Calculation) -> list[dict[str, Any]]:
    from greensilk.reports.index_files import ranks_table

    return ranks_table(found).to_dicts()


def _place(row: dict[str, Any], of: int) -> tuple[str, str]:
    bounds = row["rank"], row["rank_low"], row["rank_high"]
    return rank_words(*bounds), rank_chart(*bounds, of)


def _named(row: dict[str, Any]) -> str:
    from rich.markup import escape

    return escape(row["name"])


def _title(found: Calculation) -> str:
    from rich.markup import escape

    definition, year = found.definition, found.varied.year
    return escape(f"{label_words(definition)}{text('indices.of_year', year=year) if year else ''}")


def _tell(words: str, style: str = "") -> None:
    console().print(words, style=style, markup=False)


def _tell_rest(found: Calculation, rows: list[dict[str, Any]], ranked: list[dict[str, Any]]) -> None:
    """Who is shown and not ranked, and who the screen left out: missing data is no bad score."""
    left = found.built.prepared.left_out
    newest = left.filter(left["year"] == found.varied.year)["unit"].to_list() if len(left) else []
    lists = {
        "too_much_missing": [row["unit"] for row in rows if row["status"] == "too_much_missing"],
        "no_score": [row["unit"] for row in rows if row["status"] == "no_score"],
        "left_out": newest,
    }
    limit = share_words(found.definition.rank.largest_missing)
    for status, units in lists.items():
        if units:
            named = [found.varied.input.name_of(unit, user_language()) for unit in units[:NAMES_SHOWN]]
            names = text("cli.list_comma").join(named) + (" …" if units[NAMES_SHOWN:] else "")
            _tell(text(f"indices.status_{status}", count=len(units), names=names, limit=limit))
    if undated := _undated(found):
        _tell(text("indices.undated", count=len(undated), year=found.varied.year))
    if len(ranked) > FIRST_SHOWN + 2 * LAST_SHOWN:
        _tell(text("indices.shown_of", shown=FIRST_SHOWN + LAST_SHOWN, count=len(ranked)))


def _undated(found: Calculation) -> set[str]:
    """Indicators with values whose source names no year."""
    table = found.varied.input.values.table
    return set(table.filter(~table["dated"])["indicator"]) if "dated" in table.columns else set()


def _tell_varied(varied: Varied) -> None:
    """What the intervals stand for."""
    _tell(text("indices.interval_means"))
    table = plain_table()
    table.show_header = False
    table.box = None
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, words in varied_words(varied):
        table.add_row(f"  {name}", words)
    console().print(table, markup=False)
    for words in refused_words(varied):
        _tell(words)


def print_uncertainty(found: Calculation) -> None:
    """Rank intervals as lines, the chance of each to be above the next, and whether it has settled."""
    rows = _rows(found)
    ranked = [row for row in rows if row["rank"] is not None]
    table = plain_table(_title(found))
    table.add_column(text("indices.col_rank"), no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column(text("indices.col_median"), justify="right", no_wrap=True)
    table.add_column(text("cli.col_name"), overflow="fold")
    table.add_column(text("indices.col_above_next"), justify="right", max_width=14, overflow="fold")
    for row in shortened(ranked):
        if row is None:
            table.add_row("…")
            continue
        last = row["next"] is None
        table.add_row(*_place(row, len(ranked)), f"{row['rank_median']:g}" if row["rank_median"] else "",
                      _named(row), "" if last else share_words(row["above_next"]))  # fmt: skip
    console().print(table)
    _tell_rest(found, rows, ranked)
    seldom = [_named(row) for row in ranked if row["ranked_share"] < 1]
    if seldom:
        names = text("cli.list_comma").join(seldom[:NAMES_SHOWN]) + (" …" if seldom[NAMES_SHOWN:] else "")
        _tell(text("indices.not_always_ranked", count=len(seldom), names=names))
    _tell_varied(found.varied)
    _tell(settled_words(found.uncertainty))


def print_sensitivity(varied: Varied, found: Sensitivity) -> None:
    """What moves the ranks on the whole, and for how many units which source is the first."""
    from greensilk.appraisal.index_uncertainty import sobol_table
    from greensilk.reports.rounding import grouped

    units = sobol_table(varied, found)
    table = plain_table(text("indices.sensitivity_title", label=varied.input.definition.label.within(user_language())))
    table.add_column(text("indices.col_source"), overflow="fold")
    for name in ("first", "total", "median_total", "most_for"):
        table.add_column(text(f"indices.col_{name}"), justify="right", max_width=15, overflow="fold")
    order = sorted(range(len(found.names)), key=lambda i: -_or_zero(found.shift.total[i, 0]))
    for i in order:
        name = found.names[i]
        first, total = (_with_error(*each) for each in _shift(found, i))
        middle = units.filter(units["input"] == name)["total"].median()
        table.add_row(input_words(name), first, total, share_words(middle), str(_most_for(units, name)))  # type: ignore[arg-type]
    console().print(table)
    _tell(text("indices.sobol_means", runs=grouped(found.ranks.runs)))
    still = len(set(units["unit"]) - set(units.drop_nulls("total")["unit"]))
    if still:
        _tell(text("indices.ranks_still", count=still))
    for words in refused_words(varied):
        _tell(words)


def _or_zero(value: float) -> float:
    return value if value == value else 0.0  # noqa: PLR0124 - a number that is none differs from itself


def _shift(found: Sensitivity, i: int) -> list[tuple[float, float]]:
    shift = found.shift
    return [(float(shift.first[i, 0]), float(shift.first_error[i, 0])),
            (float(shift.total[i, 0]), float(shift.total_error[i, 0]))]  # fmt: skip


def _with_error(share: float, error: float) -> str:
    """A share and half its interval, in per cent."""
    if share != share:  # noqa: PLR0124
        return "–"
    return f"{max(share, 0.0) * 100:.0f} ± {error * 100:.0f} %"


def _most_for(units: pl.DataFrame, name: str) -> int:
    known = units.drop_nulls("total")
    first = known.sort("total", descending=True, maintain_order=True).unique("unit", keep="first", maintain_order=True)
    return len(first.filter(first["input"] == name))


def tell_written(written: Sequence[Path], out: Path | None) -> None:
    """Where the files are."""
    if written:
        typer.echo(text("indices.written", count=len(written), folder=out))


def term_table(rows: Sequence[tuple[str, str]]) -> Table:
    """Terms and what is said of each, without a heading."""
    table = plain_table()
    table.show_header = False
    table.add_column(no_wrap=True, max_width=34, overflow="fold")
    table.add_column(overflow="fold")
    for name, words in rows:
        table.add_row(name, words)
    return table
