"""What is known of data, as pages tell it in one language: licence and what it allows, coverage, how to get it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from greensilk.catalogue.bundle import BundleFile
from greensilk.catalogue.data_info import AllowedUse, DataInfo
from greensilk.catalogue.datasets import Dataset
from greensilk.catalogue.installed import stale
from greensilk.catalogue.layer_records import Coverage, LayerInfo, SensitiveLayer
from greensilk.catalogue.licences import USES, limits, refusal
from greensilk.catalogue.next_steps import command
from greensilk.catalogue.outputs import Output
from greensilk.catalogue.raster_records import RasterInfo
from greensilk.catalogue.table_records import TableInfo
from greensilk.places import country_name
from greensilk.records import Label, Source
from greensilk.reports.rounding import grouped, rounded
from greensilk.texts import Language, text

MOST_COUNTRIES = 30  # named one by one; of more the number is told


@dataclass(frozen=True)
class Said:
    """One thing said of data. href: where more stands; code: whether it is to be typed as it is"""

    label: str
    words: tuple[str, ...]
    href: str | None = None
    code: bool = False


Told = list[Said]


@dataclass(frozen=True)
class Terms:
    """What may be done. limits: sentences, none where everything is allowed; refused: why this organisation may not"""

    licence: str
    limits: tuple[Label, ...]
    refused: str | None


def terms(licence: str, use: AllowedUse) -> Terms:
    """The terms of some data, for the organisation on whose behalf it is asked."""
    return Terms(licence, tuple(limits(use)), refusal(use.commercial))


def of_dataset(one: Dataset, lang: Language) -> Told:
    """A data set as it is defined."""
    route = one.licence.licensed_route
    found = [
        _said("provider", one.provider, lang, one.landing_page),
        _said("licence", one.licence.name, lang, one.licence.href),
        Said(text("cli.info_use", lang), _uses(one.use, lang)),
    ]
    if route is not None:
        found.append(Said(text("web_catalogue.licensed_route", lang), (route.within(lang),)))
    gives = tuple(_output(output, lang) for output in one.gives)
    return [
        *found,
        _said("gives", gives, lang),
        _said("fetch", _fetch(one, lang), lang),
        Said(text("cli.info_get", lang), (command(one, lang),), code=True),
        _said("updates", one.updates.within(lang), lang),
        _said("attribution", one.attribution, lang),
        _said("citation", one.citation, lang),
        *_sources(one.source, lang),
        _said("confirmed", _yes_no(one.confirmed, lang), lang),
    ]


def of_held(info: DataInfo, lang: Language, today: date) -> Told:
    """What is imported here."""
    state = "web_catalogue.held_stale" if stale(info, today) else "web_catalogue.held_on"
    found = [
        _said("version", (info.version, text(state, lang, day=info.imported_at[:10])), lang),
        _said("licence", info.licence, lang),
        Said(text("cli.info_use", lang), _uses(info.use, lang)),
        *_held_more(info, lang),
    ]
    if info.countries:
        found.append(_said("countries", _countries(info.countries, lang), lang))
    if info.attribution:
        found.append(_said("attribution", info.attribution, lang))
    if info.notes:
        found.append(_said("notes", tuple(note.within(lang) for note in info.notes), lang))
    return [*found, _said("file_sha256", info.file_sha256, lang)]


def _held_more(info: DataInfo, lang: Language) -> Iterator[Said]:
    if isinstance(info, LayerInfo):
        yield _said("features", grouped(info.features), lang)
        if info.accuracy_m is not None:
            yield _said("accuracy_m", rounded(info.accuracy_m, "m").within(lang), lang)
        yield _said("coverage", coverage_words(info.coverage, lang), lang)
    elif isinstance(info, RasterInfo):
        yield _said("unit", info.unit, lang)
    elif isinstance(info, TableInfo):
        yield _said("rows", grouped(info.rows), lang)


def of_shipped(entry: BundleFile, lang: Language) -> Told:
    """A file that comes with greensilk."""
    found = [
        _said("provider", entry.provider, lang),
        _said("upstream", tuple(one.title for one in entry.upstream), lang),
        _said("version", entry.version, lang),
        _said("period", entry.period, lang),
        _said("licence", entry.licence, lang),
        _said("licence_evidence", entry.licence_evidence, lang),
        _said("attribution", entry.attribution, lang),
    ]
    more = {"resolution": entry.resolution, "loss": entry.loss}
    found += [_said(name, value, lang) for name, value in more.items() if value]
    if entry.accuracy_m is not None:
        found.append(_said("accuracy_m", rounded(entry.accuracy_m, "m").within(lang), lang))
    return [*found, _said("confirmed", _yes_no(entry.confirmed, lang), lang)]


def of_layer(layer: SensitiveLayer, lang: Language) -> Told:
    """What a standard layer name means."""
    found = [
        Said(text("web_catalogue.how_to_get", lang), (layer.how_to_get.within(lang),)),
        _said("licence_note", layer.licence_note.within(lang), lang),
    ]
    if layer.applies_to:
        found.append(_said("applies_to", _countries(layer.applies_to, lang), lang))
    if layer.absence_answered_by:
        found.append(_said("absence_answered_by", layer.absence_answered_by, lang))
    return [*found, *_sources(layer.source, lang), _said("confirmed", _yes_no(layer.confirmed, lang), lang)]


def coverage_words(coverage: Mapping[str, Coverage], lang: Language) -> tuple[str, ...]:
    """Where a layer is how complete, by status."""
    by_status: dict[str, list[str]] = {}
    for country, said in coverage.items():
        by_status.setdefault(said.status, []).append(country)
    if list(coverage) == ["*"]:
        (status,) = by_status
        return (text(f"cli.everywhere_{status}", lang),)
    return tuple(
        text(f"cli.coverage_{status}", lang, where=_countries(countries, lang))
        for status, countries in by_status.items()
    )


def _said(field: str, words: str | tuple[str, ...], lang: Language, href: str | None = None) -> Said:
    return Said(text(f"cli.info_{field}", lang), (words,) if isinstance(words, str) else words, href)


def _sources(sources: tuple[Source, ...], lang: Language) -> Iterator[Said]:
    for one in sources:
        yield _said("source", " ".join(part for part in (one.title, one.page) if part), lang, one.href)


def _uses(use: AllowedUse, lang: Language) -> tuple[str, ...]:
    return tuple(
        f"{text(f'licences.{name}', lang)}{text('cli.colon', lang)}{_yes_no(getattr(use, name), lang)}" for name in USES
    )


def _yes_no(value: bool | None, lang: Language) -> str:
    return text("cli.not_stated" if value is None else "cli.said_yes" if value else "cli.said_no", lang)


def _output(output: Output, lang: Language) -> str:
    line = f"{text(f'cli.kind_{output.kind}', lang)} {getattr(output, output.kind)}"
    coverage = getattr(output, "coverage", None)
    words = text("cli.list_comma", lang).join(coverage_words(coverage, lang)) if coverage else ""
    return f"{line}{text('cli.list_comma', lang)}{words}" if words else line


def _fetch(one: Dataset, lang: Language) -> str:
    fetch = one.fetch
    if fetch.how == "by_hand":
        return fetch.instructions.within(lang)
    host = urlsplit(fetch.address).hostname or "–"
    if fetch.how == "pages":
        token = text("cli.fetch_token", lang, token=fetch.token) if fetch.token else ""
        return text(f"cli.fetch_pages_{fetch.by}", lang, host=host) + token
    if fetch.by == "part" and fetch.tiles is not None:
        return text("cli.fetch_tiles", lang, host=host, step=f"{fetch.tiles.step_deg:g}")
    return text(f"cli.fetch_{fetch.by}", lang, host=host)


def _countries(codes: tuple[str, ...] | list[str], lang: Language) -> str:
    if len(codes) > MOST_COUNTRIES:
        return text("web_catalogue.so_many", lang, count=len(codes))
    named = (text("cli.elsewhere", lang) if code == "*" else country_name(code).within(lang) for code in codes)
    return text("cli.list_comma", lang).join(named)
