"""Indices: replications, TOPSIS and Sobol indices, against the packages that offer them, in one run.

python -m benchmarks.index [full|small] prints rows and writes them beside the other results. A package that is not
installed is named as absent. Times are of one thread, in processor time; only ratios within one run mean something.

What is not like for like: a peer ranks one set of weights, or one output, at a call, and is given MEASURED_OF_PEERS
sets, or ten outputs; its time for all is reckoned from these. SALib draws 100 resamples for its intervals, where
greensilk has a formula. COINr runs its whole build anew in each replication, where greensilk prepares the choices once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from benchmarks.index_model import SCALES, Size, naive_loop, nested, of_sample, ranks_model, topsis_index
from benchmarks.one_machine import ROOT, commit, machine
from benchmarks.timing import load_now, timed
from greensilk.indices.lattice import shifted_lattice
from greensilk.indices.sensitivity import Design, SobolIndices, sensitivity, sobol_indices
from greensilk.indices.uncertainty import replicate, replications_from, uncertainty

Floats = NDArray[np.float64]
Row = dict[str, Any]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
MEASURED_OF_PEERS = 100  # replications or outputs that a slow peer is given; the rest is reckoned from them
SEED = 5


def run(scale: str) -> list[Row]:
    """Rows of one run: case, ours_s, peer, peer_s, ratio (the peer's time by greensilk's), and what agrees."""
    size = SCALES[scale]
    rows = _replications(size)
    for module, peer, ranked in (
        ("skcriteria", "scikit-criteria", _skcriteria), ("pymcdm", "pymcdm", _pymcdm),
    ):  # fmt: skip
        rows.append(_topsis(size, peer, ranked) if find_spec(module) else _absent("TOPSIS", peer, "not installed"))
    rows += _sobol(size)
    rows.append(_salib(size) if find_spec("SALib") else _absent("Sobol indices", "SALib", "not installed"))
    rows.append(_designs(size) if find_spec("scipy") else _absent("points", "scipy", "not installed"))
    return [
        *rows,
        _absent("uncertainty", "COINr", "not measured" if shutil.which("Rscript") else "no R on this machine"),
    ]


def _absent(case: str, peer: str, why: str) -> Row:
    return {"case": case, "peer": peer, "absent": why}


def _row(case: str, ours: Row, peer: str, peer_s: float) -> Row:
    return {"case": case, "ours_s": ours["cpu_s"], "peer": peer, "peer_s": peer_s, "ratio": peer_s / ours["cpu_s"]}


def _replications(size: Size) -> list[Row]:
    index = nested(size)
    numbers = np.random.default_rng(SEED).random((size.replications, index.columns))
    drawn = replications_from(index, numbers)
    outcome, own = timed(lambda: replicate(index, drawn))
    _, whole = timed(lambda: uncertainty(index, size.replications, SEED))
    few = replications_from(index, numbers[:MEASURED_OF_PEERS])
    naive, slow = timed(lambda: naive_loop(index, few))
    np.testing.assert_array_equal(naive, outcome.ranks[:MEASURED_OF_PEERS])
    case = f"{size.replications:,} replications, {size.units} units, {size.indicators} indicators: scores and ranks"
    peer_s = slow["cpu_s"] / MEASURED_OF_PEERS * size.replications
    return [
        _row(case, own, "numpy, one replication after another", peer_s) | {"same_ranks": True},
        {"case": f"{case}, drawn, with intervals, chances, convergence", "ours_s": whole["cpu_s"]},
    ]


def _topsis(size: Size, name: str, ranked: Callable[[Floats, Floats], Floats]) -> Row:
    """The peer gets the same normalised matrix and the same weights, and ranks each set of weights by itself."""
    index = topsis_index(size)
    numbers = np.random.default_rng(SEED).random((size.replications, index.columns))
    drawn = replications_from(index, numbers)
    outcome, own = timed(lambda: replicate(index, drawn))
    few = drawn.weights[0][:MEASURED_OF_PEERS] / drawn.weights[0][:MEASURED_OF_PEERS].sum(axis=1, keepdims=True)
    theirs, slow = timed(lambda: np.array([ranked(index.normalised, weights) for weights in few]))
    peer_s = slow["cpu_s"] / MEASURED_OF_PEERS * size.replications
    same = bool((theirs == outcome.ranks[:MEASURED_OF_PEERS]).all())
    case = f"TOPSIS ranks, {size.replications:,} sets of weights, {size.units} units, {size.indicators} criteria"
    return _row(case, own, f"{name} {version(name)}", peer_s) | {"same_ranks": same}


def _skcriteria(matrix: Floats, weights: Floats) -> Floats:
    import skcriteria
    from skcriteria.agg.topsis import TOPSIS

    found = TOPSIS().evaluate(skcriteria.mkdm(matrix, [max] * matrix.shape[1], weights=weights))
    return np.asarray(found.rank_)


def _pymcdm(matrix: Floats, weights: Floats) -> Floats:
    from pymcdm.helpers import rrankdata
    from pymcdm.methods import TOPSIS

    return np.asarray(rrankdata(TOPSIS()(matrix, weights, np.ones(matrix.shape[1]))))


def _sobol(size: Size) -> list[Row]:
    index = nested(size)
    found, own = timed(lambda: sensitivity(index, Design(size.samples, SEED)))
    case = f"Sobol indices and errors, {found.ranks.runs:,} runs: {size.units} ranks, {size.units} scores"
    return [{"case": case, "ours_s": own["cpu_s"]}]


def _salib(size: Size) -> Row:
    """The same model and number of samples; then the same sample, where both must say the same."""
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    index = nested(size)
    model, inputs = ranks_model(index), [one.columns for one in index.inputs]
    ours, own = timed(lambda: sobol_indices(model, inputs, Design(size.samples, SEED)))
    problem = {
        "num_vars": index.columns,
        "names": [one.name for one in index.inputs],
        "bounds": [[0, 1]] * index.columns,
    }
    sample, sampled = timed(lambda: sampling.sample(problem, size.samples, calc_second_order=False, seed=SEED))
    runs, modelled = timed(lambda: model(sample))
    moving = np.flatnonzero(runs.std(axis=0) > 0)
    few = moving[:: max(1, len(moving) // 10)][:10]
    theirs, analysed = timed(
        lambda: [analysis.analyze(problem, runs[:, unit], calc_second_order=False, seed=SEED) for unit in few]
    )
    peer_s = sampled["cpu_s"] + modelled["cpu_s"] + analysed["cpu_s"] / len(few) * size.units
    first, total = (np.array([one[key] for one in theirs]).T for key in ("S1", "ST"))
    same = of_sample(runs, index.columns)
    return _row(f"Sobol indices, {ours.runs:,} runs, {size.units} ranks", own, f"SALib {version('SALib')}", peer_s) | {
        "outputs_measured": len(few),
        "first_off_same_sample": float(np.abs(same.first[:, few] - first).max()),
        "total_off_same_sample": float(np.abs(same.total[:, few] - total).max()),
        "first_off_own_samples_rms": _rms(ours.first[:, few] - first),
        "total_off_own_samples_rms": _rms(ours.total[:, few] - total),
        "share_within_both_errors": _within(ours, theirs, few),
    }


def _within(ours: SobolIndices, theirs: list[Any], outputs: NDArray[np.int64]) -> float:
    """The share of indices that differ by no more than both 95 % intervals together are wide, as they should."""
    inside = []
    for own, error, key in ((ours.first, ours.first_error, "S1"), (ours.total, ours.total_error, "ST")):
        other = np.array([one[key] for one in theirs]).T
        width = np.hypot(error[:, outputs], np.array([one[f"{key}_conf"] for one in theirs]).T)
        inside.append(np.abs(own[:, outputs] - other) <= width)
    return float(np.mean(inside))


def _designs(size: Size) -> Row:
    """How far indices of ranks are off long runs, by the points they are made from; over five seeds."""
    index = nested(Size(40, 30, size.replications, size.samples))
    model, columns = ranks_model(index), index.columns

    def found(points: Floats) -> tuple[Floats, Floats]:
        own = of_sample(model(_saltelli(points)), columns)
        return own.first, own.total

    many = 16 * size.samples // 4
    long_runs = [found(qmc.Sobol(2 * columns, seed=100 + i).random(many)) for i in range(3)]
    truth = [np.mean([one[order] for one in long_runs], axis=0) for order in (0, 1)]
    designs: dict[str, Callable[[int], Floats]] = {
        "lattice": lambda seed: shifted_lattice(size.samples, 2 * columns, seed),
        "scrambled Sobol'": lambda seed: qmc.Sobol(2 * columns, seed=seed).random(size.samples),
        "Latin hypercube": lambda seed: qmc.LatinHypercube(2 * columns, seed=seed).random(size.samples),
        "random": lambda seed: np.random.default_rng(seed).random((size.samples, 2 * columns)),
    }
    off = {
        name: [_rms(np.array([found(points(seed))[order] for seed in range(5)]) - truth[order]) for order in (0, 1)]
        for name, points in designs.items()
    }
    case = f"first and total order off the truth (RMS), {columns} inputs, {size.samples:,} samples"
    return {"case": case, "peer": f"scipy {version('scipy')}", "off": off}


def _saltelli(points: Floats) -> Floats:
    """Runs in SALib's order: for each sample its first half, the mixed ones, its second half."""
    columns = points.shape[1] // 2
    first, second = points[:, :columns], points[:, columns:]
    runs = np.repeat(first[:, None, :], columns + 2, axis=1)
    for column in range(columns):
        runs[:, column + 1, column] = second[:, column]
    runs[:, -1] = second
    return runs.reshape(-1, columns)


def _rms(off: Floats) -> float:
    return float(np.sqrt(np.nanmean(off**2)))


def main() -> None:
    """Runs itself anew on one thread, for libraries read that when they are loaded."""
    scale = sys.argv[1] if len(sys.argv) > 1 else "full"
    if any(os.environ.get(name) != "1" for name in ONE_THREAD):
        command = [sys.executable, "-m", "benchmarks.index", scale]
        sys.exit(subprocess.run(command, env=os.environ | ONE_THREAD, check=False).returncode)
    results = {
        "scale": scale,
        "commit": commit(),
        "machine": machine() | {"load_at_start": load_now()},
        "rows": run(scale),
    }
    text = json.dumps(results, indent=1)
    print(text)
    folder = ROOT / "out" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    Path(folder / f"index-{results['commit'].rstrip('+')}-{scale}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
