"""Why two screenings differ: the program, the projects, the layers or the law, one step after the other.

From the earlier run to the later one leads a way of four steps: today's program on what the earlier run rested on, then
the later run's projects, then its layers, then its day and standards. A project whose light changes at a step changes
because of it; one that changes at several has several causes. What the last step leaves over against the later run as
it was written is the program's too, for that run was made by another one.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from greensilk.appraisal.exposure import WORST_FIRST
from greensilk.appraisal.pins import Pin, pinned, read_pin
from greensilk.appraisal.provenance import Arguments, Provenance
from greensilk.errors import UsageError

if TYPE_CHECKING:
    from greensilk.appraisal.dossier import Progress
    from greensilk.rules.registry import StandardsAtHand
    from greensilk.screening.model import Portfolio

PROVENANCE, RESULTS = "provenance.json", "results.json"
MOST_BYTES = 2_000_000_000
STEPS = ("program", "project", "layer", "law")
ABSENT = "ABSENT"  # of a project that only one of the runs has
Lights = Mapping[str, Mapping[str, str]]  # standard -> project -> light


@dataclass(frozen=True)
class Run:
    """A screening as it was written, and the portfolio it was made from. lights: as its results.json says"""

    folder: Path
    provenance: Provenance
    portfolio: Portfolio
    lights: Lights


@dataclass(frozen=True)
class Attribution:
    """rows: one a project and standard whose light differs or that only one run has: project_id, standard, before,
    after, causes (steps at which the light changed, in their order; "added" or "removed" alone), and the light after
    each step; compared: standard -> projects that both runs have; standards: those of both runs"""

    rows: pl.DataFrame
    compared: int
    standards: tuple[str, ...]


def read_run(folder: Path, portfolio: Portfolio) -> Run:
    """An earlier screening from its folder.

    raises: UsageError if it holds no run, its files are of different runs, or the portfolio is another one
    """
    provenance = read_pin(folder / PROVENANCE)
    path = folder / RESULTS
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(path.name)
        content = json.loads(path.read_bytes())
        found = _lights(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError("appraisal.no_results", file=path.name, folder=folder.name) from error
    if content.get("run_id") != provenance.run_id:
        raise _other_results(folder, provenance)
    return Run(folder, provenance, portfolio, found)


def _other_results(folder: Path, provenance: Provenance) -> UsageError:
    return UsageError("appraisal.other_results", folder=folder.name, run_id=provenance.run_id)


def attribute(
    before: Run,
    after: Run,
    at_hand: StandardsAtHand | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Every light that differs between two runs, with the steps at which it changed.

    raises: UsageError if what a run rested on is not on this machine, or the runs share no standard that gives lights
    """
    pins = [pinned(run.provenance, run.portfolio, at_hand) for run in (before, after)]
    for run in (before, after):
        known = set(run.portfolio.projects["id"])
        if any(not known.issuperset(lights) for lights in run.lights.values()):
            raise _other_results(run.folder, run.provenance)
    standards = tuple(name for name in before.lights if name in after.lights)
    if not standards:
        raise UsageError("appraisal.nothing_shared", before=before.folder.name, after=after.folder.name)
    rated = _Rated(standards, at_hand, progress)
    states: list[Lights] = [
        before.lights,
        rated.lights(before.portfolio, pins[0], pins[0]),
        rated.lights(after.portfolio, pins[0], pins[0]),
        rated.lights(after.portfolio, pins[1], pins[0]),
        rated.lights(after.portfolio, pins[1], pins[1]),
        after.lights,
    ]
    rows = [row for standard in standards for row in _rows(standard, [state[standard] for state in states])]
    both = set(before.lights[standards[0]]) & set(after.lights[standards[0]])
    return Attribution(pl.DataFrame(rows, schema=_SCHEMA, orient="row"), len(both), standards)


_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "project_id": pl.String, "standard": pl.String, "before": pl.String, "after": pl.String,
    "causes": pl.List(pl.String()), **{f"after_{step}": pl.String for step in STEPS},
}  # fmt: skip


class _Rated:
    """Lights of portfolios with the layers of one run and the law of another; each combination is measured once."""

    def __init__(self, standards: Sequence[str], at_hand: StandardsAtHand | None, progress: Progress | None) -> None:
        self.standards, self.at_hand, self.progress = standards, at_hand, progress
        self._found: dict[Any, Lights] = {}

    def lights(self, portfolio: Portfolio, layers: Pin, law: Pin) -> Lights:
        """Standard -> project -> the light that counts."""
        from greensilk.appraisal.dossier import appraise

        on = law.provenance.arguments.on
        read_with = tuple(sorted(portfolio.read_with.items()))
        key = (portfolio.source_sha256, read_with, tuple(sorted(layers.folders.items())), on)
        if key not in self._found:
            asked = Arguments(standards=tuple(self.standards), on=on, layers=tuple(sorted(layers.folders)))
            pin = Pin(layers.provenance.model_copy(update={"arguments": asked}), layers.folders)
            dossier = appraise(
                portfolio, None, dt.date.fromisoformat(on), progress=self.progress, pin=pin, at_hand=self.at_hand
            )
            ids = dossier.portfolio.projects["id"].to_list()
            self._found[key] = {
                name: dict(zip(ids, table.table["counted"].to_list(), strict=True))
                for name, table in dossier.verdicts.items()
            }
        return self._found[key]


def _rows(standard: str, states: Sequence[Mapping[str, str]]) -> list[tuple[Any, ...]]:
    rows = []
    for project in dict.fromkeys([*states[0], *states[-1]]):
        lights = [state.get(project, ABSENT) for state in states]
        if ABSENT in (lights[0], lights[-1]):
            causes = ["added" if lights[0] == ABSENT else "removed"]
        else:
            causes = _causes(lights) if lights[0] != lights[-1] else []
        if causes:
            rows.append((project, standard, lights[0], lights[-1], causes, *lights[1:5]))
    return rows


def _causes(lights: Sequence[str]) -> list[str]:
    """The steps at which the light changed."""
    steps = zip((*STEPS, "program"), pairwise(lights), strict=True)
    return list(dict.fromkeys(step for step, (one, other) in steps if one != other))


def _lights(content: Any) -> dict[str, dict[str, str]]:
    projects = content["projects"]
    standards = [one["id"] for one in content["standards"] if one["outcome_kind"] == "light"]
    found = {name: {str(one["id"]): one["verdicts"][name]["counted"] for one in projects} for name in standards}
    if not {light for lights in found.values() for light in lights.values()} <= set(WORST_FIRST):
        raise ValueError("counted")
    return found
