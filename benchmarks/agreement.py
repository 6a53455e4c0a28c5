"""Whether the sides say the same: pairs, distances and areas of greensilk beside those of its peers and of pyproj."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity

Answer = dict[str, NDArray[Any]]
Row = dict[str, Any]
SHARES = (50, 90, 99)


def read(folder: Path, keep: str) -> Answer | None:
    """The answers a side kept; None where it has none."""
    path = folder / f"{keep}.npz"
    if not path.is_file():
        return None
    with np.load(path) as found:
        return dict(found)


def first_copies(answer: Answer, copies: NDArray[np.int64]) -> NDArray[np.int64]:
    """(k, 2) pairs of site and area, sorted, each once, an exact copy of an area counting as the first of its kind."""
    pairs = np.column_stack([answer["site"], copies[answer["area"]]]).astype(np.int64).reshape(-1, 2)
    return np.unique(pairs, axis=0)


def pairs_agree(ours: Answer, peer: Answer, copies: NDArray[np.int64]) -> Row:
    """How many pairs both found, and how many only one of them."""
    mine, theirs = (first_copies(one, copies) @ np.array([len(copies), 1]) for one in (ours, peer))
    shared = len(np.intersect1d(mine, theirs, assume_unique=True))
    return {"pairs": len(mine), "only_ours": len(mine) - shared, "only_peer": len(theirs) - shared}


def errors(found: NDArray[np.float64], right: NDArray[np.float64]) -> Row:
    """Percentiles and the largest of the absolute differences."""
    away = np.abs(found - right)
    if not len(away):
        return {"n": 0}
    return {"n": len(away)} | {f"p{p}": float(np.percentile(away, p)) for p in SHARES} | {"max": float(away.max())}


def distances_agree(ours: Answer, peer: Answer) -> Row:
    """Distances of both sides in metres, and how many sites have one within the cut-off for one side only."""
    mine, theirs = ours["distance_m"][: len(peer["distance_m"])], peer["distance_m"]
    both = np.isfinite(mine) & np.isfinite(theirs)
    return errors(mine[both], theirs[both]) | {"within_for_one": int((np.isfinite(mine) ^ np.isfinite(theirs)).sum())}


def distances_right(areas: NDArray[np.object_], lon: NDArray[Any], lat: NDArray[Any], ours: Answer, most: int) -> Row:
    """Distances in metres beside those in pyproj's plane about each site, whose distances from the site are exact.

    the area that is nearest is taken from the answer: that it is the nearest is what the sides' agreement shows
    """
    from pyproj import Transformer

    rows = np.flatnonzero(ours["distance_m"] > 0)[:most]
    right = np.empty(len(rows))
    for k, i in enumerate(rows):
        plane = f"+proj=aeqd +lat_0={lat[i]} +lon_0={lon[i]} +datum=WGS84 +units=m"
        to_plane = Transformer.from_crs("EPSG:4326", plane, always_xy=True).transform
        window = lon[i] - 3, lat[i] - 0.6, lon[i] + 3, lat[i] + 0.6
        near = shapely.segmentize(shapely.clip_by_rect(_beside(areas[ours["area"][i]], lon[i]), *window), 0.01)
        right[k] = shapely.distance(shapely.transform(near, to_plane, interleaved=False), shapely.Point(0, 0))
    return errors(ours["distance_m"][rows], right)


def _beside(area: shapely.Geometry, lon: float) -> shapely.Geometry:
    """The area with its parts moved by a whole turn to the side of the antimeridian where the site is."""
    parts = [
        affinity.translate(part, 360.0 * np.round((lon - part.centroid.x) / 360)) for part in shapely.get_parts(area)
    ]
    return shapely.GeometryCollection(parts) if len(parts) > 1 else parts[0]


def areas_agree(ours: Answer, peer: Answer, copies: NDArray[np.int64], radii_m: tuple[float, ...]) -> Row:
    """Areas of each pair of site and area as shares of its disk, of both sides."""
    sites = len(peer["distance_m"])
    mine, theirs = (_by_pair(one, copies, sites) for one in (ours, peer))
    shared = sorted(mine.keys() & theirs.keys())
    disk = np.pi * np.array(radii_m) ** 2
    if not shared:
        return {"n": 0}
    a, b = (np.array([one[pair] for pair in shared]) for one in (mine, theirs))
    some = (a > 0) | (b > 0)
    relative = (np.abs(a - b) / np.maximum(np.maximum(a, b), 1.0))[some]
    return {
        "of_the_disk": errors((a / disk)[some], (b / disk)[some]),
        "relative": errors(relative, np.zeros(len(relative))),
        "pairs": len(shared),
        "only_ours": len(mine.keys() - theirs.keys()),
        "only_peer": len(theirs.keys() - mine.keys()),
    }


def _by_pair(answer: Answer, copies: NDArray[np.int64], sites: int) -> dict[tuple[int, int], NDArray[np.float64]]:
    rows = np.flatnonzero((answer["site"] < sites) & (answer["area_m2"][:, -1] > 0))
    keys = zip(answer["site"][rows].tolist(), copies[answer["area"][rows]].tolist(), strict=True)
    return dict(zip(keys, answer["area_m2"][rows], strict=True))


def unions_agree(ours: Answer, peer: Answer) -> Row:
    """Union areas of both sides, each as a share of itself."""
    b = peer["union_m2"]
    a = ours["union_m2"][: len(b)]
    some = (a > 0) | (b > 0)
    relative = (np.abs(a - b) / np.maximum(np.maximum(a, b), 1.0))[some]
    return errors(relative, np.zeros(len(relative)))
