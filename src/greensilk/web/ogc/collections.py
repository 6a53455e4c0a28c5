"""Which collections of features there are for who asks: projects, layers that may be handed on, shipped outlines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from greensilk.catalogue.bundle import bundle_features, bundle_index, bundle_table
from greensilk.catalogue.layer_records import LayerInfo, sensitive_layers
from greensilk.catalogue.layers_in_use import all_in_use, in_use, opened
from greensilk.catalogue.licences import limits, use_of_shipped
from greensilk.errors import LayerError, NotFoundError
from greensilk.records import Label, said
from greensilk.web.ogc.asked import Asked
from greensilk.web.ogc.conditions import Field
from greensilk.web.ogc.projects import Projects
from greensilk.web.ogc.tables import FeatureTable, Found, typed
from greensilk.workspace.actor import Actor
from greensilk.workspace.data_use import may_use, used_for
from greensilk.workspace.portfolios import portfolio, portfolios

PROJECTS, LAYER, OF_PORTFOLIO = "projects", "layers-", "projects-"
SHIPPED = ("countries", "countries_chn")
MOST_TABLES = 16


class Features(Protocol):
    """What holds the features of a collection."""

    @property
    def fields(self) -> Mapping[str, Field]:
        """The properties by name."""

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of all features."""

    def page(self, asked: Asked) -> Found:
        """The features asked for."""

    def one(self, feature_id: str) -> str | None:
        """A feature by its id, as JSON without the brace that closes it."""


@dataclass(frozen=True)
class Collection:
    """A collection and what is said of it. timed: whether its features have times"""

    id: str
    title: Label
    about: Label
    features: Features
    timed: bool = False


def collections(db: Session, who: Actor) -> Iterator[Collection]:
    """Every collection that is there for who asks."""
    yield collection(db, who, PROJECTS)
    for held in portfolios(db, who):
        yield collection(db, who, f"{OF_PORTFOLIO}{held.id}")
    for _, info in all_in_use():
        if _offered(db, who, info):
            yield collection(db, who, f"{LAYER}{info.id}")
    for name in SHIPPED:
        if name in bundle_index() and use_of_shipped(bundle_index()[name].licence).redistribute:
            yield collection(db, who, name)


def collection(db: Session, who: Actor, collection_id: str) -> Collection:
    """A collection by its id.

    raises: NotFoundError, also for what belongs to others and what may not be handed on
    """
    if collection_id == PROJECTS:
        about = said("web_ogc.projects_about")
        return Collection(PROJECTS, said("web_ogc.projects"), about, Projects(db, who), timed=True)
    if collection_id.startswith(OF_PORTFOLIO) and re.fullmatch(r"[0-9a-f]{32}", collection_id[len(OF_PORTFOLIO) :]):
        return _of_portfolio(db, who, collection_id)
    if collection_id.startswith(LAYER):
        return _of_layer(db, who, collection_id)
    if collection_id in SHIPPED and collection_id in bundle_index():
        return _shipped(collection_id)
    raise _missing(collection_id)


def _missing(collection_id: str) -> NotFoundError:
    return NotFoundError("web_ogc.no_collection", id=collection_id[:60])


def _of_portfolio(db: Session, who: Actor, collection_id: str) -> Collection:
    try:
        held = portfolio(db, who, collection_id[len(OF_PORTFOLIO) :])
    except NotFoundError as error:
        raise _missing(collection_id) from error
    title, about = Label(en=held.name or held.id, zh=held.name or held.id), said("web_ogc.portfolio_about")
    return Collection(collection_id, title, about, Projects(db, who, held.id), timed=True)


def _offered(db: Session, who: Actor, info: LayerInfo) -> bool:
    return info.use.redistribute is True and may_use(db, who, info)


def _of_layer(db: Session, who: Actor, collection_id: str) -> Collection:
    try:
        folder, info = in_use(collection_id[len(LAYER) :])
    except LayerError as error:
        raise _missing(collection_id) from error
    if not _offered(db, who, info):
        raise _missing(collection_id)
    with used_for(db, who):
        table = _layer_table(folder, info.id)
    about = said(
        "web_ogc.layer_about", title=info.title, version=info.version, licence=info.licence,
        attribution=info.attribution, limits=_limits(info),
    )  # fmt: skip
    return Collection(collection_id, info.label, about, table, timed=table.years is not None)


def _limits(info: LayerInfo) -> Label:
    lines = limits(info.use)
    return Label(en=" ".join(line.en for line in lines) or " ", zh="".join(line.zh for line in lines) or " ")


@lru_cache(MOST_TABLES)
def _layer_table(folder: Path, layer_id: str) -> FeatureTable:
    layer = opened(folder, layer_id)
    frame = typed(layer.attributes)
    definition = sensitive_layers().get(layer_id)
    columns = definition.established_columns if definition else ()
    return FeatureTable(layer.features, frame, _years(frame, columns))


def _years(frame: pl.DataFrame, columns: tuple[str, ...]) -> NDArray[np.float64] | None:
    """Since when features count, by the first of the columns that the file has."""
    for name in columns:
        if name in frame.columns:
            texts = frame[name].cast(pl.String).str.extract(r"^(\d{4})")
            return texts.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return None


def _shipped(name: str) -> Collection:
    about = said("web_ogc.countries_about", attribution=bundle_index()[name].attribution)
    return Collection(name, said(f"web_ogc.{name}"), about, _shipped_table(name))


@lru_cache(len(SHIPPED))
def _shipped_table(name: str) -> FeatureTable:
    return FeatureTable(bundle_features(name), typed(bundle_table(name)))


def stamp(*parts: str) -> str:
    """The tag of an answer by its content."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
    return f'W/"{digest.hexdigest()[:32]}"'
