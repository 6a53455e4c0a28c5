"""From country values to what an evaluation tells: the index built, its rank intervals, a profile for every country."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.appraisal.profiles import Neighbour, Profile, RankInterval, Row, Score, trends
from greensilk.catalogue.country_values import CountryValues, country_indicators, newest
from greensilk.country_groups import land_neighbours, region_of, region_table, regions
from greensilk.indices import Built, IndexDefinition
from greensilk.indices.alternatives import Alternatives, Opened, opened
from greensilk.indices.definition import Impute, Normalise, Screen
from greensilk.indices.findings import Known, Standing, finding_rules, findings_for
from greensilk.indices.preparation import Prepared, prepare
from greensilk.indices.ranking import rank
from greensilk.indices.uncertainty import Uncertainty, uncertainty
from greensilk.places import country_name
from greensilk.records import Label, said
from greensilk.texts import text

Progress = Callable[[str, float], None]
NEVER = RankInterval(None, None, None, None, 0.0)


@dataclass(frozen=True, eq=False)
class SummedUp:
    """See Evaluation. intervals: by element, the index among them, then by country."""

    built: Built
    units: tuple[str, ...]
    intervals: Mapping[str, Mapping[str, RankInterval]]
    above: NDArray[np.float64]
    not_ranked: Mapping[str, Label]
    profiles: Mapping[str, Profile]


def alternatives_of(definition: IndexDefinition) -> Alternatives:
    """What else could have been chosen: gaps filled by the region's median, outliers left, percentiles, plain means.

    Weights are within a quarter of their own.
    """
    percentiles = Normalise(method="percentile_rank")
    own_scale = any(one.normalise for one in definition.indicators)  # which would not go together with percentiles
    return Alternatives(
        impute=() if definition.impute.method == "group_median" else (Impute(method="group_median", group="region"),),
        treat=() if definition.treat is None else (None,),
        normalise=() if own_scale or definition.normalise == percentiles else (percentiles,),
        aggregate=() if definition.aggregate.method == "arithmetic" else ("arithmetic",),
    )


def summed_up(
    definition: IndexDefinition, values: CountryValues, how: tuple[dt.date, int, int], tell: Progress
) -> SummedUp:
    """The index, its intervals and every profile. how: the day, the number of replications and their seed."""
    on, count, seed = how
    definition = until(definition, on)
    table = index_table(values.frame, definition)
    groups = region_table()
    tell(text("countries.building"), 0.1)
    index = opened(table, definition, alternatives_of(definition), groups)
    tell(text("countries.replicating", count=count), 0.3)
    drawn = _replicated(index, count, seed)
    intervals = {definition.root: _intervals(index, drawn)}
    evaluated = table.filter(pl.col("unit").is_in(list(index.units)))
    for element in definition.children(definition.root):
        if definition.children(element):  # an indicator directly below the index is no element
            part = opened(evaluated, part_of(definition, element), alternatives_of(definition), groups)
            never = dict.fromkeys(index.units, NEVER)  # who has no value in it is not even a unit of it
            intervals[element] = never | _intervals(part, _replicated(part, count, seed))
    tell(text("countries.summing_up"), 0.8)
    whole = prepare(table, definition.model_copy(update={"screen": None}), groups)
    not_ranked = _not_ranked(whole, index.built)
    made = _Making(definition, values, index, drawn, intervals, whole, not_ranked)
    profiles = {code: made.profile(code) for code in whole.raw.units}
    return SummedUp(index.built, index.units, intervals, drawn.above, not_ranked, profiles)


def until(definition: IndexDefinition, on: dt.date) -> IndexDefinition:
    """The definition for a day: the newest of its years, or the day's own if that is earlier."""
    year = min([on.year, *sorted(definition.select.years)[-1:]])
    return definition.model_copy(update={"select": definition.select.model_copy(update={"years": (year,)})})


def part_of(definition: IndexDefinition, element: str) -> IndexDefinition:
    """The index that an element is by itself; nobody is screened out of it."""
    inside = {element}
    for node in reversed(definition.upwards()):
        if definition.element(node).parent in inside:
            inside.add(node)
    top = definition.element(element).model_copy(update={"parent": None, "weight": None})
    below = (node for node in definition.elements if node.id in inside and node.id != element)
    indicators = tuple(one for one in definition.indicators if one.parent in inside)
    return definition.model_copy(update={"elements": (top, *below), "indicators": indicators, "screen": None})


