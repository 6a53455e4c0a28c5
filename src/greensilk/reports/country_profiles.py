"""The profile of each country as it is shown, and every value in it with its year and its source by number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from greensilk.indices.findings import shown_number
from greensilk.project_types import project_types
from greensilk.records import Label
from greensilk.reports.bilingual import Bilingual, joined, of_label, said, same
from greensilk.reports.country_view import (
    CountryProfile,
    FindingCard,
    Neighbour,
    ScoreBar,
    TrendLine,
    ValueLine,
)
from greensilk.reports.interval_chart import Ranked, interval_bar
from greensilk.reports.rounding import THIN_SPACE, percent
from greensilk.reports.small_charts import score_bar, sparkline

if TYPE_CHECKING:
    from greensilk.appraisal.countries import Evaluation
    from greensilk.appraisal.profiles import Neighbour as NextDoor
    from greensilk.appraisal.profiles import Profile, RankInterval, Row
    from greensilk.indices.findings import Evidence, Finding

MOST_POSITIONS = 5
LEAST_COMPARED = 20  # values, below which a position among them says little
WELL, BADLY = 0.7, 0.3  # shares of countries that a value is better than
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
JOINT = " + "  # between the sources of a quotient


@dataclass
class SourceBook:
    """Numbers sources as they are first named. datasets: the data that each comes from, by id"""

    numbers: dict[str, int] = field(default_factory=dict)
    datasets: dict[str, str] = field(default_factory=dict)

    def number(self, source: str, dataset: str = "") -> tuple[int, ...]:
        """The numbers of a source, several if it is a joint one."""
        names = [name for name in source.split(JOINT) if name]
        held = dataset.split(JOINT)
        for name, of in zip(names, held if len(held) == len(names) else [""] * len(names), strict=True):
            self.numbers.setdefault(name, len(self.numbers) + 1)
            if of:
                self.datasets.setdefault(name, of)
        return tuple(self.numbers[name] for name in names)


def ranked_of(interval: RankInterval, of: int) -> Ranked | None:
    """A rank with its interval; None where there is none, or no interval to go with it."""
    if interval.nominal is None or interval.low is None or interval.high is None:
        return None
    return Ranked(interval.nominal, interval.low, interval.high, max(of, interval.high))


def anchor(code: str) -> str:
    """Where the profile of a country stands on the page."""
    return f"c-{code.lower()}"


def amount(value: float, unit: str = "") -> str:
    """A number to three digits, its thousands parted by a thin space, and its unit.

    >>> amount(1234.6, "t") == f"1{THIN_SPACE}235 t"
    True
    """
    number = shown_number(value).replace(",", THIN_SPACE).replace("-", "\u2212")
    return f"{number} {unit}".strip()


class ProfileMaker:
    """Makes the profiles of one evaluation. told: codes of the countries that have a profile on the page"""

    def __init__(self, evaluation: Evaluation, told: Iterable[str]) -> None:
        self.evaluation, self.told = evaluation, frozenset(told)
        self.sources = SourceBook()
        self.highest = evaluation.definition.normalise.high
        self.panels = _panels(evaluation)

    def profile(self, code: str) -> CountryProfile:
        """The profile of a country that has one."""
        found = self.evaluation.profiles[code]
        values = {row.indicator: self._value(row) for row in found.rows}
        ranked = ranked_of(found.interval, self.evaluation.ranked)
        holding = [one for one in found.findings if one.state == "holds"]
        weak, strong = self._positions(found.rows, values)
        return CountryProfile(
            code=code, name=of_label(found.name), anchor=anchor(code), line=_line(found),
            scores=tuple(self._scores(found)), ranked=ranked, bar=interval_bar(ranked) if ranked else None,
            rank_words=said("country_report.rank_of", rank=ranked.words, of=ranked.of) if ranked else None,
            reason=None if ranked else not_ranked(found.why_not_ranked), trends=tuple(self._trends(found)),
            neighbours=tuple(self._neighbour(one) for one in found.neighbours), weaknesses=weak, strengths=strong,
            challenges=tuple(self._card(one) for one in holding if one.kind == "challenge"),
            opportunities=tuple(self._card(one) for one in holding if one.kind == "opportunity"),
            unjudged=_unjudged(found.findings), values=(*values.values(), *self._further(found)),
        )  # fmt: skip

    def _value(self, row: Row) -> ValueLine:
        if row.value is None:
            return ValueLine(of_label(row.label), None, _year(None), (), None)
        numbers = self.sources.number(row.source, row.dataset)
        return ValueLine(
            of_label(row.label), same(amount(row.value, row.unit)), _year(row.year), numbers, _better_than(row)
        )

    def _further(self, found: Profile) -> Iterable[ValueLine]:
        """Values that findings rest on and the index does not."""
        there = {row.indicator for row in found.rows}
        for finding in found.findings:
            for one in finding.evidence if finding.state == "holds" else ():
                if one.indicator not in there and one.value is not None:
                    there.add(one.indicator)
                    value = same(amount(one.value, one.unit))
                    yield ValueLine(of_label(one.label), value, _year(one.year), self.sources.number(one.source), None)

    def _scores(self, found: Profile) -> Iterable[ScoreBar]:
        for position, one in enumerate(found.scores):
            ranked = ranked_of(one.interval, one.of)
            words = said("country_report.rank_among", rank=ranked.words, of=ranked.of) if ranked else None
            if one.score is None:
                yield ScoreBar(of_label(one.label), None, None, None)
            else:
                bar = score_bar(one.score, self.highest, strong=position == 0)
                yield ScoreBar(of_label(one.label), f"{one.score:.0f}", bar, words)

    def _positions(
        self, rows: Iterable[Row], values: Mapping[str, ValueLine]
    ) -> tuple[tuple[ValueLine, ...], tuple[ValueLine, ...]]:
        """Where it stands badly, the worst first, and where it stands well, the best first."""
        shares = {row.indicator: share_beaten(row) for row in rows if row.of >= LEAST_COMPARED}
        known = sorted((share, name) for name, share in shares.items() if share is not None)
        bad = [values[name] for share, name in known if share <= BADLY]
        good = [values[name] for share, name in reversed(known) if share >= WELL]
        return tuple(bad[:MOST_POSITIONS]), tuple(good[:MOST_POSITIONS])

    def _trends(self, found: Profile) -> Iterable[TrendLine]:
        for row in found.rows:
            points = self.panels.get((row.indicator, found.iso_a3, row.dataset), [])
            if row.trend_per_year is None or len(points) < 2:
                continue
            sign = "+" if row.trend_per_year > 0 else ""
            change = f"{sign}{amount(row.trend_per_year, row.unit)}"
            words = said("country_report.trend_text", change=change, first=points[0][0], last=points[-1][0])
            yield TrendLine(of_label(row.label), sparkline(points), words)

    def _neighbour(self, one: NextDoor) -> Neighbour:
        ranked = ranked_of(one.interval, self.evaluation.ranked)
        place = anchor(one.iso_a3) if one.iso_a3 in self.told else None
        score = None if one.score is None or ranked is None else f"{one.score:.0f}"
        chance = None if one.chance_above is None or ranked is None else percent(one.chance_above)
        return Neighbour(
            of_label(one.name), place, score, ranked.words if ranked else said("country_report.not_ranked"), chance
        )

    def _card(self, one: Finding) -> FindingCard:
        types = joined([of_label(project_types()[name].label) for name in one.project_types])
        evidence = tuple(self._evidence(each) for each in one.evidence if each.value is not None)
        said_of = Bilingual(*(THOUSANDS.sub(THIN_SPACE, words) for words in (one.text.en, one.text.zh)))
        told = said("country_report.two_sentences", first=said_of, second=of_label(one.means))
        return FindingCard(one.id, one.kind, of_label(one.label), told, evidence, types, one.source, one.confirmed)

    def _evidence(self, one: Evidence) -> Bilingual:
        value = amount(one.value, one.unit) if one.value is not None else ""
        numbers = "".join(f" [{number}]" for number in self.sources.number(one.source))
        when = said("country_report.of_year", year=one.year) if one.year is not None else same("")
        limit = amount(one.limit, one.unit) if one.limit is not None else "–"
        key = f"against_{one.against}" + (f"_{one.scope}" if one.scope and one.against != "quarter" else "")
        against = said(f"country_report.{key}", limit=limit)
        return said(
            "country_report.evidence_line", label=of_label(one.label), value=value, when=when, source=numbers,
            against=against,
        )  # fmt: skip


def share_beaten(row: Row) -> float | None:
    """The share of the other countries with a value that are worse off; None where there is no rank."""
    return None if row.rank is None or row.of < 2 else (row.of - row.rank) / (row.of - 1)


def _better_than(row: Row) -> Bilingual | None:
    """Its place as a share: a rank of a single value would be one without an interval."""
    share = share_beaten(row)
    if share is None:
        return None
    words = said("country_report.better_than", share=percent(share), count=row.of)
    if row.rank_in_region is None or row.of_region < 2:
        return words
    regional = percent((row.of_region - row.rank_in_region) / (row.of_region - 1))
    return said("country_report.also_in_region", all=words, share=regional, count=row.of_region)


def _year(year: int | None) -> Bilingual:
    return said("country_report.undated") if year is None else same(year)


def not_ranked(why: Label | None) -> Bilingual:
    """That a country has no rank, and why."""
    if why is None:
        return said("country_report.not_ranked")
    return said("country_report.not_ranked_because", reason=why)


def _line(found: Profile) -> Bilingual:
    region = of_label(found.region) if found.region else said("country_report.no_region")
    years = same(f"{found.oldest}–{found.newest}") if found.oldest is not None else said("country_report.no_years")
    return said("country_report.profile_line", region=region, present=found.present, of=len(found.rows), years=years)


def _unjudged(findings: Iterable[Finding]) -> Bilingual | None:
    open_ones = [one for one in findings if one.state == "not_known"]
    if not open_ones:
        return None
    named = joined([said("country_report.rule_named", id=one.id, label=one.label) for one in open_ones])
    return said("country_report.open_rules", ids=named)


def _panels(evaluation: Evaluation) -> dict[tuple[str, str, str], list[tuple[int, float]]]:
    """The values that trends are of: indicator, country, dataset -> year and value in the order of the years."""
    import polars as pl

    from greensilk.appraisal.profiles import TREND_YEARS

    rows = [row for found in evaluation.profiles.values() for row in found.rows if row.trend_per_year is not None]
    stated = evaluation.values.frame.filter(
        pl.col("indicator").is_in(list({row.indicator for row in rows})), pl.col("year").is_not_null(),
        pl.col("year") <= evaluation.on.year, ~pl.col("flag").is_in(["interpolated", "out_of_range"]),
        ~pl.col("note").fill_null("").str.starts_with("projection"),
    )  # fmt: skip
    key = ["indicator", "iso_a3", "dataset"]
    recent = stated.filter(pl.col("year") > pl.col("year").max().over(key) - TREND_YEARS).sort("year")
    found: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for indicator, code, dataset, year, value in recent.select(*key, "year", "value").iter_rows():
        found.setdefault((indicator, code, dataset), []).append((year, value))
    return found
