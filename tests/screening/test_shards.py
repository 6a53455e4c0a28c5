"""Facts are the same whoever measures, however sites are cut into shards, and in whatever order projects come."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from greensilk.catalogue.installed import prunable, prune
from greensilk.catalogue.layer_import import import_layer
from greensilk.catalogue.layers import open_layer
from greensilk.errors import UsageError, WorkerError
from greensilk.facts import FactTable
from greensilk.screening import crew as crews
from greensilk.screening.crew import Crew
from greensilk.screening.data_copies import DataCopy, fingerprint, found, named
from greensilk.screening.footprints import sites_of
from greensilk.screening.measure import measure
from greensilk.screening.shards import Parts, walk_order
from greensilk.screening.worker import Assignment

ON = dt.date(2024, 6, 1)


def mixed(make: SimpleNamespace) -> list[dict[str, Any]]:
    """Sites of every kind, some on one spot, some hard."""
    spots = [(104.75, 16.55), (179.95, -16.6), (15.6, 78.22), (0.0, 89.9), (-140.0, -40.0), (39.1, -4.9), (39.6, -4.3)]
    rows = [make.point(lon, lat, id=f"point{i}") for i, (lon, lat) in enumerate(spots)]
    line = shapely.LineString([(39.0, -4.9), (39.3, -4.5)])
    return [
        *rows,
        make.point(104.75, 16.55, id="same place"),
        make.point(104.75, 16.55, id="less exact", location_accuracy_m=500.0),
        make.point(104.75, 16.55, id="disc", radius_m=5_000.0),
        make.project(line, id="usual corridor", type="rail_mixed"),
        make.project(line, id="own corridor", type="rail_mixed", corridor_width_m=60.0),
        make.project(shapely.box(39.05, -5.0, 39.2, -4.8), id="area"),
        make.project(shapely.box(30, 0, 32, 2), id="province", location_kind="administrative_area"),
        make.project(None, id="nowhere", type="debt_relief"),
    ]


def reserves(make: SimpleNamespace) -> dict[str, Any]:
    """A layer in no data folder."""
    return {"protected_areas": make.layer(shapely.box(39.1, -5, 40, -4), complete=("KEN", "TZA"), names=["Reserve"])}


def long(table: FactTable) -> pl.DataFrame:
    return table.long().sort("project_id", "fact")


def assert_same(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    differ = found.with_columns(want=wanted.select(pl.struct(pl.all())).to_series()).filter(
        pl.struct(wanted.columns).ne_missing(pl.col("want"))
    )
    assert differ.is_empty(), differ.select("project_id", "fact", "number", "text", "reason", "feature", "want").rows()
    assert found.equals(wanted)


@pytest.fixture(scope="module")
def whole(make: SimpleNamespace) -> pl.DataFrame:
    return long(measure(make.portfolio(*mixed(make)), reserves(make), ON))


@pytest.mark.parametrize("size", [1, 7, 500])
def test_the_size_of_shards_does_not_matter(make: SimpleNamespace, whole: pl.DataFrame, size: int) -> None:
    cut = measure(make.portfolio(*mixed(make)), reserves(make), ON, crew=Crew(workers=1, shard_sites=size))
    assert_same(long(cut), whole)


@pytest.mark.parametrize("workers", [2, 3])
def test_the_number_of_workers_and_the_order_of_rows_do_not_matter(
    make: SimpleNamespace, whole: pl.DataFrame, workers: int
) -> None:
    rows = mixed(make)
    shuffled = [rows[i] for i in np.random.default_rng(workers).permutation(len(rows))]
    crew = Crew(workers=workers, shard_sites=4)
    assert crew.processes(13) == workers
    assert_same(long(measure(make.portfolio(*shuffled), reserves(make), ON, crew=crew)), whole)


def test_a_walk_is_the_same_from_any_order(make: SimpleNamespace) -> None:
    rows = mixed(make)
    seen = set()
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(rows))
        sites = sites_of(make.portfolio(*[rows[i] for i in order]))
        walk = sites.some(walk_order(sites))
        seen.add(
            (
                tuple(shapely.to_wkt(walk.geometry)),
                tuple(shapely.to_wkt(walk.given)),
                tuple(walk.accuracy_m),
                tuple(walk.assumed),
                tuple(walk.administrative),
            )
        )
    assert len(seen) == 1


def test_neighbours_walk_together(make: SimpleNamespace) -> None:
    lon, lat = np.meshgrid(np.linspace(10, 20, 12), np.linspace(40, 50, 12))
    spots = np.random.default_rng(0).permutation(np.column_stack([lon.ravel(), lat.ravel()]))
    sites = sites_of(make.portfolio(*[make.point(*spot) for spot in spots]))
    walked = spots[walk_order(sites)]
    steps = np.abs(np.diff(walked, axis=0)).sum(axis=1)
    assert np.median(steps) < 1.0  # a step along a row is 0.91 degrees; at random it is 7


def test_progress_counts_places_and_ends_at_one(make: SimpleNamespace) -> None:
    told: list[float] = []
    measure(make.portfolio(*mixed(make)), {}, ON, {}, told.append, crew=Crew(workers=2, shard_sites=4))
    assert told == sorted(told)
    assert len(told) == 4
    assert told[-1] == 1.0


def test_a_worker_that_is_killed_loses_nothing(
    make: SimpleNamespace, whole: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    real = crews.OwnProcess

    def recorded(module: str) -> Any:
        started.append(real(module))
        return started[-1]

    monkeypatch.setattr(crews, "OwnProcess", recorded)

    def shoot(share: float) -> None:
        if len(started) <= 2:
            os.kill(started[0].pid, signal.SIGKILL)

    crew = Crew(workers=2, shard_sites=1)
    table = measure(make.portfolio(*mixed(make)), reserves(make), ON, None, shoot, crew=crew)
    assert len(started) > 2
    assert_same(long(table), whole)


def test_a_shard_that_kills_every_worker_ends_with_a_clear_error(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crews, "MODULE", "greensilk.no_such_module")
    with pytest.raises(WorkerError, match=r"ended 3 times while it measured the same [67] places.*--workers 1"):
        measure(make.portfolio(*mixed(make)), {}, ON, {}, crew=Crew(workers=2, shard_sites=7))


def test_a_layer_replaced_during_the_run_is_measured_as_it_was_and_one_that_is_gone_is_told(
    make: SimpleNamespace, ramsar: Callable[[str], None], tmp_path: Path
) -> None:
    ramsar("1")
    assignment = Assignment({"ramsar": open_layer("ramsar")}, {}).for_others()
    ramsar("2")
    walk = crews.Walk(sites_of(make.portfolio(*mixed(make))), 7, lambda done: None)
    crews._Processes(walk, (assignment, tmp_path)).run(2)
    prune(prunable())
    with pytest.raises(WorkerError, match=r"Worker \d+ has another copy of layer ramsar.*docs/howto/cluster.md"):
        crews._Processes(walk, (assignment, tmp_path)).run(2)


@pytest.fixture
def ramsar(tmp_path: Path) -> Callable[[str], None]:
    """Imports a version of a small layer into the data folder of the test."""

    def put(version: str) -> None:
        file = tmp_path / "ramsar.csv"
        file.write_text("name,lon,lat\nWetland,39.15,-4.9\n", "utf-8")
        import_layer("ramsar", file, licence="own", version=version, use_commercial=True, coverage="complete")

    return put


def test_layers_of_the_data_folder_go_to_workers_by_name(make: SimpleNamespace, ramsar: Callable[[str], None]) -> None:
    ramsar("1")
    layers = {"ramsar": open_layer("ramsar"), **reserves(make)}
    copies = named("layer", layers)
    assert isinstance(copies["ramsar"], DataCopy)
    assert copies["protected_areas"] is layers["protected_areas"]
    portfolio = make.portfolio(*mixed(make))
    alone = measure(portfolio, layers, ON, crew=Crew(workers=1))
    assert_same(long(measure(portfolio, layers, ON, crew=Crew(workers=2, shard_sites=5))), long(alone))


def test_a_layer_that_a_worker_lacks_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="Worker w1 has no layer ramsar; this machine has it with fingerprint abcd"):
        found({"ramsar": DataCopy("layer", "ramsar", "abcd")}, "w1")


def test_the_fingerprint_counts_what_moves_facts_and_nothing_else(make: SimpleNamespace) -> None:
    info = make.layer(shapely.Point(1, 1)).info
    for told in ({"title": "x"}, {"imported_at": "x"}, {"file_name": "x"}):
        assert fingerprint(info.model_copy(update=told)) == fingerprint(info)
    for moves in ({"version": "8"}, {"accuracy_m": 1.0}, {"coverage": {}}, {"features_sha256": "1" * 64}):
        assert fingerprint(info.model_copy(update=moves)) != fingerprint(info)


def test_a_lost_part_is_no_result(make: SimpleNamespace, tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="0 of 3 places came back"):
        list(Parts(tmp_path).columns(1, 3))


def test_few_sites_are_measured_by_this_process_alone() -> None:
    assert Crew().processes(0) == 1
    assert Crew().processes(crews.WORTH_A_PROCESS) == 1
    assert Crew().processes(2_200, 380_000) == min(2, crews.cores())  # outlines take longer than points
    assert Crew().processes(10**6) == crews.cores()
    assert Crew(workers=3).processes(10**6) == 3
    assert Crew(workers=64).processes(600) == 2  # no more than shards


@pytest.mark.parametrize("workers", [0, -1, 10**6])
def test_a_number_of_workers_that_is_none_is_refused(workers: int) -> None:
    with pytest.raises(UsageError, match="--workers"):
        Crew(workers=workers)


def test_workers_and_a_cluster_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="--dask"):
        Crew(workers=2, dask="tcp://127.0.0.1:8786")


# Whoever is started in the background is told to overlook interrupts: the script shall hear them.
SCRIPT = """
import signal, sys, greensilk
signal.signal(signal.SIGINT, signal.default_int_handler)
from greensilk.screening import crew
crew.WORTH_A_PROCESS = 1
real = crew.OwnProcess
def told(module):
    process = real(module)
    print("worker", process.pid, flush=True)
    return process
