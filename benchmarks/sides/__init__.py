"""The sides that are measured: greensilk and its peers, each a module of one shape.

VERSION_OF: the package whose version is written down; `open_areas(file)` makes ready what is kept between calls;
`TASKS` maps a piece of work to a function of what was made ready and the sites. Each side runs in its own process.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

NAMES = ("ours", "strtree", "prepared", "geopandas_join", "duckdb_join", "sedona_join", "postgis_join", "local_plane")


def side(name: str) -> ModuleType:
    """The module of a side."""
    if name not in NAMES:
        raise ValueError(f"no such side: {name}")
    return import_module(f"benchmarks.sides.{name}")
