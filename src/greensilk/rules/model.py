"""What a standard is, and what judging by one gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from greensilk.records import Label, Source

Truth = Literal["true", "false", "unknown"]


@dataclass(frozen=True, slots=True)
class FactUse:
    """One fact as a rule saw it.

    value: as in the table, a level by name, None = unknown; threshold: what it was held to
    """

    name: str
    value: float | str | bool | None
    unit: str | None
    comparison: str
    threshold: float | str | bool | None
    too_coarse: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One rule applied to one project: what it asked, what it saw, what followed."""

    rule_id: str
    label: Label
    result: Truth
    consequence: Label
    facts: tuple[FactUse, ...]
    clause: Label | None
    source: tuple[Source, ...]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Something unknown that bears on the verdict. settled_by: a layer id or a portfolio field.

    if_true, if_false: the light that would follow; changes_light, changes_basis: what an answer could do; rank: 1 first
    """

    rank: int
    kind: Literal["layer", "field"]
    settled_by: str
    facts: tuple[str, ...]
    if_true: str
    if_false: str
    changes_light: bool
    changes_basis: bool
