"""Facts of every project: measured once for each different footprint, then spread to the projects that share it."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from greensilk.facts import FactColumn, FactTable, compacted
from greensilk.geometry.arrays import Ints
from greensilk.screening.country_facts import country_facts
from greensilk.screening.crew import Crew, Walk, measure_parts
from greensilk.screening.footprints import sites_of
from greensilk.screening.membership_facts import membership_facts
from greensilk.screening.model import Portfolio
from greensilk.screening.origins import taken
from greensilk.screening.project_facts import project_facts, stated_country_differs
from greensilk.screening.readiness import make_ready
from greensilk.screening.shards import Parts, walk_order
from greensilk.screening.type_facts import type_facts
from greensilk.screening.worker import Assignment

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer
    from greensilk.catalogue.raster_store import ImportedRaster

THIS_MACHINE = Crew()


def measure(  # noqa: PLR0913 - what is measured, against what, and who does it: no two belong together
    portfolio: Portfolio,
    layers: Mapping[str, Layer],
    on: dt.date | None = None,
    definitions: Mapping[str, SensitiveLayer] | None = None,
    progress: Callable[[float], None] | None = None,
    *,
    crew: Crew = THIS_MACHINE,
    rasters: Mapping[str, ImportedRaster] | None = None,
) -> FactTable:
    """Every fact of the vocabulary for every project, the same whoever measures and in whatever order projects come.

    layers: id -> loaded layer; on: day of the judgement, today if None (a certificate dated later does not count);
    definitions: the sensitive-area layers that have facts whether loaded or not, those of definitions/layers if None;
    progress: told the share of places done; crew: the processes that measure; rasters: id -> opened raster
    raises: WorkerError if workers keep dying, differ from this machine, or cannot be reached
    """
    if definitions is None:
        from greensilk.catalogue.layer_records import sensitive_layers

        definitions = sensitive_layers()
    if crew.dask is None:
        make_ready()
    projects = portfolio.projects
    day = on or dt.date.today()
    given = [*project_facts(portfolio, day), *type_facts(projects["type"])]
    columns = compacted(given)
    assignment = Assignment(layers, definitions, rasters or {})
    columns += compacted(_place_facts(portfolio, assignment, crew, progress))
    columns += compacted(_country_context(projects["country_stated"], columns, day))
    labels = {name: one.label for name, one in definitions.items()}
    labels |= {name: layer.info.label for name, layer in layers.items() if name not in definitions}
    return FactTable(projects["id"], {column.name: column for column in columns}, labels)


def as_of(facts: FactTable, portfolio: Portfolio, on: dt.date) -> FactTable:
    """The facts of another day: what counts from a day (certificates, documents, membership of countries) is had again.

    facts: of the same portfolio, as measured for any day; places are not measured anew
    """
    stated = portfolio.projects["country_stated"]
    context = _country_context(stated, list(facts.columns.values()), on)
    return facts.with_columns(compacted([*project_facts(portfolio, on), *context]))


def _place_facts(
    portfolio: Portfolio, assignment: Assignment, crew: Crew, progress: Callable[[float], None] | None
) -> Iterator[FactColumn]:
    """Every fact of places, spread to the projects, read back from the parts as they are asked for."""
    sites = sites_of(portfolio)
    order = walk_order(sites)
    walk = Walk(sites.some(order), crew.shard_sites, _counted(len(sites), progress))
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(len(order)), -1  # a project without a place stays without
    site_of: Ints = rank[sites.site_of]
    with tempfile.TemporaryDirectory(prefix="greensilk-") as folder:
        parts = Parts(Path(folder))
        measure_parts(crew, walk, assignment, parts)
        for column in parts.columns(len(walk), len(walk.sites)):
            yield taken(column, site_of)


def _counted(sites: int, progress: Callable[[float], None] | None) -> Callable[[int], None]:
    """Turns numbers of sites done into the share of all."""
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done / max(sites, 1))

    return told


def _country_context(stated: pl.Series, columns: list[FactColumn], on: dt.date) -> list[FactColumn]:
    """Facts of the countries of each project, those it lies in, else the one its owner states; factors of the first."""
    located = next(column for column in columns if column.name == "country")
    own = [code if found is None else found for found, code in zip(located.values, stated, strict=True)]
    first = [None if codes is None else codes.split("; ")[0] for codes in own]
    return [stated_country_differs(stated, located), *membership_facts(own, on), *country_facts(first)]
