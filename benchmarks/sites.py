"""Sites of each kind, from a seed: points crowded like the areas or on them, routes, and small outlines.

clus: 70 % around the clusters that the areas lie in, 30 % anywhere; hard: in the boxes of areas, the more vertices the
oftener. A site list of n is not the beginning of a longer one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.area_files import SEED
from benchmarks.areas import KM_PER_DEGREE, clusters
from benchmarks.fractals import Rings, draw

Floats = NDArray[np.float64]
SEEDS = {"clus": 11, "hard": 5}
LINE_VERTICES, POLYGON_VERTICES = 50, 64


@dataclass(frozen=True)
class Sites:
    """Points, or points with the shapes drawn about them. lon, lat: (n,) degrees; shape: (n,) lon/lat or None."""

    lon: Floats
    lat: Floats
    shape: NDArray[np.object_] | None = None

    def __len__(self) -> int:
        return len(self.lon)

    def take(self, rows: NDArray[np.int64] | slice) -> Sites:
        """Some of the sites."""
        return Sites(self.lon[rows], self.lat[rows], None if self.shape is None else self.shape[rows])


def sites(kind: str, form: str, n: int, areas: Path) -> Sites:
    """n sites. kind: clus or hard; form: points, lines or polygons; areas: file of the areas they are drawn for."""
    rng = np.random.default_rng([SEEDS[kind], n])
    lon, lat = _clustered(rng, n) if kind == "clus" else _in_boxes(rng, n, areas.parent / "parts.npz")
    if form == "points":
        return Sites(lon, lat)
    shape = _lines(rng, lon, lat) if form == "lines" else _polygons(rng, lon, lat)
    return Sites(lon, lat, shape)


def _clustered(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    lon, lat = clusters(SEED).scatter(rng, n, wider=1.3)
    anywhere = rng.random(n) < 0.3
    lon[anywhere] = rng.uniform(-180, 180, anywhere.sum())
    lat[anywhere] = np.degrees(np.arcsin(rng.uniform(-0.82, 0.95, anywhere.sum())))
    return (lon + 180) % 360 - 180, np.clip(lat, -60, 81)


def _in_boxes(rng: np.random.Generator, n: int, parts: Path) -> tuple[Floats, Floats]:
    with np.load(parts) as found:
        box, vertices = found["box"], found["vertices"]
    one = rng.choice(len(vertices), n, p=vertices / vertices.sum())
    west, south, east, north = box[one].T
    return rng.uniform(west, east), rng.uniform(south, north)


def _to_degrees(lon: Floats, lat: Floats, east_km: Floats, north_km: Floats) -> Floats:
    """(n, v, 2) degrees from kilometres about each site; a shape that would cross ±180° is moved beside it."""
    north = lat[:, None] + north_km / KM_PER_DEGREE
    east = lon[:, None] + east_km / (111.32 * np.cos(np.radians(lat[:, None])))
    over = np.maximum(0, east.max(axis=1) - 180) + np.minimum(0, east.min(axis=1) + 180)
    return np.stack([east - over[:, None], north], axis=-1)


def _lines(rng: np.random.Generator, lon: Floats, lat: Floats) -> NDArray[np.object_]:
    """Routes of 50 vertices, about 25 km long at the median, that wander but keep their direction."""
    n, steps = len(lon), LINE_VERTICES - 1
    length_km = np.exp(np.log(25) + rng.normal(size=n)).clip(0.5, 500)
    heading = rng.uniform(0, 2 * np.pi, n)[:, None] + np.cumsum(rng.normal(0, 0.25, (n, steps)), axis=1)
    stride = (length_km / steps)[:, None] * rng.uniform(0.5, 1.5, (n, steps))
    zero = np.zeros((n, 1))
    east = np.hstack([zero, np.cumsum(stride * np.cos(heading), axis=1)])
    north = np.hstack([zero, np.cumsum(stride * np.sin(heading), axis=1)])
    return np.asarray(shapely.linestrings(_to_degrees(lon, lat, east, north)))


def _polygons(rng: np.random.Generator, lon: Floats, lat: Floats) -> NDArray[np.object_]:
    """Outlines of 64 vertices, radius about 1 km at the median, drawn as the areas are."""
    n = len(lon)
    flat, size = np.zeros(n), POLYGON_VERTICES
    rings = Rings(
        vertices=np.full(n, size),
        radius_km=np.exp(rng.normal(size=n)).clip(0.05, 20),
        seed=rng.integers(0, 2**31 - 1, n),
        stretch=np.exp(rng.normal(0, 0.25, n)),
        turn=rng.uniform(0, 2 * np.pi, n),
        shear=flat,
        shear_waves=flat,
        shear_phase=flat,
        rough=rng.uniform(0.35, 0.7, n),
        east_km=flat,
        north_km=flat,
    )
    start = np.arange(n + 1) * (size + 1)
    east, north = (side.reshape(n, size + 1) for side in draw(rings, start))
    return np.asarray(shapely.polygons(_to_degrees(lon, lat, east, north)))
