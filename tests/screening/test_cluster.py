"""Measured on a real cluster of processes: the same bytes as on this machine, even when a worker dies on the way."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from greensilk.catalogue.data_info import AllowedUse, Stated
from greensilk.catalogue.outputs import RasterOutput
from greensilk.catalogue.raster_import import import_raster
from greensilk.catalogue.raster_store import ImportedRaster, open_raster
from greensilk.errors import UsageError, WorkerError
from greensilk.facts import FactTable
from greensilk.records import Label
from greensilk.screening import on_cluster
from greensilk.screening.crew import Crew
from greensilk.screening.data_copies import DataCopy
from greensilk.screening.likeness import likeness, require_likeness
from greensilk.screening.measure import measure

ON = dt.date(2024, 6, 1)
QUIET = {
    "distributed.worker.daemon": True,
    "distributed.admin.tick.limit": "1h",  # a busy machine is no warning
    "distributed.comm.timeouts.connect": "60s",
    "distributed.dashboard.enabled": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.worker.preload": [],
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Three processes of one thread on this machine alone: no dashboard, ports as the system gives them."""
    import dask
    import distributed

    # What the library itself warns of is not what is tested.
    with dask.config.set(QUIET), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(
            n_workers=3, threads_per_worker=1, processes=True, host="127.0.0.1", silence_logs=50,
            dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False}, dashboard=False,
            # A worker that is started again would else look where the test of that moment keeps its layers.
            env={"GREENSILK_DATA_DIR": str(tmp_path_factory.mktemp("workers"))},
        ) as running:  # fmt: skip
            yield running


def rows(make: SimpleNamespace) -> list[dict[str, Any]]:
    spots = [(39.0 + i / 50, -4.9 + i / 70) for i in range(20)]
    return [
        *[make.point(lon, lat, id=f"p{i}") for i, (lon, lat) in enumerate(spots)],
        make.project(shapely.box(39.05, -5.0, 39.2, -4.8), id="area"),
        make.project(None, id="nowhere", type="debt_relief"),
    ]


def reserves(make: SimpleNamespace) -> dict[str, Any]:
    return {"protected_areas": make.layer(shapely.box(39.1, -5, 40, -4), complete=("KEN", "TZA"), names=["Reserve"])}


def written(table: FactTable, path: Path) -> bytes:
    """The bytes of the facts as a file, rows sorted."""
    table.long().sort("project_id", "fact").write_parquet(path)
    return path.read_bytes()


def test_a_cluster_measures_the_same_bytes(make: SimpleNamespace, cluster: Any, tmp_path: Path) -> None:
    here = measure(make.portfolio(*rows(make)), reserves(make), ON)
    crew = Crew(dask=cluster.scheduler_address, shard_sites=4)
    told: list[float] = []
    there = measure(make.portfolio(*reversed(rows(make))), reserves(make), ON, None, told.append, crew=crew)
    assert written(there, tmp_path / "there") == written(here, tmp_path / "here")
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_worker_killed_in_mid_run_changes_nothing(make: SimpleNamespace, cluster: Any, tmp_path: Path) -> None:
    here = measure(make.portfolio(*rows(make)), reserves(make), ON)
    victim = min(nanny.pid for nanny in cluster.workers.values())
    assert victim != os.getpid()
    killed: list[int] = []

    def shoot(share: float) -> None:
        if not killed:
            killed.append(victim)
            os.kill(victim, signal.SIGKILL)

    crew = Crew(dask=cluster.scheduler_address, shard_sites=1)
    there = measure(make.portfolio(*rows(make)), reserves(make), ON, None, shoot, crew=crew)
    assert killed == [victim]
    assert written(there, tmp_path / "there") == written(here, tmp_path / "here")


def test_a_layer_that_the_workers_lack_is_told_before_anything_is_measured(
    make: SimpleNamespace, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_cluster, "_Cluster", None)
    monkeypatch.setattr(
        "greensilk.screening.worker.named", lambda kind, things: {name: DataCopy(kind, name, "abcd") for name in things}
    )
    crew = Crew(dask=cluster.scheduler_address)
    with pytest.raises(WorkerError, match=r"Worker tcp://127.0.0.1:\d+ has no layer protected_areas.*abcd"):
        measure(make.portfolio(*rows(make)), reserves(make), ON, crew=crew)


