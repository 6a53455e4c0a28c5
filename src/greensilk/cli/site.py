"""What `greensilk site` prints: the verdict, why, what is open, and the facts that matter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from greensilk.cli.terminal import console, light_text, plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from greensilk.appraisal import Dossier
    from greensilk.rules import VerdictTable

FACT_GROUPS = ("sensitive", "place", "people", "land", "climate")


def site_json(dossier: Dossier) -> str:
    """Verdicts and facts of the one site as a JSON object."""
    verdicts = {name: table.table.row(0, named=True) for name, table in dossier.verdicts.items()}
    facts = dossier.facts.long().drop("project_id").to_dicts()
    return json.dumps({"verdicts": verdicts, "facts": facts}, ensure_ascii=False, default=str)


def print_site(dossier: Dossier) -> None:
    """Verdicts with reasons and open questions, then the known facts."""
    screen = console()
    for verdicts in dossier.verdicts.values():
        light, basis = verdicts.table["light"][0], verdicts.table["basis"][0]
        if light == "NOT_APPLICABLE":
            continue
        _print_verdict(screen, verdicts, light, basis)
    screen.print(_facts_table(dossier))


def _print_verdict(screen: Any, verdicts: VerdictTable, light: str, basis: str) -> None:
    from greensilk.reports import settled_by_label

    lang = user_language()
    word = light_text(light)
    if basis == "type_only" and light in ("GREEN", "YELLOW"):
        word = text("cli.by_type", light=word)
    screen.print(f"{word}  [bold]{verdicts.standard.label.within(lang)}[/]")
    if not verdicts.standard.endorsed:
        screen.print(f"  {text('cli.endorsed_no')}", style="dim")
    for step in verdicts.trace(0):
        if step.result == "true":
            clause = f" ({step.clause.within(lang)})" if step.clause else ""
            screen.print(f"  {text('cli.why')}: {step.consequence.within(lang)}{clause}", markup=False)
    named = dict.fromkeys(settled_by_label(question, lang) for question in verdicts.questions(0))
    if named:
        screen.print(f"  {text('cli.open_questions')}: {'; '.join(named)}", markup=False)
    screen.print()


def _facts_table(dossier: Dossier) -> Any:
    from rich.markup import escape

    from greensilk.reports import shown_value

    lang = user_language()
    table = plain_table()
    table.add_column(text("cli.col_fact"), max_width=44, overflow="fold")
    table.add_column(text("cli.col_value"), max_width=34, overflow="fold")
    for name, column in dossier.facts.columns.items():
        entry = dossier.facts.entry(name)
        if entry.group in FACT_GROUPS and column.known[0]:
            table.add_row(escape(entry.label.within(lang)), escape(shown_value(dossier.facts, name, 0, lang)))
    return table
