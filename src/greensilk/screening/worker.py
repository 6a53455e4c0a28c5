"""What a worker does, in a process of this machine or of a cluster: open the layers it was named, measure shards."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from greensilk.catalogue.settings import Behalf, behalf, on_behalf
from greensilk.processes import answer_all
from greensilk.screening.data_copies import DataCopy, found, named
from greensilk.screening.footprints import Sites
from greensilk.screening.shards import Parts, part_of
from greensilk.screening.site_facts import measure_shard

if TYPE_CHECKING:
    from greensilk.catalogue.layer_records import SensitiveLayer
    from greensilk.catalogue.layers import Layer
    from greensilk.catalogue.raster_store import ImportedRaster

MODULE = "greensilk.screening.worker"
_ONE_AT_A_TIME = threading.Lock()  # open rasters may not be read by two threads


@dataclass(frozen=True)
class Assignment:
    """What is to be measured of every shard of a run. behalf: who uses the data, as catalogue.settings has it."""

    layers: Mapping[str, DataCopy | Layer]
    definitions: Mapping[str, SensitiveLayer]
    rasters: Mapping[str, DataCopy | ImportedRaster] = field(default_factory=dict)
    behalf: Behalf | None = None

    def for_others(self) -> Assignment:
        """The same for other processes, which open layers and rasters themselves."""
        layers, rasters = named("layer", self.layers), named("raster", self.rasters)
        return replace(self, layers=layers, rasters=rasters, behalf=behalf())


@dataclass(frozen=True)
class Shard:
    """Sites to be measured as one. number: which shard of the run."""

    number: int
    sites: Sites

    def __len__(self) -> int:
        return len(self.sites)


def measured_part(assignment: Assignment, sites: Sites, worker: str) -> bytes:
    """The facts of a shard as a part. worker: what this process is called, for errors.

    raises: WorkerError, LayerError, LicenceError if a layer or raster cannot be used here
    """
    with _ONE_AT_A_TIME, on_behalf(assignment.behalf or behalf()):
        layers, rasters = found(assignment.layers, worker), found(assignment.rasters, worker)
        return part_of(measure_shard(sites, layers, assignment.definitions, rasters))


class _Worker:
    """A worker process: told first what to measure and where to put parts, then given shards."""

    def __init__(self) -> None:
        self.assignment: Assignment | None = None
        self.parts: Parts | None = None

    def answer(self, asked: tuple[Assignment, Path] | Shard) -> int:
        """How many sites were measured."""
        if not isinstance(asked, Shard):
            self.assignment, self.parts = asked[0], Parts(asked[1])
            return 0
        assert self.assignment is not None and self.parts is not None  # noqa: S101 - told first
        self.parts.put(asked.number, measured_part(self.assignment, asked.sites, str(os.getpid())))
        return len(asked)


def answer_parent() -> NoReturn:
    """What a worker process does; see greensilk.processes."""
    answer_all(_Worker().answer)
