"""python -m benchmarks.features: features of one GeoJSON file served beside pygeoapi; writes docs/method/serving.md.

Both serve the same file over loopback with two processes each, are asked the same question by the same load, and must
give the same features. pygeoapi is fetched from PyPI into an environment of its own, in a temporary folder.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.load import Asked, Found, has_wrk, load
from benchmarks.one_machine import ROOT, commit, machine
from benchmarks.one_platform import one_platform
from benchmarks.serving_page import write

SOURCE = ROOT.parent / "shared" / "data" / "natural_earth" / "ne_10m_populated_places_simple.gpkg"
HEADING = "## Features beside pygeoapi"
QUESTION = {"bbox": "70,15,140,55", "limit": "100", "adm0name": "China"}
QUESTIONS, COMPARED, SEED = 400, 12, 20260101  # different ones, and how many of them are compared feature by feature
PROCESSES, CLIENTS = 2, 8
SESSIONS = 20  # one alone may not ask as often as is measured here: limits.yaml
SECONDS = {"greensilk": 10, "pygeoapi": 40}  # the slower one needs longer for as sure a figure
GOAL = 5.0
START_S = 60.0
PYGEOAPI = ("pygeoapi==0.21.0", "gunicorn==27.0.1")


@dataclass(frozen=True)
class Side:
    """One server. same: what it answered to one question again and again; varied: to many; bare: to /conformance,
    which needs no data; ids: (questions compared) features of each, sorted"""

    name: str
    same: Found
    varied: Found
    bare: Found
    ids: list[list[int]]


def main() -> None:
    """Measures and writes."""
    if not has_wrk():
        sys.exit("needs wrk (Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory(prefix="greensilk-features-") as folder:
        source = as_geojson(Path(folder))
        theirs, ours = pygeoapi(Path(folder), source), greensilk(source)
    alike = theirs.ids == ours.ids
    ratios = ours.same.per_second / theirs.same.per_second, ours.varied.per_second / theirs.varied.per_second
    print(f"greensilk beside pygeoapi: one question {ratios[0]:.1f} times, many {ratios[1]:.1f} times; "
          f"features {'the same' if alike else 'DIFFER'}")  # fmt: skip
    write(HEADING, section(theirs, ours, alike))
    if not alike or min(ratios) < GOAL:
        sys.exit(1)


def questions() -> list[dict[str, str]]:
    """Different windows over the land of the world, from 2 to 40 degrees wide."""
    drawn = random.Random(SEED)  # noqa: S311 - no secret
    found = []
    for _ in range(QUESTIONS):
        west, south, side = drawn.uniform(-120, 140), drawn.uniform(-40, 55), drawn.uniform(2, 40)
        found.append({"bbox": f"{west:.3f},{south:.3f},{west + side:.3f},{south + side / 2:.3f}", "limit": "100"})
    return found


def as_geojson(folder: Path) -> Path:
    """The places as one GeoJSON file; `row` is the number of each."""
    import geopandas as gpd

    frame = gpd.read_file(SOURCE)
    frame["row"] = range(len(frame))
    path = folder / "places.geojson"
    path.write_text(frame.to_json(), "utf-8")
    return path


def measured(name: str, base: str, items: str, bare: str, cookies: list[str]) -> Side:
    """One server under load. items, bare: paths; cookies: one session each, taken in turn"""
    more = "&" if "?" in items else "?"
    one = [f"{items}{more}{urlencode(QUESTION)}"]
    many = [f"{items}{more}{urlencode(asked)}" for asked in questions()]
    ids = [rows_of(base + path, cookies[0]) for path in (*one, *many[:COMPARED])]
    found = [load(Asked(base, paths, cookies), CLIENTS, SECONDS[name]) for paths in (one, many, [bare])]
    for each in found:
        if each.broken or each.refused:
            raise RuntimeError(f"{name}: {each.broken} answers broken, {each.refused} refused")
    return Side(name, *found, ids)


def rows_of(address: str, cookie: str) -> list[int]:
    """Which features an answer holds: all of them, or the limit of a larger answer, counted alone."""
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookie}), timeout=60) as answer:  # noqa: S310
        told = json.load(answer)
    rows = sorted(one["properties"]["row"] for one in told["features"])
    # Which of more than the limit come first is the server's choice.
    return rows if told["numberMatched"] <= len(rows) else [told["numberMatched"], len(rows)]


def greensilk(source: Path) -> Side:
    """The file imported as a layer and served."""
    from greensilk.catalogue import import_layer

    with one_platform("sqlite", "--processes", str(PROCESSES), "--workers", "0") as platform:
        os.environ["GREENSILK_DATA_DIR"] = str(platform.folder)
        import_layer("towns", source, licence="public domain", version="5.1.2", use_commercial=True, redistribute=True)
        base, sessions = platform.server.base, platform.sessions(SESSIONS)
        return measured("greensilk", base, "/ogc/collections/layers-towns/items", "/ogc/conformance", sessions)


def pygeoapi(folder: Path, source: Path) -> Side:
    """The file served by pygeoapi's own provider of GeoJSON, under gunicorn."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", *PYGEOAPI], check=True, timeout=600, stderr=subprocess.DEVNULL
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    (folder / "config.yml").write_text(json.dumps(settings(base, source)), "utf-8")
    environment = {**os.environ, "PYGEOAPI_CONFIG": str(folder / "config.yml"),
                   "PYGEOAPI_OPENAPI": str(folder / "openapi.yml")}  # fmt: skip
    generate = [folder / "venv" / "bin" / "pygeoapi", "openapi", "generate", folder / "config.yml", "--output-file",
                folder / "openapi.yml"]  # fmt: skip
    subprocess.run(generate, check=True, env=environment, timeout=120, stdout=subprocess.DEVNULL)
    command = [python, "-m", "gunicorn", "-w", str(PROCESSES), "-b", f"127.0.0.1:{port}", "--log-level", "error",
               "pygeoapi.flask_app:APP"]  # fmt: skip
    with running(command, environment, f"{base}/conformance?f=json"):
        return measured("pygeoapi", base, "/collections/places/items?f=json", "/conformance?f=json", ["none=1"])


