"""What projects are called by, with their first effects on the three objectives: types, mitigation measures, documents,
classes of clients."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from greensilk.records import DEFINITIONS, Effect, Label, Record, Source, load_file, load_folder

OBJECTIVES = ("pollution", "climate", "biodiversity")
# Facts about the evidence of recognised measures, by what at most the measures leave of the first effect.
EVIDENCE_FACTS = {"mitigation_{}": Effect.NEUTRAL, "mitigation_part_{}": Effect.MODERATE_HARM}


def _effect(value: Any) -> Any:
    return Effect[value.upper()] if isinstance(value, str) and value.upper() in Effect.__members__ else value


EffectName = Annotated[Effect | None, BeforeValidator(_effect)]


class Aliases(Record):
    """Other names in each language, for reading people's tables."""

    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


class Effects(Record):
    """First effect on each objective; null = not known."""

    pollution: EffectName
    climate: EffectName
    biodiversity: EffectName


class ProjectType(Record):
    """One type of project, with its row in the type table."""

    id: str
    label: Label
    family: str
    aliases: Aliases
    built: bool
    isic: str | None = Field(pattern=r"^\d{2,4}$")
    geometry: Literal["point", "line", "area"] | None
    corridor_width_m: float | None = Field(gt=0)
    typical_footprint_km2: tuple[float, float] | None
    effects: Effects
    liftable: bool
    coal_case: str | None = None
    table: Literal["gdg_2020", "greensilk_types_v1"]
    reason: Label
    source: tuple[Source, ...] = Field(min_length=1)
    confirmed: bool
    corridor_confirmed: bool = False


class Named(Record):
    """Something that people name in many ways."""

    label: Label
    aliases: Aliases


class Documents(Record):
    """Every document that a project can show, by id."""

    documents: dict[str, Named]


class ClientClasses(Record):
    """Every class of clients, by id."""

    client_classes: dict[str, Named]


class Scheme(Record):
    """A certificate that shows a measure: who issues it and from which level it counts."""

    scheme: str
    issuer: str
    levels: tuple[str, ...] = ()
    counts_from: str | None = None


class Lowers(Record):
    """What a measure leaves of a harm, by how great the harm is; null = as it was."""

    significant_harm: EffectName = None
    moderate_harm: EffectName = None

    @model_validator(mode="after")
    def _downwards(self) -> Lowers:
        left = [self.of(harm) for harm in (Effect.MODERATE_HARM, Effect.SIGNIFICANT_HARM)]
        if left == [Effect.MODERATE_HARM, Effect.SIGNIFICANT_HARM]:
            raise ValueError("lowers nothing: write null")
        if left != sorted(left) or left[0] > Effect.MODERATE_HARM or left[0] < Effect.NEUTRAL:
            raise ValueError("must leave no more than there was, no more of a smaller harm, and no contribution")
        return self

    def of(self, harm: Effect) -> Effect:
        """What is left of a first effect."""
        left = getattr(self, harm.name.lower()) if harm >= Effect.MODERATE_HARM else None
        return harm if left is None else Effect(left)


class Mitigation(Record):
    """One measure.

    objective: null where it manages several or none; lowers: null where it only manages, or answers a part of the harm
    alone; asks_for: what shows that it is done; recognised: internationally; offsets never lift a light
    """

    id: str
    label: Label
    aliases: Aliases
    hierarchy: Literal["avoid", "minimise", "restore", "offset"]
    objective: Literal["pollution", "climate", "biodiversity"] | None
    recognised: bool
    families: tuple[str, ...] = ()
    lowers: Lowers | None
    asks_for: Label
    schemes: tuple[Scheme, ...] = ()
    source: tuple[Source, ...] = Field(min_length=1)
    confirmed: bool

    @model_validator(mode="after")
    def _levels(self) -> Mitigation:
        for scheme in self.schemes:
            if scheme.counts_from is not None and scheme.counts_from not in scheme.levels:
                raise ValueError(f"schemes: counts_from {scheme.counts_from} is not one of the levels")
        if self.objective is None and (self.recognised or self.lowers):
            raise ValueError("objective: a measure that is recognised or lowers harm names the objective")
        if self.hierarchy == "offset" and (self.recognised or self.lowers):
            raise ValueError("an offset is not recognised and lowers nothing")
        return self

    def leaves(self, first: Effect | None) -> Effect:
        """What is left of a first effect on the measure's objective; an unknown one is taken for the worst."""
        worst = Effect.SIGNIFICANT_HARM if first is None else Effect(first)
        return worst if self.lowers is None else self.lowers.of(worst)

    def meant_for(self, type_id: str | None) -> bool:
        """Whether the measure is meant for a type, by its id or its family; no list means every type."""
        kind = project_types().get(type_id) if type_id else None
        return not self.families or (kind is not None and (kind.id in self.families or kind.family in self.families))


@cache
def project_types() -> dict[str, ProjectType]:
    """Every project type by id."""
    return load_folder(ProjectType, DEFINITIONS / "project_types")


@cache
def mitigations() -> dict[str, Mitigation]:
    """Every mitigation measure by id."""
    return load_folder(Mitigation, DEFINITIONS / "mitigations")


@cache
def documents() -> dict[str, Named]:
    """Every document by id."""
    return load_file(Documents, DEFINITIONS / "documents.yaml").documents


@cache
def client_classes() -> dict[str, Named]:
    """Every class of clients by id."""
    return load_file(ClientClasses, DEFINITIONS / "client_classes.yaml").client_classes


def folded(name: str) -> str:
    """A name made comparable: width, case, spaces, hyphens and underscores do not count.

    >>> folded("Solar-PV  Park") == folded("ｓｏｌａｒ_pv park")
    True
    """
    return re.sub(r"[\s_\-/·、,，.]+", "", unicodedata.normalize("NFKC", name).casefold())


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for kind in project_types().values():
        for name in (kind.id, kind.label.en, kind.label.zh, *kind.aliases.en, *kind.aliases.zh):
            names.setdefault(folded(name), kind.id)
    return names


def _called(named: Mapping[str, Named]) -> dict[str, str]:
    return {
        folded(name): key
        for key, entry in named.items()
        for name in (key, entry.label.en, entry.label.zh, *entry.aliases.en, *entry.aliases.zh)
    }


@cache
def _document_names() -> dict[str, str]:
    return _called(documents())


@cache
def _client_class_names() -> dict[str, str]:
    return _called(client_classes())


def find_document(name: str) -> str | None:
    """The id of the document that is called `name` (id, label or alias in either language), or None.

    >>> find_document("EIA"), find_document("应急预案"), find_document("poem")
    ('esia', 'emergency_plan', None)
    """
    return _document_names().get(folded(name))


def find_client_class(name: str) -> str | None:
    """The id of the class of clients that is called `name`, or None."""
    return _client_class_names().get(folded(name))


def find_type(name: str) -> str | None:
    """The id of the type that is called `name` (id, label or alias in either language), or None."""
    return _names().get(folded(name))


def suggest_types(name: str, most: int = 3) -> list[str]:
    """Ids of the types whose names are nearest to `name`, best first."""
    known = _names()
    close = get_close_matches(folded(name), known, n=most * 3, cutoff=0.6)
    return list(dict.fromkeys(known[match] for match in close))[:most]
