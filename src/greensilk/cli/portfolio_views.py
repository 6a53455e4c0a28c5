"""What `greensilk portfolio exposure` prints and writes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from greensilk.cli.terminal import console, light_text, plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console
    from rich.table import Table

    from greensilk.appraisal import Dossier
    from greensilk.appraisal.holdings import Holdings

GROUPS_SHOWN, AREAS_SHOWN, UNKNOWNS_SHOWN = 12, 10, 8
UNKNOWN_COUNTS = ("lights", "categories", "items")


def holdings_json(found: Holdings) -> str:
    """All four answers as a JSON object."""
    return json.dumps(
        {
            "standard": found.standard,
            "by": found.by,
            "per": found.unit,
            "projects": len(found.dossier),
            "rejected": len(found.dossier.portfolio.rejects),
            "exposure": found.exposure.to_dicts(),
            "concentration": {currency: asdict(one) for currency, one in found.concentration.items()},
            "shared_areas": found.shared.to_dicts(),
            "shared_areas_withheld": found.withheld,
            "unknowns": found.unknowns.to_dicts(),
        },
        ensure_ascii=False,
    )


def write_holdings(found: Holdings, out: Path) -> None:
    """exposure.csv, shared_areas.csv and unknowns.csv in a folder."""
    import polars as pl

    from greensilk.reports.files import write_whole
    from greensilk.reports.tables import csv_bytes

    tables = {"exposure": found.exposure, "shared_areas": found.shared, "unknowns": found.unknowns}
    for name, table in tables.items():
        lists = [column for column, kind in table.schema.items() if kind == pl.List(pl.String())]
        write_whole(out / f"{name}.csv", csv_bytes(table.with_columns(pl.col(lists).list.join("; "))))


def print_holdings(found: Holdings, out: Path | None) -> None:
    """Exposure, concentration, shared areas, what would tell most."""
    from rich.markup import escape

    screen = console()
    print_left_out(screen, found.dossier)
    standard = found.dossier.verdicts[found.standard].standard.label.within(user_language())
    unit = text(f"questions.unit_{found.unit}")
    screen.print(escape(text("questions.exposure_title", unit=unit, standard=standard)), style="bold")
    screen.print(_exposure_table(found))
    for currency in found.concentration:
        screen.print(escape(_concentration_words(found, currency)))
    screen.print()
    if len(found.shared):
        screen.print(_shared_table(found))
    else:
        screen.print(text("questions.nothing_shared" if found.dossier.layers else "questions.no_layers"))
        screen.print()
    if found.withheld:
        screen.print(text("questions.withheld", layers=", ".join(found.withheld)))
    if len(found.unknowns):
        screen.print(_unknowns_table(found.unknowns))
    if out is not None:
        screen.print(escape(text("questions.written", path=out)), soft_wrap=True)


def print_left_out(screen: Console, dossier: Dossier) -> None:
    """How many rows of the portfolio could not be read, if any: nothing below counts them."""
    if len(dossier.portfolio.rejects):
        screen.print(text("rule_questions.not_compared", count=len(dossier.portfolio.rejects)), style="bold")
        screen.print()


def group_words(by: str, name: str) -> str:
    """A sector, type, country or lender in the user's language."""
    from greensilk.places import country_name
    from greensilk.project_types import project_types

    lang = user_language()
    if not name:
        return text("questions.not_given")
    if by == "sector":
        return text(f"rules.family_{name}")
    if by == "type":
        return project_types()[name].label.within(lang)
    known = country_name(name) if by == "country" else None
    return name if known is None else known.within(lang)