crew.OwnProcess = told
greensilk.screen(sys.argv[1], workers=2, layers=[], standards=["gdg_2020"])
print("done", flush=True)
"""


def portfolio_file(folder: Path, rows: int) -> Path:
    lines = [f"p{i},solar_pv,{10 + i % 37 / 10:.4f},{40 + i / 1000:.4f}" for i in range(rows)]
    path = folder / "many.csv"
    path.write_text("\n".join(["id,type,lon,lat", *lines]), "utf-8")
    return path


def gone(pid: int, patience_s: float = 20.0) -> bool:
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def started(tmp_path: Path, rows: int) -> subprocess.Popen[str]:
    """A script without a main guard."""
    script = tmp_path / "mine.py"
    script.write_text(textwrap.dedent(SCRIPT), "utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), str(portfolio_file(tmp_path, rows))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
    )  # fmt: skip


def test_a_script_without_a_main_guard_runs_once(tmp_path: Path) -> None:
    with started(tmp_path, 600) as script:
        out, err = script.communicate(timeout=120)
    assert script.returncode == 0, err
    assert [line.split()[0] for line in out.splitlines()] == ["worker", "worker", "done"]
    assert err == ""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_never_outlive_the_parent(tmp_path: Path, end: signal.Signals) -> None:
    with started(tmp_path, 50_000) as script:
        assert script.stdout is not None
        workers = [int(script.stdout.readline().split()[1]) for _ in range(2)]
        killer = threading.Timer(90.0, script.kill)
        killer.start()
        script.send_signal(end)
        _, err = script.communicate()
        killer.cancel()
    assert script.returncode != 0
    assert all(gone(pid) for pid in workers)
    assert ("KeyboardInterrupt" in err) == (end == signal.SIGINT)
