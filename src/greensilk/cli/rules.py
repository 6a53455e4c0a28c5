"""`greensilk rules`: the standards, their rules, and one rule explained."""

from __future__ import annotations

import typer

from greensilk.cli.options import Langs
from greensilk.texts import text, user_language


def build() -> typer.Typer:
    """The commands list, show and explain."""
    app = typer.Typer(help=text("cli.rules_help"), no_args_is_help=True, rich_markup_mode=None)

    @app.command("list", help=text("cli.rules_list_help"))
    def list_all(lang: Langs = typer.Option(None, help=text("cli.lang_help"))) -> None:
        print_standards()

    @app.command("show", help=text("cli.rules_show_help"))
    def show(
        standard: str = typer.Argument(help=text("cli.standard_id_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        print_rules(standard)

    @app.command("explain", help=text("cli.rules_explain_help"))
    def explain(
        standard: str = typer.Argument(help=text("cli.standard_id_help")),
        rule: str = typer.Argument(help=text("cli.rule_id_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        print_rules(standard, rule)

    return app


def print_standards() -> None:
    """One line a standard, with how sure we are of it."""
    from rich.markup import escape

    from greensilk.cli.terminal import console, plain_table
    from greensilk.rules import standards

    lang = user_language()
    table = plain_table()
    table.add_column(text("cli.col_id"), no_wrap=True)
    table.add_column(text("cli.col_outcome"), no_wrap=True)
    table.add_column(text("cli.col_name"))
    for name, standard in standards().items():
        notes = [] if standard.endorsed else [standard.notice.within(lang)]
        label = ". ".join([standard.label.within(lang), *notes])
        table.add_row(name, standard.outcome_kind, escape(label))
    console().print(table)
