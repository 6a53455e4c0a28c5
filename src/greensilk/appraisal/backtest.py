"""Projects rated with what was known when they were committed: the rules in force then, the areas established by then.

Of facts of a place only overlaps and the country are kept: grids and factors are of a later day, and so is what the
owner says of days after the commitment: certificates and documents dated later do not count. A commitment given by its
year is taken on the last day of that year. Beside it stands what today's rules say of the same facts, and what they say
today.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from greensilk.facts import FactColumn, FactTable, joined
from greensilk.geometry.arrays import Ints

if TYPE_CHECKING:
    from greensilk.appraisal.dossier import Dossier
    from greensilk.rules import Judgements, Standard
    from greensilk.rules.verdicts import ScaleTable
    from greensilk.screening.as_of import DatedLayer
    from greensilk.screening.footprints import Sites

# What a place has had all along, as far as outlines of today say; everything else measured there is of a later day.
LASTING = ("country", "countries_within_50km", "on_land", "country_stated_differs", "distance_coast_1to10m")
GIVEN_GROUPS = ("project", "type")
STAGE_THEN = "committed"
NOT_IN_FORCE = "NOT_IN_FORCE"


@dataclass(frozen=True)
class Backtest:
    """What was knowable. rows: one a project that was committed on a known day: project_id, committed, and a standard's
    <id>_then (what it said then, NOT_IN_FORCE before its day), <id>_facts_then (today's rules on the facts of then) and
    <id>_now; undated: projects without a day; areas: layer -> (features with a year, features)"""

    rows: pl.DataFrame
    undated: int
    areas: Mapping[str, tuple[int, int]]
    standards: tuple[str, ...]


def backtest(dossier: Dossier) -> Backtest:
    """Rate every project of a dossier with what was known on the day of its commitment."""
    from greensilk.catalogue.layer_records import sensitive_layers
    from greensilk.catalogue.layers import open_same
    from greensilk.rules import judge_all
    from greensilk.screening.as_of import dated

    definitions = sensitive_layers()
    layers = {name: dated(open_same(info), definitions.get(name)) for name, info in dossier.layers.items()}
    committed = _committed(dossier)
    chosen = np.flatnonzero(committed.is_not_null().to_numpy())
    facts = _facts_then(dossier, committed, chosen, layers)
    days = committed.gather(chosen)
    standards = [table.standard for table in _judged(dossier)]
    columns: dict[str, pl.Series] = {"project_id": facts.project_ids, "committed": days}
    for standard in standards:
        columns[f"{standard.id}_then"] = _said_then(facts, standard, days)
    hindsight = _results(judge_all(facts, standards, dossier.on))
    now = _results(dossier)
    for standard in standards:
        columns[f"{standard.id}_facts_then"] = hindsight[standard.id]
        columns[f"{standard.id}_now"] = now[standard.id].gather(chosen)
    areas = {name: (int((~np.isnan(one.established)).sum()), len(one.established)) for name, one in layers.items()}
    return Backtest(pl.DataFrame(columns), len(dossier) - len(chosen), areas, tuple(one.id for one in standards))


def _committed(dossier: Dossier) -> pl.Series:
    """(n,) the day of commitment, the last one that it can mean."""
    projects = dossier.portfolio.projects
    said = pl.col("year_only").fill_null("").str.split(";")
    day = pl.col("date_commitment")
    return projects.select(
        pl.when(said.list.contains("date_commitment")).then(pl.date(day.dt.year(), 12, 31))
        .when(said.list.contains("date_commitment/month")).then(day.dt.month_end()).otherwise(day)
    ).to_series()  # fmt: skip


def _facts_then(dossier: Dossier, committed: pl.Series, chosen: Ints, layers: Mapping[str, DatedLayer]) -> FactTable:
    from greensilk.screening.footprints import sites_of
    from greensilk.screening.project_facts import shown_facts

    days = committed.gather(chosen)
    projects = dossier.portfolio.projects[chosen].with_columns(stage=pl.lit(STAGE_THEN))
    anew = {column.name: column for column in shown_facts(projects, days.to_list())}
    anew |= {column.name: column for column in _overlaps_then(sites_of(dossier.portfolio), days, chosen, layers)}
    kept = []
    for name, column in dossier.facts.columns.items():
        if name not in anew:
            kept.append(_then_known(column.at(chosen), dossier.facts.entry(name).group, days))
    ids = dossier.facts.project_ids.gather(chosen)
    return FactTable(ids, {column.name: column for column in [*kept, *anew.values()]}, dossier.facts.layers)


def _then_known(column: FactColumn, group: str, days: pl.Series) -> FactColumn:
    """The column with only what was known on the day of each project."""
    if column.name == "stage":
        return replace(column, values=pl.Series("stage", [STAGE_THEN]).new_from_index(0, len(days)), reasons=None)
    if group in GIVEN_GROUPS and column.values.dtype == pl.Date:
        return _without(column, (column.values > days).fill_null(False))
    if group in GIVEN_GROUPS or column.name in LASTING:
        return column
    return _without(column, pl.Series([True]).new_from_index(0, len(days)))


def _without(column: FactColumn, gone: pl.Series) -> FactColumn:
    from greensilk.screening.as_of import NOT_OF_THEN

    why = pl.lit(None, dtype=pl.String) if column.reasons is None else pl.col("why").cast(pl.String)
    given = {"value": column.values, "gone": gone, "why": column.reasons}
    frame = pl.DataFrame({name: series for name, series in given.items() if series is not None})
    said = frame.select(
        pl.when("gone").then(None).otherwise(pl.col("value")).alias(column.name),
        pl.when("gone").then(pl.lit(NOT_OF_THEN)).otherwise(why).alias("why"),
    )
    return replace(column, values=said[column.name], reasons=said["why"])


def _overlaps_then(
    sites: Sites, days: pl.Series, chosen: Ints, layers: Mapping[str, DatedLayer]
) -> Iterator[FactColumn]:
    """Overlaps of the chosen projects, each as of the last year that was over, or ended, with its commitment."""
    from greensilk.catalogue.layer_records import sensitive_layers
    from greensilk.screening.as_of import overlaps_as_of
    from greensilk.screening.countries_here import countries_of
    from greensilk.screening.origins import taken

    # What was established in the year of a commitment may have come after it, unless that was the last day.
    last = (days.dt.month() == 12) & (days.dt.day() == 31)
    years = (days.dt.year() - (~last).cast(pl.Int32)).to_numpy()
    of_site, parts = sites.site_of[chosen], []
    order: list[Ints] = []
    for year in np.unique(years):
        rows = np.flatnonzero(years == year)
        placed, local = np.unique(of_site[rows], return_inverse=True)
        first = int(placed[0] < 0) if len(placed) else 0  # a project without a place
        here = sites.some(placed[first:])
        columns = overlaps_as_of(int(year), layers, sensitive_layers(), here, countries_of(here))
        parts.append([taken(column, local - first) for column in columns])
        order.append(rows)
    back = np.argsort(np.concatenate(order)) if order else np.empty(0, dtype=np.int64)
    for each in zip(*parts, strict=True):
        yield joined(each).at(back)


def _judged(dossier: Dossier | Judgements) -> list[ScaleTable]:
    return [*dossier.verdicts.values(), *dossier.categories.values()]


def _results(judged: Dossier | Judgements) -> dict[str, pl.Series]:
    """Standard -> (n,) the light that counts, or the category."""
    found = {name: table.by_basis for name, table in judged.verdicts.items()}
    return found | {name: table.table["category"] for name, table in judged.categories.items()}


def _said_then(facts: FactTable, standard: Standard, days: pl.Series) -> pl.Series:
    """(n,) what a standard said of each project on its day; between two days on which it changed it says the same."""
    from greensilk.rules import judge_all

    said = np.full(len(days), NOT_IN_FORCE, dtype=object)
    turns = sorted(standard.turning_days())
    since = np.searchsorted(np.array(turns, dtype="datetime64[D]"), days.to_numpy(), side="right") - 1
    for turn in np.unique(since[since >= 0]):
        if turns[turn] < standard.issued:
            continue
        rows = np.flatnonzero(since == turn)
        found = _results(judge_all(facts.at(rows), [standard], turns[turn]))[standard.id]
        said[rows] = found.to_numpy()
    return pl.Series(said, dtype=pl.String)
