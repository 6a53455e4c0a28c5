"""What `greensilk site` prints: the verdict, why, what is open, and the facts that matter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.markup import escape

from greensilk.cli.kinds import category_lines, list_lines
from greensilk.cli.terminal import console, light_text, plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from greensilk.appraisal import Dossier
    from greensilk.reports.fact_sheet import FactSheet
    from greensilk.reports.verdict_view import VerdictView
    from greensilk.rules import VerdictTable

FACT_GROUPS = ("sensitive", "place", "people", "land", "climate")
RASTER_GROUPS, NOTE_MARKS = FACT_GROUPS[2:], "¹²³⁴⁵⁶⁷⁸⁹"


def site_json(dossier: Dossier) -> str:
    """What was judged of the one site, each kind for itself, and its facts, as a JSON object."""
    found = {
        "verdicts": {name: table.table.row(0, named=True) for name, table in dossier.verdicts.items()},
        "categories": {name: table.table.row(0, named=True) for name, table in dossier.categories.items()},
        "items": {name: table.table.row(0, named=True) for name, table in dossier.items.items()},
        "facts": dossier.facts.long().drop("project_id").to_dicts(),
    }
    return json.dumps(found, ensure_ascii=False, default=str)


def print_site(dossier: Dossier) -> None:
    """Verdicts with reasons and open questions, then the known facts."""
    from greensilk.reports.fact_sheet import FactSheet
    from greensilk.reports.verdict_view import VerdictSheet

    screen, sheet = console(), FactSheet(dossier.facts, loaded=dossier.layers)
    for verdicts in dossier.verdicts.values():
        view = VerdictSheet(verdicts, sheet).view(0)
        if view.kind != "NOT_APPLICABLE":
            _print_verdict(screen, verdicts, view)
    _print_other_kinds(screen, dossier, sheet)
    screen.print(_facts_table(dossier, sheet))


def _print_other_kinds(screen: Console, dossier: Dossier, sheet: FactSheet) -> None:
    from greensilk.reports.bilingual import said
    from greensilk.reports.category_view import CategorySheet
    from greensilk.reports.item_view import ItemSheet

    lang = user_language()
    for table in dossier.categories.values():
        category = CategorySheet(table, sheet).view(0)
        if category.value != "NOT_APPLICABLE":
            _print_block(screen, category.line.within(lang), category_lines(category))
    for items in dossier.items.values():
        answers = ItemSheet(items, sheet).view(0)
        if answers.applies is not False:
            head = said("kinds.headed", standard=answers.standard, found=answers.line)
            _print_block(screen, head.within(lang), list_lines(answers))


def _print_block(screen: Console, head: str, lines: list[str]) -> None:
    screen.print(f"[bold]{escape(head)}[/]")
    for number, line in enumerate(lines):
        _print_indented(screen, line, "" if number else "dim")
    screen.print()


def _print_verdict(screen: Console, verdicts: VerdictTable, view: VerdictView) -> None:
    lang = user_language()
    light, basis = verdicts.table["light"][0], verdicts.table["basis"][0]
    word = light_text(light)
    if basis == "type_only" and light in ("GREEN", "YELLOW"):
        word = text("cli.by_type", light=word)
    screen.print(f"{word}  [bold]{escape(verdicts.standard.label.within(lang))}[/]")
    _print_indented(screen, verdicts.standard.notice.within(lang), "dim")
    for step in view.steps_that("true"):
        clause = f" [{step.clause.within(lang)}]" if step.clause else ""
        label = step.label.within(lang)
        pair = "cli.question_answered" if label.endswith(("?", "？")) else "cli.step_said"
        said = text(pair, label=label, follows=step.consequence.within(lang)) + clause
        _print_indented(screen, text("cli.why") + said)
    named = dict.fromkeys(question.what.within(lang) for question in view.questions)
    if named:
        _print_indented(screen, text("cli.open_questions") + text("cli.list_comma").join(named))
    screen.print()


def _print_indented(screen: Console, line: str, style: str = "") -> None:
    from rich.padding import Padding
    from rich.text import Text

    screen.print(Padding(Text(line, style=style, overflow="fold"), (0, 0, 0, 2)))


def _facts_table(dossier: Dossier, sheet: FactSheet) -> Table:
    lang = user_language()
    table = plain_table()
    table.add_column(text("cli.col_fact"), max_width=46, overflow="fold")
    table.add_column(text("cli.col_value"), max_width=32, overflow="fold")
    titles = {one.id: one.title for one in dossier.provenance.layers}
    noted: list[str] = []  # imported rasters among the shipped ones: a share may be of another than its neighbour
    for name in dossier.facts.columns:
        view = sheet.view(0, name)
        if view is not None and view.known and view.group in FACT_GROUPS:
            feature = f" ({view.feature})" if view.feature else ""
            origin = view.origin.dataset
            if origin in titles and view.group in RASTER_GROUPS and origin not in noted:
                noted.append(origin)
            mark = NOTE_MARKS[noted.index(origin)] if origin in noted else ""
            table.add_row(escape(view.label.within(lang)), escape(view.value.within(lang) + mark + feature))
    notes = [
        text("cli.from_dataset", mark=mark, title=titles[one]) for mark, one in zip(NOTE_MARKS, noted, strict=False)
    ]
    table.caption = escape("\n".join(notes)) or None
    return table
