"""What `greensilk rules explain` prints: why a project is rated so, what single fact would turn it, what is open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape

from greensilk.cli.rules_words import set_apart, value_words
from greensilk.cli.terminal import console, light_text
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.console import Console

    from greensilk.appraisal import Dossier
    from greensilk.reports.fact_sheet import FactSheet
    from greensilk.rules.judging import Table
    from greensilk.rules.model import TraceStep
    from greensilk.rules.turning_points import Change, TurningPoint, TurningPoints

# A Chinese character with the marks that close it, or a word; each with what keeps it apart from the next.
PARTS = re.compile(r"(?:[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)[，。；：、）》”？！…]*\s*")
ITEMS_NAMED = 3  # of those that one fact would change


def print_explained(dossier: Dossier) -> None:
    """The one project of a dossier by every standard that it was judged by."""
    from greensilk.reports.fact_sheet import FactSheet

    lang, screen = user_language(), console()
    project = dossier.portfolio.projects.row(0, named=True)
    name = (project["name_zh"] if lang == "zh" else None) or project["name"]
    screen.print(f"[bold]{escape(name)}[/] {escape(project['id'] if project['id'] != name else '')}".rstrip())
    screen.print(text("rule_questions.as_of", day=dossier.on.isoformat()), style="dim")
    sheet = FactSheet(dossier.facts, project_years(dossier), loaded=dossier.layers)
    of_kinds: tuple[Table, ...] = (
        *dossier.verdicts.values(),
        *dossier.categories.values(),
        *dossier.items.values(),
    )
    for table in of_kinds:
        screen.print()
        _print_one(screen, table, sheet)


def project_years(dossier: Dossier) -> list[str | None]:
    """(n,) which dates of each project are a year or month only, as the portfolio says."""
    years: list[str | None] = dossier.portfolio.projects["year_only"].to_list()
    return years


def _print_one(screen: Console, table: Table, sheet: FactSheet) -> None:
    from greensilk.rules.turning_points import turning_points

    screen.print(f"{_headline(table)}  [bold]{escape(table.standard.label.within(user_language()))}[/]")
    _indented(screen, table.standard.notice.within(user_language()), 2, "dim")
    for line in _bounds(table):
        _indented(screen, line, 2)
    _print_why(screen, table, sheet)
    found = turning_points(table, 0)
    turns = [one for one in found.points if not one.is_open]
    if turns or not _is_outside(table):
        _heading(screen, "would_turn")
        for one in turns:
            _indented(screen, _turn(table, one), 4)
        if not turns:
            _indented(screen, text("rule_questions.nothing_would"), 4)
        _print_open(screen, table, found)


def _is_outside(table: Table) -> bool:
    """Whether the standard does not speak of the project."""
    return bool(table.hearing.applies[0] == 0)


def _bounds(table: Table) -> Iterator[str]:
    """What is still possible, and what promised measures would give."""
    from greensilk.rules import ItemTable

    if isinstance(table, ItemTable) or _is_outside(table):
        return
    row = table.table.row(0, named=True)
    if row["best"] != row["worst"]:
        yield text(
            "rule_questions.still_possible",
            best=set_apart(value_words(table.standard, row["best"])),
            worst=set_apart(value_words(table.standard, row["worst"])),
        )
    if row.get("conditional_light") is not None:
        yield text("reports.conditional", light=value_words(table.standard, row["conditional_light"]))


def _heading(screen: Console, key: str) -> None:
    _indented(screen, text(f"rule_questions.{key}"), 2, "bold")


def _indented(screen: Console, line: str, by: int, style: str = "") -> None:
    from rich.padding import Padding
    from rich.text import Text

    shown = "\n".join(_broken(line, screen.width - by))
    screen.print(Padding(Text(shown, style=style, overflow="fold"), (0, 0, 0, by)))


def _broken(line: str, width: int) -> Iterator[str]:
    """Lines of at most `width` cells: Chinese breaks between any two characters, but not before a closing mark."""
    from rich.cells import cell_len

    row = ""
    for part in PARTS.findall(line):
        if row and cell_len(row + part.rstrip()) > width:
            yield row.rstrip()
            row = ""
        row += part
    yield row.rstrip()


def _headline(table: Table) -> str:
    """The light with its mark, the category, or how many items there are of each status."""
    from greensilk.rules import ItemTable, VerdictTable

    if isinstance(table, ItemTable):
        if table.table["applies"][0] is False or not table.items:
            return light_text("NOT_APPLICABLE")
        counts = {name: int(table.counts[name].sum()) for name in reversed(table.statuses)}
        said = (text("kinds.counted", count=n, status=text(f"kinds.status_{name}")) for name, n in counts.items() if n)
        return text("cli.list_comma").join(said)
    row = table.table.row(0, named=True)
    if isinstance(table, VerdictTable):
        word = light_text(row["light"])
        by_type = row["basis"] == "type_only" and row["light"] in ("GREEN", "YELLOW")
        return text("cli.by_type", light=word) if by_type else word
    return f"[bold]{escape(value_words(table.standard, row['category']))}[/]"


def _print_why(screen: Console, table: Table, sheet: FactSheet) -> None:
    """The deciding steps with what they saw and their clauses; then the sources of all of them."""
    _heading(screen, "why_so")
    steps = list(_deciding(table))
    for step in steps:
        _print_step(screen, table, step, sheet)
    if not steps:
        _indented(screen, text("rule_questions.no_rule_holds"), 4)
    of_rules = (source for step in steps if table.standard.rule(step.rule_id) is not None for source in step.source)
    sources = dict.fromkeys(" ".join(filter(None, (one.title, one.page, one.href))) for one in of_rules)
    if sources:
        _indented(screen, text("rule_questions.sources", sources=text("cli.list_comma").join(sources)), 4, "dim")


def _deciding(table: Table) -> Iterator[TraceStep]:
    """The steps that hold, flags aside; those that are open where that is why nothing can be concluded."""
    steps = [step for step in table.trace(0) if _kind(table, step) != "flag"]
    if len(steps) == 1:
        yield steps[0]
        return
    if _concludes_nothing(table):
        yield from (step for step in steps if step.result == "unknown")
    overriding = [step for step in steps if _kind(table, step) == "override" and step.result == "true"]
    yield from overriding or [step for step in steps if step.result == "true" and step.rule_id != "applies"]


def _concludes_nothing(table: Table) -> bool:
    from greensilk.rules import ItemTable

    if isinstance(table, ItemTable):
        return bool(table.table["applies"][0] is None)
    return bool(table.method.lights[0] == len(table.hearing.scale) - 1)


def _kind(table: Table, step: TraceStep) -> str | None:
    rule = table.standard.rule(step.rule_id)
    return None if rule is None else rule.kind


def _print_step(screen: Console, table: Table, step: TraceStep, sheet: FactSheet) -> None:
    lang, rule = user_language(), table.standard.rule(step.rule_id)
    label = step.label.within(lang)
    pair = "cli.question_answered" if label.endswith(("?", "？")) else "cli.step_said"
    _indented(screen, "• " + text(pair, label=label, follows=_said_of(table, step)), 4)
    if step.result == "unknown" and rule is not None:
        return  # what is open is told apart, with what an answer would do
    facts = _facts(step, sheet) if rule is not None or step.rule_id == "applies" else []
    if facts:
        _indented(screen, text("cli.list_comma").join(facts), 6)
    article = "" if rule is None or rule.article is None else rule.article.within(lang)
    clause = "" if step.clause is None else step.clause.within(lang)
    if article or clause:
        both = bool(article and clause)
        _indented(screen, text("cli.step_said", label=article, follows=clause) if both else article or clause, 6)


def _said_of(table: Table, step: TraceStep) -> str:
    """What followed of a step; of an item its status, which says whether something in hand meets what is asked."""
    from greensilk.rules import ItemTable

    if isinstance(table, ItemTable) and _kind(table, step) == "item":
        return value_words(table.standard, table.table[step.rule_id][0])
    return step.consequence.within(user_language())


def _facts(step: TraceStep, sheet: FactSheet) -> list[str]:
    """Facts that a step rests on, each once: those that are known where it is decided, else those that are not."""
    from greensilk.reports.verdict_view import fact_asked

    lang, is_open, found = user_language(), step.result == "unknown", []
    for use in step.facts:
        unknown = use.value is None or use.too_coarse
        if unknown == is_open:
            fact = fact_asked(use, sheet, 0)
            found.append(text("cli.step_said", label=fact.label.within(lang), follows=fact.value.within(lang)))
    return list(dict.fromkeys(found))


def _turn(table: Table, one: TurningPoint) -> str:
    """One supposed fact and what would follow."""
    from greensilk.cli.supposed_words import supposed_words

    lang, entries = user_language(), table.hearing.entries
    fact = entries[one.supposed.fact].label.within(lang)
    what = supposed_words(one.supposed, entries, lang)
    return text("rule_questions.if_it_were", fact=fact, what=what, follows=_follows(table, one.changes))


def _follows(table: Table, changes: Sequence[Change]) -> str:
    lang, said = user_language(), []
    for change in changes[:ITEMS_NAMED]:
        rule = table.standard.rule(change.item) if change.item else None
        before, after = (set_apart(value_words(table.standard, one)) for one in (change.before, change.after))
        if rule is None:
            said.append(text("rule_questions.turns", before=before, after=after))
        else:
            item = set_apart(rule.label.within(lang)).lstrip()
            said.append(text("rule_questions.item_turns", item=item, before=before, after=after))
    more = len(changes) - ITEMS_NAMED
    shown = text("cli.list_comma").join(said)
    return shown if more <= 0 else text("rule_questions.and_more", shown=shown, count=more)


def _print_open(screen: Console, table: Table, found: TurningPoints) -> None:
    """Facts that are not known, each with what its answers would do; those whose answer alone changes nothing last."""
    if not found.open_facts:
        return
    lang, entries = user_language(), table.hearing.entries
    _heading(screen, "open_now")
    silent = []
    for name in found.open_facts:
        answers = [one for one in found.points if one.is_open and one.supposed.fact == name]
        if not answers:
            silent.append(entries[name].label.within(lang))
        for one in answers:
            _indented(screen, _turn(table, one), 4)
    if silent:
        names = text("cli.list_comma").join(silent)
        _indented(screen, text("rule_questions.alone_nothing", names=names), 4, "dim")
