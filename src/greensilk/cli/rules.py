"""`greensilk rules`: the standards, their rules, and one rule explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from greensilk.cli.options import Langs
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.table import Table

    from greensilk.rules import RuleText


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
    table.add_column(text("cli.col_name"), overflow="fold")
    for name, standard in standards().items():
        notes = [] if standard.endorsed else [standard.notice.within(lang)]
        label = text("cli.full_stop").join([standard.label.within(lang), *notes])
        table.add_row(name, text(f"cli.outcome_{standard.outcome_kind}"), escape(label))
    console().print(table)


def print_rules(standard_id: str, rule_id: str | None = None) -> None:
    """One standard with its rules as a table, or one rule in full."""
    from rich.markup import escape

    from greensilk.cli.terminal import console, plain_table
    from greensilk.rules import explain

    found = explain(standard_id, rule_id, user_language())
    screen = console()
    screen.print(f"[bold]{escape(found.label)}[/]")
    screen.print(escape(found.about if rule_id is None else found.method))
    screen.print(escape(f"{found.issued}{text('cli.stop')}{found.notice}"), style="dim")
    if rule_id is not None:
        screen.print(_rule_table(found.rules[0]))
        return
    table = plain_table()
    table.add_column(text("cli.col_id"), no_wrap=True)
    table.add_column(text("cli.col_rule"), overflow="fold")
    table.add_column(text("cli.col_follows"), max_width=24, overflow="fold")
    for rule in found.rules:
        sure = "" if rule.confirmed else text("cli.unconfirmed_mark")
        table.add_row(rule.rule_id, escape(rule.label + sure), escape(rule.follows))
    screen.print(table)


def _rule_table(rule: RuleText) -> Table:
    from rich.markup import escape

    from greensilk.cli.terminal import plain_table

    table = plain_table()
    table.show_header = False
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    sources = "\n".join(" ".join(filter(None, (one.title, one.href, one.page))) for one in rule.source)
    rows = {
        "cli.col_id": rule.rule_id,
        "cli.col_rule": rule.label,
        "cli.asks": rule.asks,
        "cli.col_follows": rule.follows,
        "cli.clause": rule.clause,
        "cli.in_force": " – ".join(filter(None, (rule.since, rule.until))),
        "cli.support": text(f"cli.support_{rule.coarsest_support}"),
        "cli.sources": sources,
        "cli.confirmed": text("cli.confirmed_yes" if rule.confirmed else "cli.confirmed_no"),
    }
    for key, value in rows.items():
        if value:
            table.add_row(text(key), escape(value))
    return table
