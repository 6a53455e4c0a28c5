"""Facts of the real footprints against every layer there is: shipped data, and what the shared folder has.

python -m benchmarks.real_portfolio prints a row. Reading the portfolio and importing layers are not counted.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.one_machine import ROOT

SHARED = ROOT.parent / "shared" / "data"
NATURAL_EARTH = SHARED / "natural_earth"
LAYERS = {
    "ramsar": SHARED / "ramsar_points" / "ramsar_sites.csv",
    "world_heritage": SHARED / "world_heritage_2019" / "whc-sites-2019.csv",
    "lakes": NATURAL_EARTH / "ne_10m_lakes.gpkg",
    "reefs": NATURAL_EARTH / "ne_10m_reefs.gpkg",
    "glaciers": NATURAL_EARTH / "ne_10m_glaciated_areas.gpkg",
    "towns": NATURAL_EARTH / "ne_50m_urban_areas.gpkg",
    "rivers": NATURAL_EARTH / "ne_10m_rivers_lake_centerlines.gpkg",
}
TERMS: dict[str, Any] = {"licence": "non-commercial", "version": "as found", "use_commercial": False}


def main() -> dict[str, Any]:
    """measure_s: of `measure` alone; what was measured against what."""
    os.environ["GREENSILK_USE"] = "non_commercial"
    from greensilk.catalogue.layer_import import import_layer
    from greensilk.catalogue.layers import open_layer
    from greensilk.screening import read_portfolio
    from greensilk.screening.measure import measure

    portfolio = read_portfolio(
        SHARED / "aiddata_gcdf_v2_geo" / "projects_simplified.gpkg",
        mapping=ROOT / "examples" / "aiddata.map.yaml",
    )
    present = {name: path for name, path in LAYERS.items() if path.is_file()}
    for name, path in present.items():
        import_layer(name, path, **TERMS)
    layers = {name: open_layer(name) for name in present}
    began = time.perf_counter()
    facts = measure(portfolio, layers)
    measure_s = time.perf_counter() - began
    said = (
        f"{len(portfolio.projects):,} projects of AidData's data set, {len(facts.columns)} facts each, against the "
        f"shipped data and {len(layers)} imported layers ({', '.join(layers)}): {measure_s:.1f} s in a process that "
        "measures for the first time, on all processors; reading the file and importing the layers are not counted. "
        "The whole run with judgement and report is in [the real portfolio](aiddata_portfolio.md)."
    )
    return {"measure_s": measure_s, "layers": sorted(layers), "said": said}


if __name__ == "__main__":
    if not SHARED.is_dir():
        print("{}")
    else:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["GREENSILK_DATA_DIR"] = str(Path(folder))
            print(json.dumps(main()))
