"""One site against a layer in this new process: prints how long each step took, as JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

began = time.perf_counter()


def main(areas: Path, lon: float, lat: float) -> dict[str, float]:
    """Milliseconds of each step, in order."""
    steps, before = {}, began

    def done(step: str) -> None:
        nonlocal before
        now = time.perf_counter()
        steps[step] = (now - before) * 1000
        before = now

    import numpy as np

    from benchmarks.area_layer import open_areas
    from benchmarks.sides import ours
    from benchmarks.sites import Sites

    where = Sites(np.array([lon]), np.array([lat]))
    done("numpy, shapely and the benchmark's own imports")
    features = open_areas(areas).features
    done("catalogue imported, layer opened")
    import greensilk.geometry.kernel.compiled

    assert greensilk.geometry.kernel.compiled
    done("numba imported")
    for name, task in (("contains", ours.contains), ("nearest", ours.nearest), ("disks", ours.ring_areas)):
        task(features, where)
        done(f"{name}: compiled code loaded, and run")
        task(features, where)
        done(f"{name}: run again")
    return steps


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))))
