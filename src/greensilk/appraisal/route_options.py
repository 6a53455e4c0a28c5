"""What alternatives are compared on, as defined, and what a user says beside it: weights of criteria, unit costs."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field

from greensilk.errors import UsageError
from greensilk.records import DEFINITIONS, Label, Record, Source, Support, load_file
from greensilk.routes.alignments import SegmentKind

MOST_WEIGHTS = 100


def _support(value: object) -> object:
    return Support[value.upper()] if isinstance(value, str) and value.upper() in Support.__members__ else value


class RouteCriterion(Record):
    """One criterion, or one a layer or kind of segment. label holds {layer} or {kind}; coarsest: null = shown only;
    margin: a difference no larger proves nothing."""

    id: str
    per: Literal["route", "layer", "kind"]
    unit: str
    coarsest: Annotated[Support | None, BeforeValidator(_support)]
    margin: float = Field(ge=0)
    label: Label
    how: Label


class RouteCriteria(Record):
    """All of definitions/route_criteria.yaml.

    usual_type: project type whose corridor is assumed where no width is given; sketch_accuracy_m: of the position of a
    sketch; kinds: names of the kinds of segments
    """

    usual_type: str
    sketch_accuracy_m: float
    criteria: tuple[RouteCriterion, ...]
    kinds: dict[SegmentKind, Label]
    source: tuple[Source, ...]
    confirmed: bool

    def named(self, criterion: str) -> RouteCriterion:
        """The criterion of an id."""
        return next(one for one in self.criteria if one.id == criterion)


@cache
def route_criteria() -> RouteCriteria:
    """The criteria as defined in definitions/route_criteria.yaml."""
    return load_file(RouteCriteria, DEFINITIONS / "route_criteria.yaml")


class Weights(Record):
    """How much each criterion counts, as shares of their sum; a criterion that is not named does not count.

    about: who weighs so, and why
    """

    about: str = Field(min_length=1, max_length=2_000)
    weights: dict[str, Annotated[float, Field(ge=1e-6, le=1e6, allow_inf_nan=False)]] = Field(
        min_length=1, max_length=MOST_WEIGHTS
    )


class UnitCosts(Record):
    """What a kilometre costs. per_km: kind of segment -> amount; currency: ISO 4217; source: who says so; year: of the
    prices"""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    year: int = Field(ge=1900, le=2200)
    per_km: dict[SegmentKind, Annotated[float, Field(ge=0, le=1e15, allow_inf_nan=False)]] = Field(min_length=1)
    source: tuple[Source, ...] = Field(min_length=1)


R = TypeVar("R", bound=Record)


def read_option(kind: type[R], path: Path | None) -> tuple[R | None, str]:
    """A user's YAML file as a record, and its sha256; None and "" where none is given.

    raises: UsageError if there is no such file; DefinitionError listing every fault of it
    """
    if path is None:
        return None, ""
    if not path.is_file():
        raise UsageError("routes.no_file", file=path.name[:100])
    record = load_file(kind, path)
    return record, hashlib.sha256(record.model_dump_json().encode()).hexdigest()
