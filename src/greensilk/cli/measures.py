"""`greensilk measures`: the register of measures, and what measures would change in a portfolio."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from greensilk.cli.options import Langs, read_day, read_names
from greensilk.cli.use import asking_once
from greensilk.errors import UsageError
from greensilk.texts import Language, text, user_language

if TYPE_CHECKING:
    from rich.console import Console

    from greensilk.appraisal import Dossier
    from greensilk.project_types import Mitigation
    from greensilk.records import Tier
    from greensilk.reports.measures_view import MeasureLine
    from greensilk.reports.verdict_view import VerdictSheet
    from greensilk.rules import CategoryTable, VerdictTable

MOST_KNOWN = 12  # ids of projects named in a message


def build() -> typer.Typer:
    """The commands list and what-if."""
    app = typer.Typer(help=text("measures.help"), no_args_is_help=True, rich_markup_mode=None)

    @app.command("list", help=text("measures.list_help"))
    def list_all(
        type: str | None = typer.Option(None, "--type", help=text("measures.list_type_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        chosen = _meant_for(type)
        if as_json:
            typer.echo(json.dumps([one.model_dump(mode="json") for one in chosen], ensure_ascii=False))
        else:
            from greensilk.cli.measure_register import print_register

            print_register(chosen)

    @app.command("what-if", help=text("measures.what_if_help"))
    def what_if(
        portfolio: Path = typer.Argument(help=text("cli.portfolio_help")),
        project: str | None = typer.Argument(None, help=text("measures.project_help")),
        supposed: list[str] = typer.Option([], "--with", metavar="MEASURE:TIER", help=text("measures.with_help")),
        standards: str | None = typer.Option(None, help=text("cli.standards_help")),
        on: str | None = typer.Option(None, help=text("cli.on_help")),
        layers: str | None = typer.Option(None, help=text("cli.layers_help")),
        as_json: bool = typer.Option(False, "--json", help=text("cli.json_help")),
        lang: Langs = typer.Option(None, help=text("cli.lang_help")),
    ) -> None:
        named = read_supposed(supposed)
        from greensilk.appraisal import appraise
        from greensilk.cli.terminal import progress
        from greensilk.screening import read_portfolio

        read = read_portfolio(portfolio)
        with progress(as_json) as show:
            dossier = asking_once(
                lambda: appraise(read, read_names(standards), read_day("--on", on), read_names(layers), progress=show)
            )
        answer(dossier, _rows(dossier, project), named, as_json)

    return app


def _meant_for(given: str | None) -> list[Mitigation]:
    """The register in the order of the hierarchy; of one type where one is given."""
    from greensilk.project_types import find_type, mitigations, suggest_types
    from greensilk.rules.measure_sets import HIERARCHY

    kind = None if given is None else find_type(given)
    if given is not None and kind is None:
        raise UsageError("measures.unknown_type", name=given[:40], near=_near(suggest_types(given)))
    chosen = (one for one in mitigations().values() if kind is None or one.meant_for(kind))
    return sorted(chosen, key=lambda one: (HIERARCHY.index(one.hierarchy), one.objective or "~", one.id))


def _near(names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return text("measures.near", names=listed) if listed else ""


def read_supposed(given: list[str]) -> dict[str, Tier]:
    """`--with` values: measure id -> tier, the best where one is named twice.

    raises: UsageError for what is no measure or no tier
    """
    from difflib import get_close_matches

    from greensilk.project_types import folded, mitigations
    from greensilk.records import Tier
    from greensilk.screening.evidence import tier_called

    names = {
        folded(name): one.id
        for one in mitigations().values()
        for name in (one.id, one.label.en, one.label.zh, *one.aliases.en, *one.aliases.zh)
    }
    found: dict[str, Tier] = {}
    for value in given:
        name, _, tier_name = value.replace("：", ":").rpartition(":")
        measure, tier = names.get(folded(name)), tier_called(tier_name)
        if measure is None or not tier:
            close = get_close_matches(folded(name or value), names, n=3, cutoff=0.6) if measure is None else []
            near = _near(dict.fromkeys(names[one] for one in close))
            raise UsageError("measures.bad_with", value=value[:60], near=near)
        found[measure] = max(tier, found.get(measure, Tier.NONE))
    return found


def _rows(dossier: Dossier, project: str | None) -> list[int]:
    ids = dossier.portfolio.projects["id"].to_list()
    if not dossier.verdicts:
        raise UsageError("measures.no_lights")
    if project is None:
        return list(range(len(ids)))
    if project not in ids:
        known = ", ".join(ids[:MOST_KNOWN]) + (" …" if len(ids) > MOST_KNOWN else "")
        raise UsageError("measures.unknown_project", name=project[:60], known=known)
    return [ids.index(project)]


def answer(dossier: Dossier, rows: list[int], named: dict[str, Tier], as_json: bool) -> None:
    """Prints what would change some projects, or what the measures named do change."""
    from greensilk.reports.fact_sheet import FactSheet
    from greensilk.reports.verdict_view import VerdictSheet
    from greensilk.rules import judge
    from greensilk.rules.measures import with_measures

    facts = with_measures(dossier.facts, [named] * len(dossier)) if named else dossier.facts
    after = {name: judge(facts, one.standard, dossier.on) for name, one in dossier.verdicts.items()}
    sheet = FactSheet(dossier.facts, loaded=dossier.layers)
    sheets = {name: VerdictSheet(one, sheet) for name, one in dossier.verdicts.items()}
    if as_json:
        typer.echo(json.dumps(_json(dossier, rows, named, (sheets, after)), ensure_ascii=False))
    elif named:
        print_before_and_after(dossier, rows, named, after)
    else:
        print_sets(dossier, rows, sheets)


def _json(dossier: Dossier, rows: list[int], named: dict[str, Tier], found: tuple[Any, Any]) -> dict[str, Any]:
    from greensilk.reports.measures_view import measures_promise

    sheets, after = found
    ids, projects = dossier.portfolio.projects["id"], []
    for i in rows:
        standards = {}
        for name, sheet in sheets.items():
            standards[name] = {
                "before": _light(sheet.table, i),
                "after": _light(after[name], i) if named else None,
                "would_change": measures_promise(sheet.would_change[i]),
            }
        projects.append({"id": ids[i], "standards": standards})
    return {"supposed": {name: tier.name.lower() for name, tier in named.items()}, "projects": projects}


def _light(verdicts: VerdictTable | CategoryTable, i: int) -> dict[str, Any]:
    return verdicts.table.select("light", "basis", "conditional_light").row(i, named=True)


def print_before_and_after(
    dossier: Dossier, rows: list[int], named: dict[str, Tier], after: dict[str, VerdictTable]
) -> None:
    """The lights of the projects that a standard speaks of, before and after."""
    from rich.markup import escape

    from greensilk.cli.terminal import console, light_text, plain_table

    screen, lang = console(), user_language()
    told = (f"{_name(name)} ({text(f'measures.tier_{tier.name.lower()}')})" for name, tier in named.items())
    screen.print(escape(text("measures.supposed", measures=text("cli.list_comma").join(told))))
    _remarks(screen, dossier, rows, named)
    for name, table in after.items():
        before = dossier.verdicts[name]
        spoken = [i for i in rows if before.table["light"][i] != "NOT_APPLICABLE"]
        if not spoken:
            continue
        columns = plain_table(before.standard.label.within(lang))
        columns.add_column(text("cli.col_project"), overflow="fold")
        for key in ("before", "after", "condition"):
            columns.add_column(text(f"measures.col_{key}"), no_wrap=True)
        changed = 0
        for i in spoken:
            then, now = _light(before, i), _light(table, i)
            changed += then["light"] != now["light"]
            soft = now["conditional_light"]
            shown = (light_text(then["light"], then["basis"]), light_text(now["light"], now["basis"]))
            columns.add_row(escape(_title(dossier, i)), *shown, light_text(soft) if soft else "")
        standard = before.standard.label.within(lang)
        columns.caption = text("measures.changed", changed=changed, count=len(spoken), standard=standard)
        screen.print(columns)


def _remarks(screen: Console, dossier: Dossier, rows: list[int], named: dict[str, Tier]) -> None:
    """Why a measure that is supposed counts for nothing."""
    from greensilk.project_types import mitigations

    kinds = dossier.portfolio.projects["type"]
    for name in named:
        measure = mitigations()[name]
        strange = sum(not measure.meant_for(kinds[i]) for i in rows)
        said = []
        if measure.hierarchy == "offset":
            said.append(text("measures.an_offset", measure=_name(name)))
        elif not measure.recognised:
            said.append(text("measures.not_counted", measure=_name(name)))
        if strange:
            said.append(text("measures.not_meant", measure=_name(name), count=strange))
        for line in said:
            screen.print(line, style="dim", markup=False)


def _name(measure_id: str) -> str:
    from greensilk.project_types import mitigations

    return mitigations()[measure_id].label.within(user_language())


def _title(dossier: Dossier, i: int) -> str:
    row = dossier.portfolio.projects.row(i, named=True)
    return str((row["name_zh"] if user_language() == "zh" else None) or row["name"] or row["id"])


def print_sets(dossier: Dossier, rows: list[int], sheets: dict[str, VerdictSheet]) -> None:
    """For each project what would change its lights, or why nothing would."""
    from rich.markup import escape
    from rich.padding import Padding

    from greensilk.cli.portfolio_views import print_left_out
    from greensilk.cli.terminal import console, light_text
    from greensilk.reports.measures_view import measures_views

    screen, lang = console(), user_language()
    print_left_out(screen, dossier)
    starred = False
    for i in rows:
        views = measures_views(sheets.values(), i)
        first = _light(next(iter(sheets.values())).table, i)
        light_words = light_text(first["light"], first["basis"])
        starred |= light_words.endswith("*")
        screen.print(f"{light_words}  [bold]{escape(_title(dossier, i))}[/]")
        if not views:
            screen.print(Padding(text("measures.why_already_best" if first["light"] == "GREEN" else
                                      "measures.why_not_applicable"), (0, 0, 0, 2)))  # fmt: skip
        for view in views:
            lines = [(2, f"[dim]{escape(view.standard.within(lang))}[/]")]
            lines += [(2, escape(reason.within(lang))) for reason in view.reasons]
            for light in view.reached:
                lines.append((2, escape(light.headline.within(lang))))
                for one in light.sets:
                    lines += [(4, _measure(measure, lang)) for measure in one]
                lines.append((2, f"[dim]{escape(light.promised.within(lang))}[/]"))
            for indent, line in lines:
                screen.print(Padding(line, (0, 0, 0, indent)))
        screen.print()
    if starred:
        screen.print(text("cli.by_type_note"), style="dim")


def _measure(line: MeasureLine, lang: Language) -> str:
    from rich.markup import escape

    label, order, shown = (escape(one.within(lang)) for one in (line.label, line.hierarchy, line.shown_by))
    return text("measures.line", label=f"[bold]{label}[/]", order=order, shown_by=shown)
