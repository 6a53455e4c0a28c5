"""The catalogue of data: what is here, what could be had, under which licence, and what one's organisation may do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from greensilk.catalogue.bundle import bundle_index
from greensilk.catalogue.data_info import DataInfo
from greensilk.catalogue.datasets import datasets
from greensilk.catalogue.installed import everything, stale
from greensilk.catalogue.layer_records import sensitive_layers
from greensilk.catalogue.licences import use_of_shipped
from greensilk.catalogue.next_steps import giving
from greensilk.catalogue.settings import Behalf, on_behalf
from greensilk.errors import LayerError, NotFoundError
from greensilk.records import Label
from greensilk.web.pages import catalogue_in_words as in_words
from greensilk.web.pages.catalogue_in_words import Terms, Told, terms
from greensilk.web.visits import Visit, Visiting
from greensilk.workspace.data_use import use_of

router = APIRouter(prefix="/catalogue", include_in_schema=False)
FIND_CHARACTERS = 100


@dataclass(frozen=True)
class Line:
    """One thing in a list. state: key of a text, None where the list says it; damaged: what is wrong with it"""

    id: str
    label: Label
    version: str | None
    state: str | None
    terms: Terms | None
    damaged: LayerError | None = None


@dataclass(frozen=True)
class Part:
    """One part of a page about one id."""

    key: str
    told: Told
    terms: Terms | None


@router.get("")
def catalogue_page(visit: Visiting, find: str = "") -> Response:
    """Everything. find: part of an id or name"""
    wanted = find.strip()[:FIND_CHARACTERS].casefold()
    use = _use(visit)
    with on_behalf(use):
        every = {"imported": [*_imported()], "to_get": [*_to_get()], "owners": [*_owners()], "shipped": [*_shipped()]}
    found = {name: [one for one in lines if _matches(one, wanted)] for name, lines in every.items()}
    return visit.page(
        "catalogue.html.j2", lists=found, find=find[:FIND_CHARACTERS], any_imported=bool(every["imported"]), use=use
    )


@router.get("/{name}")
def data_page(visit: Visiting, name: str) -> Response:
    """Everything known under one id: its definition, what is held of it, what it means."""
    use = _use(visit)
    with on_behalf(use):
        parts, label, damaged = _parts(visit, name)
    if not parts and damaged is None:
        raise NotFoundError("web_catalogue.nothing", id=name[:60])
    stac = name if name in datasets() else f"shipped-{name}" if name in bundle_index() else None
    own = [f"own-{name}"] if stac is None and damaged is None and any(part.key == "held" for part in parts) else []
    return visit.page(
        "data.html.j2", id=name, label=label, parts=parts, damaged=damaged, stac=[stac] if stac else own,
        sets=[(one, datasets()[one].label) for one in giving(name) if one != name],
    )  # fmt: skip


def _use(visit: Visit) -> Behalf:
    """How the organisation of who asks uses data."""
    with visit.served.store.reading() as db:
        return use_of(db, visit.who)


def _matches(one: Line, wanted: str) -> bool:
    return not wanted or any(wanted in words.casefold() for words in (one.id, one.label.en, one.label.zh))


def _imported() -> Iterator[Line]:
    today = dt.date.today()
    for held in everything():
        info = held.whole
        if info is None:
            yield Line(held.id, Label(en=held.id, zh=held.id), None, None, None, held.info)  # type: ignore[arg-type]
        else:
            state = "web_catalogue.stale" if stale(info, today) else "web_catalogue.in_use"
            yield Line(held.id, info.label, info.version, state, terms(info.licence, info.use))


def _shipped() -> Iterator[Line]:
    for name, entry in bundle_index().items():
        yield Line(name, entry.title, entry.version, None, terms(entry.licence, use_of_shipped(entry.licence)))


def _to_get() -> Iterator[Line]:
    """Data sets of which nothing is held."""
    pulled = {info.dataset for held in everything() if (info := held.whole)}
    for name, one in datasets().items():
        if name not in pulled:
            how = "by_hand" if one.fetch.how == "by_hand" else "pulled"
            yield Line(name, one.label, one.versions.current, f"web_catalogue.{how}", terms(one.licence.name, one.use))


def _owners() -> Iterator[Line]:
    """Standard layers that no data set gives, and that are not here."""
    held = {one.id for one in everything()}
    for name, layer in sensitive_layers().items():
        if name not in held and not giving(name):
            yield Line(name, layer.label, None, None, None)


def _parts(visit: Visit, name: str) -> tuple[list[Part], Label, LayerError | None]:
    """Parts in the order of a page, what the thing is called, and what is wrong with what is held."""
    lang, found, label = visit.lang, list[Part](), Label(en=name, zh=name)
    held = next((one for one in everything() if one.id == name), None)
    info = held.whole if held else None
    if name in sensitive_layers():
        layer = sensitive_layers()[name]
        found, label = [Part("layer", in_words.of_layer(layer, lang), None)], layer.label
    if name in bundle_index():
        entry = bundle_index()[name]
        told = in_words.of_shipped(entry, lang)
        found, label = [*found, Part("shipped", told, terms(entry.licence, use_of_shipped(entry.licence)))], entry.title
    if name in datasets():
        one = datasets()[name]
        told = in_words.of_dataset(one, lang)
        found, label = [Part("dataset", told, terms(one.licence.name, one.use)), *found], one.label
    if info is not None:
        found, label = [_held(info, visit), *found], label if found else info.label
    return found, label, held.info if held and isinstance(held.info, LayerError) else None


def _held(info: DataInfo, visit: Visit) -> Part:
    return Part("held", in_words.of_held(info, visit.lang, dt.date.today()), terms(info.licence, info.use))
