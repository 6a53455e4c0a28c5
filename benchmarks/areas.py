"""Made-up protected areas with the mix of the real ones: many small, a few huge, clustered, overlapping, some invalid.

area: lognormal, median 1 km², sigma 2.6, and one in 12,000 of 100,000 to 1.2 million km²; vertices: 84 for 1 km²,
lognormal, sigma 1.3, up to 30,000, and 3 in 10,000 with a tail up to 150,000; 10 % with holes, 8 % of several parts,
25 % laid over an earlier one, 4 % exact copies; 500 clusters of unequal weight. None of it is a real place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.fractals import Rings

VERSION = 1  # raise it when the recipe changes: files made before are then made anew
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
CLUSTERS = 500
SMALLEST_KM2, LARGEST_KM2 = 0.005, 6e5
HUGE_KM2 = (1e5, 1.2e6)
ONE_HUGE_IN = 12_000
LATITUDES = (-58.0, 80.0)
MANY_VERTICES = 5_000
KM_PER_DEGREE = 110.574


@dataclass(frozen=True)
class Clusters:
    """Where areas crowd. lon, lat: (c,) degrees; weight: (c,) shares; spread_deg: (c,) standard deviation."""

    lon: Floats
    lat: Floats
    weight: Floats
    spread_deg: Floats

    def scatter(self, rng: np.random.Generator, n: int, wider: float = 1.0) -> tuple[Floats, Floats]:
        """(n,) places around the clusters, not yet wrapped or clipped."""
        one = rng.choice(len(self.weight), n, p=self.weight)
        spread = wider * self.spread_deg[one]
        lon = self.lon[one] + rng.normal(size=n) * spread / np.cos(np.radians(self.lat[one]))
        return lon, self.lat[one] + rng.normal(size=n) * spread


@dataclass(frozen=True)
class Recipe:
    """(n,) areas before they are drawn."""

    lon: Floats
    lat: Floats
    radius_km: Floats
    vertices: Ints
    seed: Ints
    stretch: Floats
    turn: Floats
    shear: Floats
    shear_waves: Floats
    shear_phase: Floats
    rough: Floats
    holes: Ints
    parts: Ints

    def take(self, rows: Ints) -> Recipe:
        """Some of the areas."""
        return Recipe(*(column[rows] for column in vars(self).values()))


def clusters(seed: int) -> Clusters:
    """The clusters of a seed; their weights fall as the rank to the power 0.9."""
    rng = np.random.default_rng([seed, 1])
    lat = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(-50)), np.sin(np.radians(72)), CLUSTERS)))
    weight = 1 / np.arange(1, CLUSTERS + 1) ** 0.9
    return Clusters(rng.uniform(-178, 178, CLUSTERS), lat, weight / weight.sum(), rng.uniform(0.3, 5, CLUSTERS))


def recipe(seed: int, n: int) -> Recipe:
    """n areas of a seed, in an order that says nothing: the first few are a fair sample of all."""
    rng = np.random.default_rng([seed, 2])
    lon, lat = clusters(seed).scatter(rng, n)
    area = _areas_km2(rng, n)
    made = Recipe(
        lon=lon,
        lat=lat,
        radius_km=np.sqrt(area / np.pi),
        vertices=_vertex_counts(rng, area),
        seed=rng.integers(0, 2**31 - 1000, n),
        stretch=np.exp(rng.normal(0, 0.25, n)),
        turn=rng.uniform(0, 2 * np.pi, n),
        shear=rng.uniform(0, 0.35, n),
        shear_waves=rng.uniform(0.5, 2.5, n),
        shear_phase=rng.uniform(0, 2 * np.pi, n),
        rough=rng.uniform(0.35, 1, n),
        holes=np.where(rng.random(n) < 0.10, rng.integers(1, 5, n), 0),
        parts=np.where(rng.random(n) < 0.08, rng.integers(2, 6, n), 1),
    )
    made = _with_copies(rng, _with_overlaps(rng, made))
    made = replace(made, lat=np.clip(made.lat, *LATITUDES), lon=(made.lon + 180) % 360 - 180)
    return made.take(rng.permutation(n))


def _areas_km2(rng: np.random.Generator, n: int) -> Floats:
    area = np.clip(np.exp(rng.normal(0, 2.6, n)), SMALLEST_KM2, LARGEST_KM2)
    huge = rng.choice(n, max(1, n // ONE_HUGE_IN), replace=False)
    area[huge] = np.exp(rng.uniform(*np.log(HUGE_KM2), len(huge)))
    return area


def _vertex_counts(rng: np.random.Generator, area_km2: Floats) -> Ints:
    n = len(area_km2)
    count = np.exp(np.log(84) + 0.15 * np.log(area_km2) + 1.3 * rng.normal(size=n)).clip(6, 30_000)
    tail = rng.random(n) < 3e-4
    count[tail] = (MANY_VERTICES * (1 + rng.pareto(0.75, tail.sum()))).clip(MANY_VERTICES, 150_000)
    return count.astype(np.int64)


def _with_overlaps(rng: np.random.Generator, made: Recipe) -> Recipe:
    """A quarter of the areas moved to within the radius of an earlier one, which may have been moved itself."""
    n = len(made.lon)
    lon, lat = made.lon.copy(), made.lat.copy()
    over, earlier = rng.random(n) < 0.25, (rng.random(n) * np.arange(n)).astype(np.int64)
    angle, away = rng.uniform(0, 2 * np.pi, n), made.radius_km[earlier] * np.sqrt(rng.random(n))
    for i in np.flatnonzero(over):
        j = earlier[i]
        narrow = max(0.15, np.cos(np.radians(lat[j])))
        lat[i] = lat[j] + away[i] * np.sin(angle[i]) / KM_PER_DEGREE
        lon[i] = lon[j] + away[i] * np.cos(angle[i]) / (KM_PER_DEGREE * narrow)
    return replace(made, lon=lon, lat=lat)


def _with_copies(rng: np.random.Generator, made: Recipe) -> Recipe:
    """4 % of the areas made the same as an earlier one that has not too many vertices."""
    n = len(made.lon)
    source = np.arange(n)
    earlier = (rng.random(n) * np.arange(n)).astype(np.int64)
    copied = (rng.random(n) < 0.04) & (made.vertices[earlier] < MANY_VERTICES)
    for i in np.flatnonzero(copied):
        source[i] = source[earlier[i]]
    return made.take(source)


def rings_of(areas: Recipe) -> tuple[Rings, Ints, Ints, Ints]:
    """The outlines of areas: one outer, its holes, then smaller parts on a circle around it.

    returns: rings; (r,) the area each is of; (p + 1,) first ring of each part; (n + 1,) first part of each area
    """
    count = areas.holes + areas.parts
    area = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(area)) - np.repeat(np.cumsum(count) - count, count)
    one = areas.take(area)
    is_hole, is_part = (place > 0) & (place <= one.holes), place > one.holes
    rings = _bent(one, _placed(one, place, is_hole, is_part), is_hole, is_part)
    part_start = np.append(np.flatnonzero(~is_hole), len(area))
    return rings, area, part_start, np.append(0, np.cumsum(areas.parts))


def _placed(one: Recipe, place: Ints, is_hole: Bools, is_part: Bools) -> tuple[Floats, Floats, Floats, Ints]:
    """Radius and offset in kilometres, and number of vertices, of each ring."""
    index = np.where(is_part, place - one.holes, place - 1)
    among = np.where(is_part, np.maximum(one.parts - 1, 1), np.maximum(one.holes, 1))
    angle = 2 * np.pi * index / among + np.where(is_part, 0.3, 0.0)
    away = np.select([is_hole, is_part], [0.13, 8.0], 0.0) * one.radius_km
    radius = np.select([is_hole, is_part], [0.06, 0.25], 1.0) * one.radius_km
    outer_share = np.select([one.parts > 1, one.holes > 0], [0.6, 0.8], 1.0)
    share = np.select([is_hole, is_part], [0.2 / among, 0.4 / among], outer_share)
    vertices = np.maximum((one.vertices * share).astype(np.int64), np.where(is_hole, 5, 6))
    return radius, away * np.cos(angle), away * np.sin(angle), vertices


def _bent(one: Recipe, placed: tuple[Floats, Floats, Floats, Ints], is_hole: Bools, is_part: Bools) -> Rings:
    radius, east, north, vertices = placed
    outer = ~is_hole & ~is_part
    number = np.arange(len(radius)) - np.maximum.accumulate(np.where(outer, np.arange(len(radius)), 0))
    return Rings(
        vertices=vertices,
        radius_km=radius,
        seed=one.seed + number,
        stretch=np.where(outer, one.stretch, 1.0),
        turn=np.where(is_hole, 0.0, one.turn),
        shear=np.where(outer, one.shear, 0.0),
        shear_waves=one.shear_waves,
        shear_phase=one.shear_phase,
        rough=np.where(is_hole, 0.3, one.rough),
        east_km=east,
        north_km=north,
    )
