"""python -m benchmarks.features: features of one GeoJSON file served beside pygeoapi; writes docs/method/serving.md.

Both serve the same file over loopback with two processes each, are asked the same question by the same load, and must
give the same features. pygeoapi is fetched from PyPI into an environment of its own, in a temporary folder.
"""

from __future__ import annotations

import json
import os
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
PROCESSES, CLIENTS, SECONDS = 2, 8, 8
GOAL = 5.0
START_S = 60.0
PYGEOAPI = ("pygeoapi==0.21.0", "gunicorn==27.0.1")


@dataclass(frozen=True)
class Side:
    """One server. rate: what it answered to the question; bare: to /conformance, which needs no data; ids: features"""

    name: str
    rate: Found
    bare: Found
    ids: list[int]


def main() -> None:
    """Measures and writes."""
    if not has_wrk():
        sys.exit("needs wrk (Debian: apt-get install wrk)")
    with tempfile.TemporaryDirectory(prefix="greensilk-features-") as folder:
        source = as_geojson(Path(folder))
        theirs, ours = pygeoapi(Path(folder), source), greensilk(source)
    same = sorted(theirs.ids) == sorted(ours.ids)
    ratio = ours.rate.per_second / theirs.rate.per_second
    print(f"greensilk {ours.rate.per_second:.0f}/s, pygeoapi {theirs.rate.per_second:.1f}/s: {ratio:.1f} times; "
          f"features {'the same' if same else 'DIFFER'} ({len(ours.ids)})")  # fmt: skip
    write(HEADING, section(theirs, ours, same))
    if not same or ratio < GOAL:
        sys.exit(1)


def as_geojson(folder: Path) -> Path:
    """The places as one GeoJSON file; `row` is the number of each."""
    import geopandas as gpd

    frame = gpd.read_file(SOURCE)
    frame["row"] = range(len(frame))
    path = folder / "places.geojson"
    path.write_text(frame.to_json(), "utf-8")
    return path


def measured(name: str, base: str, items: str, bare: str, headers: dict[str, str]) -> Side:
    """One server under load. items, bare: paths"""
    with urllib.request.urlopen(urllib.request.Request(base + items, headers=headers), timeout=30) as answer:  # noqa: S310
        ids = [one["properties"]["row"] for one in json.load(answer)["features"]]
    cookies = [headers["Cookie"]] if "Cookie" in headers else ["none=1"]
    found = [load(Asked(base, [path], cookies), CLIENTS, SECONDS) for path in (items, bare)]
    for one in found:
        if one.broken or one.refused:
            raise RuntimeError(f"{name}: {one.broken} answers broken, {one.refused} refused")
    return Side(name, found[0], found[1], ids)


def greensilk(source: Path) -> Side:
    """The file imported as a layer and served."""
    from greensilk.catalogue import import_layer

    with one_platform("sqlite", "--processes", str(PROCESSES), "--workers", "0") as platform:
        os.environ["GREENSILK_DATA_DIR"] = str(platform.folder)
        import_layer("towns", source, licence="public domain", version="5.1.2", use_commercial=True, redistribute=True)
        items = f"/ogc/collections/layers-towns/items?{urlencode(QUESTION)}"
        return measured(
            "greensilk", platform.server.base, items, "/ogc/conformance", {"Cookie": platform.sessions(1)[0]}
        )


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
        items = f"/collections/places/items?{urlencode({'f': 'json'} | QUESTION)}"
        return measured("pygeoapi", base, items, "/conformance?f=json", {})


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


def section(theirs: Side, ours: Side, same: bool) -> str:
    """What the page says of it."""
    rows = [
        f"| {side.name} | {side.rate.per_second:.1f} | {side.rate.p50_ms:.0f} | {side.rate.p95_ms:.0f} "
        f"| {side.bare.per_second:.0f} |"
        for side in (ours, theirs)
    ]  # fmt: skip
    ratio, bare = (a.per_second / b.per_second for a, b in ((ours.rate, theirs.rate), (ours.bare, theirs.bare)))
    return TEXT.format(
        theirs=PYGEOAPI[0].replace("==", " "), processes=PROCESSES, clients=CLIENTS, seconds=SECONDS,
        question=urlencode(QUESTION, safe=","), rows="\n".join(rows), ratio=ratio, bare=bare, goal=GOAL,
        count=len(ours.ids), same="the same" if same else "NOT the same", greensilk=version("greensilk"),
        commit=commit(), machine=json.dumps(machine()),
    )  # fmt: skip


TEXT = """
`python -m benchmarks.features` serves one GeoJSON file, 7,342 populated places of Natural Earth: imported as a layer of
greensilk, and by {theirs} under gunicorn with its provider of GeoJSON. Both have {processes} processes; wrk asks one
after the other with {clients} connections for {seconds} seconds, on the same cores: `{question}`.

| server | answers a second | median ms | 95 of 100 within ms | bare answers a second |
|---|---:|---:|---:|---:|
{rows}

greensilk gives {ratio:.1f} times as many answers (goal: {goal:.0f}); the {count} features are {same}. It looks up who
asks each time; pygeoapi, as set up here, lets everybody in. That provider of pygeoapi reads the whole file for every
request, as its documentation says; others that it has, over databases, are not measured here. greensilk maps the
layer's index, keeps which rows a question found, and writes each feature as GeoJSON once. The last column is
`/conformance`, for which neither needs data: there greensilk gives {bare:.1f} times as many.

Measured with greensilk {greensilk} at {commit} on {machine}.
"""


if __name__ == "__main__":
    main()
