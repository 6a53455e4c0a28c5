"""What the country page shows, ready to be set: every text in both languages, every number rounded, no rank alone."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from greensilk.records import Source
from greensilk.reports.bilingual import Bilingual
from greensilk.reports.interval_chart import Ranked
from greensilk.reports.licences import DataTerms

Legend = tuple[tuple[Markup, Bilingual], ...]


@dataclass(frozen=True)
class Line:
    """A country in a table of ranks. scores: the index, then its elements; reason: why it has no rank"""

    code: str
    name: Bilingual
    anchor: str | None
    ranked: Ranked | None
    bar: Markup | None
    scores: tuple[str | None, ...]
    reason: Bilingual | None = None


@dataclass(frozen=True)
class CountryMap:
    """A choropleth with its legend."""

    name: Bilingual
    picture: Markup
    legend: Legend


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator as the method tells it."""

    label: Bilingual
    unit: Bilingual
    weight: Bilingual
    better: Bilingual
    why: Bilingual | None
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class ElementBlock:
    """An element with the indicators below it. weight: in the index, empty where it does not say"""

    label: Bilingual
    weight: Bilingual
    indicators: tuple[IndicatorLine, ...]


@dataclass(frozen=True)
class ScoreBar:
    """A score from zero, as a bar. rank: with its interval, None where there is none"""

    label: Bilingual
    value: str | None
    bar: Markup | None
    rank: Bilingual | None


@dataclass(frozen=True)
class ValueLine:
    """A value of a country. value: None where there is none; sources: their numbers in the list of sources"""

    label: Bilingual
    value: Bilingual | None
    year: Bilingual
    sources: tuple[int, ...]
    better_than: Bilingual | None


@dataclass(frozen=True)
class TrendLine:
    """How an indicator went over the years."""

    label: Bilingual
    picture: Markup
    words: Bilingual


@dataclass(frozen=True)
class Neighbour:
    """A country next door. rank: with its interval, or that it has none; chance: that this country is above"""

    name: Bilingual
    anchor: str | None
    score: str | None
    rank: Bilingual
    chance: Bilingual | None


@dataclass(frozen=True)
class FindingCard:
    """A challenge or an opportunity. text: what it says, and what follows for projects; evidence: what it rests on"""

    id: str
    kind: str
    label: Bilingual
    text: Bilingual
    evidence: tuple[Bilingual, ...]
    types: Bilingual
    sources: tuple[Source, ...]
    confirmed: bool


@dataclass(frozen=True)
class CountryProfile:
    """One country on a page or two."""

    code: str
    name: Bilingual
    anchor: str
    line: Bilingual
    scores: tuple[ScoreBar, ...]
    ranked: Ranked | None
    bar: Markup | None
    rank_words: Bilingual | None
    reason: Bilingual | None
    trends: tuple[TrendLine, ...]
    neighbours: tuple[Neighbour, ...]
    weaknesses: tuple[ValueLine, ...]
    strengths: tuple[ValueLine, ...]
    challenges: tuple[FindingCard, ...]
    opportunities: tuple[FindingCard, ...]
    unjudged: Bilingual | None
    values: tuple[ValueLine, ...]


@dataclass(frozen=True)
class SourceLine:
    """An entry of the list of sources."""

    words: Bilingual
    licence: str


@dataclass(frozen=True)
class CountryPage:
    """The whole page."""

    title: Bilingual
    meta: Bilingual
    set_name: Bilingual
    what_it_is: Bilingual
    about: Bilingual | None
    what_it_is_not: tuple[Bilingual, ...]
    cautions: tuple[Bilingual, ...]
    how_to_read: tuple[Bilingual, ...]
    heads: tuple[Bilingual, ...]
    axis: Markup
    chart_note: Bilingual
    members: tuple[Line, ...]
    others: tuple[Line, ...]
    maps: tuple[CountryMap, ...]
    steps: tuple[Bilingual, ...]
    elements: tuple[ElementBlock, ...]
    profiles: tuple[CountryProfile, ...]
    sources: tuple[SourceLine, ...]
    run: Bilingual
    data: tuple[DataTerms, ...]
