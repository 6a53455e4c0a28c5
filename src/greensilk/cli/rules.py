"""`greensilk rules`: the standards and their rules, tried by worked cases, on one project, and on two days."""

from __future__ import annotations

from pathlib import Path

import typer

from greensilk.cli.options import Langs, read_day, read_maps, read_names
from greensilk.cli.use import asking_once
from greensilk.texts import text

EXIT_DIFFERS = 1


def build() -> typer.Typer:
    """The commands list, show, test, explain and diff."""
    app = typer.Typer(help=text("cli.rules_help"), no_args_is_help=True, rich_markup_mode=None)
    _add_views(app)
    _add_test(app)
    _add_explain(app)
    _add_diff(app)
    return app


def _add_views(app: typer.Typer) -> None:
    @app.command("list", help=text("cli.rules_list_help"))
    def list_all(
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.own_standards import find_standards
        from greensilk.cli.rules_shown import print_standards

        print_standards(find_standards(standards_dir))

    @app.command("show", help=text("cli.rules_show_help"))
    def show(
        standard: str = typer.Argument(help=text("cli.standard_id_help")),
        rule: str | None = typer.Argument(None, help=text("cli.rule_id_help")),
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.own_standards import find_standards
        from greensilk.cli.rules_shown import print_rules

        print_rules(find_standards(standards_dir).standard(standard), rule)


def _add_test(app: typer.Typer) -> None:
    @app.command("test", help=text("cli.rules_test_help"))
    def test(
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        cases: Path | None = typer.Option(None, metavar="DIR", help=text("cli.cases_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.own_standards import find_standards
        from greensilk.cli.rules_tested import print_tested, tested_json
        from greensilk.rules.worked_cases import run_all

        known = find_standards(standards_dir).known
        found = run_all(known, cases)
        if as_json:
            typer.echo(tested_json(known, found))
        else:
            print_tested(known, found)
        raise typer.Exit(EXIT_DIFFERS if any(one.differences for one in found) else 0)


def _add_explain(app: typer.Typer) -> None:
    @app.command("explain", help=text("cli.rules_explain_help"))
    def explain(
        project: str = typer.Argument(help=text("cli.project_help")),
        portfolio: Path = typer.Option(..., "--in", metavar="PORTFOLIO", help=text("cli.portfolio_help")),
        standards: str | None = typer.Option(None, help=text("cli.standards_help")),
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        on: str | None = typer.Option(None, help=text("cli.on_help")),
        layers: str | None = typer.Option(None, help=text("cli.layers_help")),
        map: list[str] = typer.Option([], help=text("cli.map_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal import appraise
        from greensilk.appraisal.own_standards import find_standards
        from greensilk.cli.rules_explained import print_explained
        from greensilk.cli.terminal import progress
        from greensilk.screening import read_portfolio
        from greensilk.screening.one_project import only

        pairs, mapping = read_maps(map)
        day, at_hand = read_day("--on", on), find_standards(standards_dir)
        chosen = [one.id for one in at_hand.chosen(read_names(standards))]
        one = only(read_portfolio(portfolio, mapping, columns=pairs), project)
        with progress(False) as show:
            dossier = asking_once(
                lambda: appraise(one, chosen, day, read_names(layers), progress=show, at_hand=at_hand)
            )
        print_explained(dossier)


def _add_diff(app: typer.Typer) -> None:
    @app.command("diff", help=text("cli.rules_diff_help"))
    def diff(
        portfolio: Path = typer.Argument(help=text("cli.portfolio_help")),
        first: str = typer.Option(..., "--from", metavar="DATE", help=text("cli.from_help")),
        last: str = typer.Option(..., "--to", metavar="DATE", help=text("cli.to_help")),
        standards: str | None = typer.Option(None, help=text("cli.standards_help")),
        standards_dir: Path | None = typer.Option(None, metavar="DIR", help=text("cli.standards_dir_help")),
        layers: str | None = typer.Option(None, help=text("cli.layers_help")),
        map: list[str] = typer.Option([], help=text("cli.map_help")),
        out: Path | None = typer.Option(None, help=text("cli.rules_diff_out_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        from greensilk.appraisal.law_changes import compare_days
        from greensilk.appraisal.own_standards import find_standards
        from greensilk.cli.rules_compared import compared_json, print_compared, write_compared
        from greensilk.cli.terminal import progress
        from greensilk.screening import read_portfolio

        pairs, mapping = read_maps(map)
        days, at_hand = (read_day("--from", first), read_day("--to", last)), find_standards(standards_dir)
        chosen = at_hand.chosen(read_names(standards))
        read = read_portfolio(portfolio, mapping, columns=pairs)
        with progress(as_json) as show:
            found = asking_once(lambda: compare_days(read, chosen, days, read_names(layers), progress=show))
        if out is not None:
            write_compared(found, out)
        if as_json:
            typer.echo(compared_json(found))
        else:
            print_compared(found, out)
