"""What `greensilk screen` prints: counts of every standard, the worst ten projects, where the report is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from greensilk.cli.kinds import counts_tables
from greensilk.cli.terminal import console, light_text, plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.table import Table

    from greensilk.appraisal import Dossier
    from greensilk.reports import Summary
    from greensilk.rules import VerdictTable

WORST_SHOWN = 10
LEFT_OVER_SHOWN = 5
WRITTEN = ("report.html", "results.*", "items.csv", "facts.parquet", "projects/*.html", "briefs/*.docx")
ORDER = ("RED", "UNKNOWN", "YELLOW", "GREEN", "NOT_APPLICABLE")


def print_json(dossier: Dossier, out: Path) -> None:
    """The counts as one JSON object on standard output."""
    from greensilk.reports import summary

    typer.echo(json.dumps(asdict(summary(dossier)) | {"out": str(out)}, ensure_ascii=False))


def left_over(out: Path, since: float) -> list[str]:
    """Results of an earlier run that this one, begun at `since` (seconds since 1970), did not write again."""
    found = (path for pattern in WRITTEN for path in sorted(out.glob(pattern)))
    return [path.relative_to(out).as_posix() for path in found if path.stat().st_mtime < since]


def print_summary(dossier: Dossier, out: Path, since: float) -> None:
    """Counts a standard, the worst ten by the first standard, rejected rows, paths, and what is older than the run."""
    from greensilk.reports import summary

    screen = console()
    counts = summary(dossier)
    tables = ("standards", "categories", "items")
    account = {name: value for name, value in asdict(counts).items() if name not in tables}
    screen.print(text("cli.rows_line", **account))
    for table in _tables(dossier, counts):
        screen.print(table)
    if len(dossier.portfolio.rejects):
        line = text("cli.rejected_line", count=counts.rejected, path=out / "rejects.csv")
        screen.print(line, style="bold", markup=False)
    if len(dossier.portfolio.notes):
        notes = text("cli.notes_line", count=len(dossier.portfolio.notes), path=out / "notes.csv")
        screen.print(notes, markup=False)
    old = left_over(out, since)
    if old:
        names = ", ".join(old[:LEFT_OVER_SHOWN]) + (" …" if old[LEFT_OVER_SHOWN:] else "")
        screen.print(text("cli.left_over", count=len(old), names=names), style="bold", markup=False)
    _print_fragile(dossier)
    report = out / "report.html"
    if report.is_file() and report.name not in old:
        screen.print(f"{text('cli.report_line')} {report}", soft_wrap=True, markup=False)


def _tables(dossier: Dossier, counts: Summary) -> Iterator[Table]:
    """Counts and the worst; nothing where no row could be read."""
    if not len(dossier.portfolio):
        return
    if counts.standards:
        yield _counts_table(dossier, counts)
        yield _worst_table(dossier, next(iter(dossier.verdicts.values())))
    yield from counts_tables(dossier, counts)


def _print_fragile(dossier: Dossier) -> None:
    from greensilk.reports.stability_view import is_fragile

    if dossier.stability is not None:
        fragile = sum(is_fragile(dossier, i) for i in range(len(dossier)))
        error = f"{dossier.stability.stated_error_m:g}"
        console().print(text("stability.terminal", count=fragile, all=len(dossier), error=error), markup=False)


def _counts_table(dossier: Dossier, counts: Summary) -> Table:
    from greensilk.reports.marks import BY_TYPE
    from greensilk.reports.rounding import grouped

    table = plain_table()
    table.add_column(text("cli.col_standard"), overflow="fold")
    for light in ORDER:
        table.add_column(light_text(light), justify="right")
    starred = False
    for name, found in counts.standards.items():
        cells = []
        for light in ORDER:
            by_type = found.rows.get(BY_TYPE.get(light, ""), 0)
            cells.append(grouped(found.rows[light]) + (f" + {grouped(by_type)}*" if by_type else ""))
            starred |= by_type > 0
        table.add_row(dossier.verdicts[name].standard.label.within(user_language()), *cells)
    if starred:
        table.caption = text("cli.by_type_note")
    return table


def _worst_table(dossier: Dossier, verdicts: VerdictTable) -> Table:
    from rich.markup import escape

    from greensilk.project_types import project_types

    lang = user_language()
    lights, bases = verdicts.table["light"].to_list(), verdicts.table["basis"].to_list()
    worst = sorted(range(len(lights)), key=lambda i: (ORDER.index(lights[i]), i))
    table = plain_table(text("cli.worst_first", standard=verdicts.standard.label.within(lang)))
    table.add_column(text("cli.col_light"), no_wrap=True)
    table.add_column(text("cli.col_project"), max_width=30, overflow="fold")
    table.add_column(text("cli.col_type"), max_width=22, overflow="fold")
    table.add_column(text("cli.col_open"), max_width=22, overflow="fold")
    projects = dossier.portfolio.projects
    questions = _first_questions(dossier, verdicts, worst[:WORST_SHOWN])
    for i in worst[:WORST_SHOWN]:
        row = projects.row(i, named=True)
        name = (row["name_zh"] if lang == "zh" else None) or row["name"] or row["id"]
        kind = project_types()[row["type"]].label.within(lang) if row["type"] else text("cli.unknown")
        table.add_row(light_text(lights[i], bases[i]), escape(name), kind, escape(questions[i]))
    if len(worst) > WORST_SHOWN:
        table.caption = text("cli.more_rows", count=len(worst) - WORST_SHOWN)
    return table


def _first_questions(dossier: Dossier, verdicts: VerdictTable, projects: Sequence[int]) -> dict[int, str]:
    """What would settle most about the verdict of some projects, as the report says it."""
    from greensilk.reports.fact_sheet import FactSheet

    first = {i: next(iter(verdicts.questions(i)), None) for i in projects}
    asked = {name for question in first.values() if question for name in question.facts}
    columns = {name: column for name, column in dossier.facts.columns.items() if name in asked}
    sheet = FactSheet(replace(dossier.facts, columns=columns), loaded=dossier.layers)
    lang, found = user_language(), {}
    for i, question in first.items():
        settles = question and sheet.settles_for(i, question.settled_by, question.facts)[0]
        found[i] = settles.within(lang) if settles else text("cli.nothing_open")
    return found


def print_repeat(dossier: Dossier, pin: Path) -> None:
    """Whether the run is the earlier one again, or what of it could not be had again."""
    from greensilk.appraisal.pins import differences, read_pin

    earlier, lang = read_pin(pin), user_language()
    others = differences(earlier, dossier.provenance)
    if not others:
        typer.echo(text("cli.repeated", run_id=earlier.run_id))
    else:
        listed = text("cli.list_comma").join(one.within(lang) for one in others)
        typer.echo(text("cli.not_quite_repeated", run_id=earlier.run_id, others=listed))
