"""The kernel compiled once on a new machine, before work is shared out: else each process would compile it all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from greensilk.geometry.areas import area_inside_m2
from greensilk.geometry.disks import union_areas_in_disks
from greensilk.geometry.features import FeatureSet
from greensilk.geometry.overlap import deeper, touching
from greensilk.screening.footprints import Sites

COLUMNS = 100.0  # about as many facts are measured


def is_ready() -> bool:
    """Whether the kernel was compiled here before."""
    from greensilk.geometry.kernel.compiled import is_complete

    return is_complete()


def make_ready(progress: Callable[[float], None] | None = None) -> None:
    """Compiles what measuring needs, by measuring a point, a line and an outline; does nothing where that was done.

    progress: told the share done
    """
    from greensilk.geometry.kernel.compiled import mark_complete
    from greensilk.screening.site_facts import site_facts

    if is_ready():
        return
    sites, tell = _sites(), progress or (lambda share: None)
    for count, _ in enumerate(site_facts(sites, {}, {}, {})):
        tell(min(0.8, count / COLUMNS))
    areas = FeatureSet.from_geometries(np.array([shapely.box(10, 50, 10.2, 50.2), shapely.box(10.1, 50, 10.3, 50.2)]))
    site, feature = touching(areas, sites.features)
    deeper(areas, sites.features, (site, feature), np.full(len(site), 10.0))
    union_areas_in_disks(areas, np.array([10.0]), np.array([50.0]), [1_000.0, 10_000.0])
    area_inside_m2(areas, sites.frame)
    mark_complete()


def _sites() -> Sites:
    shapes = [shapely.Point(10, 50), shapely.LineString([(10, 50), (10.1, 50.1)]), shapely.box(9.9, 49.9, 10.1, 50.1)]
    geometry = np.array(shapes, dtype=object)
    n = len(geometry)
    none = np.zeros(n, dtype=bool)
    return Sites(
        geometry=geometry,
        given=geometry,
        accuracy_m=np.full(n, 10.0),
        administrative=none,
        site_of=np.arange(n),
        assumed=none,
        reach_m=np.zeros(n),
    )
