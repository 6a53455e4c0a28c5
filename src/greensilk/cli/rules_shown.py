"""What `greensilk rules list` and `rules show` print: standards, their rules, one rule in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.table import Table

    from greensilk.rules import RuleText, Standard, StandardsAtHand


def print_standards(at_hand: StandardsAtHand) -> None:
    """One line a standard, with how sure we are of it."""
    from rich.markup import escape

    from greensilk.cli.terminal import console, plain_table

    lang = user_language()
    table = plain_table()
    table.add_column(text("cli.col_id"), no_wrap=True)
    table.add_column(text("cli.col_outcome"), no_wrap=True)
    table.add_column(text("cli.col_name"), overflow="fold")
    for name, standard in at_hand.known.items():
        notes = [] if standard.endorsed else [standard.notice.within(lang)]
        notes += [text("rule_questions.of_your_own")] if name in at_hand.own else []
        label = text("cli.full_stop").join([standard.label.within(lang), *notes])
        table.add_row(name, text(f"cli.outcome_{standard.outcome_kind}"), escape(label))
    console().print(table)


def print_rules(standard: Standard, rule_id: str | None = None) -> None:
    """One standard with its rules as a table, or one rule in full."""
    from rich.markup import escape

    from greensilk.cli.terminal import console, plain_table
    from greensilk.rules import explain

    found = explain(standard, rule_id, user_language())
    screen = console()
    screen.print(f"[bold]{escape(found.label)}[/]")
    screen.print(escape(found.about if rule_id is None else found.method))
    screen.print(escape(f"{found.issued}{text('cli.stop')}{found.notice}"), style="dim")
    if found.not_read is not None:
        screen.print(escape(found.not_read), style="dim")
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
        "rule_questions.met_by": rule.met_by,
        "rule_questions.article": rule.article,
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
