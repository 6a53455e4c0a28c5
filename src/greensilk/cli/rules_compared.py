"""What `greensilk rules diff` prints and writes: what changed in the rules, and which projects changed by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from greensilk.cli.rules_words import value_words
from greensilk.cli.terminal import console, plain_table
from greensilk.texts import LANGUAGES, Language, text, user_language

if TYPE_CHECKING:
    import polars as pl
    from rich.table import Table

    from greensilk.appraisal.law_changes import DayComparison, LawChange
    from greensilk.rules.standard import Rule

SHOWN = 20


def compared_json(found: DayComparison) -> str:
    """Days, changes of law and everything that changed, as a JSON object."""
    days = {"from": found.days[0].isoformat(), "to": found.days[1].isoformat()}
    counts = {"projects": len(found.portfolio), "rejected": len(found.portfolio.rejects)}
    tables = {"law": _law_frame(found).to_dicts(), "changed": _changed_frame(found).to_dicts()}
    return json.dumps(days | counts | tables, ensure_ascii=False, default=str)


def write_compared(found: DayComparison, out: Path) -> None:
    """changes.csv and law.csv in a folder."""
    from greensilk.reports.files import write_whole
    from greensilk.reports.tables import csv_bytes

    write_whole(out / "law.csv", csv_bytes(_law_frame(found)))
    write_whole(out / "changes.csv", csv_bytes(_changed_frame(found)))


def print_compared(found: DayComparison, out: Path | None) -> None:
    """What changed in the rules, how many projects changed, and the first of them."""
    from rich.markup import escape

    screen, (first, last) = console(), found.days
    count = len(found.portfolio)
    screen.print(text("rule_questions.compared", count=count, first=first.isoformat(), last=last.isoformat()))
    if len(found.portfolio.rejects):
        screen.print(text("rule_questions.not_compared", count=len(found.portfolio.rejects)), style="bold")
    screen.print()
    if found.laws:
        screen.print(_law_table(found))
    else:
        screen.print(text("rule_questions.no_law_changed"))
    if found.changed.is_empty():
        screen.print(text("rule_questions.nobody_changed"))
    else:
        screen.print(_counts_table(found))
        if len(_apart(found)):
            screen.print(_projects_table(found))
    if out is not None:
        screen.print(escape(text("rule_questions.written", path=out)), soft_wrap=True)


def _law_table(found: DayComparison) -> Table:
    from rich.markup import escape

    lang, table = user_language(), plain_table(text("rule_questions.law_changed"))
    table.add_column(text("rule_questions.col_day"), no_wrap=True)
    table.add_column(text("cli.col_standard"), max_width=16, overflow="fold")
    table.add_column(text("rule_questions.col_what"), overflow="fold")
    for law in sorted(found.laws, key=lambda law: law.day):
        clause = "" if law.rule is None or law.rule.clause is None else law.rule.clause.within(lang)
        said = _law_words(law, lang)
        table.add_row(law.day.isoformat(), law.standard.id, escape(f"{said} [{clause}]" if clause else said))
    return table


def _law_words(law: LawChange, lang: Language) -> str:
    if law.rule is None and law.how == "issued":
        return text("rule_questions.law_issued", lang, standard=law.standard.label.within(lang))
    label = (law.standard.label if law.rule is None else law.rule.label).within(lang)
    if law.how != "threshold":
        return text(f"rule_questions.law_{law.how}", lang, rule=label)
    from greensilk.cli.supposed_words import number_words
    from greensilk.rules.faults import entries_of

    entry = entries_of(law.standard)[law.fact or ""]
    then, now = (
        text("rule_questions.no_threshold", lang) if one is None else number_words(one, entry, lang)
        for one in (law.before, law.after)
    )
    return text("rule_questions.law_threshold", lang, rule=label, fact=entry.label.within(lang), then=then, now=now)


def _counts_table(found: DayComparison) -> Table:
    from rich.markup import escape

    table = plain_table(text("rule_questions.who_changed"))
    table.add_column(text("cli.col_standard"), max_width=30, overflow="fold")
    table.add_column(text("rule_questions.col_then"), max_width=20, overflow="fold")
    table.add_column(text("rule_questions.col_now"), max_width=20, overflow="fold")
    table.add_column(text("rule_questions.col_count"), justify="right", no_wrap=True)
    lang, whole = user_language(), _new_lists(found)
    counted = _apart(found).group_by("standard", "item", "before", "after", maintain_order=True).len()
    for row in counted.iter_rows(named=True):
        standard = _standard(found, row["standard"])
        label = standard.label.within(lang)
        if row["item"] is not None:
            label = f"{standard.id}: {standard.rule(row['item']).label.within(lang)}"
        words = (value_words(standard, row["before"]), value_words(standard, row["after"]))
        table.add_row(escape(label), *map(escape, words), str(row["len"]))
    for name in whole:
        standard = _standard(found, name)
        now = text("rule_questions.in_force_now", count=sum(rule.kind == "item" for rule in standard.rules))
        count = found.changed.filter(found.changed["standard"] == name)["place"].n_unique()
        before = text("rule_questions.item_not_in_force")
        table.add_row(escape(standard.label.within(lang)), before, now, str(count))
    return table


def _new_lists(found: DayComparison) -> list[str]:
    """Ids of lists that came as a whole: that every item of them is new needs no line of its own."""
    issued = [law.standard for law in found.laws if law.how == "issued"]
    return [standard.id for standard in issued if standard.method == "items"]


def _apart(found: DayComparison) -> pl.DataFrame:
    """What changed, without lists that came as a whole; lights and categories first."""
    whole = _new_lists(found)
    changed = found.changed.filter(~found.changed["standard"].is_in(whole))
    order = changed["item"].is_not_null().arg_sort()
    return changed[order]


def _projects_table(found: DayComparison) -> Table:
    from rich.markup import escape

    lang, table = user_language(), plain_table(text("rule_questions.first_changed"))
    table.add_column(text("cli.col_project"), max_width=22, overflow="fold")
    table.add_column(text("rule_questions.col_change"), max_width=26, overflow="fold")
    table.add_column(text("rule_questions.col_why"), overflow="fold")
    names = found.portfolio.projects.select("id", "name", "name_zh")
    changed = _apart(found)
    for row in changed.head(SHOWN).iter_rows(named=True):
        project, standard = names.row(row["place"], named=True), _standard(found, row["standard"])
        name = (project["name_zh"] if lang == "zh" else None) or project["name"] or project["id"]
        change = text("rule_questions.then_now", then=value_words(standard, row["before"]),
                      now=value_words(standard, row["after"]))  # fmt: skip
        of = standard.id if row["item"] is None else f"{standard.id}: {row['item']}"
        table.add_row(escape(name), escape(f"{of}\n{change}"), escape(_why(found, row, lang)))
    if len(changed) > SHOWN:
        table.caption = text("cli.more_rows", count=len(changed) - SHOWN)
    return table


def _standard(found: DayComparison, name: str) -> Any:
    return next(one for one in found.standards if one.id == name)


def _why(found: DayComparison, row: dict[str, Any], lang: Language) -> str:
    """The changes of law and of facts that bear on one project."""
    laws = (found.laws[int(number)] for number in row["laws"].split(";") if number)
    facts = (found.facts.entry(name).label.within(lang) for name in row["facts"].split(";") if name)
    said = [_law_words(law, lang) for law in laws]
    said += [text("rule_questions.fact_changed", lang, fact=fact) for fact in facts]
    return text("cli.list_comma", lang).join(said) or text("rule_questions.no_one_cause", lang)


def _law_frame(found: DayComparison) -> pl.DataFrame:
    """One row a change of law."""
    import polars as pl

    rows = []
    for law in found.laws:
        rule: Rule | None = law.rule
        clause, article = (None, None) if rule is None else (rule.clause, rule.article)
        sources = law.standard.source if rule is None else rule.source
        row = {"standard": law.standard.id, "rule": None if rule is None else rule.id, "how": law.how,
               "day": law.day.isoformat(), "fact": law.fact, "before": law.before, "after": law.after}  # fmt: skip
        for lang in LANGUAGES:
            row |= {f"said_{lang}": _law_words(law, lang),
                    f"clause_{lang}": None if clause is None else clause.within(lang),
                    f"article_{lang}": None if article is None else article.within(lang)}  # fmt: skip
        rows.append(row | {"source": "; ".join(one.title for one in sources)})
    texts = ("standard", "rule", "how", "day", "fact", "source")
    spoken = [f"{name}_{lang}" for lang in LANGUAGES for name in ("said", "clause", "article")]
    schema = dict.fromkeys([*texts[:5], *spoken, "source"], pl.String) | dict.fromkeys(("before", "after"), pl.Float64)
    return pl.DataFrame(rows, schema=schema)


def _changed_frame(found: DayComparison) -> pl.DataFrame:
    """One row a project and standard, or item, that changed."""
    import polars as pl

    names = found.portfolio.projects.select("id", "name").with_row_index("place")
    frame = found.changed.join(names, on="place", how="left", maintain_order="left")
    causes = {pair: {"laws": pair[0], "facts": pair[1]} for pair in frame.select("laws", "facts").unique().rows()}
    why = {lang: {pair: _why(found, row, lang) for pair, row in causes.items()} for lang in LANGUAGES}
    pairs = frame.select("laws", "facts").rows()
    rules = [";".join(_rule_name(found.laws[int(one)]) for one in laws.split(";") if one) for laws, _ in pairs]
    return frame.select(
        pl.col("id").alias("project_id"), "name", "standard", "item", "before", "after",
        pl.Series("changed_rules", rules, dtype=pl.String), pl.col("facts").alias("changed_facts"),
        *(pl.Series(f"why_{lang}", [why[lang][pair] for pair in pairs], dtype=pl.String) for lang in LANGUAGES),
    )  # fmt: skip


def _rule_name(law: LawChange) -> str:
    return law.standard.id if law.rule is None else law.rule.id
