"""The made-up areas as an imported layer, in a data folder of their own: what greensilk measures against.

python -m benchmarks.area_layer FILE imports, if this code has not done so before, and writes down time and memory.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.one_machine import engine
from benchmarks.timing import memory_mb

if TYPE_CHECKING:
    from greensilk.catalogue.layers import Layer

LAYER = "protected_areas"
RECORD = "import.json"


def data_folder(areas: Path) -> Path:
    """The data folder for a file of areas."""
    return areas.with_name(f"{areas.stem}-data")


def import_areas(areas: Path) -> dict[str, Any]:
    """Imports a file of areas as a layer that covers every country, and says what that took."""
    from greensilk.catalogue.layer_import import import_layer

    folder = data_folder(areas)
    if (folder / RECORD).is_file():
        found: dict[str, Any] = json.loads((folder / RECORD).read_text("utf-8"))
        if found.get("engine") == engine():
            return found
    shutil.rmtree(folder, ignore_errors=True)
    os.environ["GREENSILK_DATA_DIR"] = str(folder)
    began = time.perf_counter()
    info = import_layer(LAYER, areas, licence="made up", version="1", use_commercial=True, coverage="complete")
    found = {
        "engine": engine(),
        "import_s": time.perf_counter() - began,
        "peak_mb": memory_mb().get("peak"),
        "source_mb": areas.stat().st_size / 2**20,
        "stored_mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20,
        "features": info.features,
    }
    (folder / RECORD).write_text(json.dumps(found), "utf-8")
    return found


def open_areas(areas: Path) -> Layer:
    """The imported layer."""
    from greensilk.catalogue.layers import open_layer

    os.environ["GREENSILK_DATA_DIR"] = str(data_folder(areas))
    return open_layer(LAYER)


if __name__ == "__main__":
    print(json.dumps(import_areas(Path(sys.argv[1]))))