def _exposure_table(found: Holdings) -> Table:
    import polars as pl
    from rich.markup import escape

    from greensilk.appraisal.exposure import WORST_FIRST
    from greensilk.reports.rounding import grouped

    table = plain_table()
    table.add_column(text(f"questions.by_{found.by}"), max_width=20, overflow="fold")
    lights = [light for light in WORST_FIRST if light in set(found.exposure["light"])]
    for light in lights:
        table.add_column(_light_words(light), justify="right")
    table.add_column(text("questions.col_amount"), justify="right", min_width=8, overflow="fold")
    groups = found.exposure["group"].unique(maintain_order=True).to_list()
    for group in groups[:GROUPS_SHOWN]:
        rows = found.exposure.filter(pl.col("group") == group)
        counts = [int(rows.filter(pl.col("light") == light)["number"].sum()) for light in lights]
        amounts = (
            rows.group_by("currency", maintain_order=True).agg(pl.col("amount").sum()).filter(pl.col("amount") > 0)
        )
        said = "; ".join(f"{currency or '?'} {short(amount)}" for currency, amount in amounts.iter_rows())
        cells = [grouped(count) if count else "–" for count in counts]
        table.add_row(escape(group_words(found.by, group)), *cells, escape(said) or "–")
    more = [text("questions.more_groups", count=len(groups) - GROUPS_SHOWN)] if len(groups) > GROUPS_SHOWN else []
    table.caption = "\n".join([*more, text("questions.by_type_note")])
    return table


def _light_words(light: str) -> str:
    short_words = {
        "GREEN_BY_TYPE": "questions.green_by_type_column",
        "YELLOW_BY_TYPE": "questions.yellow_by_type_column",
        "NOT_APPLICABLE": "questions.not_applicable_column",
    }
    return text(short_words[light]) if light in short_words else light_text(light)


def short(amount: float) -> str:
    """An amount to three digits with a word for its size, which are those of each language.

    >>> short(22_119_295.3)
    '22.1 million'
    """
    steps = ((1e12, "trillion"), (1e8, "yi"), (1e4, "wan")) if user_language() == "zh" else (
        (1e12, "trillion"), (1e9, "billion"), (1e6, "million"))  # fmt: skip
    for size, word in steps:
        if amount >= size:
            part = amount / size
            return text(f"questions.amount_{word}", number=f"{part:,.0f}" if part >= 100 else f"{part:.3g}")
    return f"{amount:,.0f}"


def _concentration_words(found: Holdings, currency: str) -> str:
    from greensilk.reports.rounding import percent

    one, lang = found.concentration[currency], user_language()
    return text(
        "questions.concentration",
        what=currency or text(f"questions.unit_{found.unit}"),
        by=text(f"questions.by_{found.by}"),
        largest=group_words(found.by, one.largest),
        share=percent(one.largest_share).within(lang),
        five=percent(one.top_five_share).within(lang),
        groups=one.groups,
        effective=f"{one.effective_groups:.1f}",
    )


def _shared_table(found: Holdings) -> Table:
    from rich.markup import escape

    from greensilk.reports.labels import layer

    lang, table = user_language(), plain_table(text("questions.shared_title"))
    table.add_column(text("questions.col_layer"), max_width=20, overflow="fold")
    table.add_column(text("questions.col_area"), max_width=26, overflow="fold")
    table.add_column(text("questions.col_places"), justify="right")
    table.add_column(text("questions.col_taken"), justify="right")
    for row in found.shared.head(AREAS_SHOWN).iter_rows(named=True):
        taken = "–" if row["taken_km2"] is None else f"{row['taken_km2']:.3g}"
        table.add_row(layer(row["layer"]).within(lang), escape(row["name"] or "–"), str(row["places"]), taken)
    if len(found.shared) > AREAS_SHOWN:
        table.caption = text("questions.more_areas", count=len(found.shared) - AREAS_SHOWN)
    return table


def _unknowns_table(unknowns: pl.DataFrame) -> Table:
    from greensilk.reports.labels import layer, settled_by

    lang, table = user_language(), plain_table(text("questions.unknowns_title"))
    table.add_column(text("questions.col_unknown"), min_width=20, max_width=26, overflow="fold")
    for name in UNKNOWN_COUNTS:
        table.add_column(text(f"questions.col_{name}"), justify="right")
    table.add_column(text("questions.col_from"), max_width=20, overflow="fold")
    for row in unknowns.head(UNKNOWNS_SHOWN).iter_rows(named=True):
        counts = [f"{row[name]:,}" if row[name] else "–" for name in UNKNOWN_COUNTS]
        given_by = ", ".join(row["data_sets"]) or text(f"questions.ask_{row['kind']}")
        asked = layer(row["settled_by"]) if row["kind"] == "layer" else settled_by(row["settled_by"])
        table.add_row(asked.within(lang), *counts, given_by)
    return table
