"""A comparison of alternatives written out: routes.html in both languages, routes.csv, routes.json, rejects.csv."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

from greensilk.appraisal.route_measures import EXACT, Measured
from greensilk.reports import labels, licences, pages, tables
from greensilk.reports.bilingual import Bilingual, of_label, said
from greensilk.reports.files import write_whole
from greensilk.reports.ground import AreaLayer, area_layers, ground
from greensilk.reports.one_language import in_language
from greensilk.reports.route_map import DrawnRoute, RouteMap, route_map
from greensilk.reports.route_values import BOUNDS, reason_words
from greensilk.reports.route_view import RouteReading, Row
from greensilk.reports.world_map import locator_symbol
from greensilk.routes.comparison import DRAWS, SEED
from greensilk.texts import LANGUAGES, Language, user_language

if TYPE_CHECKING:
    from greensilk.appraisal.route_comparison import RouteComparison

SCHEMA_VERSION = "1.0"
STANDINGS = ("front", "open", "outdone")


def write_routes(comparison: RouteComparison, out: Path) -> list[Path]:
    """Write a comparison to a folder, without what licences forbid; the page opens in the user's language.

    returns: the files written, the page first
    raises: UsageError for a folder that cannot be written to
    """
    reading = RouteReading(comparison)
    return [
        write_whole(out / "routes.html", page_text(reading, user_language())),
        write_whole(out / "routes.csv", tables.csv_bytes(flat(reading))),
        write_whole(out / "routes.json", json.dumps(results(reading), ensure_ascii=False, allow_nan=False, indent=1)),
        write_whole(out / "rejects.csv", tables.csv_bytes(comparison.file.rejects)),
        write_whole(out / "provenance.json", comparison.provenance.model_dump_json(indent=1) + "\n"),
    ]


def page_text(reading: RouteReading, lang: Language) -> str:
    """The page as HTML. lang: the language it opens in"""
    comparison = reading.comparison
    origin, on = comparison.provenance, comparison.on.isoformat()
    template = pages.environment().get_template("routes.html.j2")
    found: str = template.render(
        _content(reading, None), lang=lang, origin=origin, on=on, alone=False, many=False, symbols="", scripted=True,
        locator=locator_symbol(ground()), run=_run(comparison),
        **pages.assets(f"greensilk {origin.code.version}, run {origin.run_id}, {on}", "routes.css"),
    )  # fmt: skip
    return found


def page_parts(reading: RouteReading, map_approval: str | None) -> dict[Language, Markup]:
    """The page without its frame, style and script, by language: a part of another page, which holds the patterns.

    map_approval: approval number that the map carries instead of the stamp "internal"
    """
    template = pages.environment().get_template("routes_main.html.j2")
    both = template.render(_content(reading, map_approval), scripted=False)
    return {lang: in_language(both, lang) for lang in LANGUAGES}


def _content(reading: RouteReading, map_approval: str | None) -> dict[str, Any]:
    comparison, rows = reading.comparison, reading.rows()
    origin = comparison.provenance
    not_drawn = licences.not_drawn(origin)
    return {
        "title": said("routes.page_title", file=comparison.file.name), "meta": _meta(reading), "rows": rows,
        "answer": list(_answer(reading, rows)), "cautions": list(reading.cautions()),
        "weights_words": _weights(reading), "map": _map(reading, rows, map_approval), "standings": STANDINGS,
        "any_sketch": any(row.sketch for row in rows), "heads": _heads(reading), "compared": reading.compared(),
        "not_compared": reading.not_compared(), "costs": _costs(comparison), "rejects": _rejects(comparison),
        "not_drawn": [said("reports.map_withheld") for name in comparison.layers if name in not_drawn][:1],
        "data": licences.data_terms(origin), "limited": licences.limited(origin),
        "attributions": licences.attributions(origin),
    }  # fmt: skip


def _run(comparison: RouteComparison) -> Bilingual:
    code = comparison.provenance.code
    return said("routes.run", run=comparison.provenance.run_id, version=code.version, code=code.sha256[:12])


def _meta(reading: RouteReading) -> Bilingual:
    comparison = reading.comparison
    return said(
        "routes.meta", count=len(comparison), rejected=comparison.file.rejected, on=comparison.on.isoformat(),
        width=f"{comparison.places.width_m:g}", criteria=len(comparison.compared),
    )  # fmt: skip


def _answer(reading: RouteReading, rows: list[Row]) -> Iterator[Bilingual]:
    """Who is not outdone and who is first, of lines and of sketches apart."""
    for sketch in (False, True):
        among = [row for row in rows if row.sketch == sketch]
        if len(among) < 2:
            continue
        count = {kind: sum(row.standing == kind for row in among) for kind in STANDINGS}
        named = said("routes.among_sketches" if sketch else "routes.among_lines")
        yield said("routes.answer_lead", among=named, count=len(among), **count)
        first = among[0]
        if first.ranked and first.first_share:
            yield said("routes.answer_first", name=first.name, rank=first.ranked.words, share=first.first_share,
                       draws=DRAWS)  # fmt: skip
    yield said("routes.answer_means")


def _weights(reading: RouteReading) -> Bilingual:
    stated = reading.comparison.stated_weights
    if stated is None:
        return said("routes.weights_equal", draws=DRAWS)
    return said("routes.weights_given", about=stated.about, draws=DRAWS)


def _heads(reading: RouteReading) -> list[Bilingual]:
    fixed = [said(f"routes.head_{name}") for name in ("number", "name", "rank", "standing")]
    return fixed + [of_label(reading.comparison.criterion(name).label) for name in reading.comparison.compared]


def _costs(comparison: RouteComparison) -> Bilingual | None:
    costs = comparison.costs
    if costs is None:
        return None
    named = "; ".join(", ".join(part for part in (one.title, one.page, one.href) if part) for one in costs.source)
    return said("routes.cost_source", year=costs.year, currency=costs.currency, source=named)


def _rejects(comparison: RouteComparison) -> list[dict[str, Any]]:
    return [
        {"feature": one["feature"], "alternative": one["alternative"] or "–",
         "reason": Bilingual(one["reason_en"], one["reason_zh"])}
        for one in comparison.file.rejects.iter_rows(named=True)
    ]  # fmt: skip


def _map(reading: RouteReading, rows: list[Row], map_approval: str | None) -> RouteMap:
    comparison = reading.comparison
    drawn = [DrawnRoute(row.number, comparison.places.whole[row.index], row.standing, row.sketch) for row in rows]
    return route_map(drawn, ground(), _areas(comparison), pages.map_foot(map_approval))


def _areas(comparison: RouteComparison) -> list[AreaLayer]:
    """The sensitive layers that a map may show."""
    origin = comparison.provenance
    shown = {one.part: labels.layer(one.part) for one in comparison.criteria if one.criterion.id == "area_in"}
    layers = {
        name: (info, shown[name])
        for name, info in comparison.layers.items()
        if name in shown and name not in licences.not_drawn(origin)
    }
    owed = {one.id: one.attribution for one in origin.layers}
    drawn = area_layers(layers, licences.drawn_coarsely(origin), owed)
    unnamed = licences.unnamed(origin)
    return [replace(one, sheet=one.sheet.unnamed()) if one.id in unnamed else one for one in drawn]


def flat(reading: RouteReading) -> pl.DataFrame:
    """One row an alternative, by rank: rank with its interval, standing, every criterion, and its bound or reason."""
    comparison = reading.comparison
    rows = [_flat_row(reading, row) for row in reading.rows()]
    names = [one.id for one in comparison.criteria]
    schema: dict[str, type[pl.DataType]] = {
        "alternative": pl.String, "name": pl.String, "sketch": pl.Boolean, "kinds_stated": pl.Boolean,
        "standing": pl.String, "rank": pl.Int64, "rank_low": pl.Int64, "rank_high": pl.Int64, "ranked": pl.Int64,
        "gaps_m": pl.Float64,
    }  # fmt: skip
    for name in names:
        schema |= {name: pl.Float64, f"{name}_note": pl.String}
    return pl.DataFrame(rows, schema=schema)


def _flat_row(reading: RouteReading, row: Row) -> dict[str, Any]:
    comparison, ranked, i = reading.comparison, row.ranked, row.index
    found: dict[str, Any] = {
        "alternative": row.id, "name": row.name.en, "sketch": row.sketch,
        "kinds_stated": bool(comparison.places.states_kinds[i]), "standing": row.standing,
        "rank": ranked and ranked.nominal, "rank_low": ranked and ranked.low, "rank_high": ranked and ranked.high,
        "ranked": ranked and ranked.of, "gaps_m": _finite(comparison.places.gaps_m[i]),
    }  # fmt: skip
    for one in comparison.criteria:
        found |= {one.id: one.column.values[i], f"{one.id}_note": _note(one, i)}
    return found


def _note(one: Measured, i: int) -> str | None:
    """The bound of a value, or why there is none."""
    if not one.column.known[i]:
        return reason_words(one.reason(i) or "no_data_here").en
    return None if one.bounds[i] == EXACT else f"at_{BOUNDS[int(one.bounds[i])]}"


def _finite(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


def results(reading: RouteReading) -> dict[str, Any]:
    """Everything for programs; a null value has a reason."""
    comparison = reading.comparison
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": comparison.provenance.run_id,
        "on": comparison.on.isoformat(),
        "file": comparison.file.name,
        "made_by": comparison.file.made_by,
        "width_m": comparison.places.width_m,
        "width_assumed": comparison.width_assumed,
        "notices": [_both(words) for words in reading.cautions()],
        "weights": {"given": comparison.stated_weights is not None, "shares": dict(comparison.weights),
                    "without_effect": list(comparison.unused_weights), "draws": DRAWS, "seed": SEED},
        "compared": list(comparison.compared),
        "not_compared": {name: label.model_dump() for name, label in comparison.left_out.items()},
        "criteria": [_criterion(one) for one in comparison.criteria],
        "alternatives": [_alternative(reading, row) for row in reading.rows()],
        "licences": licences.licence_rows(comparison.provenance),
    }  # fmt: skip


def _both(words: Bilingual) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}


def _criterion(one: Measured) -> dict[str, Any]:
    origins = [
        {"dataset": of.dataset, "version": of.version, "support": of.support.name.lower(), "confirmed": of.confirmed}
        for of in one.column.origins
    ]
    return {"id": one.id, "label": one.label.model_dump(), "unit": one.unit, "how": one.criterion.how.model_dump(),
            "resolution_m": one.resolution_m, "margin": one.criterion.margin, "origins": origins}  # fmt: skip


def _alternative(reading: RouteReading, row: Row) -> dict[str, Any]:
    comparison, i = reading.comparison, row.index
    ranked, found = row.ranked, comparison.ranking
    shares = found.shares[i].tolist() if ranked and found is not None else []
    return {
        "id": row.id, "name": row.name.en, "sketch": row.sketch,
        "kinds_stated": bool(comparison.places.states_kinds[i]), "gaps_m": _finite(comparison.places.gaps_m[i]),
        "standing": row.standing,
        "outdone_by": [comparison.places.alignments[j].id for j in comparison.outdone_by[i]],
        "rank": None if ranked is None else {
            "nominal": ranked.nominal, "low": ranked.low, "high": ranked.high, "of": ranked.of,
            "shares": {str(place): share for place, share in enumerate(shares, start=1) if share > 0},
        },
        "values": {one.id: _value(one, i) for one in comparison.criteria},
    }  # fmt: skip


def _value(one: Measured, i: int) -> dict[str, Any]:
    known, column = bool(one.column.known[i]), one.column
    return {
        "value": column.values[i],
        "bound": BOUNDS.get(int(one.bounds[i])) if known else None,
        "reason": None if known else one.reason(i) or "no_data_here",
        "feature": None if column.features is None else column.features[i],
        "accuracy_m": None if column.accuracy_m is None or not known else column.accuracy_m[i],
        "answered_by": int(column.answers[i]),
    }
