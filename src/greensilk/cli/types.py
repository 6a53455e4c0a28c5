"""`greensilk types`: what kinds of project there are."""

from __future__ import annotations

import typer

from greensilk.cli.options import Langs
from greensilk.texts import text


def add_to(app: typer.Typer) -> None:
    """Adds the command."""

    @app.command("types", help=text("cli.types_help"))
    def types(
        search: str = typer.Argument("", help=text("cli.types_search_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        print_types(search)


def print_types(search: str) -> None:
    """Prints the types whose id, label or alias contains `search`, with their first effects."""
    from rich.markup import escape

    from greensilk.cli.terminal import console, plain_table
    from greensilk.project_types import OBJECTIVES, folded, project_types
    from greensilk.texts import user_language

    lang = user_language()
    table = plain_table()
    table.add_column(text("cli.col_id"), no_wrap=True)
    table.add_column(text("cli.col_name"), overflow="fold")
    table.add_column(text("cli.col_effects"), overflow="fold")
    for kind in project_types().values():
        names = (kind.id, kind.label.en, kind.label.zh, *kind.aliases.en, *kind.aliases.zh)
        if folded(search) not in "\n".join(folded(name) for name in names):
            continue
        effects = [getattr(kind.effects, objective) for objective in OBJECTIVES]
        shown = " / ".join(text(f"cli.effect_{'unknown' if e is None else e.name.lower()}") for e in effects)
        label = kind.label.within(lang) + ("" if kind.confirmed else text("cli.unconfirmed_mark"))
        table.add_row(kind.id, escape(label), shown if kind.built else text("cli.light_not_applicable"))
    console().print(table)
