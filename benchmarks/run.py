"""One run: every side over every layer, each in a process of its own; what they say compared; one file of results."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.area_files import SEED, area_file
from benchmarks.areas import VERSION
from benchmarks.cases import SCALES, Scale, tasks_of
from benchmarks.cold_start import cold_start
from benchmarks.comparison import compared
from benchmarks.one_machine import ROOT, commit, machine
from benchmarks.sides import NAMES, side
from benchmarks.timing import load_now

Row = dict[str, Any]
FOLDER = ROOT / "out" / "bench"
RESULTS = ROOT / "benchmarks" / "results"
SCHEMA = 1
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")


def run(scale_name: str, names: tuple[str, ...] = NAMES, folder: Path = FOLDER) -> dict[str, Any]:
    """Measures the sides at a scale; returns the results, not yet written."""
    scale = SCALES[scale_name]
    areas = area_file(folder, scale.most, scale.areas[:-1])
    load = load_now()
    answers = folder / f"answers-{scale.name}"
    shutil.rmtree(answers, ignore_errors=True)
    asked = [(name, count) for name in NAMES if name in names for count in scale.areas]
    reports = [_side(name, count, scale, areas, answers) for name, count in asked if tasks_of(name, scale, count)]
    whole = own_figures(scale, areas) if "ours" in names else {}
    with np.load(areas.parent / "parts.npz") as parts:
        size = {"parts": len(parts["vertices"]), "vertices": int(parts["vertices"].sum())}
    return {
        "schema": SCHEMA,
        "scale": scale.name,
        "commit": commit(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine() | {"load_at_start": load},
        "areas": {"count": scale.most, "seed": SEED, "version": VERSION, **size},
        "sides": [{key: value for key, value in report.items() if key != "rows"} for report in reports],
        "rows": [{"side": one["side"], "count": one["count"], **row} for one in reports for row in one.get("rows", [])],
        "agreement": compared(scale, areas, answers),
        **whole,
    }


def own_figures(scale: Scale, areas: Path) -> dict[str, Any]:
    """What is measured of greensilk alone; what cannot be is left out, and said."""
    found: dict[str, Any] = {}
    for name, work in (
        ("memory", lambda: _told("benchmarks.own_memory", str(areas), str(scale.points[-1]))),
        ("cold_start", lambda: cold_start(areas)),
        ("rasters", lambda: _rasters(scale.name)),
        ("portfolio", lambda: _told("benchmarks.real_portfolio") if scale.name == "full" else {}),
    ):
        say(name)
        try:
            found[name] = work()
        except RuntimeError as error:
            say(str(error))
    return found


def _told(module: str, *arguments: str) -> Any:
    """What a module prints as JSON, in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def _rasters(scale: str) -> Any:
    if find_spec("benchmarks.rasters") is None:
        return []
    code = f"import json; from benchmarks.rasters import run; print(json.dumps(run({scale!r})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"rasters: {done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def _side(name: str, count: int, scale: Scale, whole: Path, answers: Path) -> Row:
    """The report of one side over one layer, from a process of its own."""
    absent = getattr(side(name), "absent", lambda: None)() if name == "postgis_join" else None
    if absent:
        return {"side": name, "count": count, "absent": absent}
    file = whole.with_name(f"areas-{count}.parquet")
    imported = {"import": _told("benchmarks.area_layer", str(file))} if name == "ours" else {}
    out = answers / f"{name}-{count}"
    out.mkdir(parents=True)
    job = {
        "side": name,
        "count": count,
        "areas": str(file),
        "sites_for": str(whole),
        "out": str(out),
        "tasks": tasks_of(name, scale, count),
    }
    (out / "job.json").write_text(json.dumps(job), "utf-8")
    say(f"{name} over {count:,} areas")
    command = [sys.executable, "-m", "benchmarks.one_side", str(out / "job.json")]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say(done.stderr[-2000:])
        return {"side": name, "count": count, "absent": (done.stderr.strip().splitlines() or ["ended"])[-1][:200]}
    report: Row = json.loads((out / "report.json").read_text("utf-8"))
    for row in report["rows"]:
        label = f"  {row['task']} {row['kind']} {row['n']:,}"
        say(f"{label}: {row['us']:.3g} us a site" if "us" in row else f"{label}: {row['absent']}")
    return report | imported


def write(results: dict[str, Any]) -> Path:
    """The file of a run, named by commit and scale."""
    folder = RESULTS if results["scale"] == "full" else FOLDER  # a small run is a trial, and not kept
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{results['commit'].rstrip('+')}-{results['scale']}.json"
    path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    return path


def say(line: str) -> None:
    """Tells whoever waits what is being done."""
    print(line, file=sys.stderr, flush=True)