def settings(base: str, source: Path) -> dict[str, object]:
    """What pygeoapi is told: the least that it asks for."""
    words = {"title": "places", "description": "places", "keywords": ["places"]}
    url = "https://example.org"
    return {
        "server": {"bind": {"host": "127.0.0.1", "port": 5000}, "url": base, "mimetype": "application/json",
                   "encoding": "utf-8", "gzip": False, "languages": ["en-US"], "limits": {"max_items": 10_000},
                   "map": {"url": url, "attribution": "none"}},
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**words, "keywords_type": "theme", "terms_of_service": url, "url": url},
            "license": {"name": "none", "url": url}, "provider": {"name": "none", "url": url},
            "contact": {"name": "none"},
        },
        "resources": {"places": {
            "type": "collection", **words, "links": [],
            "extents": {"spatial": {"bbox": [-180, -90, 180, 90],
                                    "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
            "providers": [{"type": "feature", "name": "GeoJSON", "data": str(source), "id_field": "row"}],
        }},
    }  # fmt: skip


@contextmanager
def running(command: list[str | Path], environment: dict[str, str], ready: str) -> Iterator[None]:
    """A server of our own, once it answers, until the block ends."""
    process = subprocess.Popen(command, env=environment)
    try:
        ends = time.monotonic() + START_S
        while True:
            try:
                urllib.request.urlopen(ready, timeout=5).close()  # noqa: S310
                break
            except OSError:
                if time.monotonic() > ends or process.poll() is not None:
                    raise
                time.sleep(0.3)
        yield
    finally:
        process.terminate()
        process.wait(30)


def section(theirs: Side, ours: Side, alike: bool) -> str:
    """What the page says of it."""
    rows = [
        f"| {side.name} | {side.same.per_second:.1f} | {side.same.p95_ms:.0f} | {side.varied.per_second:.1f} "
        f"| {side.varied.p95_ms:.0f} | {side.bare.per_second:.0f} |"
        for side in (ours, theirs)
    ]  # fmt: skip
    pairs = (ours.same, theirs.same), (ours.varied, theirs.varied), (ours.bare, theirs.bare)
    same, varied, bare = (a.per_second / b.per_second for a, b in pairs)
    return TEXT.format(
        theirs=PYGEOAPI[0].replace("==", " "), processes=PROCESSES, clients=CLIENTS, ours_s=SECONDS["greensilk"],
        theirs_s=SECONDS["pygeoapi"], question=urlencode(QUESTION, safe=","), rows="\n".join(rows), same=same,
        varied=varied, bare=bare, goal=GOAL, questions=QUESTIONS, compared=COMPARED + 1,
        alike="the same" if alike else "NOT the same", greensilk=version("greensilk"), commit=commit(),
        machine=json.dumps(machine()),
    )  # fmt: skip


TEXT = """
`python -m benchmarks.features` serves one GeoJSON file, 7,342 populated places of Natural Earth: imported as a layer of
greensilk, and by {theirs} under gunicorn with its provider of GeoJSON. Both have {processes} processes; wrk asks one
after the other with {clients} connections on the same cores, greensilk for {ours_s} seconds a line, pygeoapi for
{theirs_s}. One question is `{question}`; the many are {questions} windows of 2 to 40 degrees, limit 100.

| server | one question, a second | 95 % ms | many, a second | 95 % ms | `/conformance`, a second |
|---|---:|---:|---:|---:|---:|
{rows}

greensilk answers one question {same:.0f} times and many {varied:.0f} times as often (goal: {goal:.0f}); the features of
{compared} answers that were compared are {alike}. It looks up who asks each time; pygeoapi, as set up here, lets
everybody in. That provider of pygeoapi reads the whole file for every request, as its documentation says: those over
databases, which do not, are not measured here. greensilk maps the layer's index, keeps which rows a question found, and
writes each feature as GeoJSON once. `/conformance` needs no data: there greensilk gives {bare:.1f} times as many.

Measured with greensilk {greensilk} at {commit} on {machine}.
"""


if __name__ == "__main__":
    main()
