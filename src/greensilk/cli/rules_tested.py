"""What `greensilk rules test` prints: counts a standard, and every failing case with what was expected and found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from greensilk.rules import Standard
    from greensilk.rules.worked_cases import CaseResult


def tested_json(standards: Mapping[str, Standard], results: Sequence[CaseResult]) -> str:
    """Counts a standard and the failing cases as a JSON object."""
    lang = user_language()
    counts = {
        name: {"cases": total, "failed": failed, "rules_without_case": list(untried)}
        for name, (total, failed, untried) in _counts(standards, results).items()
    }
    failed = [
        {
            "standard": one.standard,
            "case": one.case.name,
            "differences": [said.within(lang) for said in one.differences],
        }
        for one in results
        if one.differences
    ]
    return json.dumps({"standards": counts, "failed": failed}, ensure_ascii=False)


def print_tested(standards: Mapping[str, Standard], results: Sequence[CaseResult]) -> None:
    """A table of counts, the failing cases, and rules that hold in no case."""
    from rich.markup import escape

    from greensilk.cli.terminal import console, plain_table

    lang, screen, table = user_language(), console(), plain_table()
    table.add_column(text("cli.col_standard"), overflow="fold")
    for key in ("col_cases", "col_as_expected", "col_failed"):
        table.add_column(text(f"rule_questions.{key}"), justify="right", no_wrap=True)
    counts = _counts(standards, results)
    for name, (total, failed, _) in counts.items():
        table.add_row(name, str(total), str(total - failed), f"[bold]{failed}[/]" if failed else "0")
    screen.print(table)
    for one in results:
        if one.differences:
            screen.print(f"[bold]{escape(one.standard)}[/] {escape(one.case.name)}")
            for difference in one.differences:
                screen.print(escape(f"  {difference.within(lang)}"))
    for name, (_, _, untried) in counts.items():
        if untried:
            listed = text("cli.list_comma").join(untried)
            screen.print(escape(text("rule_questions.rules_without_case", standard=name, rules=listed)), style="dim")


def _counts(
    standards: Mapping[str, Standard], results: Sequence[CaseResult]
) -> dict[str, tuple[int, int, tuple[str, ...]]]:
    """Standard -> number of its cases, of those that fail, and its rules that hold in none."""
    found = {}
    for name, standard in standards.items():
        own = [one for one in results if one.standard == name]
        held = {rule for one in own for rule in one.held}
        untried = tuple(rule.id for rule in standard.rules if rule.id not in held)
        found[name] = (len(own), sum(bool(one.differences) for one in own), untried)
    return found
