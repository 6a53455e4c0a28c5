"""Countries: scores, ranks with their intervals, profiles; the indices they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.encoders import jsonable_encoder

from greensilk.appraisal.evaluated import USUAL_INDEX
from greensilk.errors import NotFoundError
from greensilk.web.api.answers import Answer, Day, Listed, Words, errors
from greensilk.web.asking import Computing, Reader

if TYPE_CHECKING:
    from greensilk.appraisal.profiles import Profile

router = APIRouter(prefix="/api/v1", tags=["countries"], responses=errors())
IndexId = Annotated[str, Query(max_length=60, description="Id of an index", examples=[USUAL_INDEX])]


class Interval(Answer):
    """A rank with its interval: low, median and high are where 5 %, 50 % and 95 % of the replications lie at or below;
    nominal: by the index as defined, null where the country is not ranked"""

    nominal: int | None
    low: int | None
    median: int | None
    high: int | None
    ranked_share: float


class CountrySummary(Answer):
    """A country by one index. of: how many are ranked; why_not_ranked: null where it is"""

    iso_a3: str
    name: Words
    region: Words | None
    score: float | None
    rank: Interval
    of: int
    present: int
    indicators: int
    why_not_ranked: Words | None


class CountryAnswer(CountrySummary):
    """The same with everything known: values with year and source, scores of elements, findings, neighbours."""

    index: str
    on: dt.date
    run_id: str
    scores: list[dict[str, Any]]
    values: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    neighbours: list[dict[str, Any]]


class IndexAnswer(Answer):
    """An index. definition: the whole of it, as its YAML"""

    id: str
    label: Words
    definition: dict[str, Any]


class UnitScore(Answer):
    """One country of an index."""

    iso_a3: str
    score: float | None
    rank: Interval


class ScoresAnswer(Listed[UnitScore]):
    """Scores of one index on one day, the best rank first. run_id: of the same code, data and arguments, the same"""

    index: str
    on: dt.date
    run_id: str


@router.get("/countries", summary="All countries that have a value", responses=errors(404, 422))
def countries(who: Reader, turn: Computing, index: IndexId = USUAL_INDEX, on: Day = None) -> Listed[CountrySummary]:
    """By rank; every rank with its interval."""
    from greensilk.appraisal.evaluated import evaluated

    found = evaluated(index, on)
    profiles = sorted(found.profiles.values(), key=lambda one: (one.rank or 10**6, one.iso_a3))
    return Listed(items=[CountrySummary(**_summary(one)) for one in profiles])


@router.get("/countries/{iso}", summary="The profile of a country", responses=errors(404, 422))
def country(
    who: Reader,
    turn: Computing,
    iso: Annotated[str, Path(max_length=3, description="ISO 3166-1 alpha-3", examples=["LAO"])],
    index: IndexId = USUAL_INDEX,
    on: Day = None,
) -> CountryAnswer:
    """Values, scores, findings and neighbours."""
    from greensilk.appraisal.evaluated import evaluated

    found = evaluated(index, on)
    profile = found.profiles.get(iso.upper())
    if profile is None:
        raise NotFoundError("web_api.no_country", iso=iso)
    parts: dict[str, Sequence[Any]] = {
        "scores": profile.scores, "values": profile.rows, "findings": profile.findings,
        "neighbours": profile.neighbours,
    }  # fmt: skip
    told = {name: jsonable_encoder([asdict(one) for one in rows]) for name, rows in parts.items()}
    return CountryAnswer(**_summary(profile), index=index, on=found.on, run_id=found.provenance.run_id, **told)


@router.get("/indices", summary="The indices that ship")
def indices(who: Reader) -> Listed[IndexAnswer]:
    """With their definitions: indicators, weights, aggregation."""
    from greensilk.appraisal.indices import index_definitions

    items = [
        IndexAnswer(id=name, label=Words.model_validate(one.label), definition=one.model_dump(mode="json"))
        for name, one in index_definitions().items()
    ]
    return Listed(items=items)


@router.get("/indices/{id}", summary="One index", responses=errors(404))
def index(who: Reader, id: str) -> IndexAnswer:
    """Its whole definition."""
    found = [one for one in indices(who).items if one.id == id]
    if not found:
        raise NotFoundError("countries.no_such_index", known=", ".join(one.id for one in indices(who).items))
    return found[0]


@router.get("/indices/{id}/scores", summary="Scores with rank intervals", responses=errors(404, 422))
def index_scores(who: Reader, id: str, turn: Computing, on: Day = None) -> ScoresAnswer:
    """Of all countries that are evaluated."""
    from greensilk.appraisal.evaluated import evaluated

    found = evaluated(id, on)
    profiles = sorted(found.profiles.values(), key=lambda one: (one.rank or 10**6, one.iso_a3))
    items = [
        UnitScore(iso_a3=one.iso_a3, score=one.scores[0].score, rank=Interval.model_validate(one.interval))
        for one in profiles
    ]
    return ScoresAnswer(items=items, index=id, on=found.on, run_id=found.provenance.run_id)


def _summary(one: Profile) -> dict[str, Any]:
    return {
        "iso_a3": one.iso_a3, "name": one.name, "region": one.region, "score": one.scores[0].score,
        "rank": Interval.model_validate(one.interval), "of": one.scores[0].of, "present": one.present,
        "indicators": len(one.rows), "why_not_ranked": one.why_not_ranked,
    }  # fmt: skip
