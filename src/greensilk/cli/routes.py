"""`greensilk routes`: alternatives of a route, made and compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from greensilk.cli import routes_generate
from greensilk.cli.options import Langs, read_names
from greensilk.cli.use import asking_once
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.table import Table

    from greensilk.reports.route_view import RouteReading

EXIT_REJECTED = 3
MOST_SHOWN = 10


def build() -> typer.Typer:
    """The commands compare and generate."""
    app = typer.Typer(help=text("routes.cli_help"), no_args_is_help=True, rich_markup_mode=None)
    _add_compare(app)
    routes_generate.add_to(app)
    return app


def _add_compare(app: typer.Typer) -> None:
    @app.command("compare", help=text("routes.cli_compare_help"))
    def compare(
        alternatives: Path = typer.Argument(metavar="ALTERNATIVES.geojson", help=text("routes.cli_file_help")),
        out: Path = typer.Option(Path("out"), metavar="DIR", help=text("routes.cli_out_help")),
        layers: str | None = typer.Option(None, help=text("cli.layers_help")),
        weights: Path | None = typer.Option(None, metavar="FILE.yaml", help=text("routes.cli_weights_help")),
        unit_costs: Path | None = typer.Option(None, metavar="FILE.yaml", help=text("routes.cli_costs_help")),
        width_m: float | None = typer.Option(None, metavar="M", help=text("routes.cli_width_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.route_comparison import RouteOptions, compare_routes
        from greensilk.cli.terminal import progress
        from greensilk.reports.route_files import results, write_routes
        from greensilk.reports.route_view import RouteReading

        with progress(as_json) as show:
            asked = RouteOptions(read_names(layers), weights, unit_costs, width_m, show)
            found = asking_once(lambda: compare_routes(alternatives, asked))
            show(text("cli.writing"), 0.9)
            written = write_routes(found, out)
        reading = RouteReading(found)
        if as_json:
            typer.echo(json.dumps(results(reading) | {"out": str(out)}, ensure_ascii=False, allow_nan=False))
        else:
            print_comparison(reading, written[0], out)
        raise typer.Exit(EXIT_REJECTED if len(found.file.rejects) else 0)


def print_comparison(reading: RouteReading, report: Path, out: Path) -> None:
    """The first ten by rank with their intervals, what must be known, what is not compared, and where the report is."""
    from greensilk.cli.terminal import console

    screen, lang, found = console(), user_language(), reading.comparison
    line = text("routes.cli_line", file=found.file.name, count=len(found), criteria=len(found.compared),
                rejected=found.file.rejected)  # fmt: skip
    screen.print(line, style="bold", markup=False)
    screen.print(_table(reading))
    if len(found) > MOST_SHOWN:
        screen.print(text("routes.cli_more", count=len(found) - MOST_SHOWN), markup=False)
    for words in reading.cautions():
        screen.print(words.within(lang), markup=False)
    for one in reading.not_compared():
        told = text("routes.cli_unknown", reason=one.reason.within(lang), labels=one.labels.within(lang))
        screen.print(told, style="dim", markup=False)
    if len(found.file.rejects):
        screen.print(text("routes.cli_rejects", path=out / "rejects.csv"), style="bold", markup=False)
    screen.print(text("routes.cli_report", path=report), markup=False, soft_wrap=True)


def _table(reading: RouteReading) -> Table:
    from rich.text import Text

    from greensilk.cli.terminal import plain_table

    lang = user_language()
    table = plain_table()
    table.add_column(text("routes.head_name"), min_width=14, overflow="fold")
    table.add_column(text("routes.head_rank"), justify="right")
    table.add_column(text("routes.head_standing"), max_width=12)
    shown = reading.comparison.compared[:2]
    for name in shown:
        label = reading.comparison.criterion(name).label.within(lang)
        table.add_column(label, justify="right", max_width=14, overflow="fold")
    for row in reading.rows()[:MOST_SHOWN]:
        rank = row.ranked.words.within(lang) if row.ranked else text("routes.no_rank")
        words = text("routes.cli_sketch", name=row.name.within(lang)) if row.sketch else row.name.within(lang)
        cells = [Text(one.words.within(lang)) for one in row.cells[: len(shown)]]
        table.add_row(Text(words), rank, row.standing_words.within(lang), *cells)
    return table
