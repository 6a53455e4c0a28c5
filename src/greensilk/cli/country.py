"""`greensilk country LAO`: a country's profile on one screen. No rank is shown without its interval."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer

from greensilk.cli.options import Langs, read_day
from greensilk.texts import Language, text, user_language

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from greensilk.appraisal.countries import Evaluation
    from greensilk.appraisal.profiles import Profile, RankInterval
    from greensilk.indices.findings import Finding

INDENT = " " * 8
STOPS = "，。；：、！？）》”"
PIECES = re.compile(rf"\s*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)(?: %)?[{STOPS}]*")
BAR_CELLS = 24
KINDS = ("challenge", "opportunity")


def add_to(app: typer.Typer) -> None:
    """The command country."""

    @app.command("country", help=text("countries.cli_help"))
    def country(
        name: str = typer.Argument(help=text("countries.cli_name_help")),
        index: str = typer.Option("eco_environment", "--index", help=text("countries.cli_index_help")),
        on: str | None = typer.Option(None, "--on", help=text("countries.cli_on_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        print_profile(name, index, on)


def print_profile(name: str, index: str, on: str | None = None) -> None:
    """The profile of a country: scores with rank intervals, findings, values, neighbours, what it rests on.

    raises: UsageError for an unknown country or index, or a country without values
    """
    from greensilk.appraisal.countries import codes_of, evaluate
    from greensilk.cli.terminal import console, progress

    codes = codes_of([name])
    with progress(quiet=False) as tell:
        found = evaluate(index, codes, on=read_day("--on", on), progress=tell)
    profile, screen, lang = found.profile(name), console(), user_language()
    _print_head(screen, found, profile, lang)
    screen.print(_scores(found, profile, lang))
    for kind in KINDS:
        _print_findings(screen, profile, kind, lang)
    _print_unknown(screen, profile, lang)
    screen.print(_values(profile, lang))
    if profile.neighbours:
        screen.print(_neighbours(profile, lang))
    _print_foot(screen, found, profile, lang)


def _print_head(screen: Console, found: Evaluation, profile: Profile, lang: Language) -> None:
    region = profile.region.within(lang) if profile.region else text("countries.cli_no_region", lang)
    screen.print(f"{profile.name.within(lang)} · {region} · {profile.iso_a3}", style="bold", markup=False)
    about = text(
        "countries.cli_about", lang, index=found.definition.label.within(lang), ranked=found.ranked,
        count=f"{found.replications:,}",
    )  # fmt: skip
    screen.print(about, style="dim", markup=False)
    if profile.why_not_ranked:
        why = text("countries.cli_not_ranked", lang, why=profile.why_not_ranked.within(lang))
        screen.print(why, style="bold", markup=False)


def _scores(found: Evaluation, profile: Profile, lang: Language) -> Table:
    from greensilk.cli.terminal import plain_table

    table = plain_table()
    table.add_column("")
    table.add_column(text("countries.cli_score", lang), justify="right")
    table.add_column(text("countries.cli_rank", lang), justify="right", no_wrap=True)
    table.add_column(text("countries.cli_interval", lang), justify="right", no_wrap=True)
    table.add_column(text("countries.cli_bar", lang), no_wrap=True)
    for one in profile.scores:
        style = "bold" if one.element == found.definition.root else ""
        score = "–" if one.score is None else f"{one.score:.1f}"
        rank = "–" if one.interval.nominal is None else f"{one.interval.nominal} / {one.of}"
        cells = (one.label.within(lang), score, rank, _span(one.interval), rank_bar(one.interval, one.of))
        table.add_row(*cells, style=style)
    return table


def _span(interval: RankInterval) -> str:
    return "–" if interval.nominal is None else f"{interval.low}–{interval.high}"


def rank_bar(interval: RankInterval, of: int, cells: int = BAR_CELLS) -> str:
    """The interval as a bar from the best rank, at the left, to the last, and the rank itself as a dot.

    >>> from greensilk.appraisal.profiles import RankInterval
    >>> rank_bar(RankInterval(3, 2, 3, 5, 1.0), 10, 10)
    '·━●━━·····'
    """
    if interval.nominal is None or interval.low is None or interval.high is None:
        return ""

    def cell(rank: int) -> int:
        return min(cells - 1, (rank - 1) * cells // max(of, 1))

    marks = ["·"] * cells
    marks[cell(interval.low) : cell(interval.high) + 1] = "━" * (cell(interval.high) - cell(interval.low) + 1)
    marks[cell(interval.nominal)] = "●"
    return "".join(marks)


def _print_findings(screen: Console, profile: Profile, kind: str, lang: Language) -> None:
    from rich.text import Text

    held = [one for one in profile.findings if one.kind == kind and one.state == "holds"]
    screen.print(text(f"countries.cli_{kind}", lang, count=len(held)), style="bold", markup=False)
    for one in held:
        mark = "" if one.confirmed else text("countries.cli_reading", lang)
        screen.print(Text.assemble((one.id, "cyan"), " ", one.label.within(lang), (mark, "dim")))
        told = (one.text.within(lang), ""), ("→ " + one.means.within(lang), ""), (_evidence(one, lang), "dim")
        for paragraph, style in told:
            for line in wrapped(paragraph, screen.width - len(INDENT)):
                screen.print(INDENT + line, style=style, markup=False, no_wrap=True)
    screen.print()


def wrapped(paragraph: str, width: int) -> list[str]:
    """Lines of at most `width` cells: broken at blanks, and between Chinese characters but not before their stops.

    >>> wrapped("取水率为 25 %，偏高。", 13)
    ['取水率为', '25 %，偏高。']
    """
    from rich.cells import cell_len

    lines = [""]
    for piece in PIECES.findall(paragraph):
        if cell_len(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _evidence(finding: Finding, lang: Language) -> str:
    """Year and source of what a finding rests on, each once."""
    known = [one for one in finding.evidence if one.value is not None]
    told = (
        f"{one.source}{text('countries.cli_comma', lang)}{one.year or text('countries.cli_undated', lang)}"
        for one in known
    )
    return text("countries.cli_semicolon", lang).join(dict.fromkeys(told))


def _print_unknown(screen: Console, profile: Profile, lang: Language) -> None:
    unknown = [one for one in profile.findings if one.state == "not_known"]
    if unknown:
        listed = text("countries.cli_semicolon", lang).join(f"{one.id} {one.label.within(lang)}" for one in unknown)
        screen.print(text("countries.cli_unknown", lang, count=len(unknown), listed=listed), markup=False)
        screen.print()


def _values(profile: Profile, lang: Language) -> Table:
    from greensilk.cli.terminal import plain_table
    from greensilk.indices.findings import shown_number, unit_words

    table = plain_table(text("countries.cli_values", lang))
    table.caption = text("countries.cli_values_note", lang)
    table.add_column(text("countries.cli_indicator", lang), overflow="fold")
    table.add_column(text("countries.cli_value", lang), justify="right", no_wrap=True)
    table.add_column(text("countries.cli_unit", lang), overflow="fold", max_width=15)
    table.add_column(text("countries.cli_year", lang), justify="right", no_wrap=True)
    table.add_column(text("countries.cli_place", lang), justify="right", no_wrap=True)
    table.add_column(text("countries.cli_place_region", lang), justify="right", no_wrap=True)
    labels = {one.element: one.label.within(lang) for one in profile.scores}
    element = ""
    for row in profile.rows:
        if row.element != element and row.element in labels:
            element = row.element
            table.add_row(labels[element], style="bold")
        value = "–" if row.value is None else shown_number(row.value)
        year = "–" if row.value is None else str(row.year or text("countries.cli_undated", lang))
        here, near = _place(row.rank, row.of), _place(row.rank_in_region, row.of_region)
        table.add_row(row.label.within(lang), value, unit_words(row.unit, lang), year, here, near)
    return table


def _place(rank: int | None, of: int) -> str:
    return "–" if rank is None else f"{rank}/{of}"


def _neighbours(profile: Profile, lang: Language) -> Table:
    from greensilk.cli.terminal import plain_table

    table = plain_table(text("countries.cli_neighbours", lang))
    table.add_column("")
    table.add_column(text("countries.cli_score", lang), justify="right")
    table.add_column(text("countries.cli_rank", lang), justify="right")
    table.add_column(text("countries.cli_interval", lang), justify="right", no_wrap=True)
    table.add_column(
        text("countries.cli_chance", lang, name=profile.name.within(lang)), justify="right", overflow="fold"
    )
    for one in profile.neighbours:
        chance = "–" if one.chance_above is None else f"{one.chance_above:.0%}"
        score = "–" if one.score is None else f"{one.score:.1f}"
        table.add_row(one.name.within(lang), score, str(one.interval.nominal or "–"), _span(one.interval), chance)
    return table


def _print_foot(screen: Console, found: Evaluation, profile: Profile, lang: Language) -> None:
    rests = text(
        "countries.cli_rests", lang, present=profile.present, of=len(profile.rows), oldest=profile.oldest or "–",
        newest=profile.newest or "–", undated=profile.undated,
    )  # fmt: skip
    screen.print(rests, style="dim", markup=False)
    sources = dict.fromkeys(part for row in profile.rows if row.source for part in row.source.split(" + "))
    screen.print(
        text("countries.cli_sources", lang, listed=text("countries.cli_semicolon", lang).join(sources)),
        style="dim",
        markup=False,
    )
    for name, why in found.values.left_out.items():
        screen.print(text("countries.cli_left_out", lang, table=name, why=why.within(lang)), style="dim", markup=False)
    if not found.definition.confirmed:
        screen.print(text("countries.cli_unconfirmed", lang), style="dim", markup=False)
