"""`greensilk portfolio`: what a portfolio is exposed to, why two screenings differ, what was knowable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from greensilk.cli.options import Langs, read_choice, read_day, read_maps, read_names
from greensilk.cli.use import asking_once
from greensilk.texts import text

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier


def build() -> typer.Typer:
    """The commands exposure, changes and backtest."""
    app = typer.Typer(help=text("questions.portfolio_help"), no_args_is_help=True, rich_markup_mode=None)
    _add_exposure(app)
    _add_changes(app)
    _add_backtest(app)
    return app


def _add_exposure(app: typer.Typer) -> None:
    @app.command("exposure", help=text("questions.exposure_help"))
    def exposure(
        portfolio: Path = typer.Argument(help=text("cli.portfolio_help")),
        by: str = typer.Option("sector", help=text("questions.by_help")),
        per: str = typer.Option("project", help=text("questions.per_help")),
        standard: str = typer.Option("gdg_2020", help=text("questions.standard_help")),
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        on: str | None = typer.Option(None, help=text("cli.on_help")),
        layers: str | None = typer.Option(None, help=text("cli.layers_help")),
        map: list[str] = typer.Option([], help=text("cli.map_help")),
        out: Path | None = typer.Option(None, help=text("questions.out_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.exposure import GROUPINGS, UNITS
        from greensilk.appraisal.holdings import holdings
        from greensilk.cli.portfolio_views import holdings_json, print_holdings, write_holdings

        group = read_choice("--by", by, {name: name for name in GROUPINGS})
        unit = read_choice("--per", per, {name: name for name in UNITS})
        dossier = _rated(portfolio, map, on, layers, standards_dir, as_json)
        found = holdings(dossier, standard, group, unit)
        if out is not None:
            write_holdings(found, out)
        if as_json:
            typer.echo(holdings_json(found))
        else:
            print_holdings(found, out)


def _add_changes(app: typer.Typer) -> None:
    @app.command("changes", help=text("questions.changes_help"))
    def changes(
        before: Path = typer.Argument(help=text("questions.before_help")),
        after: Path = typer.Argument(help=text("questions.after_help")),
        portfolio: Path = typer.Option(..., "--in", metavar="PORTFOLIO", help=text("questions.in_help")),
        then: Path | None = typer.Option(None, "--then", metavar="PORTFOLIO", help=text("questions.then_help")),
        map: list[str] = typer.Option([], help=text("cli.map_help")),
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        out: Path | None = typer.Option(None, help=text("questions.out_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.attribution import attribute, read_run
        from greensilk.appraisal.own_standards import find_standards
        from greensilk.cli.change_views import changes_json, print_changes, write_changes
        from greensilk.cli.terminal import progress
        from greensilk.screening import read_portfolio

        pairs, mapping = read_maps(map)
        later = read_portfolio(portfolio, mapping, columns=pairs)
        earlier = later if then is None else read_portfolio(then, mapping, columns=pairs)
        runs = read_run(before, earlier), read_run(after, later)
        with progress(as_json) as show:
            found = asking_once(lambda: attribute(*runs, find_standards(standards_dir), show))
        if out is not None:
            write_changes(found, out)
        if as_json:
            typer.echo(changes_json(found))
        else:
            print_changes(found, runs, out)


def _add_backtest(app: typer.Typer) -> None:
    @app.command("backtest", help=text("questions.backtest_help"))
    def backtest(
        portfolio: Path = typer.Argument(help=text("cli.portfolio_help")),
        layers: str | None = typer.Option(None, help=text("cli.layers_help")),
        map: list[str] = typer.Option([], help=text("cli.map_help")),
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        out: Path | None = typer.Option(None, help=text("questions.out_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.backtest import backtest as tested
        from greensilk.cli.change_views import backtest_json, print_backtest, write_backtest

        dossier = _rated(portfolio, map, None, layers, standards_dir, as_json)
        found = tested(dossier)
        if out is not None:
            write_backtest(found, out)
        if as_json:
            typer.echo(backtest_json(found, len(dossier.portfolio.rejects)))
        else:
            print_backtest(found, dossier, out)


def _rated(
    portfolio: Path, map_: list[str], on: str | None, layers: str | None, standards_dir: Path | None, quiet: bool
) -> Dossier:
    """A portfolio measured and judged by all standards, as `screen` does."""
    from greensilk.appraisal import appraise
    from greensilk.appraisal.own_standards import find_standards
    from greensilk.cli.terminal import progress
    from greensilk.screening import read_portfolio

    pairs, mapping = read_maps(map_)
    day, at_hand = read_day("--on", on), find_standards(standards_dir)
    read = read_portfolio(portfolio, mapping, columns=pairs)
    with progress(quiet) as show:
        return asking_once(lambda: appraise(read, None, day, read_names(layers), progress=show, at_hand=at_hand))
