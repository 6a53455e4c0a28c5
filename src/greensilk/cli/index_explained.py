"""What `greensilk index explain` prints: the tree of an index, or why a unit stands where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from greensilk.cli.index_views import tell_written, term_table
from greensilk.cli.index_words import (
    NOTHING,
    aggregate_words,
    decimals_of,
    label_words,
    normalise_words,
    number_words,
    rank_words,
    share_words,
    steps,
    years_words,
)
from greensilk.cli.terminal import console, plain_table
from greensilk.texts import text, user_language

if TYPE_CHECKING:
    from rich.table import Table

    from greensilk.appraisal.index_explanation import Node
    from greensilk.indices import Built, IndexDefinition
    from greensilk.indices.definition import Indicator
    from greensilk.records import Source
    from greensilk.reports.index_files import Calculation

LARGEST = 5
NAMES_SHOWN = 12


def print_tree(named: str, data: Path | None, out: Path | None) -> None:
    """An index in words: what is in it, what weighs how much, how it is computed, where it comes from."""
    from rich.markup import escape

    from greensilk.appraisal.index_explanation import FROM_SCORES, tree
    from greensilk.appraisal.indices import definition_and_index
    from greensilk.reports.index_files import tree_table, write_table

    lang = user_language()
    definition, built = definition_and_index(named, data)
    nodes = tree(definition, built)
    screen = console()
    screen.print(f"[bold]{escape(label_words(definition))}[/]")
    if definition.about:
        screen.print(escape(definition.about.within(lang)))
    screen.print(_tree_table(definition, nodes))
    methods = {element.weigh or definition.weigh.method for element in definition.elements}
    if built is None and methods & FROM_SCORES:
        screen.print(text("indices.weights_from_values"), markup=False)
    screen.print(term_table([(name, escape(words)) for name, words in steps(definition)]))
    for line in _sources(definition, built):
        screen.print(escape(line), soft_wrap=False)
    tell_written([write_table(out / "tree.csv", tree_table(definition, nodes))] if out else [], out)


def _tree_table(definition: IndexDefinition, nodes: Iterable[Node]) -> Table:
    from rich.markup import escape

    table = plain_table()
    table.add_column(text("indices.col_made_of"), overflow="fold")
    table.add_column(text("indices.col_in_group"), justify="right", no_wrap=True)
    table.add_column(text("indices.col_in_index"), justify="right", no_wrap=True)
    table.add_column(text("indices.col_how"), max_width=26, overflow="fold")
    for each in nodes:
        label = escape(f"{'  ' * each.depth}{each.label.within(user_language())}")
        name = f"[bold]{label}[/]" if _is_element(each) else label
        shares = ("", "") if each.depth == 0 else (_weight(each.weight), _weight(each.effective))
        table.add_row(name, *shares, escape(_how(definition, each)))
    return table


def _is_element(node: Node) -> bool:
    from greensilk.indices.definition import Element

    return isinstance(node.node, Element)


def _weight(share: float | None) -> str:
    """A weight in per cent, to a tenth where that is not a whole one."""
    return NOTHING if share is None else f"{share * 100:.1f}".removesuffix(".0") + " %"


def _how(definition: IndexDefinition, node: Node) -> str:
    from greensilk.indices.definition import Element

    each = node.node
    if isinstance(each, Element):
        how = [aggregate_words(each.aggregate or definition.aggregate.method, definition.aggregate.power)]
        if each.weigh:
            how.append(text(f"indices.weigh_{each.weigh}"))
        return text("cli.list_comma").join(how)
    how = [text("indices.more_is_better" if each.direction == 1 else "indices.less_is_better", unit=_unit(each))]
    if each.normalise:
        how.append(normalise_words(each.normalise))
    return text("cli.list_comma").join(how)


def _unit(indicator: Indicator) -> str:
    """What the values that count are measured in."""
    return f"{indicator.unit} / {indicator.denominator}" if indicator.denominator else indicator.unit


def _sources(definition: IndexDefinition, built: Built | None) -> list[str]:
    every: list[Source] = [*definition.source, *(source for each in definition.indicators for source in each.source)]
    told = dict.fromkeys(f"{one.title} {one.href or ''}".strip() for one in every)
    return [text("indices.sources"), *(f"- {line}" for line in told)] if told else []


def print_unit(found: Calculation, asked: str, out: Path | None) -> None:
    """Why a unit stands where it stands: its elements, what lifts and lowers it most, what is missing.

    raises: UsageError if the index has no such unit
    """
    from rich.markup import escape

    from greensilk.appraisal.index_explanation import contributions, unit_meant
    from greensilk.reports.index_files import write_table

    unit = unit_meant(found.varied.input, asked)
    table = contributions(found.varied.input, unit)
    screen = console()
    screen.print(f"[bold]{escape(_headline(found, unit))}[/]")
    screen.print(_elements(found, unit))
    rows = table.to_dicts()
    for name, sign in (("lifts", 1), ("lowers", -1)):
        chosen = [row for row in rows if row["effect"] is not None and row["effect"] * sign > 0][:LARGEST]
        if chosen:
            screen.print(_effects(found, chosen, name))
    screen.print(text("indices.effect_means"), markup=False)
    for state in ("missing", "filled", "treated"):
        names = [escape(_label(found.definition, row["indicator"])) for row in rows if row["state"] == state]
        if names:
            listed = text("cli.list_comma").join(names[:NAMES_SHOWN]) + (" …" if names[NAMES_SHOWN:] else "")
            screen.print(text(f"indices.state_{state}", count=len(names), names=listed))
    tell_written([write_table(out / "unit.csv", table)] if out else [], out)


def _headline(found: Calculation, unit: str) -> str:
    from greensilk.reports.index_files import ranks_table

    row = next(row for row in ranks_table(found).iter_rows(named=True) if row["unit"] == unit)
    name = row["name"] if row["name"] == unit else f"{row['name']} {unit}"
    label = found.definition.label.within(user_language())
    if row["rank"] is None:
        limit = share_words(found.definition.rank.largest_missing)
        return text(f"indices.unit_{row['status']}", name=name, index=label, limit=limit)
    of = sum(1 for each in found.uncertainty.nominal.ranks[0] if each > 0)
    rank = rank_words(row["rank"], row["rank_low"], row["rank_high"])
    told = text("indices.unit_ranked", name=name, index=label, rank=rank, of=of)
    years = years_words(row["oldest"], row["newest"])
    return told if years == NOTHING else told + text("indices.unit_years", years=years)


def _elements(found: Calculation, unit: str) -> Table:
    """Scores of the index and its elements beside the median of all units."""
    import polars as pl
    from rich.markup import escape

    from greensilk.appraisal.index_explanation import tree

    table = plain_table()
    table.add_column(text("indices.col_made_of"), overflow="fold")
    table.add_column(text("indices.col_score"), justify="right")
    table.add_column(text("indices.col_median_of_all"), justify="right")
    results = found.built.results.filter(pl.col("year") == found.varied.year)
    own = results.filter(pl.col("unit") == unit).row(0, named=True)
    for each in tree(found.definition, found.built):
        if _is_element(each):
            scores = results[each.node.id].drop_nulls()
            digits = decimals_of(scores.to_list())
            label = escape("  " * each.depth + each.label.within(user_language()))
            table.add_row(label, _rounded(own[each.node.id], digits), _rounded(scores.median(), digits))
    return table


def _rounded(value: Any, decimals: int) -> str:
    return NOTHING if value is None else f"{value:.{decimals}f}"


def _effects(found: Calculation, rows: list[dict[str, Any]], name: str) -> Table:
    from rich.markup import escape

    table = plain_table(text(f"indices.{name}"))
    table.add_column(text("indices.col_indicator"), overflow="fold")
    table.add_column(text("indices.col_value"), justify="right", max_width=24, overflow="fold")
    table.add_column(text("indices.col_year"), justify="right", no_wrap=True)
    table.add_column(text("indices.col_effect"), justify="right", no_wrap=True)
    units = {each.id: _unit(each) for each in found.definition.indicators}
    results = found.built.results
    decimals = decimals_of(results[found.definition.root].drop_nulls().to_list()) + 1
    for row in rows:
        value = f"{number_words(row['value'])} {units[row['indicator']]}" if row["value"] is not None else NOTHING
        year = str(row["year"]) if row["year"] else ""
        label = escape(_label(found.definition, row["indicator"]))
        table.add_row(label, escape(value), year, f"{row['effect']:+.{decimals}f}".replace("-", "\u2212"))
    return table


def _label(definition: IndexDefinition, name: str) -> str:
    return next(each.label.within(user_language()) for each in definition.indicators if each.id == name)
