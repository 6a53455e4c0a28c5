"""What a new process needs for one site, from its start to its end, and where that time goes."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.area_layer import LAYER, data_folder
from benchmarks.one_machine import ROOT

RUNS = 5
PACKAGES_SHOWN = 8
LON, LAT = 10.0, 46.0
LINE = re.compile(r"import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)")
SITE = ["site", "--lat", str(LAT), "--lon", str(LON), "--type", "wind_onshore", "--layers", LAYER, "--json"]


def cold_start(areas: Path) -> dict[str, Any]:
    """The whole command and the engine alone, as medians; steps of the engine; the packages slowest to import."""
    environment = os.environ | {"GREENSILK_DATA_DIR": str(data_folder(areas)), "GREENSILK_USE": "non_commercial"}
    command = [sys.executable, "-m", "greensilk", *SITE]
    whole = _median_s(command, environment)
    engine = [sys.executable, "-m", "benchmarks.one_site", str(areas), str(LON), str(LAT)]
    engine_s = _median_s(engine, environment)
    bare = _median_s([sys.executable, "-c", "pass"], environment)
    steps = json.loads(_run(engine, environment).stdout)
    packages = _packages(_run([sys.executable, "-X", "importtime", *command[1:]], environment).stderr)
    slowest = ", ".join(f"{name} {ms:.0f} ms" for name, ms in packages)
    said = (
        f"`greensilk site` against the layer, compiled code cached, from start to end: {whole:.2f} s, of which a bare "
        f"interpreter is {bare:.2f} s; slowest to import (with `-X importtime`, which itself costs): {slowest}. The "
        f"engine's functions alone, in a process of their own, from start to end: {engine_s:.2f} s, in these steps."
    )
    return {
        "whole_s": whole,
        "engine_s": engine_s,
        "bare_s": bare,
        "steps_ms": steps,
        "imports": packages,
        "said": said,
    }


def _run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done


def _median_s(command: list[str], environment: dict[str, str]) -> float:
    """The first run fills caches and does not count."""
    times = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        _run(command, environment)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def _packages(told: str) -> list[tuple[str, float]]:
    """Milliseconds of import by package, its own modules added up, the slowest first."""
    spent: Counter[str] = Counter()
    for microseconds, module in LINE.findall(told):
        spent[module.split(".")[0]] += int(microseconds)
    return [(name, microseconds / 1000) for name, microseconds in spent.most_common(PACKAGES_SHOWN)]
