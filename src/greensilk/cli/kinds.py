"""What the terminal says of categories, triggers, checklists and targets of states: counts, and one site's answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.markup import escape

from greensilk.cli.terminal import plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.table import Table

    from greensilk.appraisal import Dossier
    from greensilk.reports import Summary
    from greensilk.reports.category_view import CategoryView
    from greensilk.reports.item_view import ListView

STATUS_MARKS = {"triggered": "◆", "touched": "◆", "open": "☐", "done": "☑", "unknown": "?"}
NAMES_SHOWN = 6


def counts_tables(dossier: Dossier, counts: Summary) -> Iterator[Table]:
    """One table of categories, and one of each kind of list: only like kinds stand together."""
    if counts.categories:
        yield _categories_table(dossier, counts)
    kinds = list(dict.fromkeys(one.kind for one in counts.items.values()))
    for kind in kinds:
        table = _lists_table(dossier, counts, kind)
        table.caption = text("kinds.counted_answers") if kind == kinds[-1] else None
        yield table


def _categories_table(dossier: Dossier, counts: Summary) -> Table:
    from greensilk.reports.category_view import level_word
    from greensilk.reports.rounding import grouped

    lang = user_language()
    table = plain_table(text("kinds.categories"))
    table.add_column(text("cli.col_standard"), overflow="fold", ratio=2)
    table.add_column(text("kinds.head_category"), overflow="fold", ratio=3)
    for name, found in counts.categories.items():
        standard = dossier.categories[name].standard
        told = (
            f"{level_word(standard, level).within(lang)} {grouped(count)}"
            for level, count in found.rows.items()
            if count
        )
        table.add_row(escape(standard.label.within(lang)), escape(text("cli.list_comma").join(told)))
    return table


def _lists_table(dossier: Dossier, counts: Summary, kind: str) -> Table:
    from greensilk.reports.item_view import STATUS_ORDER
    from greensilk.reports.rounding import grouped

    found = {name: one.statuses for name, one in counts.items.items() if one.kind == kind}
    statuses = [status for status in STATUS_ORDER if any(status in one for one in found.values())]
    table = plain_table(text(f"kinds.list_{kind}"))
    table.add_column(text("cli.col_standard"), overflow="fold")
    for status in statuses:
        table.add_column(status_text(status), justify="right")
    for name, one in found.items():
        label = dossier.items[name].standard.label.within(user_language())
        table.add_row(escape(label), *(grouped(one.get(status, 0)) for status in statuses))
    return table


def status_text(status: str) -> str:
    """Mark and word of how an item stands: "☐ open"."""
    return f"{STATUS_MARKS.get(status, '–')} {text(f'kinds.status_{status}')}"


def category_lines(view: CategoryView) -> list[str]:
    """One site's category: what it is, what is still possible, what it rests on, what is open."""
    lang = user_language()
    lines = [view.notice, *([view.outcome] if view.outcome else []), view.basis]
    told = [line.within(lang) for line in lines]
    named = dict.fromkeys(question.what.within(lang) for question in view.questions)
    if named:
        told.append(text("cli.open_questions") + text("cli.list_comma").join(named))
    return told


def list_lines(view: ListView) -> list[str]:
    """One site's answers to a list: its items by status, but for those that are not asked."""
    from greensilk.reports.item_view import OFF

    lang, told = user_language(), [view.notice.within(user_language())]
    if view.applies is None:
        needed = text("cli.list_comma").join(one.within(lang) for one in view.scope)
        told.append(text("kinds.applies_unknown", lang, what=needed))
    for status, count in view.counts:
        if status in OFF:
            continue
        names = [item.text.label.within(lang) for item in view.having(status)]
        more = count - NAMES_SHOWN
        shown = text("cli.list_comma").join(names[:NAMES_SHOWN])
        if more > 0:
            shown = text("reports.and_more", lang, names=shown, count=more)
        told.append(f"{status_text(status)} {count}{text('reports.colon', lang)}{shown}")
    return told
