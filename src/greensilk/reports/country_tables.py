"""The evaluation of countries as tables: ranking, scores, values, findings, sources. No rank is without bounds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from greensilk.country_groups import region_of
from greensilk.reports.bilingual import said
from greensilk.reports.country_profiles import share_beaten
from greensilk.reports.tables import write_book
from greensilk.texts import Language, user_language

if TYPE_CHECKING:
    from greensilk.appraisal.countries import Evaluation
    from greensilk.appraisal.profiles import Profile, RankInterval, Row
    from greensilk.indices.findings import Finding

RANK = {"rank": pl.Int64, "rank_low": pl.Int64, "rank_median": pl.Int64, "rank_high": pl.Int64, "ranked_of": pl.Int64}


def write_country_workbook(evaluation: Evaluation, path: Path) -> None:
    """A spreadsheet with a sheet a table, of all countries that have a value, in the words of the user's language."""
    lang = user_language()
    sheets = country_tables(evaluation, lang)
    titled = {said(f"country_report.sheet_{name}").within(lang): table for name, table in sheets.items()}
    write_book(titled, f"run {evaluation.provenance.run_id}", path)


def country_tables(evaluation: Evaluation, lang: Language) -> dict[str, pl.DataFrame]:
    """Every table by its name."""
    profiles = [evaluation.profiles[code] for code in _in_order(evaluation)]
    return {
        "ranking": _ranking(evaluation, profiles, lang),
        "scores": _scores(profiles, lang),
        "values": _values(profiles, lang),
        "findings": _findings(profiles, lang),
        "sources": _sources(evaluation, lang),
    }


def _in_order(evaluation: Evaluation) -> list[str]:
    """The best rank first, then whoever has none."""
    return sorted(evaluation.profiles, key=lambda code: (evaluation.profiles[code].rank or 10**6, code))


def _bounds(interval: RankInterval, of: int) -> list[int | None]:
    if interval.nominal is None or interval.low is None:
        return [None] * 5
    return [interval.nominal, interval.low, interval.median, interval.high, of]


def _ranking(evaluation: Evaluation, profiles: Iterable[Profile], lang: Language) -> pl.DataFrame:
    asked, regions = set(evaluation.asked), region_of()
    rows = [
        [one.iso_a3, one.name.within(lang), regions.get(one.iso_a3), one.iso_a3 in asked, one.scores[0].score,
         *_bounds(one.interval, evaluation.ranked), one.interval.ranked_share,
         one.why_not_ranked.within(lang) if one.why_not_ranked else None, one.present, len(one.rows), one.oldest,
         one.newest]
        for one in profiles
    ]  # fmt: skip
    schema: dict[str, Any] = {
        "iso_a3": pl.String, "name": pl.String, "region": pl.String, "in_set": pl.Boolean, "score": pl.Float64, **RANK,
        "ranked_share": pl.Float64, "why_not_ranked": pl.String, "indicators_present": pl.Int64, "indicators": pl.Int64,
        "oldest_year": pl.Int64, "newest_year": pl.Int64,
    }  # fmt: skip
    return pl.DataFrame(rows, schema, orient="row")


def _scores(profiles: Iterable[Profile], lang: Language) -> pl.DataFrame:
    rows = [
        [one.iso_a3, one.name.within(lang), score.element, score.label.within(lang), score.score,
         *_bounds(score.interval, score.of)]
        for one in profiles
        for score in one.scores
    ]  # fmt: skip
    texts = dict.fromkeys(("iso_a3", "name", "element", "label"), pl.String)
    return pl.DataFrame(rows, {**texts, "score": pl.Float64, **RANK}, orient="row")


def _values(profiles: Iterable[Profile], lang: Language) -> pl.DataFrame:
    rows = [_value(one, row, lang) for one in profiles for row in one.rows]
    kinds: dict[str, Any] = {
        "iso_a3": pl.String, "name": pl.String, "element": pl.String, "indicator": pl.String, "label": pl.String,
        "value": pl.Float64, "unit": pl.String, "year": pl.Int64, "source": pl.String, "note": pl.String,
        "dataset": pl.String, "direction": pl.Int64, "better_than_share": pl.Float64, "countries_with_value": pl.Int64,
        "trend_per_year": pl.Float64,
    }  # fmt: skip
    return pl.DataFrame(rows, kinds, orient="row")


def _value(one: Profile, row: Row, lang: Language) -> list[Any]:
    return [
        one.iso_a3, one.name.within(lang), row.element, row.indicator, row.label.within(lang), row.value, row.unit,
        row.year, row.source or None, row.note or None, row.dataset or None, row.direction, share_beaten(row), row.of,
        row.trend_per_year,
    ]  # fmt: skip


def _findings(profiles: Iterable[Profile], lang: Language) -> pl.DataFrame:
    rows = [_finding(one, finding, lang) for one in profiles for finding in one.findings]
    names = ("iso_a3", "name", "id", "kind", "element", "state", "label", "text", "means", "project_types", "evidence",
             "sources")  # fmt: skip
    return pl.DataFrame(rows, {**dict.fromkeys(names, pl.String), "confirmed": pl.Boolean}, orient="row")


def _finding(one: Profile, finding: Finding, lang: Language) -> list[Any]:
    evidence = "; ".join(
        f"{each.indicator} = {each.value:.6g} {each.unit} ({each.year or '–'}, {each.source})"
        for each in finding.evidence
        if each.value is not None
    )
    return [
        one.iso_a3, one.name.within(lang), finding.id, finding.kind, finding.element, finding.state,
        finding.label.within(lang), finding.text.within(lang), finding.means.within(lang),
        ", ".join(finding.project_types), evidence, "; ".join(source.title for source in finding.source),
        finding.confirmed,
    ]  # fmt: skip


def _sources(evaluation: Evaluation, lang: Language) -> pl.DataFrame:
    origin = evaluation.provenance
    used = {part for one in evaluation.profiles.values() for row in one.rows for part in row.dataset.split(" + ")}
    tables = [one for one in origin.tables if one.id in used]
    rows = [
        [one.id, one.title, one.version, one.licence, one.attribution, None, one.sha256]
        for one in (*tables, *origin.bundle)
    ]
    rows += [
        [indicator.id, source.title, None, None, None, source.href, None]
        for indicator in evaluation.definition.indicators
        for source in indicator.source
    ]
    names = ("id", "title", "version", "licence", "attribution", "address", "sha256")
    return pl.DataFrame(rows, dict.fromkeys(names, pl.String), orient="row")
