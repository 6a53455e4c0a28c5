"""python -m benchmarks.routes: the China-Laos line beside sketch corridors; figures and map of docs/method/routes.md.

The line is read from the folder of real data beside the project and is no part of greensilk; of it only a picture is
kept, under the terms of its licence (OpenStreetMap, ODbL 1.0).
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.one_machine import ROOT
from greensilk.appraisal.route_comparison import RouteComparison, RouteOptions, compare_routes
from greensilk.appraisal.route_generation import Asked, generate_routes
from greensilk.reports.corridor_file import write_corridors
from greensilk.reports.route_files import page_text
from greensilk.reports.route_view import RouteReading

BOTEN, VIENTIANE = (101.69, 21.17), (102.61, 17.97)
COUNT = 20
LINE = ROOT.parent / "shared" / "data" / "aiddata_gcdf_v2_geo" / "railway_line_approx.geojson"
PICTURE = ROOT / "docs" / "pictures" / "routes.svg"
STYLES = ROOT / "src" / "greensilk" / "reports" / "templates"
NOTICE = "Line: OpenStreetMap contributors (ODbL 1.0), by AidData (ODC-By 1.0). Thin dashed lines: sketch corridors."


def main() -> None:
    """Prints the figures and writes the map."""
    if not LINE.is_file():
        sys.exit("needs the real data folder beside the project")
    with tempfile.TemporaryDirectory() as folder:
        began, cpu = time.perf_counter(), time.process_time()
        file = alternatives(Path(folder))
        made, made_cpu = time.perf_counter() - began, time.process_time() - cpu
        found = compare_routes(file, RouteOptions())
        page = page_text(RouteReading(found), "en")
    whole, whole_cpu = time.perf_counter() - began, time.process_time() - cpu
    PICTURE.write_text(picture(page), "utf-8")
    print(f"{len(found) - 1} sketch corridors and the line")
    for name, wall, busy in (("made", made, made_cpu), ("with comparison and page", whole, whole_cpu)):
        print(f"{name}: {wall:.1f} s, of which {busy:.1f} s of processor")
    print("\n".join(figures(found)))


def alternatives(folder: Path) -> Path:
    """A file with the real line, then the corridors between its ends."""
    routes = generate_routes(Asked(BOTEN, VIENTIANE, count=COUNT, sketch=True))
    write_corridors(routes, folder / "corridors.geojson")
    content: dict[str, Any] = json.loads((folder / "corridors.geojson").read_text("utf-8"))
    line = json.loads(LINE.read_text("utf-8"))["features"][0]
    line["properties"] = {"alternative": "line", "name": "China-Laos railway as mapped"}
    content["features"].insert(0, line)
    path = folder / "alternatives.geojson"
    path.write_text(json.dumps(content), "utf-8")
    return path


def figures(found: RouteComparison) -> list[str]:
    """Lines of a table: lengths of the line and of the sketches, and how many of those are not outdone."""
    length = found.criterion("length").values / 1000
    sketch = found.places.sketch
    name, gaps_km = found.places.alignments[0].name, found.places.gaps_m[0] / 1000
    lines = [f"| {name} | {length[0]:.1f} km | gaps of {gaps_km:.1f} km |"]
    low, high = length[sketch].min(), length[sketch].max()
    front = sum(one == "front" for one, is_sketch in zip(found.standings, sketch, strict=True) if is_sketch)
    lines.append(f"| {sketch.sum()} sketch corridors | {low:.0f} to {high:.0f} km | {front} not outdone among them |")
    lines.append("compared on: " + ", ".join(found.compared))
    lines.append("not compared: " + ", ".join(found.left_out))
    return lines


def picture(page: str) -> str:
    """The map of the page as a file of its own, in English, with its style and what is owed for the line."""
    drawn = re.search(r'<svg class="map routes".*?</svg>(?=\s*<ul class="legend">)', page, re.DOTALL)
    assert drawn is not None
    style = "".join((STYLES / name).read_text("utf-8") for name in ("style.css", "routes.css"))
    kept = "svg{font-family:sans-serif}\n" + "\n".join(
        rule for rule in re.findall(r"[^{}]+\{[^{}]*\}", style) if re.match(r"\s*(svg|\.|:where\(svg)", rule)
    )
    whole = re.sub(r'<text[^>]* lang="zh">.*?</text>', "", drawn[0])
    whole = re.sub(r'<svg x="[^"]*" y="6" [^>]*><rect[^>]*class="locator"/>.*?</svg>', "", whole, flags=re.DOTALL)
    whole = re.sub(r'<g lang="zh">.*?</g>', "", whole, flags=re.DOTALL)
    _, _, width, height = re.search(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', whole).groups()  # type: ignore[union-attr]
    taller = f'viewBox="0 0 {width} {int(height) + 20}"'
    whole = re.sub(r'viewBox="[^"]*"', taller, whole, count=1).replace("<desc>", f"<style>{kept}</style><desc>", 1)
    notice = f'<text x="2" y="{int(height) + 12}" class="stamp">{NOTICE}</text></svg>'
    return whole.removesuffix("</svg>") + notice + "\n"


if __name__ == "__main__":
    main()
