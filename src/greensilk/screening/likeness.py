"""Whether another process would measure the same: versions of what computes, fingerprints of code and shipped data."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import pyproj
import shapely

from greensilk.catalogue.bundle import bundle_index
from greensilk.errors import WorkerError
from greensilk.records import Label
from greensilk.texts import text

LIBRARIES = ("numba", "numpy", "polars", "rasterio", "shapely")
PACKAGE = Path(__file__).parents[1]
CODE = (".py", ".yaml")


@cache
def likeness() -> dict[str, str]:
    """What results depend on besides sites and layers: part -> its version, or a fingerprint."""
    python = ".".join(platform.python_version_tuple()[:2])
    libraries = {name: metadata.version(name) for name in LIBRARIES}
    engines = {"GEOS": shapely.geos_version_string, "PROJ": pyproj.proj_version_str}
    own = {"greensilk": metadata.version("greensilk"), "greensilk code": _code(), "shipped data": _shipped()}
    return {**own, "python": python, **libraries, **engines}


def require_likeness(wanted: Mapping[str, str], worker: str) -> None:
    """raises: WorkerError naming every difference between this process and what is wanted"""
    here = likeness()
    other = [(part, here.get(part, "-"), value) for part, value in wanted.items() if here.get(part) != value]
    if other:
        said = [
            Label(
                en=text("workers.difference", "en", part=part, found=found, wanted=value),
                zh=text("workers.difference", "zh", part=part, found=found, wanted=value),
            )
            for part, found, value in other
        ]
        differences = Label(en="; ".join(one.en for one in said), zh="；".join(one.zh for one in said))
        raise WorkerError("workers.unlike", worker=worker, differences=differences)


def _code() -> str:
    """16 hex digits over sources and definitions: two checkouts may bear the same version."""
    digest = hashlib.sha256()
    for path in sorted(path for path in PACKAGE.rglob("*") if path.suffix in CODE):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _shipped() -> str:
    """16 hex digits over the checksums of the shipped data."""
    sums = "\n".join(f"{name} {entry.sha256}" for name, entry in sorted(bundle_index().items()))
    return hashlib.sha256(sums.encode()).hexdigest()[:16]