def index_table(values: pl.DataFrame, definition: IndexDefinition) -> pl.DataFrame:
    """The table an index is built from: unit, indicator, year, value, with unit_of_value, source, note, dataset, dated.

    values: as CountryValues.frame. A value whose source names no year is taken for one of the index's year,
    which dated tells
    """
    names = {one.id for one in definition.indicators} | {one.denominator for one in definition.indicators} - {None}
    used = values.filter(pl.col("indicator").is_in(list(names)), pl.col("flag") != "out_of_range")
    year = max(definition.select.years, default=used["year"].max())
    return used.select(
        pl.col("iso_a3").alias("unit"), "indicator", pl.col("year").fill_null(year).cast(pl.Int64), "value",
        pl.col("unit").alias("unit_of_value"), "source", "note", "dataset", pl.col("year").is_not_null().alias("dated"),
    )  # fmt: skip


def _replicated(index: Opened, count: int, seed: int) -> Uncertainty:
    """Ranks among those that the index as defined ranks: whom only a filled gap brings in would push others down."""
    year = index.built.normalised.years.max()
    ranked = index.built.results.filter(pl.col("year") == year)["status"] == "ranked"
    return uncertainty(replace(index.index, eligible=ranked.to_numpy()), count, seed)


def _intervals(index: Opened, drawn: Uncertainty) -> dict[str, RankInterval]:
    found = drawn.intervals
    columns = (found.nominal, found.low, found.median, found.high, found.ranked_share)
    return {
        unit: RankInterval(int(nominal) or None, _whole(low), _whole(median), _whole(high), float(share))
        for unit, nominal, low, median, high, share in zip(index.units, *columns, strict=True)
    }


def _whole(number: float) -> int | None:
    return None if np.isnan(number) else int(number)


def _not_ranked(whole: Prepared, built: Built) -> dict[str, Label]:
    """Why a country has no rank, of all that have a value."""
    gaps = np.isnan(whole.denominated.values).sum(axis=1)
    of = len(whole.denominated.columns)
    status = dict(built.results.select("unit", "status").iter_rows())
    screen = built.definition.screen or Screen(available=0.0)
    found = {}
    for unit, missing in zip(whole.raw.units, gaps.tolist(), strict=True):
        state = status.get(unit, "screened")
        if state == "screened":
            least = int(np.ceil(screen.available * of))
            found[unit] = said("countries.why_screened", present=of - missing, of=of, least=least)
        elif state != "ranked":
            key = "missing" if state == "too_much_missing" else "no_score"
            found[unit] = said(f"countries.why_{key}", missing=missing, of=of)
    return found


