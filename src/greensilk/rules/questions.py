"""What is open, and what an answer would change: the value of information, ranked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from greensilk.rules.hearing import Asked, Hearing, LightArray
from greensilk.rules.model import Question


class Concluded(Protocol):
    """What of a concluded hearing the questions need."""

    @property
    def lights(self) -> LightArray: ...
    @property
    def bounds(self) -> tuple[LightArray, LightArray]: ...
    def asked(self) -> Iterator[Asked]: ...


@dataclass(frozen=True)
class Open:
    """One thing asked, with where an answer could change the light (or level), and where only the basis."""

    asked: Asked
    worst: int
    changes_light: NDArray[np.bool_]
    changes_basis: NDArray[np.bool_]

    def tier(self, row: int) -> int:
        """0: could give or take away the worst; 1: could change the light or level; 2: could change the basis only."""
        if not self.changes_light[row]:
            return 2
        return 0 if self.worst in (self.asked.if_true[row], self.asked.if_false[row]) else 1


def opened(concluded: Concluded, basis: NDArray[np.int8], scale: Sequence[str]) -> tuple[Open, ...]:
    """Everything that is open and could still change a verdict. basis: (n,) 0 = by type only; scale: names of codes."""
    best, worst = concluded.bounds
    most = len(scale) - 2  # before UNKNOWN
    found = []
    for asked in concluded.asked():
        live = asked.open_for & (best != worst)
        light = live & (asked.if_true != asked.if_false)
        on_basis = live & np.bool_(asked.required) & (basis == 0) & (concluded.lights != most)
        if (light | on_basis).any():
            found.append(Open(asked, most, light, on_basis))
    return tuple(found)


def settled_by(hearing: Hearing, fact: str) -> str:
    """The layer or portfolio field that makes a fact known; the fact itself where nothing is named."""
    return hearing.entries[fact].settled_by or fact


def questions(opened_: Sequence[Open], hearing: Hearing, row: int) -> tuple[Question, ...]:
    """The open questions of one project, grouped by what settles them, the most telling first."""
    live = [each for each in opened_ if each.changes_light[row] or each.changes_basis[row]]
    live.sort(key=lambda each: (each.tier(row), each.asked.order))
    grouped: dict[str, list[tuple[Open, str]]] = {}
    for each in live:
        for fact, unknown in each.asked.facts:
            if unknown[row]:
                grouped.setdefault(settled_by(hearing, fact), []).append((each, fact))
    return tuple(
        _question(rank, settled, asked, hearing, row) for rank, (settled, asked) in enumerate(grouped.items(), start=1)
    )


def _question(rank: int, settled: str, found: Sequence[tuple[Open, str]], hearing: Hearing, row: int) -> Question:
    leading = found[0][0].asked
    return Question(
        rank=rank,
        kind="layer" if settled in hearing.standard.layers else "field",
        settled_by=settled,
        facts=tuple(dict.fromkeys(fact for _, fact in found)),
        if_true=hearing.scale[leading.if_true[row]],
        if_false=hearing.scale[leading.if_false[row]],
        changes_light=any(each.changes_light[row] for each, _ in found),
        changes_basis=any(each.changes_basis[row] for each, _ in found),
    )


def by_settler(opened_: Sequence[Open], hearing: Hearing) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Layer or field -> (n,) where an answer could change the light or level, (n,) where it could change the basis."""
    none = np.zeros(len(hearing), np.bool_)
    found: dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]] = {}
    for each in opened_:
        for fact, unknown in each.asked.facts:
            key = settled_by(hearing, fact)
            light, basis = found.get(key, (none, none))
            found[key] = light | (each.changes_light & unknown), basis | (each.changes_basis & unknown)
    return found


def settling(opened_: Sequence[Open], hearing: Hearing) -> pl.DataFrame:
    """One row a layer or field: settled_by, kind, changes_light, changes_basis (both numbers of verdicts)."""
    found = by_settler(opened_, hearing)
    frame = pl.DataFrame(
        {
            "settled_by": list(found),
            "kind": ["layer" if key in hearing.standard.layers else "field" for key in found],
            "changes_light": [int(light.sum()) for light, _ in found.values()],
            "changes_basis": [int(basis.sum()) for _, basis in found.values()],
        },
        schema={"settled_by": pl.String, "kind": pl.String, "changes_light": pl.Int64, "changes_basis": pl.Int64},
    )
    useful = frame.filter((pl.col("changes_light") > 0) | (pl.col("changes_basis") > 0))
    return useful.sort("changes_light", "changes_basis", descending=True, maintain_order=True)