def people(folder: Path) -> dict[str, ImportedRaster]:
    """An imported population grid about the sites."""
    file = folder / "people.tif"
    corner = Affine(0.0125, 0, 38.4, 0, -0.0125, -4.0)
    cells = np.random.default_rng(1).gamma(0.3, 80, (130, 130)).astype(np.float32)
    with rasterio.open(
        file, "w", driver="GTiff", height=130, width=130, count=1, dtype="float32", crs="EPSG:4326", transform=corner
    ) as sink:
        sink.write(cells[None])
    label = Label(en="people", zh="人口")
    output = RasterOutput(
        kind="raster", raster="population_grid", label=label, files=("*",), unit="person", accuracy_m=500.0
    )
    use = AllowedUse(commercial=True, redistribute=True)
    import_raster(output, [file], Stated(title="people", version="1", licence="x", use=use))
    return {"population_grid": open_raster("population_grid")}


def test_workers_open_rasters_from_their_own_data_folder(
    make: SimpleNamespace, cluster: Any, own_data_dir: Path, tmp_path: Path
) -> None:
    import distributed

    grid, crew = people(tmp_path), Crew(dask=cluster.scheduler_address, shard_sites=4)
    with pytest.raises(WorkerError, match=r"Worker tcp://127.0.0.1:\d+ has no raster population_grid"):
        measure(make.portfolio(*rows(make)), {}, ON, {}, crew=crew, rasters=grid)
    here = measure(make.portfolio(*rows(make)), {}, ON, {}, rasters=grid)
    assert here["population_within_10km"].known.sum() == 21
    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        there_before = next(iter(client.run(lambda: os.environ["GREENSILK_DATA_DIR"]).values()))
        client.run(lambda folder: os.environ.update(GREENSILK_DATA_DIR=folder), str(own_data_dir))
        try:
            there = measure(make.portfolio(*rows(make)), {}, ON, {}, crew=crew, rasters=grid)
        finally:
            client.run(lambda folder: os.environ.update(GREENSILK_DATA_DIR=folder), there_before)
    assert written(there, tmp_path / "there") == written(here, tmp_path / "here")


def test_a_worker_of_another_version_is_told(
    make: SimpleNamespace, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = likeness() | {"numpy": "1.0"}
    monkeypatch.setattr(on_cluster, "likeness", lambda: other)
    crew = Crew(dask=cluster.scheduler_address)
    with pytest.raises(WorkerError, match=r"Worker tcp://127.0.0.1:\d+ is not like this.*numpy is .* 1\.0 here"):
        measure(make.portfolio(*rows(make)), {}, ON, crew=crew)


def test_likeness_names_every_difference() -> None:
    require_likeness(likeness(), "w1")
    with pytest.raises(WorkerError) as caught:
        require_likeness(likeness() | {"greensilk": "9.9", "shipped data": "0"}, "w1")
    assert "greensilk is 0.1.0 there and 9.9 here; shipped data is" in str(caught.value)
    assert "；" in caught.value.message("zh")


def test_no_scheduler_is_a_clear_error(make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_cluster, "CONNECT_S", 0.2)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(UsageError, match=f"No scheduler answers at {address}.*dask scheduler"):
            measure(make.portfolio(*rows(make)), {}, ON, crew=Crew(dask=address))


def test_a_cluster_without_workers_is_a_clear_error() -> None:
    class Empty:
        def wait_for_workers(self, n_workers: int, timeout: float) -> None:
            raise TimeoutError

    with pytest.raises(WorkerError, match=r"tcp://10.0.0.5:8786 has had no worker for 60 s.*dask worker"):
        on_cluster._await_workers(Empty(), "tcp://10.0.0.5:8786")


def test_without_the_library_the_error_says_how_to_get_it(
    make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r'pip install "greensilk\[cluster\]"'):
        measure(make.portfolio(*rows(make)), {}, ON, crew=Crew(dask="tcp://127.0.0.1:9"))