class _Making:
    """What profiles are made from, looked up once for all countries."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that an evaluation found
        self,
        definition: IndexDefinition,
        values: CountryValues,
        index: Opened,
        drawn: Uncertainty,
        intervals: Mapping[str, Mapping[str, RankInterval]],
        whole: Prepared,
        not_ranked: Mapping[str, Label],
    ) -> None:
        self.definition, self.index, self.drawn = definition, index, drawn
        self.intervals, self.whole, self.not_ranked = intervals, whole, not_ranked
        self.place = {unit: i for i, unit in enumerate(index.units)}
        self.row = {unit: i for i, unit in enumerate(whole.raw.units)}
        self.told = _told(values.frame, definition)
        self.trends = trends(values.frame.filter(pl.col("indicator").is_in(list(self.told))))
        self.ranks, self.regional = self._ranks()
        self.standing = standing(values.frame, definition.select.years[-1])
        results = {row["unit"]: row for row in index.built.results.iter_rows(named=True)}
        self.results = results
        self.elements = tuple(
            name for name in (definition.root, *definition.children(definition.root)) if name in intervals
        )

    def _ranks(self) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """(units, indicators) ranks of values among those evaluated, and among those of each region."""
        values = self.whole.denominated.values * [float(one.direction or 1) for one in self.definition.indicators]
        inside = np.array([unit in self.place for unit in self.whole.raw.units])
        of = region_of()
        region = np.array([of.get(unit, "") for unit in self.whole.raw.units])

        def ranked(rows: NDArray[np.bool_]) -> NDArray[np.float64]:
            return np.column_stack([rank(column, eligible=rows) for column in values.T])

        return ranked(inside), {name: ranked(inside & (region == name)) for name in set(region.tolist()) - {""}}

    def profile(self, code: str) -> Profile:
        rows = tuple(self._rows(code))
        years = [row.year for row in rows if row.value is not None and row.year is not None]
        region = regions().get(region_of().get(code, ""))
        present = sum(row.value is not None for row in rows)
        return Profile(
            iso_a3=code, name=country_name(code), region=region.label if region else None, rows=rows,
            scores=tuple(self._scores(code)), present=present, oldest=min(years, default=None),
            newest=max(years, default=None), undated=present - len(years), neighbours=tuple(self._neighbours(code)),
            findings=findings_for(code, self.standing), why_not_ranked=self.not_ranked.get(code),
        )  # fmt: skip

    def _rows(self, code: str) -> Iterator[Row]:
        i, region = self.row[code], region_of().get(code, "")
        values, years = self.whole.denominated.values[i], self.whole.vintage.values[i]
        nowhere = np.full(self.ranks.shape, np.nan)
        regional = self.regional.get(region, nowhere)
        for j, one in enumerate(self.definition.indicators):
            source, note, dataset, dated = self.told[one.id].get(code, ("", "", "", False))
            there = not np.isnan(values[j])
            yield Row(
                one.id, one.label, one.parent, one.unit, float(values[j]) if there else None,
                int(years[j]) if there and dated else None, source if there else "", note if there else "",
                dataset if there else "", _whole(self.ranks[i, j]), int(np.isfinite(self.ranks[:, j]).sum()),
                _whole(regional[i, j]), int(np.isfinite(regional[:, j]).sum()),
                self.trends.get((one.id, code, dataset)) if one.denominator is None else None, one.direction or 1,
                one.why,
            )  # fmt: skip

    def _scores(self, code: str) -> Iterator[Score]:
        for name in self.elements:
            intervals = self.intervals[name]
            score = self.results[code][name] if code in self.results else None
            ranked = sum(one.nominal is not None for one in intervals.values())
            yield Score(name, self.definition.element(name).label, score, intervals.get(code, NEVER), ranked)

    def _neighbours(self, code: str) -> Iterator[Neighbour]:
        for other in land_neighbours(code):
            chance = np.nan
            if code in self.place and other in self.place:
                chance = self.drawn.above[self.place[code], self.place[other]]
            score = self.results[other][self.definition.root] if other in self.results else None
            interval = self.intervals[self.definition.root].get(other, NEVER)
            yield Neighbour(other, country_name(other), score, interval, None if np.isnan(chance) else float(chance))


def _told(values: pl.DataFrame, definition: IndexDefinition) -> dict[str, dict[str, tuple[str, str, str, bool]]]:
    """indicator -> country -> source, note, dataset of its newest value, and whether that has a year."""
    found = {}
    for one in definition.indicators:
        own = newest(values, one.id, definition.select.years[-1])
        columns = own.select("iso_a3", "source", pl.col("note").fill_null(""), "dataset", pl.col("year").is_not_null())
        found[one.id] = {code: (source, note, where, dated) for code, source, note, where, dated in columns.iter_rows()}
    return found


def standing(values: pl.DataFrame, year: int, indicators: Sequence[str] | None = None) -> Standing:
    """What findings are judged by: the newest value of each country, not later than a year.

    values: as CountryValues.frame; indicators: those that the shipped rules ask for if left out
    """
    asked = indicators or tuple(dict.fromkeys(test.indicator for rule in finding_rules() for test in rule.when.tests()))
    names = country_indicators()
    held = {
        name: {
            code: Known(value, when, source)
            for code, value, when, source in newest(values, name, year)
            .select("iso_a3", "value", "year", "source")
            .iter_rows()
        }
        for name in asked
    }
    labels = {name: names[name].label for name in asked if name in names}
    return Standing(held, region_of(), labels, {name: names[name].unit for name in asked if name in names})
