"""Random shapes for property tests: rough rings with holes, several parts, slivers, at ±180, around the poles."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import strategies as st

from greensilk.geometry.frames import split_at_antimeridian

PLACES = [
    (0.0, 0.0),
    (103.0, 19.0),
    (25.0, 64.0),
    (180.0, -16.5),
    (-180.0, 65.0),
    (10.0, 79.9),
    (-70.0, -84.0),
    (30.0, 89.9),
]


def rough_ring(rng: np.random.Generator, lon: float, lat: float, size_deg: float, vertices: int) -> np.ndarray:
    """(vertices + 1, 2) a closed ring around a place, by displacing the middles of a circle's arcs again and again."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, vertices))
    wave = sum(rng.normal() * 0.5**k * np.sin(2**k * angle + rng.uniform(0, 6)) for k in range(6))
    radius = size_deg * np.exp(0.4 * wave)
    wide = 1 / max(np.cos(np.radians(lat)), 0.02)
    ring = np.column_stack([lon + wide * radius * np.cos(angle), lat + radius * np.sin(angle)])
    ring[:, 1] = np.clip(ring[:, 1], -90, 90)
    return np.vstack([ring, ring[:1]])


def rough_polygon(seed: int, lon: float, lat: float, size_deg: float, vertices: int) -> shapely.Geometry:
    """A valid polygon or multipolygon within [-180, 180]: some with holes, some a sliver, some of several parts."""
    rng = np.random.default_rng(seed)
    shape = shapely.make_valid(shapely.Polygon(rough_ring(rng, lon, lat, size_deg, vertices)), method="structure")
    kind = rng.integers(0, 5)
    if kind == 1:
        hole = shapely.make_valid(shapely.Polygon(rough_ring(rng, lon, lat, size_deg * 0.4, max(vertices // 2, 4))))
        shape = shapely.difference(shape, hole)
    elif kind == 2:
        beside = shapely.Polygon(rough_ring(rng, lon + 2 * size_deg, lat - size_deg / 2, size_deg / 3, 12))
        shape = shapely.union(shape, shapely.make_valid(beside))
    elif kind == 3:
        shape = shapely.intersection(shape, shapely.box(lon - 400, lat, lon + 400, lat + size_deg * 1e-4))
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        parts = [shapely.box(lon, lat - size_deg, lon + size_deg, lat)]
    whole = shapely.intersection(shapely.multipolygons(parts), shapely.box(-540, -90, 540, 90))
    return split_at_antimeridian(np.array([whole], dtype=object))[0]


@st.composite
def polygons(
    draw: st.DrawFn, places: list[tuple[float, float]] = PLACES, most: int = 6
) -> tuple[np.ndarray, tuple[float, float], float]:
    """Up to `most` polygons that crowd around one place, the place, and their size in degrees."""
    lon, lat = draw(st.sampled_from(places))
    size_deg = draw(st.sampled_from([0.001, 0.05, 0.3, 2.0]))
    count = draw(st.integers(1, most))
    seeds = [draw(st.integers(0, 2**32 - 1)) for _ in range(count)]
    shapes = np.full(count, None, dtype=object)
    for i, seed in enumerate(seeds):
        rng = np.random.default_rng(seed)
        at = lon + size_deg * rng.normal(), float(np.clip(lat + size_deg * rng.normal(), -89.99, 89.99))
        shapes[i] = rough_polygon(seed, *at, size_deg * rng.uniform(0.3, 1.5), int(rng.integers(4, 90)))
    return shapes, (lon, lat), size_deg
