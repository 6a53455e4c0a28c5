"""What judgements rest on: standards with their clauses, project types, measures, documents."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from greensilk.errors import NotFoundError
from greensilk.web.api.answers import Answer, Listed, Words, errors
from greensilk.web.asking import Reader

router = APIRouter(prefix="/api/v1", tags=["knowledge"], responses=errors())


class StandardSummary(Answer):
    """A standard. outcome_kind: light, category, trigger, checklist or state_target; endorsed: by whom it is named
    after; confirmed: whether it was read at its source"""

    id: str
    label: Words
    about: Words
    notice: Words
    outcome_kind: str
    endorsed: bool
    confirmed: bool
    rules: int


class StandardAnswer(StandardSummary):
    """definition: the whole of it, with rules, clauses and sources, as its YAML"""

    definition: dict[str, Any]


class TypeAnswer(Answer):
    """A type of project with its first effects; null = not known."""

    id: str
    label: Words
    family: str
    definition: dict[str, Any]


class MeasureAnswer(Answer):
    """A mitigation measure. hierarchy: avoid, minimise, restore or offset; offsets never lift a light"""

    id: str
    label: Words
    hierarchy: str
    objective: str | None
    recognised: bool
    definition: dict[str, Any]


@router.get("/standards", summary="The standards at hand")
def standards(who: Reader) -> Listed[StandardSummary]:
    """In the order in which reports show them."""
    from greensilk.rules import standards as known

    return Listed(items=[StandardSummary(**_standard(one)) for one in known().values()])


@router.get("/standards/{id}", summary="One standard with its clauses", responses=errors(404))
def standard(who: Reader, id: str) -> StandardAnswer:
    """Every rule with what it asks, since when, and where it is written."""
    from greensilk.rules import standards as known

    if id not in known():
        raise NotFoundError("web_api.no_standard", known=", ".join(known()))
    found = known()[id]
    return StandardAnswer(**_standard(found), definition=found.model_dump(mode="json", by_alias=True))


@router.get("/project-types", summary="Types of projects")
def project_types(who: Reader) -> Listed[TypeAnswer]:
    """With other names, first effects, reasons and sources."""
    from greensilk.project_types import project_types as known

    items = [TypeAnswer(id=one.id, label=Words.model_validate(one.label), family=one.family,
                        definition=one.model_dump(mode="json")) for one in known().values()]  # fmt: skip
    return Listed(items=items)


@router.get("/measures", summary="Mitigation measures", responses=errors(422))
def measures(
    who: Reader,
    type: Annotated[str | None, Query(max_length=100, description="Meant for this type of project",
                                      examples=["coal_power_new"])] = None,
) -> Listed[MeasureAnswer]:  # fmt: skip
    """In the order of the hierarchy of mitigation."""
    from greensilk.project_types import mitigations
    from greensilk.rules.measure_sets import HIERARCHY

    chosen = [one for one in mitigations().values() if type is None or one.meant_for(type)]
    chosen.sort(key=lambda one: (HIERARCHY.index(one.hierarchy), one.objective or "~", one.id))
    items = [
        MeasureAnswer(id=one.id, label=Words.model_validate(one.label), hierarchy=one.hierarchy,
                      objective=one.objective, recognised=one.recognised, definition=one.model_dump(mode="json"))
        for one in chosen
    ]  # fmt: skip
    return Listed(items=items)


def _standard(one: Any) -> dict[str, Any]:
    names = ("id", "label", "about", "notice", "outcome_kind", "endorsed", "confirmed")
    return {**{name: getattr(one, name) for name in names}, "rules": len(one.rules)}
