"""How much memory greensilk needs beside the mapped file of a layer, for all sites in one call.

python -m benchmarks.own_memory AREAS SITES prints a row. Points in areas and nearest areas are asked for all sites at
once; shares and unions in disks by blocks of sites, as screening asks them.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.sides import ours
from benchmarks.sites import sites
from benchmarks.timing import memory_mb

BLOCK = 10_000
BLOCKS_OF_DISKS = 5
MB_IN_GB = 1024


class Watch(threading.Thread):
    """Looks a hundred times a second at the memory of this process that is not a mapped file."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mb, self.over = 0.0, threading.Event()

    def run(self) -> None:
        """Until `over` is set."""
        while not self.over.wait(0.01):
            now = memory_mb()
            self.peak_mb = max(self.peak_mb, now["resident"] - now["mapped_files"])


@contextmanager
def watched() -> Iterator[Watch]:
    """A watch that runs meanwhile."""
    watch = Watch()
    watch.start()
    try:
        yield watch
    finally:
        watch.over.set()
        watch.join()


def main(areas: Path, n: int) -> dict[str, object]:
    """The row: own_gb, the most at any time; by_task_gb; mapped_gb of files at the end."""
    where = sites("clus", "points", n, areas)
    by_task = {}
    with watched() as whole:
        features = ours.open_areas(areas)
        for name, task, blocks in (
            ("contains", ours.contains, [where]),
            ("nearest", ours.nearest, [where]),
            ("disks", ours.disks, [where.take(slice(k * BLOCK, (k + 1) * BLOCK)) for k in range(BLOCKS_OF_DISKS)]),
            ("union_disks", ours.union_disks, [where.take(slice(0, BLOCK))]),
        ):
            with watched() as watch:
                for block in blocks:
                    task(features, block)
            by_task[name] = watch.peak_mb / MB_IN_GB
    own_gb, mapped_gb = whole.peak_mb / MB_IN_GB, memory_mb()["mapped_files"] / MB_IN_GB
    parts = ", ".join(f"{name} {gb:.2f}" for name, gb in by_task.items())
    said = (
        f"greensilk beside the mapped files, {n:,} sites: {own_gb:.2f} GB at most, the interpreter and its packages "
        f"included ({parts}); of the layer's file {mapped_gb:.2f} GB were resident, which the system takes back when "
        "it needs them."
    )
    return {"sites": n, "own_gb": own_gb, "by_task_gb": by_task, "mapped_gb": mapped_gb, "said": said}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
