"""What `greensilk portfolio changes` and `backtest` print and write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from greensilk.cli.portfolio_views import print_left_out
from greensilk.cli.rules_words import light_words, value_words
from greensilk.cli.terminal import console, plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from greensilk.appraisal import Dossier
    from greensilk.appraisal.attribution import Attribution, Run
    from greensilk.appraisal.backtest import Backtest
    from greensilk.rules import Standard

SHOWN = 20
CAUSES = ("program", "project", "layer", "law", "added", "removed")


def changes_json(found: Attribution) -> str:
    """Every change with its causes as a JSON object."""
    rows = {"standards": found.standards, "compared": found.compared, "changes": found.rows.to_dicts()}
    return json.dumps(rows, ensure_ascii=False)


def write_changes(found: Attribution, out: Path) -> None:
    """changes.csv in a folder."""
    import polars as pl

    _write(found.rows.with_columns(pl.col("causes").list.join("; ")), out / "changes.csv")


def print_changes(found: Attribution, runs: tuple[Run, Run], out: Path | None) -> None:
    """How many lights changed by which cause, and the first of them."""
    from rich.markup import escape

    screen = console()
    before, after = (run.folder.name for run in runs)
    screen.print(escape(text("questions.compared", count=found.compared, before=before, after=after)))
    screen.print()
    if found.rows.is_empty():
        screen.print(text("questions.no_change"))
    else:
        screen.print(_causes_table(found))
        screen.print(_changed_table(found, runs))
    if out is not None:
        screen.print(escape(text("questions.written", path=out)), soft_wrap=True)


def _causes_table(found: Attribution) -> Table:
    import polars as pl

    table = plain_table(text("questions.causes_title"))
    table.add_column(text("questions.col_cause"), overflow="fold")
    for standard in found.standards:
        table.add_column(standard, justify="right", overflow="fold")
    causes = found.rows.explode("causes")
    for cause in CAUSES:
        of_cause = causes.filter(pl.col("causes") == cause)
        counts = [len(of_cause.filter(pl.col("standard") == standard)) for standard in found.standards]
        if any(counts):
            table.add_row(text(f"questions.cause_{cause}"), *(str(count) if count else "–" for count in counts))
    return table


def _changed_table(found: Attribution, runs: tuple[Run, Run]) -> Table:
    from rich.markup import escape

    names = {
        row["id"]: row for run in runs for row in run.portfolio.projects.select("id", "name", "name_zh").to_dicts()
    }
    table = plain_table(text("questions.changed_title"))
    table.add_column(text("cli.col_project"), max_width=26, overflow="fold")
    table.add_column(text("cli.col_standard"), max_width=16, overflow="fold")
    table.add_column(text("questions.col_change"), overflow="fold")
    table.add_column(text("questions.col_cause"), max_width=20, overflow="fold")
    for row in found.rows.head(SHOWN).iter_rows(named=True):
        name = names[row["project_id"]]
        shown = (name["name_zh"] if user_language() == "zh" else None) or name["name"] or row["project_id"]
        change = text("questions.change", before=_words(row["before"]), after=_words(row["after"]))
        causes = text("questions.then").join(text(f"questions.cause_{cause}") for cause in row["causes"])
        table.add_row(escape(shown), row["standard"], change, causes)
    if len(found.rows) > SHOWN:
        table.caption = text("cli.more_rows", count=len(found.rows) - SHOWN)
    return table


def backtest_json(found: Backtest, rejected: int) -> str:
    """Every project with what was knowable, as a JSON object. rejected: rows of the portfolio that could not be read"""
    parts = {"standards": found.standards, "undated": found.undated, "rejected": rejected,
             "areas_with_a_year": found.areas}  # fmt: skip
    return json.dumps(parts | {"projects": found.rows.to_dicts()}, ensure_ascii=False, default=str)


def write_backtest(found: Backtest, out: Path) -> None:
    """backtest.csv in a folder."""
    _write(found.rows, out / "backtest.csv")


def print_backtest(found: Backtest, dossier: Dossier, out: Path | None) -> None:
    """A standard: what it said then, what it says of the facts of then, what it says now."""
    from rich.markup import escape

    screen = console()
    print_left_out(screen, dossier)
    screen.print(text("questions.backtest_line", count=len(found.rows), undated=found.undated))
    for name, (dated, all_) in found.areas.items():
        screen.print(escape(text("questions.backtest_areas", layer=name, dated=f"{dated:,}", all=f"{all_:,}")))
    screen.print(text("questions.backtest_limits"), style="dim")
    screen.print()
    for standard in found.standards:
        screen.print(_backtest_table(found, dossier, standard))
    if out is not None:
        screen.print(escape(text("questions.written", path=out)), soft_wrap=True)


def _words(value: str, standard: Standard | None = None) -> str:
    """A light, a level of the standard, or that there was neither."""
    if value in ("ABSENT", "NOT_IN_FORCE"):
        return text(f"questions.{value.lower()}")
    return light_words(value) if standard is None else value_words(standard, value)


def _backtest_table(found: Backtest, dossier: Dossier, standard: str) -> Table:
    defined = {**dossier.verdicts, **dossier.categories}[standard].standard
    table = plain_table(defined.label.within(user_language()))
    for column in ("then", "facts_then", "now"):
        table.add_column(text(f"questions.col_{column}"), overflow="fold")
    table.add_column(text("questions.col_projects"), justify="right")
    columns = [f"{standard}_{column}" for column in ("then", "facts_then", "now")]
    counted = found.rows.group_by(columns).len().sort("len", *columns, descending=[True, False, False, False])
    for *said, count in counted.iter_rows():
        table.add_row(*(_words(value, defined) for value in said), f"{count:,}")
    return table


def _write(table: pl.DataFrame, path: Path) -> None:
    from greensilk.reports.files import write_whole
    from greensilk.reports.tables import csv_bytes

    write_whole(path, csv_bytes(table))
